/**
 * An I/O virtual address that a driver has for a buffer of its device (drivers/iommu/dma-iommu.c iommu_dma_map_page(),
 * iommu_dma_unmap_page()), and the device's way through it: mapped, or a fault that nobody can repair.
 *
 *   free -DMA_MAP-> mapped -DMA_UNMAP-> free, and invalid at once (`iommu.strict=1`)
 *
 * `iova-deferred.ts` is the other way to unmap. A device has no rights, it only has addresses: DMA comes in every state.
 *
 * Simplification: one address for each buffer, which is not given to another one.
 */
import { assign, setup } from 'xstate';
import { from, send } from '../../parts/call.ts';

export type IovaEvent =
  /** dma_map_single(): `memory` is the buffer. */
  | { type: 'DMA_MAP'; memory: string }
  /** dma_unmap_single() */
  | { type: 'DMA_UNMAP' }
  /** The device reads or writes there. */
  | { type: 'DMA'; by: string }
  /** The flush queue is emptied. Only with `iova-deferred.ts`. */
  | { type: 'FLUSH' };

/** What the two ways are made of. */
export const iovaParts = setup({
  types: {
    context: {} as { readonly memory: string | null },
    events: {} as IovaEvent,
  },
  actions: {
    setMemory: assign(from('DMA_MAP', ({ event }) => ({ memory: event.memory }))),
    clearMemory: assign({ memory: null }),
    access: send(
      ({ context }) => context.memory!,
      from('DMA', ({ event }) => ({ type: 'ACCESS', by: event.by })),
    ),
  },
});

export const iovaConfig = { context: { memory: null }, initial: 'free' } as const;

export const iovaStates = {
  free: iovaParts.createStateConfig({
    on: { DMA_MAP: { target: 'mapped', actions: 'setMemory' }, DMA: 'faulted' },
  }),
  mapped: iovaParts.createStateConfig({
    on: { DMA: { actions: 'access' }, DMA_UNMAP: { target: 'free', actions: 'clearMemory' } },
  }),
  // The IOMMU has logged an I/O page fault (AMD: IO_PAGE_FAULT) and dropped the access.
  faulted: iovaParts.createStateConfig({
    on: { DMA: {}, DMA_MAP: {}, DMA_UNMAP: {}, FLUSH: {} },
  }),
};

export const iova = iovaParts.createMachine({ id: 'iova', ...iovaConfig, states: iovaStates });
