/**
 * Threads that attach an address space with a fault handler to a device without PASID and take it away, as iommufd and VT-d do in v6.14
 * (iommufd/fault.c iommufd_fault_domain_attach_dev() and iommufd_fault_domain_detach_dev(), iommu.c iommu_attach_group_handle() and
 * iommu_detach_group_handle(), intel/pasid.c intel_pasid_tear_down_entry()). The handle is stored before the hardware is switched on, and
 * erased after it has been switched off; the device leaves its iopf queue at the end, when the groups of the handle have been answered.
 *
 *   detached -ATTACH-> stored -RUN-> attached -DETACH-> cleared -RUN-> drained -RUN-> erased -RUN-> detached
 *
 * `attach-v7.0.ts` is the order of 7.0, for PASIDs. Versions: `attach-rid-v6.13.ts`, `attach-rid-undrained.ts`.
 *
 * Simplifications: `iopf_queue_flush_dev()` is left out, since iommufd's groups are not on the work queue; the hardware's own drain commands
 * are, too, since a request is in the queue within the step that posts it.
 */
import { straightLine } from '../../parts/straight-line.ts';
import { iommufdAttachConfig, iommufdAttachParts } from './attach-v7.0.ts';

/** Another version replaces states. */
export const attachRidStates = {
  detached: iommufdAttachParts.createStateConfig({
    // iommu_dev_enable_feature(), then xa_insert()
    on: { ATTACH: { target: 'stored', actions: ['addDevice', 'allocateHandle', 'storeHandle'] } },
  }),
  ...straightLine({ stored: 'setEntry' }, 'attached'),
  attached: iommufdAttachParts.createStateConfig({
    // __iommu_group_set_core_domain(), down to intel_pasid_tear_down_entry()
    on: { DETACH: { target: 'cleared', actions: 'clearEntry' } },
  }),
  ...straightLine(
    {
      // Since c43e1ccdebf2 here; before, only the path for PASIDs called it.
      cleared: 'awaitQueue',
      drained: 'eraseHandle',
      // iommufd_auto_response_faults(), iommufd_fault_iopf_disable()
      erased: ['autoRespond', 'removeDevice', 'freeHandle'],
    },
    'detached',
  ),
};

export const attachRidThreadV614 = iommufdAttachParts.createMachine({
  id: 'attachRidThreadV614',
  ...iommufdAttachConfig,
  states: attachRidStates,
});
