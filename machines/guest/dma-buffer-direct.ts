/**
 * The driver of `dma-buffer.ts` in a guest without an IOMMU (dma-direct): the VMM has mapped and pinned all memory of the guest before it runs,
 * and to map and to unmap a buffer is nothing.
 */
import { dmaBufferConfig, dmaBufferParts, dmaBufferStates } from './dma-buffer.ts';

export const dmaBufferDirect = dmaBufferParts.createMachine({
  id: 'dmaBufferDirect',
  ...dmaBufferConfig,
  initial: 'off',
  states: {
    // The VMM's memory listener: VFIO_IOMMU_MAP_DMA of each region.
    off: dmaBufferParts.createStateConfig({ on: { RUN: { target: 'starting', actions: 'mapMemory' } } }),
    starting: dmaBufferParts.createStateConfig({ on: { DONE: 'free' } }),
    free: dmaBufferParts.createStateConfig({ on: { USE_BUFFER: { target: 'mapped', actions: 'allocate' } } }),
    mapped: dmaBufferParts.createStateConfig({ on: { RETURN_BUFFER: 'unmapped' } }),
    unmapped: dmaBufferStates.unmapped,
  },
});
