/**
 * B-56: the MMU notifier of VFIO's IOPF series waits, at its beginning, until all ranges of the container have an address of user space,
 * which they have not while a guest is handed to another process. The wait drops the container's lock and takes it again. When
 * a fatal signal ends it, the callback returns at once, and the lock is never given back: no fault of the container is handled any more,
 * and no notifier of any page comes through.
 *
 * To give it back is not enough (`unlocks`): a callback cannot fail. Reclaim goes on, frees the frame, and devices still have it, which Williamson
 * said in the review of v3 (May 2021). The callback has to unmap whatever there is; it needs no valid address for that, only the one
 * that the range had. That is our proposal.
 *
 * Simplifications: the thread that reclaims is a thread that can be killed (direct reclaim); the fault handler's own wait for an address
 * is not there; no CPU touches the page, so the deadlock of B-73 is not seen.
 */
import { z } from 'zod';
import { defineScenario } from '../../src/system/scenario.ts';
import { actor, defineSystem } from '../../src/system/system.ts';
import { reclaim } from '../kernel/mm/reclaim.ts';
import { vfioIopfHandler } from '../kernel/vfio-type1/iopf-v3.ts';
import { vfioMmuNotifier } from '../kernel/vfio-type1/mmu-notifier.ts';
import { vfioMmuNotifierWaits } from '../kernel/vfio-type1/mmu-notifier-waits.ts';
import { vfioMmuNotifierWaitsUnlocks } from '../kernel/vfio-type1/mmu-notifier-waits-unlocks.ts';
import { updateVaddr } from '../kernel/vfio-type1/update-vaddr.ts';
import { vaddrValid } from '../kernel/vfio-type1/vaddr-valid.ts';
import { NO_DMA_TO_FREED_FRAME } from '../monitors/stale-translation.ts';
import { interchangeable, names } from '../parts/names.ts';
import { when } from '../parts/when.ts';
import { assemble, inThread } from '../rigs/assemble.ts';
import { startsDma } from '../rigs/guest.ts';
import { hostMemory } from '../rigs/host-memory.ts';
import { howMany } from '../rigs/parameters.ts';
import { stallPath } from '../rigs/stall-path.ts';
import { tlbsOf, vfioContainer } from '../rigs/vfio-container.ts';

const GIVEN_BACK = 'a callback that has returned holds no lock';

const versions = {
  fixed: vfioMmuNotifier,
  'returns-locked': vfioMmuNotifierWaits,
  unlocks: vfioMmuNotifierWaitsUnlocks,
};

export const returnsWithLock = defineScenario({
  name: 'returns-with-lock',
  title: 'The MMU notifier fails to wait for an address, and returns with the container lock held',
  sources: ['B-56', 'VFIO IOPF v3 mn_invalidate_range()', 'drivers/vfio/vfio_iommu_type1.c vfio_wait()'],
  group: 'iopf',
  systems: ['vfio-iopf-v3'],
  parameters: z.object({
    pages: howMany('pages that the device touches', { max: 2, default: 1 }),
  }),
  variants: {
    fixed: {
      title: 'waits for nobody, and unmaps what is mapped',
      expected: { verdict: 'holds', counts: [135, 312] },
    },
    'returns-locked': {
      title: 'returns at once when the wait fails (v3)',
      expected: { verdict: 'violated', property: GIVEN_BACK, length: 13 },
    },
    unlocks: {
      title: 'drops the lock when the wait fails, and returns',
      expected: { verdict: 'violated', property: NO_DMA_TO_FREED_FRAME, length: 16 },
    },
  },
  build({ pages }, variant) {
    const notifier = inThread(versions[variant], { vaddrs: 'vaddrs' });
    const rig = assemble(
      stallPath({ devices: 1, entries: 1, tlbs: tlbsOf(pages), commands: 2 }),
      vfioContainer({
        pages,
        handler: inThread(vfioIopfHandler),
        notifier: (input) => {
          const thread = notifier(input);
          return variant === 'fixed' ? thread : { ...thread, choices: [{ type: 'RUN' }, { type: 'FATAL_SIGNAL' }] };
        },
      }),
      hostMemory({ pages, frames: pages, kswapd: reclaim }),
      {
        actors: {
          guest: startsDma(['dev0'], names('page', pages)),
          vaddrs: actor(vaddrValid),
          update: actor(updateVaddr, {
            input: { name: 'update', lock: 'containerLock', vaddrs: 'vaddrs' },
            choices: [{ type: 'UPDATE' }, { type: 'RUN' }],
            rest: ['valid', 'taken'],
          }),
        },
        expects: ['containerLock'],
      },
    );
    return defineSystem({
      ...rig.parts,
      symmetry: interchangeable(rig.things.pages),
      properties: ({ always, reachable }) => [
        always(GIVEN_BACK, (view) => {
          return !view.get('notifier').matches('idle') || view.get('containerLock').context.holder !== 'notifier';
        }),
        ...rig.always,
        ...rig.shows,
        reachable('a page is taken away while its range has no address', (view) => {
          return view.get('vaddrs').matches('invalid') && !view.get('notifier').matches('idle');
        }),
        ...when(
          variant !== 'fixed',
          reachable('a callback waits for an address', (view) => view.get('notifier').value === 'sleeping'),
        ),
      ],
    });
  },
});
