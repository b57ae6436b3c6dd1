/**
 * The thread that takes a device from an mm, on VT-d in 7.0 (iommu-sva.c iommu_sva_unbind_device(), iommu.c iommu_detach_device_pasid(), intel/iommu.c
 * blocking_domain_set_dev_pasid(), intel/pasid.c intel_pasid_tear_down_entry()). The driver has stopped the PASID; what it has posted may be on its
 * way.
 *
 *   bound -UNBIND-> stopped -RUN-> invalidating -RUN-> draining -RUN-> flushing -RUN-> tornDown -RUN-> removed -RUN-> erased -RUN-> unbound
 *                           FPD is set -> draining
 *                           neither P nor FPD is set -> tornDown
 *
 * Where the mm died before, `mm-release-v7.0.ts` has torn the entry down. It cannot sleep, so that it leaves the drain to this thread, which knows by
 * FPD that there is something to drain.
 *
 * List 'LOCK', 'DRAIN' and 'FLUSHED' as `blocking`.
 *
 * Simplifications: another PASID keeps the device in its iopf queue; the drain is one wait, and the hardware's own drain commands are left out,
 * because answers reach the device at once; the domain, which is freed after, goes with the handle.
 */
import { straightLine } from '../../parts/straight-line.ts';
import { tearDownContext, tearDownParts } from './pasid-tear-down.ts';

export const svaUnbindConfig = { context: tearDownContext, initial: 'bound' } as const;

export const svaUnbindStates = {
  bound: tearDownParts.createStateConfig({ on: { UNBIND: { target: 'stopped', actions: 'stopPasid' } } }),
  stopped: tearDownParts.createStateConfig({ on: { RUN: { target: 'reading', actions: 'readEntry' } } }),
  // Left within the step that entered it: the section of `iommu->lock`.
  reading: tearDownParts.createStateConfig({
    on: {
      ENTRY: [
        { guard: 'isPresent', target: 'invalidating', actions: 'clearPresent' },
        { guard: 'isFaultDisabled', target: 'draining', actions: 'clearEntry' },
        { target: 'tornDown' },
      ],
    },
  }),
  ...straightLine(
    {
      invalidating: 'clearEntry',
      // intel_iommu_drain_pasid_prq()
      draining: 'awaitQueue',
      // iopf_queue_flush_dev()
      flushing: 'awaitWork',
    },
    'tornDown',
  ),
  // domain_remove_dev_pasid()
  tornDown: tearDownParts.createStateConfig({ on: { RUN: { target: 'removing', actions: 'lockDomain' } } }),
  // Left within the step that entered it.
  removing: tearDownParts.createStateConfig({
    on: { LISTED: { target: 'removed', actions: ['removeFromDomain', 'unlockDomain'] } },
  }),
  ...straightLine({ removed: 'eraseHandle', erased: 'freeHandle' }, 'unbound'),
  unbound: tearDownParts.createStateConfig({}),
};

export const svaUnbindV70 = tearDownParts.createMachine({
  id: 'svaUnbindV70',
  ...svaUnbindConfig,
  states: svaUnbindStates,
});
