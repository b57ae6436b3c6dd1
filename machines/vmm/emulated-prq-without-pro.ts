/**
 * The queue of `emulated-prq.ts` of a VMM that leaves PRO out: what finds no room is refused, and what comes when there is room again is
 * stored. Nobody ships it: it is what an emulation is that takes the bit for a message to the administrator.
 */
import { overflowingQueueConfig, overflowingQueueParts, registersOfQueue } from '../hardware/vtd/overflowing-queue.ts';

export const emulatedPrqWithoutPro = overflowingQueueParts.createMachine({
  id: 'emulatedPrqWithoutPro',
  ...overflowingQueueConfig,
  on: {
    ...registersOfQueue,
    REQUEST_PAGE: [
      { guard: 'hasRoom', actions: ['storeRequest', 'generateEvent', 'setPpr', 'replyStored'] },
      { actions: 'replyNoSpace' },
    ],
  },
});
