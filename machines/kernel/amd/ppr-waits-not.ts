/** The thread of `ppr-waits.ts` without the loop: it takes the slot as it is. In no release, as far as we have seen. */

import { pprConfig } from './ppr-v7.0.ts';
import { meetsZeros, pprWaitsParts, pprWaitsStates } from './ppr-waits.ts';

export const pprThreadWaitsNot = pprWaitsParts.createMachine({
  id: 'pprThreadWaitsNot',
  ...pprConfig,
  states: {
    ...pprWaitsStates,
    ...meetsZeros,
    polling: pprWaitsParts.createStateConfig({
      on: {
        RUN: [{ guard: 'hasTakenAll', target: 'woken' }, { actions: 'readSlot' }],
        SLOT: { target: 'copied', actions: 'copy' },
      },
    }),
  },
});
