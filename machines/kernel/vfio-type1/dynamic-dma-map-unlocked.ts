/**
 * The fault handler of `dynamic-dma-map.ts`, dropping the container's lock over GUP, which may sleep for long. Nobody posted it; the
 * review of v3 2/8 asked for less under that lock. After GUP it does not look the range up again, which by then may be unlinked, and
 * freed.
 */
import { dynamicDmaMapConfig, dynamicDmaMapParts, dynamicDmaMapStates } from './dynamic-dma-map.ts';

/** A version that does one thing otherwise replaces states. */
export const dynamicDmaMapUnlockedStates = {
  ...dynamicDmaMapStates,
  findingDma: dynamicDmaMapParts.createStateConfig({
    on: {
      ...dynamicDmaMapStates.findingDma.on,
      DMA_FOUND: [
        { guard: 'isMapped', target: 'succeeded', actions: 'unlock' },
        { target: 'pinning', actions: 'unlock' },
      ],
    },
  }),
  charging: dynamicDmaMapParts.createStateConfig({
    on: { CHARGED: 'mapping', OVER_LIMIT: { target: 'failed', actions: 'putPage' } },
  }),
  mapping: dynamicDmaMapParts.createStateConfig({
    on: {
      RUN: { target: 'succeeded', actions: ['lock', 'map', 'setMapped', 'unlock'] },
      MAP_FAILS: { target: 'failed', actions: ['putPage', 'uncharge'] },
    },
  }),
};

export const dynamicDmaMapUnlocked = dynamicDmaMapParts.createMachine({
  id: 'dynamicDmaMapUnlocked',
  ...dynamicDmaMapConfig,
  states: dynamicDmaMapUnlockedStates,
});
