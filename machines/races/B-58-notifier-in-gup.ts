/**
 * B-58: VFIO's fault handler (v3) holds the container's lock over GUP. GUP may have to break copy on write (a CPU has read the page and
 * got the zero page; or it is shared since fork, or merged by KSM), and that calls the MMU notifier, in the same thread. The notifier takes
 * the container's lock: the thread waits for itself, and with it every device behind the SMMU. No second thread is needed.
 *
 * Fix: no lock over GUP, and a sequence that the notifier counts. The handler's own GUP makes it retry, once: the second one finds a page of
 * its own and calls nobody.
 *
 * Our analysis of the posted series, never run on a kernel. The notifier allocates with GFP_KERNEL in its callback, and GUP a frame; either
 * may reclaim, and so call the notifier, in the same way; here neither does.
 *
 * Simplifications: one page; as in `racing-unmap`.
 */
import { z } from 'zod';
import { defineScenario } from '../../src/system/scenario.ts';
import { actor, defineSystem } from '../../src/system/system.ts';
import { pageZero } from '../kernel/mm/page-zero.ts';
import { pageZeroStartEnd } from '../kernel/mm/page-zero-start-end.ts';
import { vfioIopfSequence } from '../kernel/vfio-type1/iopf-sequence.ts';
import { vfioIopfHandler } from '../kernel/vfio-type1/iopf-v3.ts';
import { interchangeable, names } from '../parts/names.ts';
import { when } from '../parts/when.ts';
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
  fixed: { ...bothSides, page: pageZeroStartEnd, handler: inThread(vfioIopfSequence, sequence) },
  'lock-over-gup': { ...oneCallback, page: pageZero, handler: inThread(vfioIopfHandler) },
};

export const notifierInGup = defineScenario({
  name: 'notifier-in-gup',
  title: 'GUP breaks copy on write and calls the MMU notifier, whose lock its caller holds',
  sources: [
    'B-58',
    'VFIO IOPF v3 vfio_iommu_type1_dma_map_iopf(), mn_invalidate_range()',
    'mm/memory.c wp_page_copy()',
  ],
  group: 'iopf',
  systems: ['vfio-iopf-v3', 'mmu-notifiers'],
  parameters: z.object({
    devices: howMany('devices that can stall, with one DMA at a time each', { max: 3, default: 1 }),
  }),
  variants: {
    fixed: {
      title: 'drops the container lock over GUP, and checks a sequence when it maps',
      expected: { verdict: 'holds', counts: [83, 142] },
    },
    'lock-over-gup': {
      title: 'holds the container lock over GUP; the notifier takes it too (v3)',
      expected: { verdict: 'violated', property: 'no deadlock', length: 6 },
    },
  },
  build({ devices }, variant) {
    const { page, handler, notifier, kswapd } = versions[variant];
    const rig = assemble(
      { actors: { guest: startsDma(names('dev', devices), ['page0']) } },
      stallPath({ devices, entries: devices, tlbs: tlbsOf(1), commands: 2 }),
      vfioContainer({ pages: 1, handler, notifier }),
      hostMemory({
        pages: 1,
        frames: 1,
        kswapd,
        page: (input) => actor(page, { input: { ...input, notifier: 'notifier' }, choices: [{ type: 'READ' }] }),
      }),
      countedInvalidations,
    );
    return defineSystem({
      ...rig.parts,
      symmetry: interchangeable(rig.things.devices),
      properties: ({ leadsTo, reachable }) => [
        ...rig.always,
        ...when(
          variant === 'fixed',
          leadsTo(
            'an access of dev0 ends, unless reclaim interferes for ever',
            (view) => view.get('dev0').matches('stalled'),
            (view) => view.get('dev0').matches('idle') || !view.get('kswapd').matches('idle'),
          ),
          reachable('the handler retries because of its own GUP', (view) => {
            const isBroken = view.get('page0').matches('present') && view.get('mapped0').matches('clear');
            return isBroken && view.get('handler').matches('locking') && view.get('kswapd').matches('idle');
          }),
        ),
        reachable('GUP waits for the notifier', (view) => {
          return view.get('handler').matches('gettingPage') && !view.get('notifier').matches('idle');
        }),
        ...rig.shows,
      ],
    });
  },
});
