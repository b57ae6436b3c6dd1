/**
 * B-09: the PRI queue overflows, the SMMU answers the last request of a group by itself, the device uses the index again
 * at once, and what was left of the old group is still in the kernel. The seed is a remark of 2021 that nothing tells the
 * consumers of partial faults to discard them; SMMUv3 section 8.1 has the recovery that `fixed` follows.
 *
 * An overflow is no normal operation: a PRI queue does not overflow where the OS gives all functions together no more credits than it has
 * entries, and they keep to them (SMMUv3 8). Here it gives more, 2 * `prgIndices` to each of `devices`, as the PRI series of 2018 to 2020 did,
 * which grants 16 to each function, whatever the size of the queue.
 */
import { z } from 'zod';
import { exponential } from '../../src/system/durations.ts';
import { DEADLOCK_PROPERTY } from '../../src/system/property.ts';
import { defineScenario } from '../../src/system/scenario.ts';
import { defineSystem } from '../../src/system/system.ts';
import { priqThread } from '../kernel/arm-smmu-v3/priq.ts';
import { priqThreadDiscardsFirst } from '../kernel/arm-smmu-v3/priq-discards-first.ts';
import { priqDrainThread } from '../kernel/arm-smmu-v3/priq-drain.ts';
import { priqDrainThreadAcknowledgesOnSight } from '../kernel/arm-smmu-v3/priq-drain-acknowledges-on-sight.ts';
import { priqThreadNeverDiscards } from '../kernel/arm-smmu-v3/priq-never-discards.ts';
import { priqThreadPassesOnce } from '../kernel/arm-smmu-v3/priq-passes-once.ts';
import { priqThreadSplitsCons } from '../kernel/arm-smmu-v3/priq-splits-cons.ts';
import { pageRequestEvents } from '../kernel/tracepoints.ts';
import { groupOfTwoIsQueued, indexIsUsedAgain, pageIsFound } from '../monitors/page-request-witnesses.ts';
import {
  exactlyOneAnswer,
  noMergedGroup,
  noPartialAfterRecovery,
  noUnexpectedAnswer,
  recoversFromOverflow,
} from '../monitors/page-requests.ts';
import { interchangeable, names } from '../parts/names.ts';
import { assemble } from '../rigs/assemble.ts';
import { iopfCores } from '../rigs/iopf-cores.ts';
import { howMany, whether } from '../rigs/parameters.ts';
import { inEitherOrder, inOneOrder, postedRequests, priFunctions } from '../rigs/pri-functions.ts';
import { overflowIsActive, priQueuePath } from '../rigs/pri-queue.ts';
import { pageRequests } from '../rigs/stress.ts';
import { svaPages } from '../rigs/sva-pages.ts';

const MERGE = noMergedGroup().name;

const threads = {
  fixed: priqThread,
  'no-discard': priqThreadNeverDiscards,
  'discard-first': priqThreadDiscardsFirst,
  'split-cons': priqThreadSplitsCons,
  'one-pass': priqThreadPassesOnce,
  drain: priqDrainThread,
  'ack-early': priqDrainThreadAcknowledgesOnSight,
};

