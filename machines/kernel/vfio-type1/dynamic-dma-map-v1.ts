/**
 * The fault handler of `dynamic-dma-map.ts` as posted (v1 2/4). Where the page cannot be mapped it calls vfio_unpin_page_external(), which
 * looks for the page among those that a mediator has pinned (vfio_find_vpfn()). The handler has not put it there, so it finds none, and
 * returns: the page stays pinned and charged, with no bit by which UNMAP_DMA would find it.
 */
import { dynamicDmaMapConfig, dynamicDmaMapParts, dynamicDmaMapStates } from './dynamic-dma-map.ts';

export const dynamicDmaMapV1 = dynamicDmaMapParts.createMachine({
  id: 'dynamicDmaMapV1',
  ...dynamicDmaMapConfig,
  states: {
    ...dynamicDmaMapStates,
    mapping: dynamicDmaMapParts.createStateConfig({
      on: { ...dynamicDmaMapStates.mapping.on, MAP_FAILS: { target: 'failed', actions: 'unlock' } },
    }),
  },
});
