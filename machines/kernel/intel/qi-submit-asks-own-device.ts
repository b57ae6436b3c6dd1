/**
 * The thread of `qi-submit-v7.0.ts` that asks, whenever it was aborted, whether its own device is there: then it tries again, else it returns
 * -ETIMEDOUT. In no release: it is the repair that we propose, and near to what the series was before it was merged (the submitter's device as an
 * argument of qi_submit_sync()).
 */
import { qiSubmitConfig, qiSubmitParts, qiSubmitStates } from './qi-submit-v7.0.ts';

export const qiSubmitAsksOwnDevice = qiSubmitParts.createMachine({
  id: 'qiSubmitAsksOwnDevice',
  ...qiSubmitConfig,
  states: {
    ...qiSubmitStates,
    polling: qiSubmitParts.createStateConfig({
      on: {
        ...qiSubmitStates.polling.on,
        ABORTED: { target: 'asking', actions: 'askOwnDevice' },
        ITE: { target: 'asking', actions: ['clearIte', 'freeSlots', 'askOwnDevice'] },
      },
    }),
    // Left within the step that entered it.
    asking: qiSubmitParts.createStateConfig({
      on: { PRESENT: 'restarting', ABSENT: { target: 'idle', actions: ['returnToCaller', 'forgetCall'] } },
    }),
  },
});
