/**
 * The fault handler of `dynamic-dma-map-unlocked.ts`, looking the range up again when it has the lock back: if it is gone, the page is
 * put and taken off the charge. The pin keeps the frame meanwhile, so no sequence is needed, as it is in `iopf-sequence.ts`. Nobody
 * posted it.
 *
 * Simplifications: a range that was unmapped and mapped again has the same pages of the process, else the handler would have to compare
 * `vaddr` as well; one SMMU, so that nobody else sets the bit meanwhile.
 */
import { dynamicDmaMapConfig, dynamicDmaMapParts } from './dynamic-dma-map.ts';
import { dynamicDmaMapUnlockedStates } from './dynamic-dma-map-unlocked.ts';

export const dynamicDmaMapLooksAgain = dynamicDmaMapParts.createMachine({
  id: 'dynamicDmaMapLooksAgain',
  ...dynamicDmaMapConfig,
  states: {
    ...dynamicDmaMapUnlockedStates,
    mapping: dynamicDmaMapParts.createStateConfig({
      on: {
        ...dynamicDmaMapUnlockedStates.mapping.on,
        RUN: { target: 'lookingAgain', actions: ['lock', 'findDma'] },
      },
    }),
    // Left within the step that entered it.
    lookingAgain: dynamicDmaMapParts.createStateConfig({
      on: {
        DMA_FOUND: { target: 'succeeded', actions: ['map', 'setMapped', 'unlock'] },
        NO_DMA: { target: 'failed', actions: ['putPage', 'uncharge', 'unlock'] },
      },
    }),
  },
});
