/**
 * H-18: VFIO's fault handler (v3) holds the container's lock over GUP, and GUP may have to wait for a frame. Reclaim, which is to free
 * one, calls the MMU notifier of each page that it takes, and that takes the container's lock. The handler waits for kswapd, and kswapd
 * for the handler, with it every device behind the SMMU, and every other process that is short of memory. B-58 is the same in one
 * thread, B-73 the same with the page's lock.
 *
 * Fix: no lock over GUP, and a sequence that the notifier counts; who waits for a frame holds nothing.
 *
 * Our analysis of the posted series, which was never merged; never run on a kernel. It explains why a lock over GUP cannot be kept by
 * making its allocation wait elsewhere: any wait will do.
 *
 * Simplifications: one device at a time is enough; no CPU touches the pages, so that B-73 is not seen; there is always something to
 * reclaim.
 */
import { z } from 'zod';
import { defineScenario } from '../../src/system/scenario.ts';
import { actor, defineSystem } from '../../src/system/system.ts';
import { pageGupWaits } from '../kernel/mm/page-gup-waits.ts';
import { vfioIopfSequence } from '../kernel/vfio-type1/iopf-sequence.ts';
import { vfioIopfHandler } from '../kernel/vfio-type1/iopf-v3.ts';
import { interchangeable, names } from '../parts/names.ts';
import { assemble, inThread } from '../rigs/assemble.ts';
import { startsDma } from '../rigs/guest.ts';
import { hostMemory } from '../rigs/host-memory.ts';
import { howMany } from '../rigs/parameters.ts';
import { stallPath } from '../rigs/stall-path.ts';
import {
  bothSides,
  countedInvalidations,
  oneCallback,
  sequence,
  tlbsOf,
  vfioContainer,
} from '../rigs/vfio-container.ts';

const versions = {
  fixed: { ...bothSides, handler: inThread(vfioIopfSequence, sequence) },
  'lock-over-gup': { ...oneCallback, handler: inThread(vfioIopfHandler) },
};

export const waitsForFrame = defineScenario({
  name: 'waits-for-frame',
  title: 'The VFIO fault handler waits for a frame with the lock that reclaim needs to free one',
  sources: ['H-18', 'B-58', 'VFIO IOPF v3 vfio_iommu_type1_dma_map_iopf(), mn_invalidate_range()', 'mm/page_alloc.c'],
  group: 'iopf',
  systems: ['vfio-iopf-v3', 'locked-memory'],
  parameters: z.object({
    pages: howMany('pages that the device touches; there is one frame less', { min: 2, max: 4, default: 2 }),
    devices: howMany('devices that can stall, with one DMA at a time each', { max: 2, default: 1 }),
  }),
  variants: {
    fixed: {
      title: 'drops the container lock over GUP, and checks a sequence when it maps',
      expected: { verdict: 'holds', counts: [207, 374], reduced: [104, 188] },
    },
    'lock-over-gup': {
      title: 'holds the container lock over GUP, which waits for a frame (v3)',
      expected: { verdict: 'violated', property: 'no deadlock', length: 14 },
    },
  },
  build({ pages, devices }, variant) {
    const { handler, notifier, kswapd } = versions[variant];
    const rig = assemble(
      { actors: { guest: startsDma(names('dev', devices), names('page', pages)) } },
      stallPath({ devices, entries: devices, tlbs: tlbsOf(pages), commands: 2 }),
      vfioContainer({ pages, handler, notifier }),
      hostMemory({
        pages,
        frames: pages - 1,
        kswapd,
        page: (input) => actor(pageGupWaits, { input }),
      }),
      countedInvalidations,
    );
    return defineSystem({
      ...rig.parts,
      symmetry: interchangeable(rig.things.devices, rig.things.pages),
      properties: ({ reachable }) => [
        ...rig.always,
        ...rig.shows,
        reachable('a handler has to wait for a frame', (view) => {
          const { frames } = view.get('freeList').context as { frames: readonly string[] };
          const { page } = view.get('handler').context as { page: string | null };
          return (
            frames.length === 0 &&
            names('page', pages).some((name) => name === page && view.get(name).value === 'swappedOut')
          );
        }),
      ],
    });
  },
});
