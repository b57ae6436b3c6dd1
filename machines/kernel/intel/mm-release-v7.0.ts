/**
 * The thread in which an mm that is bound to a device dies (mm/mmu_notifier.c __mmu_notifier_release(), intel/svm.c intel_mm_release() of 7.0). With
 * `domain->lock` held it tears the PASID-table entry down, and asks for faults to be ignored (`fault_ignore`), which means: leave FPD set, and drain
 * nothing.
 *
 *   running -EXIT-> exiting -RUN-> locked -RUN-> invalidating -RUN-> exited
 *
 * P is cleared first, and the whole entry after the invalidations. intel_pasid_clear_entry() sets FPD only where P is still set, which it never is by
 * then. `mm-release-v6.18.ts` is how it was before.
 *
 * List 'LOCK' as `blocking`.
 */
import { tearDownContext, tearDownParts } from './pasid-tear-down.ts';

export const mmReleaseConfig = { context: tearDownContext, initial: 'running' } as const;

export const mmReleaseStates = {
  running: tearDownParts.createStateConfig({ on: { EXIT: 'exiting' } }),
  exiting: tearDownParts.createStateConfig({ on: { RUN: { target: 'locking', actions: 'lockDomain' } } }),
  // Left within the step that entered it.
  locking: tearDownParts.createStateConfig({
    on: { LISTED: 'locked', NONE: { target: 'exited', actions: 'unlockDomain' } },
  }),
  locked: tearDownParts.createStateConfig({ on: { RUN: { target: 'reading', actions: 'readEntry' } } }),
  // Left within the step that entered it: the section of `iommu->lock`.
  reading: tearDownParts.createStateConfig({
    on: {
      ENTRY: [
        { guard: 'isPresent', target: 'invalidating', actions: 'clearPresent' },
        // It returns, with a warning if the entry is not empty.
        { target: 'exited', actions: 'unlockDomain' },
      ],
    },
  }),
  // The PASID cache, the IOTLB and the device-TLB.
  invalidating: tearDownParts.createStateConfig({ on: { RUN: { target: 'clearing', actions: 'readEntry' } } }),
  // intel_pasid_clear_entry(). Left within the step that entered it.
  clearing: tearDownParts.createStateConfig({
    on: {
      ENTRY: [
        { guard: 'isPresent', target: 'exited', actions: ['clearEntryWithFpd', 'unlockDomain'] },
        { target: 'exited', actions: ['clearEntry', 'unlockDomain'] },
      ],
    },
  }),
  exited: tearDownParts.createStateConfig({}),
};

export const mmReleaseV70 = tearDownParts.createMachine({
  id: 'mmReleaseV70',
  ...mmReleaseConfig,
  states: mmReleaseStates,
});
