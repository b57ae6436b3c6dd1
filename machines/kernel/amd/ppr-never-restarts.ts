/**
 * The thread of `ppr-restarts.ts` to v6.5: it asks for the interrupt bit alone (amd/iommu.c amd_iommu_int_thread()), and never restarts
 * the log.
 *
 * Simplification: to v6.5 the request went to amd/iommu_v2.c, and not to the core.
 */
import { without } from '../../parts/states.ts';
import { pprRestartsParts, pprRestartsStates } from './ppr-restarts.ts';
import { pprConfig } from './ppr-v7.0.ts';

export const pprThreadNeverRestarts = pprRestartsParts.createMachine({
  id: 'pprThreadNeverRestarts',
  ...pprConfig,
  states: {
    ...without(pprRestartsStates, 'polled'),
    woken: pprRestartsParts.createStateConfig({
      on: {
        RUN: { actions: 'readStatus' },
        STATUS: [{ guard: 'hasInterrupt', target: 'clearing' }, { target: 'asleep' }],
      },
    }),
    clearing: pprRestartsParts.createStateConfig({ on: { RUN: { target: 'cleared', actions: 'clearPprInt' } } }),
    polling: pprRestartsParts.createStateConfig({
      on: {
        RUN: [
          { guard: 'hasTakenAll', target: 'woken' },
          { target: 'taken', actions: 'takeEntry' },
        ],
      },
    }),
  },
});
