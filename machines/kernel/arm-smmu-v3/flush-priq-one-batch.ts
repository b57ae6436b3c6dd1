/** The flush of `flush-priq-waits.ts`, but it waits until the queue is empty or one batch was counted. Nobody shipped it. */
import { flushPriqOfDriver } from './flush-priq-of-driver.ts';
import { flushPriqConfig } from './flush-priq-v8.ts';
import { flushPriqWaitsStates } from './flush-priq-waits.ts';

export const flushPriqThreadOneBatch = flushPriqOfDriver.createMachine({
  id: 'flushPriqThreadOneBatch',
  ...flushPriqConfig,
  states: {
    ...flushPriqWaitsStates,
    checking: flushPriqOfDriver.createStateConfig({
      on: {
        LOOKED: [
          { guard: 'isEmptyOrOneBatch', target: 'ending', actions: ['forgetBatch', 'unlock'] },
          { target: 'waiting', actions: 'unlock' },
        ],
      },
    }),
  },
});
