/**
<<<<<<< HEAD
 * A `struct vfio_dma` of the VFIO type1 IOPF series (v3), for a range of one page: whether it is in the container's tree, and the bit of its
 * `iopf_mapped_bitmap`, which is freed with it (vfio_dma_clean_iopf()). It takes the place of `mapped-bit.ts` where the range comes and
 * goes. All of it is under the container's lock.
 *
 * Who has kept the pointer and sends to it when it is freed has used memory after it was freed: `usedAfterFree`.
 */
import { setup } from 'xstate';
import { reply } from '../../parts/call.ts';

export type VfioDmaEvent =
  /** vfio_find_dma() and the page's bit; the reply is DMA_FOUND or NO_DMA. */
  | { type: 'FIND'; by: string }
  /** MAP_DMA: kzalloc(), kvzalloc() of the bitmap, vfio_link_dma(). */
  | { type: 'LINK' }
  /** vfio_remove_dma(): vfio_unlink_dma(), and both are freed. */
  | { type: 'UNLINK' }
  | { type: 'SET_MAPPED' }
  | { type: 'CLEAR_MAPPED' };

export const vfioDma = setup({
  types: { context: {}, events: {} as VfioDmaEvent },
  actions: {
    replyFound: reply((_, { mapped }: { mapped: boolean }) => ({ type: 'DMA_FOUND', mapped })),
    replyNoDma: reply('NO_DMA'),
  },
}).createMachine({
  id: 'vfioDma',
  context: {},
  initial: 'freed',
  states: {
    freed: { on: { LINK: 'clear', FIND: { actions: 'replyNoDma' }, SET_MAPPED: 'usedAfterFree' } },
    clear: {
      on: {
        FIND: { actions: { type: 'replyFound', params: { mapped: false } } },
        SET_MAPPED: 'set',
        UNLINK: 'freed',
      },
    },
    set: {
      on: {
        FIND: { actions: { type: 'replyFound', params: { mapped: true } } },
        CLEAR_MAPPED: 'clear',
        UNLINK: 'freed',
      },
    },
    usedAfterFree: { on: { FIND: { actions: 'replyNoDma' } } },
=======
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

export type VfioDmaEvent =
  /** vfio_link_dma() with a bitmap of zeros; vfio_unlink_dma(), and the range is freed. */
  | { type: 'LINK_DMA' }
  | { type: 'UNLINK_DMA' }
  /** vfio_find_dma() and the page's bit: the reply is DMA_FOUND or NO_DMA. */
  | { type: 'FIND_DMA'; page: string; by: string }
  | { type: 'SET_MAPPED'; page: string }
  | { type: 'CLEAR_MAPPED'; page: string }
  /** The first bit that is set: the reply is FIRST_MAPPED, with null where all are clear. */
  | { type: 'FIND_FIRST_MAPPED'; by: string };

export interface VfioDmaInput {
  readonly pages: readonly string[];
}

export const vfioDma = setup({
  types: {
    input: {} as VfioDmaInput,
    /** The pages whose bits are set, in the order of the range. */
    context: {} as VfioDmaInput & { readonly mapped: readonly string[] },
    events: {} as VfioDmaEvent,
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
  id: 'vfioDma',
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
>>>>>>> sys-v1
  },
});
