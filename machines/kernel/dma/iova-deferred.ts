/**
 * The address of `iova.ts` where the invalidation is deferred (drivers/iommu/dma-iommu.c queue_iova(), fq_flush_iotlb(); the default
 * of most distributions): the entry is cleared at once, but the IOTLB keeps it until the flush queue is full, or its timer comes
 * (10 ms). The address is not given out again before; the buffer is its driver's at once, and the device still reaches it.
 *
 *   mapped -DMA_UNMAP-> queued -FLUSH-> free
 *
 * List 'DMA_MAP' as `blocking`.
 */
import { iovaConfig, iovaParts, iovaStates } from './iova.ts';

export const iovaDeferred = iovaParts.createMachine({
  id: 'iovaDeferred',
  ...iovaConfig,
  states: {
    ...iovaStates,
    mapped: iovaParts.createStateConfig({ on: { ...iovaStates.mapped.on, DMA_UNMAP: 'queued' } }),
    queued: iovaParts.createStateConfig({
      on: { DMA: { actions: 'access' }, FLUSH: { target: 'free', actions: 'clearMemory' } },
    }),
  },
});
