/**
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
    usedAfterFree: {
      on: { LINK: {}, FIND: { actions: 'replyNoDma' }, SET_MAPPED: {}, CLEAR_MAPPED: {}, UNLINK: {} },
    },
  },
});
