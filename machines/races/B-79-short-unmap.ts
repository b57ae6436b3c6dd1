/**
 * B-79: an unmap that unmaps nothing, and a callback that takes it for done. The MMU notifier of VFIO's IOPF series (v3) leaves its loop
 * when iommu_unmap_fast() returns another length than it was asked for. io-pgtable-arm, to v6.12, returned 0 when it had to split a block
 * and there was no memory for the table. The page stays mapped for devices, its bit stays set, the callback cannot fail, and reclaim
 * frees the frame: the next DMA hits somebody else's memory.
 *
 * Fix: nothing to split. io-pgtable-arm does not split blocks since v6.13; with I/O page faults each page has to be mapped by itself.
 *
 * Simplifications: one domain; the rest of the block, and of the range, is not there. Our analysis of the posted series and of
 * io-pgtable-arm.c; never run on a kernel.
 */
import { z } from 'zod';
import { defineScenario } from '../../src/system/scenario.ts';
import { actor, defineSystem } from '../../src/system/system.ts';
import { blockEntry } from '../kernel/io-pgtable/block-entry.ts';
import { iommuPageTableEntry } from '../kernel/io-pgtable/leaf-entry.ts';
import { vfioIopfHandler } from '../kernel/vfio-type1/iopf-v3.ts';
import { NO_DMA_TO_FREED_FRAME } from '../monitors/stale-translation.ts';
import { interchangeable, names } from '../parts/names.ts';
import { assemble, inThread } from '../rigs/assemble.ts';
import { startsDma } from '../rigs/guest.ts';
import { hostMemory } from '../rigs/host-memory.ts';
import { stallPath } from '../rigs/stall-path.ts';
import { oneCallback, tlbsOf, vfioContainer } from '../rigs/vfio-container.ts';

export const shortUnmap = defineScenario({
  name: 'short-unmap',
  title: 'An unmap that has no memory to split a block, and a notifier that cannot say so',
  sources: ['B-79', 'VFIO IOPF v3 vfio_unmap_partial_iopf()', 'io-pgtable-arm.c arm_lpae_split_blk_unmap()'],
  group: 'iopf',
  systems: ['vfio-iopf-v3'],
  parameters: z.object({}),
  variants: {
    fixed: {
      title: 'pages are mapped one by one: there is nothing to split',
      expected: { verdict: 'holds', counts: [262, 621], reduced: [135, 322] },
    },
    split: {
      title: 'a page of a block is unmapped, and there may be no memory for that (v3 on io-pgtable-arm to v6.12)',
      expected: { verdict: 'violated', property: NO_DMA_TO_FREED_FRAME, length: 12 },
    },
  },
  build(_, variant) {
    const entry =
      variant === 'split'
        ? actor(blockEntry, { choices: [{ type: 'MEMORY_SHORT' }, { type: 'MEMORY_BACK' }], rest: () => true })
        : actor(iommuPageTableEntry);
    const { kswapd, notifier } = oneCallback;
    const rig = assemble(
      stallPath({ devices: 2, entries: 2, tlbs: tlbsOf(1), commands: 2 }),
      vfioContainer({ pages: 1, entry, handler: inThread(vfioIopfHandler), notifier }),
      hostMemory({ pages: 1, frames: 1, kswapd }),
      { actors: { guest: startsDma(names('dev', 2), ['page0']) } },
    );
    return defineSystem({
      ...rig.parts,
      symmetry: interchangeable(rig.things.devices),
      properties: ({ happens }) => [
        ...rig.always,
        ...rig.shows,
        happens('a page that was mapped for devices is taken away', { type: 'UNMAPPED' }),
      ],
    });
  },
});
