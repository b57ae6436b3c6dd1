/**
 * The thread that replaces the domain of a device by another one on VT-d in 7.0 (iommufd/device.c
 * iommufd_hwpt_replace_device(), iommu.c iommu_replace_group_handle(), intel/iommu.c intel_iommu_attach_device()), with
 * the fix ba5c0f28a26e: the groups of the old handle are answered in the old domain. The hardware is switched first; from
 * there until the new handle is stored, reports find the old one.
 *
 *   attached -REPLACE-> blocked -RUN-> drained -RUN-> switched -RUN-> stored -RUN-> answered -RUN-> attached
 *
 * Parts, what is `blocking` and simplifications as in `attach-v7.0.ts`; both handles are of domains with one list of
 * groups.
 */
import { straightLine } from '../../parts/straight-line.ts';
import { iommufdAttachConfig, iommufdAttachParts } from './attach-v7.0.ts';

export const replaceV70States = {
  attached: iommufdAttachParts.createStateConfig({
    // device_block_translation()
    on: { REPLACE: { target: 'blocked', actions: ['allocateSpare', 'clearEntry'] } },
  }),
  ...straightLine({ blocked: 'awaitQueue' }, 'drained'),
  // dmar_domain_attach_device(), then xa_store()
  ...straightLine({ drained: 'setEntry', switched: 'storeSpare' }, 'stored'),
  // iommufd_auto_response_faults(old), kfree(old_handle)
  ...straightLine({ stored: 'autoRespond', answered: ['freeHandle', 'swapHandles'] }, 'attached'),
};

export const replaceThreadV70 = iommufdAttachParts.createMachine({
  id: 'replaceThreadV70',
  ...iommufdAttachConfig,
  states: replaceV70States,
});
