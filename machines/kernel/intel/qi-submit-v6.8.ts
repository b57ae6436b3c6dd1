/** The thread of `qi-submit-v7.0.ts` to v6.8: each time-out is -EAGAIN, whoever's it was. */
import { qiSubmitConfig, qiSubmitParts, qiSubmitStates } from './qi-submit-v7.0.ts';

export const qiSubmitV68 = qiSubmitParts.createMachine({
  id: 'qiSubmitV68',
  ...qiSubmitConfig,
  states: {
    ...qiSubmitStates,
    polling: qiSubmitParts.createStateConfig({
      on: { ...qiSubmitStates.polling.on, ITE: { target: 'restarting', actions: ['clearIte', 'freeSlots'] } },
    }),
  },
});