export const priOverflow = defineScenario({
  name: 'pri-overflow',
  title: 'The PRI queue overflows, and a page request group index is used again at once',
  sources: ['B-09', 'B-36', 'seed:002', 'D-20', 'SMMUv3 8.1', 'SMMUv3 8.2'],
  group: 'iopf',
  systems: ['smmu-pri', 'iopf-core-v6.9'],
  observed: pageRequestEvents,
  parameters: z.object({
    devices: howMany('PCIe functions with PRI', { max: 4, default: 2 }),
    pages: howMany('pages of the shared address space', { min: 2, max: 16, default: 2 }),
    queueEntries: howMany('entries of the PRI queue', { max: 8, default: 2 }),
    workers: howMany('workers of the iopf work queue', { max: 4, default: 2 }),
    prgIndices: howMany('page request group indices of each function', { max: 2, default: 1 }),
    posted: whether('page requests are on their way for a while, instead of arriving at once'),
    stopMarkers: whether('functions send PASID Stop Markers at any time'),
    bothOrders: whether('descriptors touch two pages in either order, not in one only'),
    progress: whether(
      'ask not only for no second answer, but also for one in the end, of each group by itself; without symmetry',
    ),
    generations: howMany('uses of an index that the merge monitor can tell apart', { min: 2, max: 8, default: 2 }),
  }),
  variants: {
    fixed: {
      title: 'handles all entries, discards partial groups, then acknowledges with the CONS write that moves the index',
      expected: { verdict: 'holds', counts: [1_553_440, 5_435_616], reduced: [493_640, 1_711_608] },
    },
    'no-discard': {
      title: 'acknowledges the overflow and leaves the members of truncated groups in the partial list',
      expected: { verdict: 'violated', property: MERGE, length: 11 },
    },
    'discard-first': {
      title: 'discards partial groups before it handles the entries that were stored ahead of the overflow',
      expected: { verdict: 'violated', property: noPartialAfterRecovery('', []).name, length: 8 },
    },
    'split-cons': {
      title: 'moves the read index with one CONS write and acknowledges, with another, whatever OVFLG says by then',
      expected: { verdict: 'violated', property: MERGE, length: 12 },
    },
    'one-pass': {
      title: 'goes back to sleep after one pass, although the interrupt comes only when the queue becomes non-empty',
      expected: { verdict: 'violated', property: DEADLOCK_PROPERTY, length: 10 },
    },
    drain: {
      title: 'the loop of 2018 to 2020, as the only reader: slots back at once, acknowledges when empty, then discards',
      expected: { verdict: 'holds', counts: [529_888, 1_702_880], reduced: [177_864, 558_552] },
    },
    'ack-early': {
      title: 'the same loop, but the overflow is acknowledged when it is seen, before the drain is complete',
      expected: { verdict: 'violated', property: MERGE, length: 11 },
    },
  },
  stress: {
    ...pageRequests,
    devices: 'devices',
    pages: 'pages',
    // Four generations, as a group may be left behind for more than one use of its index.
    parameters: { pages: 16, bothOrders: true, progress: true, generations: 4 },
  },
  // The handler takes what the cover letter of the VFIO series says of SVA on Kunpeng 920 (v2, 2021); all else is assumed.
  timing: {
    unit: 'us',
    resources: { cpu: { units: 2, wakeUp: 1.5, keeps: true } },
    actors: {
      'dev*': { DMA: exponential(20), RUN: 0.3 },
      priqThread: { RUN: { takes: 0.3, uses: 'cpu' } },
      'worker*': { RUN: { takes: exponential(2), uses: 'cpu' } },
      'page*': { RECLAIM: exponential(100) },
    },
    measures: {
      times: {
        'group of dev0-prg0': {
          from: { to: 'dev0', type: 'POST', where: ({ index, last }) => index === 'prg0' && last === true },
          to: { to: 'dev0-prg0', type: 'ANSWERED' },
        },
      },
      counters: {
        'page requests': { type: 'PAGE_REQUEST' },
        'answers of the SMMU': { type: 'PRG_RESPONSE', where: ({ by }) => by === 'priq' },
      },
      gauges: { 'stored entries': { actors: 'slot*', value: (slot) => Number(slot.matches('stored')) } },
    },
    time: 100_000,
  },
  build(
    { devices, pages, queueEntries, workers, prgIndices, posted, stopMarkers, bothOrders, progress, generations },
    variant,
  ) {
    const deviceNames = names('dev', devices);
    const coreNames = names('core', devices);
    const rig = assemble(
      priFunctions({
        devices,
        indexes: prgIndices,
        descriptors: bothOrders ? inEitherOrder(pages) : inOneOrder(pages),
        generations,
        choices: stopMarkers ? [{ type: 'POST_STOP_MARKER' }] : [],
      }),
      postedRequests(posted ? devices : 0),
      priQueuePath({ devices, entries: queueEntries, thread: threads[variant] }),
      iopfCores({ devices, workers }),
      svaPages(pages),
    );
    // Pages that are touched in one order only can be told apart.
    const alikePages = bothOrders ? rig.things.pages : [];
    return defineSystem({
      ...rig.parts,
      symmetry: interchangeable(rig.things.devices, rig.things.workers, rig.things.indexes, alikePages),
      population: alikePages,
      properties: ({ happens, reachable }) => [
        noMergedGroup(),
        ...(progress
          ? deviceNames.flatMap((device) =>
              names('prg', prgIndices).map((index) => exactlyOneAnswer({ device, index })),
            )
          : [exactlyOneAnswer()]),
        noUnexpectedAnswer(deviceNames),
        // Elsewhere it would report the cause, a stale partial group, ahead of the merge that the variant is about.
        ...(variant === 'fixed' || variant === 'discard-first'
          ? [noPartialAfterRecovery('priqThread', coreNames), recoversFromOverflow('priqThread')]
          : []),
        reachable('an overflow is active', overflowIsActive),
        happens('the SMMU answers a last request by itself', {
          type: 'PRG_RESPONSE',
          where: ({ by }) => by === 'priq',
        }),
        reachable('a partial group is there to be discarded', (view) => {
          if (view.get('priqThread').value !== 'discarding') return false;
          return coreNames.some((core) => view.get(core).context.partial.length > 0);
        }),
        groupOfTwoIsQueued,
        indexIsUsedAgain,
        pageIsFound,
      ],
    });
  },
});
