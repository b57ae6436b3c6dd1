/**
 * Brings a page of user memory back by DMA of its own device, which is behind the same IOMMU and may itself fault.
 *
 * Simplification: one page, one DMA at a time.
 */
import { setup } from 'xstate';
import { send } from '../parts/call.ts';

export interface PagerInput {
  readonly device: string;
  /** The page request group index that its DMA uses when it faults. */
  readonly index: string;
  /** The page that it brings back. */
  readonly page: string;
}

export type PagerEvent =
  | { type: 'BRING_PAGE' }
  /** The DMA translates, and is done. */
  | { type: 'DMA_DONE' }
  /** The DMA does not translate: the device has to ask for a page first. */
  | { type: 'DMA_FAULTS' }
  /** The device posts its page request, once there is room for it. */
  | { type: 'RUN' }
  /** The device got its answer and may try again. */
  | { type: 'ANSWERED' };

export const pager = setup({
  types: { input: {} as PagerInput, context: {} as PagerInput, events: {} as PagerEvent },
  actions: {
    requestPage: send('device', ({ context }) => ({ type: 'REQUEST', index: context.index })),
    deliverPage: send('page', 'PAGE_IN'),
  },
}).createMachine({
  id: 'pager',
  context: ({ input }) => input,
  initial: 'idle',
  states: {
    idle: { on: { BRING_PAGE: 'dma' } },
    dma: {
      on: {
        DMA_DONE: { target: 'idle', actions: 'deliverPage' },
        DMA_FAULTS: 'faulting',
      },
    },
    faulting: { on: { RUN: { target: 'waiting', actions: 'requestPage' } } },
    // PCIe 10.4.2: Success does not mean mapped, so the next attempt may fault again.
    waiting: { on: { ANSWERED: 'dma' } },
  },
});
