/** The thread of `attach-s2.ts` to v6.11: S2S is never set, as "stage 2 is always pinned". */
import { attachS2Config, attachS2Parts } from './attach-s2.ts';

export const attachS2ThreadV611 = attachS2Parts.createMachine({
  id: 'attachS2ThreadV611',
  ...attachS2Config,
  states: {
    detached: { on: { ATTACH: { target: 'attached', actions: 'writeSteWithoutS2s' } } },
    attached: { type: 'final' },
  },
});
