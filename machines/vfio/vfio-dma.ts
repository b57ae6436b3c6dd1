/**
 * `struct vfio_dma` of the VFIO type1 IOPF series (v3): a range of IOVA that the user has mapped, with one bit per page
 * that says whether a fault has mapped it in the IOMMU (`iopf_mapped_bitmap`). All of it is under the container's lock
 * (`iommu->lock`), so whoever sends to it holds that lock.
 *
 * Simplifications: one range that covers all pages, so looking it up never fails; all accesses are allowed.
 */
import { assertEvent, assign, sendTo, setup } from 'xstate';

export type VfioDmaEvent =
  /** vfio_find_dma() and the page's bit; the reply is DMA_FOUND. */
  | { type: 'FIND'; page: string; by: string }
  | { type: 'SET_MAPPED'; page: string }
  | { type: 'CLEAR_MAPPED'; page: string };

export const vfioDma = setup({
  types: {
    input: {} as { pages: readonly string[] },
    context: {} as { iopfMapped: Readonly<Record<string, boolean>> },
    events: {} as VfioDmaEvent,
  },
  actions: {
    replyFound: sendTo(
      ({ system, event }) => {
        assertEvent(event, 'FIND');
        return system.get(event.by);
      },
      ({ context, event }) => {
        assertEvent(event, 'FIND');
        return { type: 'DMA_FOUND', mapped: context.iopfMapped[event.page]! };
      },
    ),
    setBit: assign(({ context, event }) => {
      assertEvent(event, 'SET_MAPPED');
      return { iopfMapped: { ...context.iopfMapped, [event.page]: true } };
    }),
    clearBit: assign(({ context, event }) => {
      assertEvent(event, 'CLEAR_MAPPED');
      return { iopfMapped: { ...context.iopfMapped, [event.page]: false } };
    }),
  },
}).createMachine({
  id: 'vfioDma',
  context: ({ input }) => ({ iopfMapped: Object.fromEntries(input.pages.map((page) => [page, false])) }),
  on: {
    FIND: { actions: 'replyFound' },
    SET_MAPPED: { actions: 'setBit' },
    CLEAR_MAPPED: { actions: 'clearBit' },
  },
});
