/**
 * A thread that reclaims pages and calls the MMU notifier on both sides:
 *
 *   invalidate_range_start(), clear the CPU's entry, invalidate_range_end(), then free the frame
 */
import { reclaimConfig, reclaimParts, reclaimStates } from './reclaim.ts';

export const reclaimStartEnd = reclaimParts.createMachine({
  id: 'reclaimStartEnd',
  ...reclaimConfig,
  states: {
    ...reclaimStates,
    isolating: reclaimParts.createStateConfig({
      on: { MAPPED: { target: 'notifyingStart', actions: 'notifyStart' }, NOT_MAPPED: 'unmapped' },
    }),
    // Inside mmu_notifier_invalidate_range_start(): the page is still mapped.
    notifyingStart: reclaimParts.createStateConfig({
      on: { NOTIFIED: 'unmapping' },
    }),
    unmapping: reclaimParts.createStateConfig({
      on: { RUN: { target: 'notifying', actions: ['clearCpuEntry', 'notifyEnd'] } },
    }),
  },
});
