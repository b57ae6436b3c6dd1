/**
 * The MMU notifier of the VFIO type1 IOPF series (v3 patch 3): mn_invalidate_range() and vfio_unmap_partial_iopf(), run by
 * the thread that calls the notifier; each RUN is that thread going on. The reply to `by` is NOTIFIED, when the callback
 * returns.
 *
 *   lock; bit set: IOMMU unmap, clear the bit, TLBI and CMD_SYNC, wait for it; unlock
 *
 * When iommu_unmap_fast() has unmapped another length than it was asked for, it warns and leaves with whatever there is: bit and
 * mapping (B-79).
 *
 * `mmu-notifier-start-end.ts` has callbacks on both sides of a change.
 *
 * Simplifications: one page per call, and one domain (`mmu-notifier-two-domains.ts` has two), so that nothing is left of a
 * range when the callback gives up; one caller at a time; vfio_wait_all_valid(), which drops the
 * lock to wait for user space, is not there (`mmu-notifier-waits.ts` has it); memory for the range is there
 * (the series allocates it with GFP_KERNEL inside the callback, B-58).
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
  /** Only of `vfio-dma.ts`: no dma covers the page. */
  | { type: 'NO_DMA' }
  | { type: 'UNMAPPED'; whole: boolean }
  | { type: 'SYNC_COMPLETE' }
  /** The reply of `pinned-ranges.ts`, to versions that ask it. */
  | { type: 'RANGE'; pinned: boolean }
  /** Replies of `vaddr-valid.ts`, to versions that ask it. */
  | { type: 'ALL_VALID' }
  | { type: 'SLEEP' }
  | { type: 'WAKE' }
  /** Somebody kills the calling thread. */
  | { type: 'FATAL_SIGNAL' };

export interface VfioMmuNotifierInput {
  readonly name: string;
  /** The container's lock (`iommu->lock`). */
  readonly lock: string;
  /** The bit of each page in the dma's bitmap. */
  readonly mapped: Readonly<Record<string, string>>;
  /** The IOMMU page table entry of each page. */
  readonly entries: Readonly<Record<string, string>>;
  readonly commandQueue: string;
  /** Of versions that have one: the sequence that the fault handler checks (`../mm/invalidate-sequence.ts`). */
  readonly sequence?: string;
  /** Of versions that wait for them: the addresses of user space (`vaddr-valid.ts`). */
  readonly vaddrs?: string;
  /** Of versions with a second domain: the entry of each page there. */
  readonly secondEntries?: Readonly<Record<string, string>>;
  /** Of versions that leave pinned pages mapped: what is pinned (`pinned-ranges.ts`). */
  readonly ranges?: string;
}

/** What versions of the notifier are made of. */
export const vfioMmuNotifierParts = setup({
  types: {
    input: {} as VfioMmuNotifierInput,
    context: {} as VfioMmuNotifierInput & { readonly page: string | null; readonly caller: string | null },
    events: {} as VfioMmuNotifierEvent,
  },
  guards: {
    isMapped: ({ event }) => event.type === 'DMA_FOUND' && event.mapped,
    isWhole: ({ event }) => event.type === 'UNMAPPED' && event.whole,
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
    findDma: call(({ context }) => context.mapped[context.page!]!, 'FIND'),
    unmap: call(({ context }) => context.entries[context.page!]!, 'UNMAP_FAST'),
    clearMappedBit: send(({ context }) => context.mapped[context.page!]!, 'CLEAR_MAPPED'),
    issueTlbi: send('commandQueue', ({ context }) => ({ type: 'TLBI', page: context.page! })),
    issueSync: call('commandQueue', 'SYNC'),
    replyNotified: send('caller', 'NOTIFIED'),
    endCallback: assign({ page: null, caller: null }),
  },
});

export const vfioMmuNotifierConfig = {
  context: ({ input }: { input: VfioMmuNotifierInput }) => ({ ...input, page: null, caller: null }),
  initial: 'idle',
} as const;

/** A version that does one thing otherwise replaces a state. */
export const vfioMmuNotifierStates = {
  idle: vfioMmuNotifierParts.createStateConfig({
    on: { INVALIDATE_RANGE: { target: 'invalidating', actions: 'beginCallback' } },
  }),
  // mn_invalidate_range(): mutex_lock(&iommu->lock), then the dma and its bit.
  invalidating: vfioMmuNotifierParts.createStateConfig({
    on: { RUN: { target: 'findingDma', actions: ['lock', 'findDma'] } },
  }),
  // Left within the step that entered it, as is `unmapping`.
  findingDma: vfioMmuNotifierParts.createStateConfig({
    on: {
      DMA_FOUND: [
        // vfio_unmap_partial_iopf(): iommu_unmap_fast()
        { guard: 'isMapped', target: 'unmapping', actions: 'unmap' },
        { target: 'idle', actions: ['unlock', 'replyNotified', 'endCallback'] },
      ],
    },
  }),
  unmapping: vfioMmuNotifierParts.createStateConfig({
    on: {
      UNMAPPED: [
        // bitmap_clear(), iommu_iotlb_sync()
        { guard: 'isWhole', target: 'syncing', actions: ['clearMappedBit', 'issueTlbi', 'issueSync'] },
        // WARN_ON(), goto out
        { target: 'idle', actions: ['unlock', 'replyNotified', 'endCallback'] },
      ],
    },
  }),
  // arm-smmu-v3.c arm_smmu_iotlb_sync(): polls for the CMD_SYNC, with the lock held.
  syncing: vfioMmuNotifierParts.createStateConfig({
    on: { SYNC_COMPLETE: 'synced' },
  }),
  synced: vfioMmuNotifierParts.createStateConfig({
    on: { RUN: { target: 'idle', actions: ['unlock', 'replyNotified', 'endCallback'] } },
  }),
};

export const vfioMmuNotifier = vfioMmuNotifierParts.createMachine({
  id: 'vfioMmuNotifier',
  ...vfioMmuNotifierConfig,
  states: vfioMmuNotifierStates,
});
