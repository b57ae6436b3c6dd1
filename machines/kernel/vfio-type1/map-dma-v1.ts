/**
 * The user's thread in MAP_DMA and UNMAP_DMA of a container whose devices all bear faults, as VFIO IOPF v1 has them (patch 4 of 4):
 * vfio_dma_do_map(), and vfio_dma_do_unmap() with vfio_remove_dma() and vfio_clear_iommu_mapped_bitmap().
 *
 *   MAP_DMA:    lock; link the range; unlock. Nothing is pinned, charged or mapped.
 *   UNMAP_DMA:  lock; of each page whose bit is set: look the frame up in the page table, unmap, TLBI and CMD_SYNC, wait for it, put
 *               the page, take it off the charge, clear the bit; unlink the range; unlock
 *
 * List 'ACQUIRE' and 'SYNC' as `blocking`. At rest in `unmapped` and `mapped`.
 *
 * Simplifications: one range, which is mapped and unmapped as a whole; one domain; no mediator has pinned pages.
 */
import { assign, setup } from 'xstate';
import { call, from, send } from '../../parts/call.ts';

export type MapDmaV1Event =
  | { type: 'MAP_DMA' }
  | { type: 'UNMAP_DMA' }
  /** The scheduler lets the thread run. */
  | { type: 'RUN' }
  | { type: 'FIRST_MAPPED'; page: string | null }
  | { type: 'PHYS'; frame: string | null }
  | { type: 'SYNC_COMPLETE' };

export interface MapDmaV1Input {
  readonly name: string;
  /** The container's lock (`iommu->lock`). */
  readonly lock: string;
  /** The range with its bitmap (`vfio-dma-v1.ts`). */
  readonly dma: string;
  /** The IOMMU page table entry of each page. */
  readonly entries: Readonly<Record<string, string>>;
  /** What the user has locked (`locked-vm.ts`). */
  readonly account: string;
  readonly commandQueue: string;
}

const NO_PAGE = { page: null, frame: null } as const;

export const mapDmaV1 = setup({
  types: {
    input: {} as MapDmaV1Input,
    /** The page that is being unmapped, and the frame that it was mapped to. */
    context: {} as MapDmaV1Input & { readonly page: string | null; readonly frame: string | null },
    events: {} as MapDmaV1Event,
  },
  guards: {
    isNone: from('FIRST_MAPPED', ({ event }) => event.page === null),
  },
  actions: {
    lock: call('lock', 'ACQUIRE'),
    unlock: call('lock', 'RELEASE'),
    link: send('dma', 'LINK_DMA'),
    unlink: send('dma', 'UNLINK_DMA'),
    findFirst: call('dma', 'FIND_FIRST_MAPPED'),
    keepPage: assign(from('FIRST_MAPPED', ({ event }) => ({ page: event.page }))),
    lookUpFrame: call(({ context }) => context.entries[context.page!]!, 'IOVA_TO_PHYS'),
    keepFrame: assign(from('PHYS', ({ event }) => ({ frame: event.frame }))),
    unmap: send(({ context }) => context.entries[context.page!]!, 'UNMAP'),
    issueTlbi: send('commandQueue', ({ context }) => ({ type: 'TLBI', page: context.page! })),
    issueSync: call('commandQueue', 'SYNC'),
    putPage: send('frame', 'PUT'),
    uncharge: send('account', 'UNCHARGE_PAGE'),
    clearMapped: send('dma', ({ context }) => ({ type: 'CLEAR_MAPPED', page: context.page! })),
    forgetPage: assign(NO_PAGE),
  },
}).createMachine({
  id: 'mapDmaV1',
  context: ({ input }) => ({ ...input, ...NO_PAGE }),
  initial: 'unmapped',
  states: {
    unmapped: { on: { MAP_DMA: 'mapping' } },
    // vfio_iommu_iopf_enabled(), and so no vfio_pin_map_dma()
    mapping: { on: { RUN: { target: 'mapped', actions: ['lock', 'link', 'unlock'] } } },
    mapped: { on: { UNMAP_DMA: 'locking' } },
    locking: { on: { RUN: { target: 'looking', actions: ['lock', 'findFirst'] } } },
    // Left within the step that entered it, as is `translating`.
    looking: {
      on: {
        FIRST_MAPPED: [
          { guard: 'isNone', target: 'unmapped', actions: ['unlink', 'unlock'] },
          { target: 'translating', actions: ['keepPage', 'lookUpFrame'] },
        ],
      },
    },
    translating: { on: { PHYS: { target: 'unmapping', actions: 'keepFrame' } } },
    // iommu_unmap() of the page, which syncs the IOTLB before it returns
    unmapping: { on: { RUN: { target: 'syncing', actions: ['unmap', 'issueTlbi', 'issueSync'] } } },
    syncing: { on: { SYNC_COMPLETE: 'synced' } },
    // vfio_unpin_pages_remote() with the charge, bitmap_clear(), and the next bit
    synced: {
      on: {
        RUN: { target: 'looking', actions: ['putPage', 'uncharge', 'clearMapped', 'forgetPage', 'findFirst'] },
      },
    },
  },
});
