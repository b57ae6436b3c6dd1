/**
 * A thread that reclaims pages as in `reclaim.ts`, with the page table lock: rmap.c try_to_unmap_one() of v5.12 clears the entry and calls
 * mmu_notifier_invalidate_range() before it drops that lock, a spinlock. The callback must not sleep (include/linux/mmu_notifier.h).
 */
import { call } from '../../parts/call.ts';
import { reclaimConfig, reclaimParts, reclaimStates } from './reclaim.ts';

/** What versions that take it are made of. */
export const reclaimPtlParts = reclaimParts.extend({
  actions: {
    lockTable: call(({ context }) => context.ptl!, 'ACQUIRE'),
    unlockTable: call(({ context }) => context.ptl!, 'RELEASE'),
  },
});

export const reclaimUnderPtl = reclaimPtlParts.createMachine({
  id: 'reclaimUnderPtl',
  ...reclaimConfig,
  states: {
    ...reclaimStates,
    unmapping: reclaimPtlParts.createStateConfig({
      on: { RUN: { target: 'notifying', actions: ['lockTable', 'clearCpuEntry', 'notifyRange'] } },
    }),
    notifying: reclaimPtlParts.createStateConfig({
      on: { NOTIFIED: { target: 'unmapped', actions: 'unlockTable' } },
    }),
  },
});
