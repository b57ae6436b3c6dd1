/**
 * The queue of `eventq-polled.ts` with the order that v6.11 to v6.13 had for the list: a read takes a group off when it is copied, and
 * poll() takes `fault->mutex`, which the read holds, so it never sees a list without the group. (Those kernels lost the group of a
 * failed copy, B-48; here it stays.) A poll during a read is refused: list 'POLL' as `blocking`.
 */
import { polledQueueConfig, polledQueueFunctions, polledQueueParts } from './eventq-polled.ts';

const parts = polledQueueParts.extend({
  guards: {
    isFullAndAtRest: ({ context }) => context.hand === null && context.deliver.length > 0,
    isEmptyAndAtRest: ({ context }) => context.hand === null && context.deliver.length === 0,
  },
});

export const polledQueueV611 = parts.createMachine({
  id: 'polledQueueV611',
  ...polledQueueConfig,
  on: {
    ...polledQueueFunctions,
    POLL: [
      { guard: 'isFullAndAtRest', actions: 'replyReadable' },
      { guard: 'isEmptyAndAtRest', actions: ['addSleeper', 'replyAsleep'] },
    ],
    RESTORE: { actions: 'putBack' },
  },
});
