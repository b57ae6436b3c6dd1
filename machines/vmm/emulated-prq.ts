/**
 * The page request queue of `../hardware/vtd/overflowing-queue.ts` as a VMM emulates it for its guest: QEMU, hw/i386/intel_iommu.c
 * vtd_pri_request_page() (10.2). The guest reads memory, and its accesses to the registers trap; QEMU's big lock is held over each trap, and
 * over each call. The bits and the event are those of the hardware, but nobody is answered: the caller hears -ENOSPC.
 */
import { overflowingQueueConfig, overflowingQueueParts, registersOfQueue } from '../hardware/vtd/overflowing-queue.ts';

export const emulatedPrq = overflowingQueueParts.createMachine({
  id: 'emulatedPrq',
  ...overflowingQueueConfig,
  on: {
    ...registersOfQueue,
    REQUEST_PAGE: [
      { guard: 'isWritable', actions: ['storeRequest', 'generateEvent', 'setPpr', 'replyStored'] },
      { actions: ['generateEvent', 'setPro', 'replyNoSpace'] },
    ],
    // No VMM does: a recall of what the guest has of groups that are not complete.
    SET_PRO: { actions: ['generateEvent', 'setPro'] },
  },
});
