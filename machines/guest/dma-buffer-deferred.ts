/**
 * The driver of `dma-buffer.ts` in a guest whose invalidations are deferred (dma-iommu.c queue_iova(), fq_flush_iotlb(), the default of most
 * distributions): unmap clears the entry and puts the address into a flush queue, and the buffer is the guest's at once. The host hears of
 * it when the queue is flushed.
 *
 *   mapped -RETURN_BUFFER-> queued -kfree()-> given back -the timer-> flushing -DONE-> free
 *
 * Simplification: the page is not used again before the flush, though with another address it could be.
 */
import { without } from '../parts/states.ts';
import { dmaBufferConfig, dmaBufferParts, dmaBufferStates } from './dma-buffer.ts';

export const dmaBufferDeferred = dmaBufferParts.createMachine({
  id: 'dmaBufferDeferred',
  ...dmaBufferConfig,
  states: {
    ...without(dmaBufferStates, 'unmapping', 'unmapped'),
    mapped: dmaBufferParts.createStateConfig({ on: { RETURN_BUFFER: { target: 'queued', actions: 'clearEntry' } } }),
    queued: dmaBufferParts.createStateConfig({ on: { RUN: { target: 'givenBack', actions: 'free' } } }),
    givenBack: dmaBufferParts.createStateConfig({ on: { RUN: { target: 'flushing', actions: 'invalidate' } } }),
    flushing: dmaBufferParts.createStateConfig({ on: { DONE: 'free' } }),
  },
});
