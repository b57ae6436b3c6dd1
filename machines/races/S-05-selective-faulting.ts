/**
 * System 5: devices that bear I/O page faults in some places only. A mediator locks a ring down by vfio_pin_pages() when the guest
 * registers it; everything else is faulted in. What has to be true: the device never faults on its ring, and its other faults are
 * resolved.
 *
 * VFIO's series (v3 patch 7) has neither. It answers Invalid to every fault *outside* of what is pinned, the opposite of what was
 * asked for; and it does not map what it pins, so that the first use of the ring is a fault (B-64; Keqian Zhu in the thread on v1).
 * Mapping at pin time, the author's later idea, is half of it: the MMU notifier unmaps pinned pages as well, since reclaim clears the
 * CPU's entry before it finds out that it cannot have the frame. A notifier that spares pinned pages needs an unpin that unmaps: a
 * notifier that was there before will not come again.
 *
 * Variants differ in patch 7 alone; the container's lock is not held over GUP (B-73). Devices that bear faults anywhere need no pin;
 * devices that bear none at all are `static-pinning`.
 *
 * Reclaim unmaps pinned pages of shared memory, as guests often have; since v5.11 (feb889fb40fa) no longer anonymous ones, unless
 * they are in the swap cache already. KSM, migration and mprotect() call the notifier for both.
 *
 * Simplifications: as in `pin-pages.ts`; one ring; nothing is charged to the user.
 */
import { z } from 'zod';
import { defineScenario } from '../../src/system/scenario.ts';
import { defineSystem } from '../../src/system/system.ts';
import { reclaimStartEnd } from '../kernel/mm/reclaim-start-end.ts';
import { vfioIopfFiltersPinned } from '../kernel/vfio-type1/iopf-filters-pinned.ts';
import { vfioIopfLooksAgain } from '../kernel/vfio-type1/iopf-looks-again.ts';
import { vfioIopfSelectiveV3 } from '../kernel/vfio-type1/iopf-selective-v3.ts';
import { vfioMmuNotifierSparesPinned } from '../kernel/vfio-type1/mmu-notifier-spares-pinned.ts';
import { vfioMmuNotifierStartEnd } from '../kernel/vfio-type1/mmu-notifier-start-end.ts';
import { pinPages } from '../kernel/vfio-type1/pin-pages.ts';
import { pinPagesLeavesMapping } from '../kernel/vfio-type1/pin-pages-leaves-mapping.ts';
import { pinPagesNever } from '../kernel/vfio-type1/pin-pages-never.ts';
import { pinPagesV3 } from '../kernel/vfio-type1/pin-pages-v3.ts';
import { noDmaIsAborted } from '../monitors/dma-progress.ts';
import { NO_DMA_TO_FREED_FRAME } from '../monitors/stale-translation.ts';
import { names } from '../parts/names.ts';
import { assemble, inThread } from '../rigs/assemble.ts';
import { startsDma } from '../rigs/guest.ts';
import { hostMemory } from '../rigs/host-memory.ts';
import { howMany } from '../rigs/parameters.ts';
import { stallPath } from '../rigs/stall-path.ts';
import { bitsTellTheTruth, sequence, tlbsOf, vfioContainer } from '../rigs/vfio-container.ts';
import { NO_FATAL_FAULT, selectiveDevice } from '../rigs/vfio-selective.ts';

const ranges = { ranges: { dev0: 'ranges' }, ...sequence };
const looksAgain = inThread(vfioIopfLooksAgain, sequence);
const filterOfV3 = inThread(vfioIopfSelectiveV3, ranges);
const filtersPinned = inThread(vfioIopfFiltersPinned, ranges);
const unmaps = inThread(vfioMmuNotifierStartEnd, sequence);
const spares = inThread(vfioMmuNotifierSparesPinned, { ranges: 'ranges', ...sequence });

