/**
 * The queue of `emulated-prq.ts` of a VMM that puts a group in only if there is room for all of it. So what is refused leaves nothing
 * behind, and there is nothing for PRO to tell. Nobody ships it.
 */
import { overflowingQueueConfig, overflowingQueueParts, registersOfQueue } from '../hardware/vtd/overflowing-queue.ts';

export const emulatedPrqWholeGroups = overflowingQueueParts.createMachine({
  id: 'emulatedPrqWholeGroups',
  ...overflowingQueueConfig,
  on: {
    ...registersOfQueue,
    REQUEST_PAGES: [
      { guard: 'areWritable', actions: ['storeRequests', 'generateEvent', 'setPpr', 'replyStored'] },
      { actions: 'replyNoSpace' },
    ],
  },
});
