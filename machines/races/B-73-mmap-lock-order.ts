/**
 * B-73: VFIO's fault handler (v3) holds the container's lock over GUP, and GUP takes locks of its own: the mmap_lock for reading, and the lock
 * of a page that it finds in the swap cache. Who changes an address space (fork(), munmap(), mprotect()) holds the mmap_lock for writing when it
 * calls the MMU notifier, and who reclaims a page holds the page's lock; the notifier takes the container's. Two locks in two orders: each
 * waits for the other. No allocation and no page that is shared is needed, so it is not B-58.
 *
 * Here it is the mmap_lock; `racing-unmap` (variant `lock-over-gup`) has the page's lock. The fix is that of B-62: the container's lock is dropped
 * over GUP, and a sequence tells the handler of what came between. To drop it and have no sequence is B-62.
 *
 * Our analysis of the posted series, never run on a kernel.
 *
 * Simplifications: one page, which nobody reclaims; otherwise as in `racing-unmap`.
 */
import { z } from 'zod';
import { defineScenario } from '../../src/system/scenario.ts';
import { actor, combineActors, defineSystem, family } from '../../src/system/system.ts';
import { mutex } from '../kernel/locking/mutex.ts';
import { forkThread } from '../kernel/mm/fork.ts';
import { forkThreadStartEnd } from '../kernel/mm/fork-start-end.ts';
import { frame } from '../kernel/mm/frame.ts';
import { freeList } from '../kernel/mm/free-list.ts';
import { page } from '../kernel/mm/page.ts';
import { vfioIopfMmapLock } from '../kernel/vfio-type1/iopf-mmap-lock.ts';
import { vfioIopfSequenceMmapLock } from '../kernel/vfio-type1/iopf-sequence-mmap-lock.ts';
import { interchangeable, names } from '../parts/names.ts';
import { when } from '../parts/when.ts';
import { assemble, inThread } from '../rigs/assemble.ts';
import { startsDma } from '../rigs/guest.ts';
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

const mmapLock = { mmapLock: 'mmapLock' };

const versions = {
  fixed: {
    ...bothSides,
    forks: forkThreadStartEnd,
    handler: inThread(vfioIopfSequenceMmapLock, { ...sequence, ...mmapLock }),
  },
  'lock-over-gup': { ...oneCallback, forks: forkThread, handler: inThread(vfioIopfMmapLock, mmapLock) },
};

export const mmapLockOrder = defineScenario({
  name: 'mmap-lock-order',
  title: 'GUP takes the mmap_lock under the container lock, and a notifier the container lock under the mmap_lock',
  sources: ['B-73', 'VFIO IOPF v3 vfio_iommu_type1_dma_map_iopf(), mn_invalidate_range()', 'kernel/fork.c dup_mmap()'],
  group: 'iopf',
  systems: ['vfio-iopf-v3', 'mmu-notifiers'],
  parameters: z.object({
    devices: howMany('devices that can stall, with one DMA at a time each', { max: 3, default: 1 }),
  }),
  variants: {
    fixed: {
      title: 'drops the container lock over GUP, and checks a sequence when it maps',
      expected: { verdict: 'holds', counts: [142, 258] },
    },
    'lock-over-gup': {
      title: 'holds the container lock over GUP; the notifier takes it too (v3)',
      expected: { verdict: 'violated', property: 'no deadlock', length: 7 },
    },
  },
  build({ devices }, variant) {
    const { forks, handler, notifier } = versions[variant];
    const rig = assemble(
      { actors: { guest: startsDma(names('dev', devices), ['page0']) } },
      stallPath({ devices, entries: devices, tlbs: tlbsOf(1), commands: 2 }),
      vfioContainer({ pages: 1, handler, notifier }),
      countedInvalidations,
      {
        actors: combineActors(
          family('page', 1, (index) => actor(page, { input: { name: `page${index}`, freeList: 'freeList' } })),
          {
            frame0: actor(frame, { input: { name: 'frame0', freeList: 'freeList' } }),
            freeList: actor(freeList, { input: { frames: ['frame0'] } }),
            mmapLock: actor(mutex, { rest: ['free'] }),
            fork: actor(forks, {
              input: { name: 'fork', mmapLock: 'mmapLock', notifier: 'notifier', page: 'page0' },
              choices: [{ type: 'FORK' }, { type: 'RUN' }],
              rest: ['idle'],
            }),
          },
        ),
        expects: ['notifier'],
        blocking: ['ACQUIRE', 'GUP'],
      },
    );
    return defineSystem({
      ...rig.parts,
      symmetry: interchangeable(rig.things.devices),
      properties: ({ happens, reachable }) => [
        ...rig.always,
        reachable('an address space is copied while a fault is handled', (view) => {
          return view.get('handler').matches('dmaFound') && view.get('mmapLock').context.holder === 'fork';
        }),
        ...when(variant === 'fixed', happens('a handler has to retry', { type: 'CHANGED' })),
        ...rig.shows,
      ],
    });
  },
});
