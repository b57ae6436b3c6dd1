/**
 * A driver in the guest that takes a page as a buffer for its device, maps it, and after a while unmaps it and gives it back to the guest's
 * allocator: dma_map_single(), dma_unmap_single(), kfree(). Here the guest has an emulated IOMMU in caching mode and is strict (dma-iommu.c
 * __iommu_dma_unmap(), `iommu.strict=1`): each change of the guest's page table is followed by an invalidation, which traps to the VMM, and the
 * guest waits for it.
 *
 *   free -USE_BUFFER-> allocated -> mapping -DONE-> mapped -RETURN_BUFFER-> unmapping -DONE-> unmapped -kfree()-> free
 *
 * Other ways to the same:
 *
 *   `dma-buffer-deferred.ts`   the invalidation comes later than the buffer goes (the flush queue)
 *   `dma-buffer-direct.ts`     no IOMMU in the guest: all of its memory is mapped from the start
 *   `dma-buffer-coiommu.ts`    tracked in a table that the host reads
 *
 * Simplifications: one buffer is one page, with one address for it; the entry and the invalidation that follows it are one step.
 */
import { setup } from 'xstate';
import { call, send } from '../parts/call.ts';

export type DmaBufferEvent =
  /** The driver wants a buffer. */
  | { type: 'USE_BUFFER' }
  /** The driver is done with it. The device need not be. */
  | { type: 'RETURN_BUFFER' }
  /** The scheduler lets the thread run. */
  | { type: 'RUN' }
  /** The host has done what the guest trapped for. */
  | { type: 'DONE' }
  /** Only with `dma-buffer-coiommu.ts`. */
  | { type: 'MARKED'; pinned: boolean };

export interface DmaBufferInput {
  readonly name: string;
  readonly page: string;
  /** The page as memory of the guest. */
  readonly memory: string;
  /** The entry in the guest's IOMMU page table, and who emulates that IOMMU. */
  readonly entry: string;
  readonly viommu: string;
  /** Of guests without an IOMMU: who maps all of their memory. */
  readonly vfio: string;
  /** Of guests with a coIOMMU: the entry of the DMA tracking table, and who pins pages. */
  readonly tracking: string;
  readonly pinner: string;
}

/** What the ways are made of. */
export const dmaBufferParts = setup({
  types: { input: {} as DmaBufferInput, context: {} as DmaBufferInput, events: {} as DmaBufferEvent },
  guards: { isPinned: ({ event }) => event.type === 'MARKED' && event.pinned },
  actions: {
    allocate: send('memory', 'KMALLOC'),
    free: send('memory', 'KFREE'),
    writeEntry: send('entry', ({ context }) => ({ type: 'MAP', frame: context.page, writable: true })),
    clearEntry: send('entry', 'UNMAP'),
    invalidate: call('viommu', ({ context }) => ({ type: 'INVALIDATE', page: context.page, entry: context.entry })),
    mapMemory: call('vfio', ({ context }) => ({ type: 'MAP_DMA', page: context.page })),
    mark: call('tracking', 'MARK'),
    unmark: send('tracking', 'UNMARK'),
    askForPin: call('pinner', ({ context }) => ({ type: 'PIN', page: context.page })),
  },
});

export const dmaBufferConfig = {
  context: ({ input }: { input: DmaBufferInput }) => input,
  initial: 'free',
} as const;

export const dmaBufferStates = {
  free: dmaBufferParts.createStateConfig({ on: { USE_BUFFER: { target: 'allocated', actions: 'allocate' } } }),
  allocated: dmaBufferParts.createStateConfig({
    on: { RUN: { target: 'mapping', actions: ['writeEntry', 'invalidate'] } },
  }),
  mapping: dmaBufferParts.createStateConfig({ on: { DONE: 'mapped' } }),
  mapped: dmaBufferParts.createStateConfig({
    on: { RETURN_BUFFER: { target: 'unmapping', actions: ['clearEntry', 'invalidate'] } },
  }),
  unmapping: dmaBufferParts.createStateConfig({ on: { DONE: 'unmapped' } }),
  unmapped: dmaBufferParts.createStateConfig({ on: { RUN: { target: 'free', actions: 'free' } } }),
};

export const dmaBuffer = dmaBufferParts.createMachine({
  id: 'dmaBuffer',
  ...dmaBufferConfig,
  states: dmaBufferStates,
});
