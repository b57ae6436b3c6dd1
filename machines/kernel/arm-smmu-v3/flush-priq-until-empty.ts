/** The flush of `flush-priq-waits.ts`, but it waits until the queue is empty: right, and it may take for ever (B-26). */
import { flushPriqOfDriver } from './flush-priq-of-driver.ts';
import { flushPriqConfig } from './flush-priq-v8.ts';
import { flushPriqWaitsStates } from './flush-priq-waits.ts';

export const flushPriqThreadUntilEmpty = flushPriqOfDriver.createMachine({
  id: 'flushPriqThreadUntilEmpty',
  ...flushPriqConfig,
  states: {
    ...flushPriqWaitsStates,
    checking: flushPriqOfDriver.createStateConfig({
      on: {
        LOOKED: [
          { guard: 'isEmpty', target: 'ending', actions: ['forgetBatch', 'unlock'] },
          { target: 'waiting', actions: 'unlock' },
        ],
      },
    }),
  },
});
