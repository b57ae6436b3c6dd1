/**
 * One bit of `iopf_mapped_bitmap` in `struct vfio_dma` of the VFIO type1 IOPF series (v3): whether a fault has mapped this
 * page of the range in the IOMMU. The bitmap is under the container's lock (`iommu->lock`), so whoever sends to a bit holds
 * that lock.
 *
 * Setting a bit that is set and clearing one that is clear have no transition: handler and notifier look before they do.
 *
 * Simplifications: one range that covers all pages, so looking it up (vfio_find_dma()) never fails; all accesses are allowed.
 */
import { setup } from 'xstate';
import { reply } from '../../parts/call.ts';

export type MappedBitEvent =
  /** vfio_find_dma() and the page's bit; the reply is DMA_FOUND. */
  { type: 'FIND'; by: string } | { type: 'SET_MAPPED' } | { type: 'CLEAR_MAPPED' };

export const mappedBit = setup({
  types: { context: {}, events: {} as MappedBitEvent },
  actions: {
    replyFound: reply((_, { mapped }: { mapped: boolean }) => ({ type: 'DMA_FOUND', mapped })),
  },
}).createMachine({
  id: 'mappedBit',
  context: {},
  initial: 'clear',
  states: {
    clear: {
      on: {
        FIND: { actions: { type: 'replyFound', params: { mapped: false } } },
        SET_MAPPED: 'set',
      },
    },
    set: {
      on: {
        FIND: { actions: { type: 'replyFound', params: { mapped: true } } },
        CLEAR_MAPPED: 'clear',
      },
    },
  },
});
