/**
 * The thread of `ppr-restarts.ts` that discards partial requests and restarts the log after each pass, whatever the overflow bit was when
 * it read it: amd_iommu_restart_log() asks PprRun anyway. In no release: the plausible short way to close the window.
 *
 * Simplification: it discards without need where the log runs.
 */
import { discardsPartial, pprRestartsParts, pprRestartsStates } from './ppr-restarts.ts';
import { pprConfig } from './ppr-v7.0.ts';

export const pprThreadRestartsStopped = pprRestartsParts.createMachine({
  id: 'pprThreadRestartsStopped',
  ...pprConfig,
  states: {
    ...pprRestartsStates,
    ...discardsPartial,
    polling: pprRestartsParts.createStateConfig({
      on: {
        RUN: [
          { guard: 'hasTakenAll', target: 'polled' },
          { target: 'taken', actions: 'takeEntry' },
        ],
      },
    }),
  },
});
