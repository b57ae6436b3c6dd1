/**
 * B-57: VFIO's IOPF series (v2, v3) has one callback, invalidate_range(), and takes the container's lock in it, a mutex. The callback is also
 * called with a page table lock held, a spinlock (try_to_unmap_one(), ptep_clear_flush_notify()), where nobody may sleep. It is there for
 * hardware that walks the CPU's page table; VFIO has a table of its own.
 *
 * Callbacks on both sides of the change, invalidate_range_start() and _end(), may sleep. To move the unmap to the first one is not enough
 * (`no-sequence`): the CPU's entry is still there, and a fault that is handled before it is cleared maps the page again. The fix
 * is both: callbacks on both sides, and a sequence that tells the handler of an invalidation under way.
 *
 * Simplifications: "sleeps" is to wait for the mutex while somebody has it; might_sleep() complains in any case. No CPU touches the page;
 * the deadlock of B-73 is seen in `no-sequence` all the same, whose handler holds the container's lock over GUP.
 */
import { z } from 'zod';
import { defineScenario } from '../../src/system/scenario.ts';
import { actor, defineSystem } from '../../src/system/system.ts';
import { mutex } from '../kernel/locking/mutex.ts';
import { reclaimOutsidePtl } from '../kernel/mm/reclaim-outside-ptl.ts';
import { reclaimUnderPtl } from '../kernel/mm/reclaim-under-ptl.ts';
import { vfioIopfSequence } from '../kernel/vfio-type1/iopf-sequence.ts';
import { vfioIopfHandler } from '../kernel/vfio-type1/iopf-v3.ts';
import { NO_DMA_TO_FREED_FRAME } from '../monitors/stale-translation.ts';
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

const NO_SLEEP = 'nobody sleeps with the page table lock held';

const versions = {
  fixed: { ...bothSides, kswapd: reclaimOutsidePtl, handler: inThread(vfioIopfSequence, sequence) },
  'under-ptl': { ...oneCallback, kswapd: reclaimUnderPtl, handler: inThread(vfioIopfHandler) },
  'no-sequence': { ...bothSides, kswapd: reclaimOutsidePtl, handler: inThread(vfioIopfHandler) },
};

export const sleepsInCallback = defineScenario({
  name: 'sleeps-in-callback',
  title: 'The MMU notifier takes a mutex where its caller holds a page table lock',
  sources: [
    'B-57',
    'VFIO IOPF v3 mn_invalidate_range()',
    'mm/rmap.c try_to_unmap_one()',
    'include/linux/mmu_notifier.h',
  ],
  group: 'iopf',
  systems: ['vfio-iopf-v3', 'mmu-notifiers'],
  parameters: z.object({
    devices: howMany('devices that can stall, with one DMA at a time each', { max: 2, default: 1 }),
    pages: howMany('pages that they touch', { max: 2, default: 1 }),
  }),
  variants: {
    fixed: {
      title: 'callbacks before and after the change, outside of the lock, and a sequence that the handler checks',
      expected: { verdict: 'holds', counts: [71, 125] },
    },
    'under-ptl': {
      title: 'one callback, under the page table lock (v3)',
      expected: { verdict: 'violated', property: NO_SLEEP, length: 7 },
    },
    'no-sequence': {
      title: 'callbacks before and after the change, and a handler that knows nothing of an invalidation under way',
      expected: { verdict: 'violated', properties: [NO_DMA_TO_FREED_FRAME, 'no deadlock'], length: 17 },
    },
  },
  build({ devices, pages }, variant) {
    const { handler, notifier, kswapd } = versions[variant];
    const rig = assemble(
      {
        actors: {
          guest: startsDma(names('dev', devices), names('page', pages)),
          ptl: actor(mutex, { rest: ['free'] }),
        },
      },
      stallPath({ devices, entries: devices, tlbs: tlbsOf(pages), commands: 2 }),
      vfioContainer({ pages, handler, notifier }),
      hostMemory({ pages, frames: pages, kswapd, ptl: 'ptl' }),
      countedInvalidations,
    );
    return defineSystem({
      ...rig.parts,
      symmetry: interchangeable(rig.things.devices, rig.things.pages),
      properties: ({ always, reachable }) => [
        always(NO_SLEEP, (view) => {
          const wantsLock = ['invalidating', 'starting', 'ending'].includes(String(view.get('notifier').value));
          const waits = wantsLock && view.get('containerLock').matches('held');
          return !waits || view.get('ptl').context.holder !== 'kswapd';
        }),
        ...rig.always,
        ...rig.shows,
        reachable('a page is taken away while a fault is handled', (view) => {
          return !view.get('notifier').matches('idle') && !view.get('handler').matches('idle');
        }),
      ],
    });
  },
});
