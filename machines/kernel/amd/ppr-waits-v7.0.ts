/**
 * The thread of `ppr-waits.ts` as it is in 7.0, and was from the beginning as far as we have seen: after LOOP_TIMEOUT turns of a microsecond, which is a tenth of a
 * second, it takes the slot as it is. An entry of zeros is an unknown request; it is dropped, and its place in the log with it.
 */

import { pprConfig } from './ppr-v7.0.ts';
import { meetsZeros, pprWaitsParts, pprWaitsStates } from './ppr-waits.ts';

export const pprThreadWaitsV70 = pprWaitsParts.createMachine({
  id: 'pprThreadWaitsV70',
  ...pprConfig,
  states: {
    ...pprWaitsStates,
    ...meetsZeros,
    polling: pprWaitsParts.createStateConfig({
      on: {
        ...pprWaitsStates.polling.on,
        TIME_OUT: { guard: 'hasEntryLeft', target: 'timedOut', actions: 'readSlot' },
      },
    }),
    // Left within the step that entered it.
    timedOut: pprWaitsParts.createStateConfig({ on: { SLOT: { target: 'copied', actions: 'copy' } } }),
  },
});
