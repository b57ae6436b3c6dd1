/**
 * A thread that reclaims pages as in `reclaim-start-end.ts`, with the page table lock: it takes it to clear the entry, between the two
 * callbacks, which may sleep.
 */
import { reclaimConfig, reclaimStates } from './reclaim.ts';
import { reclaimPtlParts } from './reclaim-under-ptl.ts';

export const reclaimOutsidePtl = reclaimPtlParts.createMachine({
  id: 'reclaimOutsidePtl',
  ...reclaimConfig,
  states: {
    ...reclaimStates,
    isolating: reclaimPtlParts.createStateConfig({
      on: { MAPPED: { target: 'notifyingStart', actions: 'notifyStart' }, NOT_MAPPED: 'unmapped' },
    }),
    notifyingStart: reclaimPtlParts.createStateConfig({ on: { NOTIFIED: 'unmapping' } }),
    unmapping: reclaimPtlParts.createStateConfig({
      on: { RUN: { target: 'notifying', actions: ['lockTable', 'clearCpuEntry', 'unlockTable', 'notifyEnd'] } },
    }),
  },
});
