/**
 * The unmap of `unmap-counts-ats.ts` without smp_mb(): nothing orders the load of `nr_ats_masters` after the loads that see the CMD_SYNC complete, so a
 * CPU may do it as soon as it has put the commands in the queue. Here it does.
 */
import { unmapConfig, unmapParts, unmapStates } from './unmap.ts';

export const unmapThreadCountsEarly = unmapParts.createMachine({
  id: 'unmapThreadCountsEarly',
  ...unmapConfig,
  on: { CONSUMED: {} },
  states: {
    ...unmapStates,
    mapped: unmapParts.createStateConfig({
      on: {
        UNMAP_BUFFER: { target: 'firstInvalidation', actions: ['unmap', 'issueTlbi', 'issueSync', 'readNrAts'] },
      },
    }),
    firstInvalidation: unmapParts.createStateConfig({
      on: { NR_ATS: { actions: 'keepNrAts' }, SYNC_COMPLETE: 'firstDone' },
    }),
    firstDone: unmapParts.createStateConfig({
      on: {
        RUN: [
          { guard: 'hasCountedNone', target: 'invalidated' },
          { target: 'secondInvalidation', actions: ['forgetNrAts', 'invalidateAtcs'] },
        ],
      },
    }),
    secondInvalidation: unmapParts.createStateConfig({
      on: { SYNC_COMPLETE: 'invalidated', NO_ATS: 'invalidated' },
    }),
  },
});
