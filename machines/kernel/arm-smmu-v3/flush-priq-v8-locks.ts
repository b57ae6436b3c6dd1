/**
 * The flush of `flush-priq-v8-walks.ts` since cc7338e9d807 (v6.9): the walk holds the lock of the device's fault data as well, which a
 * report takes.
 */
import { flushPriqConfig } from './flush-priq-v8.ts';
import { flushPriqWalksParts, flushPriqWalksStates } from './flush-priq-v8-walks.ts';

export const flushPriqLocks = flushPriqWalksParts.createMachine({
  id: 'flushPriqLocks',
  ...flushPriqConfig,
  states: {
    ...flushPriqWalksStates,
    discarding: flushPriqWalksParts.createStateConfig({
      on: { RUN: { target: 'advancing', actions: ['lockQueue', 'lockParam', 'first'] } },
    }),
    advancing: flushPriqWalksParts.createStateConfig({
      on: {
        AT: { target: 'walking', actions: 'note' },
        END: { target: 'flushed', actions: ['unlockParam', 'unlockQueue', 'forget', 'forgetOverflow'] },
      },
    }),
  },
});
