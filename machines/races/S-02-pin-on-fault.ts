/**
 * System 2: VFIO IOPF v1 (January 2021). MAP_DMA only links the range; a fault pins its page, charges and maps it, and sets its bit;
 * UNMAP_DMA goes through the bits and takes back. Between the two nothing is taken back: the mappings only grow. What keeps UNMAP_DMA
 * and a fault of the same range apart is the container's lock, which the handler holds from the look-up until after the map.
 *
 * - As posted (2/4) a page that cannot be mapped stays pinned and charged: vfio_unpin_page_external() knows the pages of mediators only.
 *   UNMAP_DMA does not find it either, for it has no bit. vfio_iommu_type1_pin_pages() had made the same mistake (2e6cfd496f5b, October
 *   2020); v3 2/8 puts the page itself.
 * - Without the lock over GUP a range may be unmapped between the look-up and the map, and its page stays mapped. To look the range up
 *   again is enough, for a pinned page needs no MMU notifier.
 *
 * Simplifications: as in `dynamic-dma-map.ts` and `map-dma-v1.ts`.
 */
import { z } from 'zod';
import { defineScenario } from '../../src/system/scenario.ts';
import { defineSystem } from '../../src/system/system.ts';
import { reclaim } from '../kernel/mm/reclaim.ts';
import { dynamicDmaMap } from '../kernel/vfio-type1/dynamic-dma-map.ts';
import { dynamicDmaMapLooksAgain } from '../kernel/vfio-type1/dynamic-dma-map-looks-again.ts';
import { dynamicDmaMapUnlocked } from '../kernel/vfio-type1/dynamic-dma-map-unlocked.ts';
import { dynamicDmaMapV1 } from '../kernel/vfio-type1/dynamic-dma-map-v1.ts';
import { interchangeable, names } from '../parts/names.ts';
import { assemble } from '../rigs/assemble.ts';
import { startsDma } from '../rigs/guest.ts';
import { hostMemory } from '../rigs/host-memory.ts';
import { howMany } from '../rigs/parameters.ts';
import { stallPath } from '../rigs/stall-path.ts';
import { tlbsOf } from '../rigs/vfio-container.ts';
import { NOTHING_OUTSIDE, PINNED_AS_MAPPED, vfioDemandPinning } from '../rigs/vfio-demand-pinning.ts';

const handlers = {
  fixed: dynamicDmaMap,
  v1: dynamicDmaMapV1,
  unlocked: dynamicDmaMapUnlocked,
  'looks-again': dynamicDmaMapLooksAgain,
};

export const pinOnFault = defineScenario({
  name: 'pin-on-fault',
  title: 'A fault pins, charges and maps a page of a range that the user may unmap',
  sources: ['seed:002', 'D-11', 'VFIO IOPF v1 2/4 and 4/4 vfio_clear_iommu_mapped_bitmap()', '2e6cfd496f5b'],
  group: 'iopf',
  systems: ['vfio-iopf-v1', 'locked-memory'],
  parameters: z.object({
    devices: howMany('devices that can stall, with one DMA at a time each', { max: 2, default: 1 }),
    pages: howMany('pages of the range', { max: 3, default: 2 }),
    limit: howMany('pages that the user may lock', { max: 3, default: 1 }),
  }),
  variants: {
    fixed: {
      title: 'puts a page that it cannot map, and takes it off the charge (v3 2/8)',
      expected: { verdict: 'holds', counts: [6880, 21588] },
    },
    v1: {
      title: 'leaves a page that it cannot map to vfio_unpin_page_external() (v1 2/4)',
      expected: { verdict: 'violated', property: PINNED_AS_MAPPED, length: 8 },
    },
    unlocked: {
      title: 'drops the lock over GUP',
      expected: { verdict: 'violated', property: NOTHING_OUTSIDE, length: 10 },
    },
    'looks-again': {
      title: 'drops the lock over GUP, and looks the range up again',
      expected: { verdict: 'holds', counts: [7432, 23648] },
    },
  },
  build({ devices, pages, limit }, variant) {
    const container = vfioDemandPinning({ pages, limit, handler: handlers[variant] });
    const rig = assemble(
      stallPath({ devices, entries: devices, tlbs: tlbsOf(pages), commands: 2 }),
      container,
      hostMemory({ pages, frames: pages, kswapd: reclaim }),
      { actors: { guest: startsDma(names('dev', devices), names('page', pages)) } },
    );
    return defineSystem({
      ...rig.parts,
      symmetry: interchangeable(rig.things.devices),
      properties: ({ happens }) => [
        ...rig.always,
        ...rig.shows,
        happens('a page is pinned and cannot be mapped', { to: 'handler', type: 'MAP_FAILS' }),
        happens('reclaim finds a page that it cannot have, because it is pinned', { to: 'kswapd', type: 'KEPT' }),
      ],
    });
  },
});
