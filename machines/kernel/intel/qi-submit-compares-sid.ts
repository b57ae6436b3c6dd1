/**
 * The thread of `qi-submit-v7.0.ts` that returns -ETIMEDOUT only where the requester ID of ITE is that of its own device. In no release.
 * Who is aborted by the others' look at ITE does not learn whose it was.
 */
import { qiSubmitConfig, qiSubmitParts, qiSubmitStates } from './qi-submit-v7.0.ts';

export const qiSubmitComparesSid = qiSubmitParts.createMachine({
  id: 'qiSubmitComparesSid',
  ...qiSubmitConfig,
  states: {
    ...qiSubmitStates,
    polling: qiSubmitParts.createStateConfig({
      on: {
        ...qiSubmitStates.polling.on,
        ITE: [
          { guard: 'isOwn', target: 'idle', actions: ['clearIte', 'freeSlots', 'returnToCaller', 'forgetCall'] },
          { target: 'restarting', actions: ['clearIte', 'freeSlots'] },
        ],
      },
    }),
  },
});
