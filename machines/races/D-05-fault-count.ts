/**
 * D-05, asked in the review of v3: with no memory pressure, does demand paging come to what pinned mappings have, if only the
 * pre-mapping is large enough? The order only: how many accesses stall, in the worst case. And D-06: is pre-mapping in one direction
 * the right policy?
 *
 * The answer. As posted, no: the series maps forward from the page that faulted and stops at the first page that is mapped. A device
 * that goes backwards through a range stalls at each page, however large PREMAP_LEN is. With the aligned window in which the page
 * lies, at most one access stalls for each window, in whatever order; with a window as large as the range, one for the range.
 *
 * One device with one DMA at a time: several may stall before the first of them is answered.
 *
 * (The review spoke of pre-mapping the beginning of each section of RAM. Patch 4 does not do that: it begins at the fault.)
 *
 * Simplifications: as in `pre-mapping`. How long a fault takes is a question for a simulation.
 */
import { z } from 'zod';
import { defineScenario } from '../../src/system/scenario.ts';
import { defineSystem } from '../../src/system/system.ts';
import { vfioIopfPremap } from '../kernel/vfio-type1/iopf-premap.ts';
import { vfioIopfPremapWindow } from '../kernel/vfio-type1/iopf-premap-window.ts';
import { noMoreFaultsThan, WITHIN_FAULT_BUDGET } from '../monitors/fault-budget.ts';
import { names } from '../parts/names.ts';
import { assemble, inThread } from '../rigs/assemble.ts';
import { startsDma } from '../rigs/guest.ts';
import { hostMemory } from '../rigs/host-memory.ts';
import { howMany } from '../rigs/parameters.ts';
import { stallPath } from '../rigs/stall-path.ts';
import { oneCallback, tlbsOf, vfioContainer } from '../rigs/vfio-container.ts';

const handlers = { fixed: vfioIopfPremapWindow, forward: vfioIopfPremap };

export const faultCount = defineScenario({
  name: 'fault-count',
  title: 'How many accesses stall when nothing is taken away',
  sources: ['D-05', 'D-06', 'seed:001', 'VFIO IOPF v3 4/8'],
  group: 'iopf',
  systems: ['vfio-premap', 'vfio-pinned'],
  parameters: z.object({
    pages: howMany('pages of the range', { min: 2, max: 4, default: 2 }),
    premap: howMany('PREMAP_LEN: pages that a fault maps at most', { max: 4, default: 2 }),
  }),
  variants: {
    fixed: {
      title: 'maps the aligned window in which the page lies',
      expected: { verdict: 'holds', counts: [971, 1892] },
    },
    forward: {
      title: 'maps forward from the page that faulted (v3)',
      expected: { verdict: 'violated', property: WITHIN_FAULT_BUDGET, length: 9 },
    },
  },
  build({ pages, premap }, variant) {
    const dma = names('page', pages);
    const { kswapd, notifier } = oneCallback;
    const rig = assemble(
      stallPath({ devices: 1, entries: 1, tlbs: tlbsOf(pages), commands: 2 }),
      vfioContainer({
        pages,
        handler: inThread(handlers[variant], { premap: { dma, after: [], length: premap } }),
        notifier,
      }),
      hostMemory({ pages, frames: pages, kswapd }),
      { actors: { guest: startsDma(['dev0'], dma) } },
    );
    return defineSystem({
      ...rig.parts,
      properties: () => [...rig.always, noMoreFaultsThan(Math.ceil(pages / premap)), ...rig.shows],
    });
  },
});
