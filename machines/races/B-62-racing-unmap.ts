/**
 * An unmap hits a running fault handler (B-62). Is the IOPF handler of VFIO type1, as posted in 2021, safe against the MMU
 * notifier?
 *
 * Devices of a guest touch pages that are not mapped; the SMMU stalls them, the handler gets the page and maps it, the
 * stall is retried. Meanwhile the host reclaims pages: it clears the CPU's entry, the MMU notifier takes the page out of
 * the IOMMU, the frame is freed and soon belongs to another page. Between GUP and the map the handler holds a frame that
 * nobody but itself connects with the page: an unmap in that gap finds nothing to take out, unless a lock keeps it waiting
 * or a sequence tells the handler of it.
 *
 * The lock is no way out. The series holds it over GUP, which waits for the lock of a page that is on its way out; reclaim holds
 * that page's lock when its notifier waits for the container's (B-73).
 */
import { z } from 'zod';
import { defineScenario } from '../../src/system/scenario.ts';
import { defineSystem } from '../../src/system/system.ts';
import { stallAndNotifierEvents } from '../kernel/tracepoints.ts';
import { vfioIopfLateSequence } from '../kernel/vfio-type1/iopf-late-sequence.ts';
import { vfioIopfPutEarly } from '../kernel/vfio-type1/iopf-put-early.ts';
import { vfioIopfSequence } from '../kernel/vfio-type1/iopf-sequence.ts';
import { vfioIopfUnlocked } from '../kernel/vfio-type1/iopf-unlocked.ts';
import { vfioIopfHandler } from '../kernel/vfio-type1/iopf-v3.ts';
import { vfioMmuNotifierWithoutSync } from '../kernel/vfio-type1/mmu-notifier-without-sync.ts';
import { NO_DMA_TO_FREED_FRAME } from '../monitors/stale-translation.ts';
import { interchangeable, names } from '../parts/names.ts';
import { when } from '../parts/when.ts';
import { assemble, inThread } from '../rigs/assemble.ts';
import { startsDma, touches } from '../rigs/guest.ts';
import { hostMemory } from '../rigs/host-memory.ts';
import { framesParameter, howMany } from '../rigs/parameters.ts';
import { stallPath, waitsForRoom } from '../rigs/stall-path.ts';
import { stalledTransactions } from '../rigs/stress.ts';
import {
  bitsTellTheTruth,
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
  'no-lock-over-gup': { ...oneCallback, handler: inThread(vfioIopfUnlocked) },
  'late-seq': { ...bothSides, handler: inThread(vfioIopfLateSequence, sequence) },
  'no-sync': {
    ...bothSides,
    notifier: inThread(vfioMmuNotifierWithoutSync, sequence),
    handler: inThread(vfioIopfSequence, sequence),
  },
  'put-early': { ...bothSides, handler: inThread(vfioIopfPutEarly, sequence) },
};

export const racingUnmap = defineScenario({
  name: 'racing-unmap',
  title: 'Reclaim unmaps a page while the VFIO fault handler is about to map it',
  sources: ['B-62', 'B-73', 'B-42', 'seed:001', '13ec9308a857'],
  group: 'iopf',
  systems: ['vfio-iopf-v3', 'mmu-notifiers', 'smmu-stall'],
  observed: stallAndNotifierEvents,
  stress: stalledTransactions,
  parameters: z.object({
    devices: howMany('devices that can stall, with one DMA at a time each', { max: 4, default: 2 }),
    pages: howMany('pages that they touch', { max: 16, default: 2 }),
    frames: framesParameter,
    eventQueueEntries: howMany('entries of the event queue; with fewer than devices, stalls have to wait for room', {
      max: 4,
      default: 1,
    }),
  }),
  variants: {
    fixed: {
      title: 'drops the lock over GUP, and checks a sequence, sampled before GUP, in the section that maps',
      expected: { verdict: 'holds', counts: [29_682, 103_748], reduced: [7_450, 26_098] },
    },
    'lock-over-gup': {
      title: 'holds the container lock from before GUP until after the map; the notifier takes it too (v3)',
      expected: { verdict: 'violated', property: 'no deadlock', length: 9 },
    },
    'no-lock-over-gup': {
      title: 'drops the lock over GUP, and nothing tells the handler of an unmap in between',
      expected: { verdict: 'violated', property: NO_DMA_TO_FREED_FRAME, length: 11 },
    },
    'late-seq': {
      title: 'as fixed, but samples the sequence after GUP',
      expected: { verdict: 'violated', property: NO_DMA_TO_FREED_FRAME, length: 13 },
    },
    'no-sync': {
      title: 'as fixed, but the notifier unmaps the page and leaves the IOTLB as it is',
      expected: { verdict: 'violated', property: 'tlb0 is stale only while containerLock is held', length: 9 },
    },
    'put-early': {
      title: 'as fixed, but drops its reference to the frame straight after GUP, not after the map',
      expected: { verdict: 'holds', counts: [29_138, 100_396], reduced: [7_314, 25_260] },
    },
  },
  build({ devices, pages, frames, eventQueueEntries }, variant) {
    const pageNames = names('page', pages);
    const { handler, notifier, kswapd } = versions[variant];
    const rig = assemble(
      { actors: { guest: startsDma(names('dev', devices), pageNames), vcpu: touches(pageNames) } },
      stallPath({ devices, entries: eventQueueEntries, tlbs: tlbsOf(pages), commands: 2 }),
      vfioContainer({ pages, handler, notifier }),
      hostMemory({ pages, frames: frames || pages, kswapd }),
      countedInvalidations,
    );
    return defineSystem({
      ...rig.parts,
      symmetry: interchangeable(rig.things.devices, rig.things.pages),
      population: rig.things.pages,
      properties: ({ happens, reachable }) => [
        ...rig.always,
        ...bitsTellTheTruth(pages),
        // Nothing is mapped but by the fault handler, so every access comes after a fault.
        ...rig.shows,
        happens('a page that was mapped for devices is taken away', { type: 'CLEAR_MAPPED' }),
        reachable('an unmap hits a handler that has got the page and not mapped it', (view) => {
          const { page } = view.get('kswapd').context;
          if (page === null || view.get('notifier').matches('idle')) return false;
          return view.get('handler').matches('mapping') && view.get('handler').context.page === page;
        }),
        ...when(devices > eventQueueEntries, waitsForRoom),
        ...when(variant === 'fixed', happens('a handler has to retry', { type: 'CHANGED' })),
      ],
    });
  },
});