const versions = {
  fixed: { mediator: pinPages, handler: looksAgain, notifier: spares },
  filter: { mediator: pinPages, handler: filtersPinned, notifier: spares },
  v3: { mediator: pinPagesV3, handler: filterOfV3, notifier: unmaps },
  'filter-of-v3': { mediator: pinPages, handler: filterOfV3, notifier: spares },
  'pinned-not-mapped': { mediator: pinPagesV3, handler: filtersPinned, notifier: unmaps },
  'notifier-unmaps': { mediator: pinPages, handler: looksAgain, notifier: unmaps },
  'unpin-leaves-mapping': { mediator: pinPagesLeavesMapping, handler: looksAgain, notifier: spares },
  'never-pins': { mediator: pinPagesNever, handler: looksAgain, notifier: unmaps },
};

export const selectiveFaulting = defineScenario({
  name: 'selective-faulting',
  title: 'A device that bears page faults everywhere but on its ring',
  sources: ['B-64', 'D-15', 'D-16', 'D-17', 'D-18', 'seed:002', 'VFIO IOPF v3 7/8 vfio_iommu_type1_pin_pages()'],
  group: 'iopf',
  systems: ['vfio-selective'],
  parameters: z.object({
    devices: howMany('devices; the first one has the ring, others bear faults anywhere', { max: 2, default: 1 }),
    pages: howMany('pages, of which one is the ring', { min: 2, max: 3, default: 2 }),
    bears: z
      .enum(['anywhere', 'outsideRing', 'nowhere'])
      .default('outsideRing')
      .describe('where the first device bears faults'),
  }),
  variants: {
    fixed: {
      title: 'a pin maps, the MMU notifier spares what is pinned, an unpin unmaps; no fault is filtered',
      expected: { verdict: 'holds', counts: [5702, 15620] },
    },
    filter: {
      title: 'the same, and faults on what is pinned are answered Invalid: none ever comes',
      expected: { verdict: 'holds', counts: [5702, 15620] },
    },
    v3: {
      title: 'faults outside of what is pinned are answered Invalid; a pin does not map (v3)',
      expected: { verdict: 'violated', property: NO_FATAL_FAULT, length: 4 },
    },
    'filter-of-v3': {
      title: 'as fixed, and faults outside of what is pinned are answered Invalid, as in v3',
      expected: { verdict: 'violated', property: noDmaIsAborted().name, length: 9 },
    },
    'pinned-not-mapped': {
      title: 'as v3, with the filter turned round',
      expected: { verdict: 'violated', property: NO_FATAL_FAULT, length: 4 },
    },
    'notifier-unmaps': {
      title: 'a pin maps, and the MMU notifier unmaps what is pinned',
      expected: { verdict: 'violated', property: NO_FATAL_FAULT, length: 6 },
    },
    'unpin-leaves-mapping': {
      title: 'a pin maps, the MMU notifier spares what is pinned, and an unpin leaves the mapping to it',
      expected: { verdict: 'violated', property: NO_DMA_TO_FREED_FRAME, length: 22 },
    },
    'never-pins': {
      title: 'the device is taken for one that bears faults anywhere',
      expected: { verdict: 'violated', property: NO_FATAL_FAULT, length: 3 },
    },
  },
  build({ devices, pages, bears }, variant) {
    const { mediator, handler, notifier } = versions[variant];
    const pageNames = names('page', pages);
    const [, ...others] = names('dev', devices);
    const rig = assemble(
      stallPath({ devices, entries: devices, tlbs: tlbsOf(pages), commands: 4 }),
      vfioContainer({ pages, handler, notifier }),
      hostMemory({ pages, frames: pages, kswapd: reclaimStartEnd }),
      selectiveDevice(mediator, bears),
      { actors: { guest: startsDma(['dev0'], pageNames.slice(1)) } },
      ...(others.length > 0 ? [{ actors: { peers: startsDma(others, pageNames) } }] : []),
    );
    return defineSystem({
      ...rig.parts,
      properties: ({ happens }) => [
        ...rig.always,
        noDmaIsAborted(),
        ...bitsTellTheTruth(pages),
        ...rig.shows,
        happens('a page that was mapped for devices is taken away', { to: 'mapped1', type: 'CLEAR_MAPPED' }),
      ],
    });
  },
});
