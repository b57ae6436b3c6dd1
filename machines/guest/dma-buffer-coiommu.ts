/**
 * The driver of `dma-buffer.ts` in a guest with a coIOMMU (Tian et al., USENIX ATC 2020; Chromium OS, kernel/dma/coiommu.c mark_pfn(),
 * unmark_pfn()): a table that guest and host share counts the mappings of each page and says whether the host has pinned it. To map is to
 * count; only a page that is not pinned needs an exit. To unmap is to count down, and the host hears nothing of it.
 *
 * Simplifications: counting up and looking at the flag is one step (they are two atomic operations, and in between the count keeps the host from
 * clearing the flag); the accessed flag, by which the host chooses, is not there.
 */
import { without } from '../parts/states.ts';
import { dmaBufferConfig, dmaBufferParts, dmaBufferStates } from './dma-buffer.ts';

export const dmaBufferCoiommu = dmaBufferParts.createMachine({
  id: 'dmaBufferCoiommu',
  ...dmaBufferConfig,
  states: {
    ...without(dmaBufferStates, 'unmapping'),
    allocated: dmaBufferParts.createStateConfig({ on: { RUN: { target: 'marking', actions: 'mark' } } }),
    // Left within the step that entered it.
    marking: dmaBufferParts.createStateConfig({
      on: { MARKED: [{ guard: 'isPinned', target: 'mapped' }, { target: 'marked' }] },
    }),
    // pin_page() -> execute_request(): an exit.
    marked: dmaBufferParts.createStateConfig({ on: { RUN: { target: 'mapping', actions: 'askForPin' } } }),
    mapped: dmaBufferParts.createStateConfig({ on: { RETURN_BUFFER: { target: 'unmapped', actions: 'unmark' } } }),
  },
});
