/**
 * The unmap of `unmap-asks-domain.ts` since cdb8a3c34635 (v5.4): when the TLB is clean it reads `nr_ats_masters`, and if that is 0, it does not take
 * the domain's lock, and invalidates no ATC. smp_mb() between the CMD_SYNC and the load keeps these in order; here they are.
 */
import { unmapConfig, unmapParts, unmapStates } from './unmap.ts';

export const unmapThreadCountsAts = unmapParts.createMachine({
  id: 'unmapThreadCountsAts',
  ...unmapConfig,
  on: { CONSUMED: {} },
  states: {
    ...unmapStates,
    firstDone: unmapParts.createStateConfig({
      on: { RUN: { target: 'counting', actions: 'readNrAts' } },
    }),
    // Left within the step that entered it.
    counting: unmapParts.createStateConfig({
      on: { NR_ATS: [{ guard: 'countsNone', target: 'invalidated' }, { target: 'counted' }] },
    }),
    counted: unmapParts.createStateConfig({
      on: { RUN: { target: 'secondInvalidation', actions: 'invalidateAtcs' } },
    }),
    secondInvalidation: unmapParts.createStateConfig({
      on: { SYNC_COMPLETE: 'invalidated', NO_ATS: 'invalidated' },
    }),
  },
});
