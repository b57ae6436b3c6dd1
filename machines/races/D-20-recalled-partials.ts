/**
 * D-20, D-21: a guest handles the faults of its device behind a page request queue that its VMM emulates. When the physical queue overflows,
 * the IOMMU answers the last request of a group of which parts were handed over before, and the function uses the index again. "We'd need
 * a mechanism to recall partial groups all the way through kernel->userspace and userspace->guest" (Jean-Philippe Brucker); "more like an
 * optimization instead of a functional requirement", and unknown for virtual VT-d (Kevin Tian, both in February 2021, on the v1 series).
 *
 * It is a question of correctness: without a recall the guest's core gathers the old request into the next group, and where its page cannot
 * be had, refuses that group, whose own pages can. A recall works, also with virtual VT-d: the VMM sets PRO. But each stage that may lose the
 * end of a group needs one, and in its place among the requests. Whole groups need none: that became the design (v6.9, v6.11).
 *
 * Simplifications: one function; no PASIDs, whose mixing would make it worse (B-08); the guest's queue has room (`virtual-overflow`).
 */
import { z } from 'zod';
import { defineScenario } from '../../src/system/scenario.ts';
import { defineSystem } from '../../src/system/system.ts';
import { forwardsRequestsRecalls } from '../kernel/iommu/forwards-requests-recalls.ts';
import { dmaFaultRegionRecalls } from '../kernel/vfio-pci/dma-fault-region-recalls.ts';
import { dmaFaultRegionRecallsHalf } from '../kernel/vfio-pci/dma-fault-region-recalls-half.ts';
import { dmaFaultRegionSignals } from '../kernel/vfio-pci/dma-fault-region-signals.ts';
import { indexIsUsedAgain, pageIsFound } from '../monitors/page-request-witnesses.ts';
import { exactlyOneAnswer, noMergedGroup, noUnexpectedAnswer } from '../monitors/page-requests.ts';
import { refusedForItsOwn } from '../monitors/refused-groups.ts';
import { names } from '../parts/names.ts';
import { when } from '../parts/when.ts';
import { assemble } from '../rigs/assemble.ts';
import { howMany } from '../rigs/parameters.ts';
import { priFunctions } from '../rigs/pri-functions.ts';
import { svaPages } from '../rigs/sva-pages.ts';
import { guestQueue, hostQueue, singleRequests, wholeGroups } from '../rigs/virtual-queue.ts';

const refusal = refusedForItsOwn('dev0', 'core', ['page0']);
const REFUSED = refusal.name;
const merged = { verdict: 'violated', property: noMergedGroup().name } as const;

const ways = {
  fixed: () => wholeGroups(),
  recalled: (records: number) =>
    singleRequests({ records, core: forwardsRequestsRecalls, region: dmaFaultRegionRecalls }),
  'no-recall': (records: number) => singleRequests({ records }),
  refused: (records: number) => singleRequests({ records }),
  'recall-overtakes': (records: number) =>
    singleRequests({ records, core: forwardsRequestsRecalls, region: dmaFaultRegionSignals }),
  'recall-half': (records: number) =>
    singleRequests({ records, core: forwardsRequestsRecalls, region: dmaFaultRegionRecallsHalf }),
};

export const recalledPartials = defineScenario({
  name: 'recalled-partials',
  title: 'Parts of a group are handed over to a guest, and the IOMMU answers the group by itself',
  sources: ['D-20', 'D-21', 'seed:002', 'VT-d 7.4.1', 'vfio_pci_iommu_dev_fault_handler()', 'fca5b78511e9'],
  group: 'iopf',
  systems: ['partial-recall', 'virtual-queue'],
  parameters: z.object({
    entries: howMany('entries of the physical queue', { max: 4, default: 1 }),
    records: howMany("entries of VFIO's ring of faults", { max: 8, default: 1 }),
    guestEntries: howMany('entries of the queue that the guest sees', { max: 4, default: 2 }),
    indexes: howMany('page request group indexes of the function', { max: 2, default: 1 }),
    generations: howMany('uses of an index that the monitors can tell apart', { min: 2, max: 4, default: 3 }),
  }),
  variants: {
    fixed: {
      title: 'the host gathers, and hands over whole groups only',
      expected: { verdict: 'holds', counts: [75_945, 239_733] },
    },
    recalled: {
      title: 'the host hands over each request, and behind them a recall, at which the VMM sets PRO',
      expected: { verdict: 'holds', counts: [437_760, 1_767_108] },
    },
    'no-recall': {
      title: 'the host hands over each request, and forgets it (the series of 2019 to 2021)',
      expected: { ...merged, length: 19 },
    },
    refused: {
      title: 'the same, asked what it costs: an access whose pages can all be had is refused',
      expected: { verdict: 'violated', property: REFUSED, length: 22 },
    },
    'recall-overtakes': {
      title: 'the recall goes by a way of its own, past the requests',
      expected: { ...merged, length: 25 },
    },
    'recall-half': {
      title: 'a recall in its place after an overflow of the physical queue, but not of the ring to user space',
      expected: { ...merged, length: 22 },
    },
  },
  build({ entries, records, guestEntries, indexes, generations }, variant) {
    const rig = assemble(
      priFunctions({
        devices: 1,
        indexes,
        // The first page is not mapped: one descriptor is refused, the other is not.
        descriptors: [
          { type: 'DMA', pages: ['page0', 'page1'] },
          { type: 'DMA', pages: ['page1'] },
        ],
        generations,
        queue: 'prq',
      }),
      hostQueue(entries),
      ways[variant](records),
      guestQueue({ entries: guestEntries }),
      svaPages(2, 1),
    );
    return defineSystem({
      ...rig.parts,
      properties: ({ happens, reachable }) => [
        // Elsewhere it would be seen first, as it is the cause.
        ...when(variant !== 'refused', noMergedGroup()),
        refusal,
        noUnexpectedAnswer(['dev0']),
        ...names('prg', indexes).map((index) => exactlyOneAnswer({ device: 'dev0', index })),
        reachable('the physical queue has overflowed', (view) => view.get('prq').context.pro),
        happens('the IOMMU answers a last request by itself', {
          to: 'dev0',
          type: 'PRG_RESPONSE',
          where: ({ by }) => by === 'prq',
        }),
        ...when(
          // The group that is answered is of another index than the one that is recalled.
          variant === 'recalled' && indexes > 1,
          reachable('a recall is on its way when the guest is about to answer', (view) => {
            const faults = view.get('faults').context;
            return 'isRecalled' in faults && faults.isRecalled && view.get('guestWorker').matches('responding');
          }),
        ),
        ...when(
          variant === 'recalled',
          happens('the VMM sets PRO because of a recall', { to: 'guestPrq', type: 'SET_PRO' }),
        ),
        happens('the guest refuses a group', {
          to: 'vmm',
          type: 'PRG_RESPONSE',
          where: ({ code }) => code === 'invalid',
        }),
        indexIsUsedAgain,
        pageIsFound,
      ],
    });
  },
});
