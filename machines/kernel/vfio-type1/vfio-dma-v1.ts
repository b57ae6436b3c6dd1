/**
 * A range that the user has mapped for devices, `struct vfio_dma`: whether it is in the container's tree, and its bitmap, which says
 * of each page whether a fault has mapped it (`iommu_mapped_bitmap`, VFIO IOPF v1 1/4). Whoever sends to it holds the container's lock.
 *
 * Setting a bit that is set and clearing one that is clear have no transition: who does so has looked before. A handler that sets one after
 * the range was unlinked writes to memory that was freed, which takes it in silence.
 *
 * Simplifications: one range, which always covers the same pages; all accesses are allowed.
 */
import { assign, setup } from 'xstate';
import { from, reply } from '../../parts/call.ts';

export type VfioDmaV1Event =
  /** vfio_link_dma() with a bitmap of zeros; vfio_unlink_dma(), and the range is freed. */
  | { type: 'LINK_DMA' }
  | { type: 'UNLINK_DMA' }
  /** vfio_find_dma() and the page's bit: the reply is DMA_FOUND or NO_DMA. */
  | { type: 'FIND_DMA'; page: string; by: string }
  | { type: 'SET_MAPPED'; page: string }
  | { type: 'CLEAR_MAPPED'; page: string }
  /** The first bit that is set: the reply is FIRST_MAPPED, with null where all are clear. */
  | { type: 'FIND_FIRST_MAPPED'; by: string };

export interface VfioDmaV1Input {
  readonly pages: readonly string[];
}

export const vfioDmaV1 = setup({
  types: {
    input: {} as VfioDmaV1Input,
    /** The pages whose bits are set, in the order of the range. */
    context: {} as VfioDmaV1Input & { readonly mapped: readonly string[] },
    events: {} as VfioDmaV1Event,
  },
  guards: {
    isClear: from('SET_MAPPED', ({ context, event }) => !context.mapped.includes(event.page)),
    isSet: from('CLEAR_MAPPED', ({ context, event }) => context.mapped.includes(event.page)),
  },
  actions: {
    replyFound: reply(
      from('FIND_DMA', ({ context, event }) => ({ type: 'DMA_FOUND', mapped: context.mapped.includes(event.page) })),
    ),
    replyNoDma: reply('NO_DMA'),
    replyFirst: reply(({ context }) => ({ type: 'FIRST_MAPPED', page: context.mapped[0] ?? null })),
    setBit: assign(
      from('SET_MAPPED', ({ context: { pages, mapped }, event }) => ({
        mapped: pages.filter((page) => page === event.page || mapped.includes(page)),
      })),
    ),
    clearBit: assign(
      from('CLEAR_MAPPED', ({ context, event }) => ({ mapped: context.mapped.filter((page) => page !== event.page) })),
    ),
  },
}).createMachine({
  id: 'vfioDmaV1',
  context: ({ input }) => ({ ...input, mapped: [] }),
  initial: 'unlinked',
  states: {
    unlinked: {
      on: { LINK_DMA: 'linked', FIND_DMA: { actions: 'replyNoDma' }, SET_MAPPED: {} },
    },
    linked: {
      on: {
        UNLINK_DMA: 'unlinked',
        FIND_DMA: { actions: 'replyFound' },
        FIND_FIRST_MAPPED: { actions: 'replyFirst' },
        SET_MAPPED: { guard: 'isClear', actions: 'setBit' },
        CLEAR_MAPPED: { guard: 'isSet', actions: 'clearBit' },
      },
    },
  },
});
