/**
 * System 1, the baseline: VFIO type1 pins, charges and maps a range before MAP_DMA returns, and unmaps, invalidates, unpins and takes
 * it off the charge in UNMAP_DMA. No device ever faults. What has to be true: no device reaches a frame that was freed, no more is
 * mapped than the user may lock, and what is charged is what is mapped.
 *
 * Before April 2017 the charge was left to a work item where the mmap_sem was contended, and the next MAP_DMA tested the limit against what
 * was not charged yet. 0cfef2b7410b charges within the ioctl, and tests once more there: containers have locks of their own and share
 * the account. Without that second test two of them can still exceed it together. Who charges before the test has to take it back
 * where the limit is reached (`keeps-charge`), or the user cannot lock so much any more.
 *
 * Simplifications: as in `static-map.ts` and `locked-vm.ts`; each container has one device and one page.
 */
import { z } from 'zod';
import { defineScenario } from '../../src/system/scenario.ts';
import { defineSystem } from '../../src/system/system.ts';
import { reclaim } from '../kernel/mm/reclaim.ts';
import { lockedVm } from '../kernel/vfio-type1/locked-vm.ts';
import { lockedVmDefers } from '../kernel/vfio-type1/locked-vm-defers.ts';
import { lockedVmKeepsCharge } from '../kernel/vfio-type1/locked-vm-keeps-charge.ts';
import { lockedVmUnchecked } from '../kernel/vfio-type1/locked-vm-unchecked.ts';
import { staticMap } from '../kernel/vfio-type1/static-map.ts';
import { staticMapNeverPins } from '../kernel/vfio-type1/static-map-never-pins.ts';
import { staticMapUnpinsEarly } from '../kernel/vfio-type1/static-map-unpins-early.ts';
import { NO_DMA_TO_FREED_FRAME } from '../monitors/stale-translation.ts';
import { assemble } from '../rigs/assemble.ts';
import { hostMemory } from '../rigs/host-memory.ts';
import { howMany } from '../rigs/parameters.ts';
import { CHARGED_AS_MAPPED, MAPPED_WITHIN_LIMIT, vfioStatic } from '../rigs/vfio-static.ts';

const versions = {
  fixed: { thread: staticMap, account: lockedVm },
  'charges-later': { thread: staticMap, account: lockedVmDefers },
  'tests-once': { thread: staticMap, account: lockedVmUnchecked },
  'keeps-charge': { thread: staticMap, account: lockedVmKeepsCharge },
  'unpins-early': { thread: staticMapUnpinsEarly, account: lockedVm },
  'never-pins': { thread: staticMapNeverPins, account: lockedVm },
};

export const staticPinning = defineScenario({
  name: 'static-pinning',
  title: 'Memory for devices is pinned, charged and mapped before they may use it',
  sources: ['seed:002', '0cfef2b7410b', 'drivers/vfio/vfio_iommu_type1.c vfio_dma_do_map(), vfio_unmap_unpin()'],
  group: 'iopf',
  systems: ['vfio-pinned'],
  parameters: z.object({
    containers: howMany('containers of the user, with a device and a page each', { min: 2, max: 3, default: 2 }),
    limit: howMany('pages that the user may lock', { max: 3, default: 1 }),
  }),
  variants: {
    fixed: {
      title: 'tests the limit when it pins and when it charges; unpins after the invalidation',
      expected: { verdict: 'holds', counts: [2136, 11100] },
    },
    'charges-later': {
      title: 'leaves the charge to a work item (before 0cfef2b7410b)',
      expected: { verdict: 'violated', property: MAPPED_WITHIN_LIMIT, length: 8 },
    },
    'tests-once': {
      title: 'tests the limit when it pins, and not when it charges',
      expected: { verdict: 'violated', property: MAPPED_WITHIN_LIMIT, length: 8 },
    },
    'keeps-charge': {
      title: 'charges, tests the limit, and leaves the charge where that was too much',
      expected: { verdict: 'violated', property: CHARGED_AS_MAPPED, length: 7 },
    },
    'unpins-early': {
      title: 'unpins before the invalidation',
      expected: { verdict: 'violated', property: NO_DMA_TO_FREED_FRAME, length: 11 },
    },
    'never-pins': {
      title: 'maps without a pin, and there is no MMU notifier',
      expected: { verdict: 'violated', property: NO_DMA_TO_FREED_FRAME, length: 8 },
    },
  },
  build({ containers, limit }, variant) {
    const { thread, account } = versions[variant];
    const rig = assemble(
      vfioStatic({ containers, limit, thread, account }),
      hostMemory({ pages: containers, frames: containers, kswapd: reclaim }),
    );
    return defineSystem({
      ...rig.parts,
      properties: ({ happens }) => [
        ...rig.always,
        ...rig.shows,
        happens('reclaim finds a page that it cannot have, because it is pinned', { to: 'kswapd', type: 'KEPT' }),
      ],
    });
  },
});
