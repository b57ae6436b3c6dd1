/**
 * The MMU notifier of the VFIO type1 IOPF series (v3 patch 3): mn_invalidate_range() and vfio_unmap_partial_iopf(), run by
 * the thread that calls the notifier; each RUN is that thread going on. The reply to `by` is NOTIFIED, when the callback
 * returns.
 *
 *   lock; bit set: IOMMU unmap, clear the bit, TLBI and CMD_SYNC, wait for it; unlock
 *
 * With invalidate_range_start() and _end() (`../mm/reclaim.ts`), start() also begins an invalidation of the sequence and
 * end() ends it, both with the lock held, as KVM's callbacks do (kvm_main.c kvm_mmu_invalidate_begin() and _end()).
 *
 * The series leaves the loop when iommu_unmap() has unmapped another length than it was asked for, and then the bits stay set
 * although the pages are unmapped; but that function gives no promise about the length, a block mapping goes as a whole. With
 * `leavesBits` every unmap ends so.
 *
 * Simplifications: one page per call; one caller at a time; the early returns of the series with the lock held (B-56) are
 * not modelled.
 */
import { assign, setup } from 'xstate';
import { call, from, send } from '../../parts/call.ts';

export type VfioMmuNotifierEvent =
  | { type: 'INVALIDATE_RANGE'; page: string; by: string }
  | { type: 'INVALIDATE_RANGE_START'; page: string; by: string }
  | { type: 'INVALIDATE_RANGE_END'; page: string; by: string }
  /** The scheduler lets the calling thread run. */
  | { type: 'RUN' }
  | { type: 'DMA_FOUND'; mapped: boolean }
  | { type: 'SYNC_COMPLETE' };

interface Wiring {
  name: string;
  /** The container's lock (`iommu->lock`). */
  lock: string;
  /** The bit of each page in the dma's bitmap. */
  mapped: Readonly<Record<string, string>>;
  /** The IOMMU page table entry of each page. */
  entries: Readonly<Record<string, string>>;
  commandQueue: string;
  sequence: string;
  /** Each unmap takes more than it was asked for, and the callback gives up before it clears the bits (B-59). */
  leavesBits: boolean;
}

export const vfioMmuNotifier = setup({
  types: {
    input: {} as Omit<Wiring, 'leavesBits'> & { leavesBits?: boolean },
    context: {} as Wiring & { page: string | null; caller: string | null },
    events: {} as VfioMmuNotifierEvent,
  },
  guards: {
    isMapped: ({ event }) => event.type === 'DMA_FOUND' && event.mapped,
    isMappedAndLeavesBit: ({ context, event }) => event.type === 'DMA_FOUND' && event.mapped && context.leavesBits,
  },
  actions: {
    beginCallback: assign(
      from(['INVALIDATE_RANGE', 'INVALIDATE_RANGE_START', 'INVALIDATE_RANGE_END'], ({ event }) => ({
        page: event.page,
        caller: event.by,
      })),
    ),
    lock: call('lock', 'ACQUIRE'),
    unlock: call('lock', 'RELEASE'),
    beginInvalidation: send('sequence', 'BEGIN'),
    endInvalidation: send('sequence', 'END'),
    findDma: call(({ context }) => context.mapped[context.page!]!, 'FIND'),
    unmap: send(({ context }) => context.entries[context.page!]!, 'UNMAP'),
    clearMappedBit: send(({ context }) => context.mapped[context.page!]!, 'CLEAR_MAPPED'),
    issueTlbi: send('commandQueue', ({ context }) => ({ type: 'TLBI', page: context.page! })),
    issueSync: call('commandQueue', 'SYNC'),
    replyNotified: send('caller', 'NOTIFIED'),
    endCallback: assign({ page: null, caller: null }),
  },
}).createMachine({
  id: 'vfioMmuNotifier',
  context: ({ input }) => ({ leavesBits: false, ...input, page: null, caller: null }),
  initial: 'idle',
  states: {
    idle: {
      on: {
        INVALIDATE_RANGE: { target: 'invalidating', actions: 'beginCallback' },
        INVALIDATE_RANGE_START: { target: 'starting', actions: 'beginCallback' },
        INVALIDATE_RANGE_END: { target: 'ending', actions: 'beginCallback' },
      },
    },
    // mn_invalidate_range(): mutex_lock(&iommu->lock), then the dma and its bit.
    invalidating: {
      on: { RUN: { target: 'findingDma', actions: ['lock', 'findDma'] } },
    },
    starting: {
      on: { RUN: { target: 'findingDma', actions: ['lock', 'beginInvalidation', 'findDma'] } },
    },
    // Left within the step that entered it.
    findingDma: {
      on: {
        DMA_FOUND: [
          // vfio_unmap_partial_iopf(): iommu_unmap_fast(), then out of the loop, to iommu_iotlb_sync().
          { guard: 'isMappedAndLeavesBit', target: 'syncing', actions: ['unmap', 'issueTlbi', 'issueSync'] },
          // vfio_unmap_partial_iopf(): iommu_unmap_fast(), bitmap_clear(), iommu_iotlb_sync().
          {
            guard: 'isMapped',
            target: 'syncing',
            actions: ['unmap', 'clearMappedBit', 'issueTlbi', 'issueSync'],
          },
          { target: 'idle', actions: ['unlock', 'replyNotified', 'endCallback'] },
        ],
      },
    },
    // arm-smmu-v3.c arm_smmu_iotlb_sync(): polls for the CMD_SYNC, with the lock held.
    syncing: {
      on: { SYNC_COMPLETE: 'synced' },
    },
    synced: {
      on: { RUN: { target: 'idle', actions: ['unlock', 'replyNotified', 'endCallback'] } },
    },
    ending: {
      on: { RUN: { target: 'idle', actions: ['lock', 'endInvalidation', 'unlock', 'replyNotified', 'endCallback'] } },
    },
  },
});
