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
import { DEADLOCK_PROPERTY } from '../../src/system/property.ts';
import { defineScenario } from '../../src/system/scenario.ts';
import { actor, combineActors, defineSystem, family } from '../../src/system/system.ts';
import { pageRequestGroup } from '../hardware/pcie/page-request-group.ts';
import { pri } from '../hardware/pcie/pri.ts';
import { priQueue } from '../hardware/smmu/pri-queue.ts';
import { priQueueSlot } from '../hardware/smmu/pri-queue-slot.ts';
import { priq, priqConfig, priqStates, priqThread } from '../kernel/arm-smmu-v3/priq.ts';
import { priqDrainStates, priqDrainThread } from '../kernel/arm-smmu-v3/priq-drain.ts';
import { iopfCore } from '../kernel/io-pgfault/v6.9.ts';
import { svaPage } from '../kernel/iommu-sva/page.ts';
import { iopfWorker } from '../kernel/iommu-sva/worker.ts';
import { pageRequestEvents } from '../kernel/tracepoints.ts';
import { workQueue } from '../kernel/workqueue/work-queue.ts';
import {
  exactlyOneAnswer,
  noMergedGroup,
  noPartialAfterRecovery,
  noUnexpectedAnswer,
  recoversFromOverflow,
} from '../monitors/page-requests.ts';
import { alike, interchangeable, names } from '../parts/names.ts';
import { without } from '../parts/states.ts';
import { pageRequests } from '../rigs/stress.ts';

const parameters = z.object({
  devices: z.number().int().min(1).max(4).default(2).describe('PCIe functions with PRI'),
  pages: z.number().int().min(2).max(16).default(2).describe('pages of the shared address space'),
  queueEntries: z.number().int().min(1).max(8).default(2).describe('entries of the PRI queue'),
  workers: z.number().int().min(1).max(4).default(2).describe('workers of the iopf work queue'),
  prgIndices: z.number().int().min(1).max(2).default(1).describe('page request group indices of each function'),
  posted: z
    .boolean()
    .default(false)
    .describe('page requests are on their way for a while, instead of arriving at once'),
  stopMarkers: z.boolean().default(false).describe('functions send PASID Stop Markers at any time'),
  bothOrders: z.boolean().default(false).describe('descriptors touch two pages in either order, not in one only'),
  progress: z
    .boolean()
    .default(false)
    .describe(
      'ask not only for no second answer, but also for one in the end, of each group by itself; without symmetry',
    ),
  generations: z
    .number()
    .int()
    .min(2)
    .max(8)
    .default(2)
    .describe('uses of an index that the merge monitor can tell apart'),
});

const MERGE = noMergedGroup().name;

const { discarding: _, ...withoutDiscarding } = {
  ...priqStates,
  deciding: priq.createStateConfig({
    always: [
      { guard: 'hasNothing', target: 'returning' },
      { guard: 'hasEntries', target: 'handling' },
      { target: 'releasing' },
    ],
  }),
  entryDone: priq.createStateConfig({
    always: [{ guard: 'hasEntries', target: 'handling' }, { target: 'releasing' }],
  }),
};

/** Acknowledges an overflow, and leaves the partial groups where they are. */
const neverDiscards = priq.createMachine({
  id: 'priqThreadNeverDiscards',
  ...priqConfig,
  states: withoutDiscarding,
});

/** Discards as soon as it sees the overflow, before it handles the entries that were stored ahead of it. */
const discardsFirst = priq.createMachine({
  id: 'priqThreadDiscardsFirst',
  ...priqConfig,
  states: {
    ...withoutDiscarding,
    deciding: priq.createStateConfig({
      always: [
        { guard: 'hasNothing', target: 'returning' },
        { guard: 'sawOverflow', target: 'discarding' },
        { target: 'handling' },
      ],
    }),
    discarding: priq.createStateConfig({
      on: {
        RUN: [
          { guard: 'hasEntries', target: 'handling', actions: 'discardPartials' },
          { target: 'releasing', actions: 'discardPartials' },
        ],
      },
    }),
  },
});

/** Moves the read index with one CONS write, and with a second one sets OVACKFLG to what OVFLG is by then. */
const splitsCons = priq.createMachine({
  id: 'priqThreadSplitsCons',
  ...priqConfig,
  states: {
    ...without(priqStates, 'recovered'),
    releasing: priq.createStateConfig({
      on: { RUN: { target: 'acknowledging', actions: ['writeCons', 'forgetProd'] } },
    }),
    acknowledging: priq.createStateConfig({
      on: { RUN: { target: 'readingProdAgain', actions: 'readProd' } },
    }),
    readingProdAgain: priq.createStateConfig({
      on: { PROD: { target: 'awake', actions: ['setProd', 'acknowledge', 'writeCons', 'forgetProd'] } },
    }),
  },
});

/** Returns after one pass, without another look at PROD. */
const passesOnce = priq.createMachine({
  id: 'priqThreadPassesOnce',
  ...priqConfig,
  states: {
    ...without(priqStates, 'recovered'),
    releasing: priq.createStateConfig({
      on: { RUN: { target: 'returning', actions: ['acknowledge', 'writeCons', 'forgetProd'] } },
    }),
  },
});

const { syncingProd, readingProd, handling, readingEntry, entryDone } = priqDrainStates;

/** Acknowledges the overflow as soon as it sees it: the same drain then handles entries of both sides of it. */
const acknowledgesOnSight = priq.createMachine({
  id: 'priqDrainThreadAcknowledgesOnSight',
  ...priqConfig,
  states: {
    ...without(priqDrainStates, 'acknowledging'),
    deciding: priq.createStateConfig({
      always: [
        { guard: 'sawOverflow', target: 'afterOverflow' },
        { guard: 'hasEntries', target: 'handling' },
        { target: 'returning' },
      ],
    }),
    // The same loop once more, which ends with the discard.
    afterOverflow: {
      initial: 'acknowledging',
      states: {
        acknowledging: priq.createStateConfig({
          on: {
            RUN: [
              { guard: 'hasEntries', target: 'handling', actions: ['acknowledge', 'writeCons'] },
              { target: 'syncingProd', actions: ['acknowledge', 'writeCons'] },
            ],
          },
        }),
        syncingProd,
        readingProd,
        deciding: priq.createStateConfig({
          always: [
            { guard: 'sawOverflow', target: 'acknowledging' },
            { guard: 'hasEntries', target: 'handling' },
            { target: '#priqDrainThreadAcknowledgesOnSight.discarding' },
          ],
        }),
        handling,
        readingEntry,
        entryDone,
      },
    },
  },
});

const interruptThreads = {
  fixed: priqThread,
  'no-discard': neverDiscards,
  'discard-first': discardsFirst,
  'split-cons': splitsCons,
  'one-pass': passesOnce,
  drain: priqDrainThread,
  'ack-early': acknowledgesOnSight,
};

export const priOverflow = defineScenario({
  name: 'pri-overflow',
  title: 'The PRI queue overflows, and a page request group index is used again at once',
  sources: ['B-09', 'B-36', 'seed:002', 'D-20', 'SMMUv3 8.1', 'SMMUv3 8.2'],
  group: 'iopf',
  observed: pageRequestEvents,
  parameters,
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
  build(parameters, variant) {
    const {
      devices,
      pages,
      queueEntries,
      workers,
      prgIndices,
      posted,
      stopMarkers,
      bothOrders,
      progress,
      generations,
    } = parameters;
    const deviceNames = names('dev', devices);
    const pageNames = names('page', pages);
    const indexNames = names('prg', prgIndices);
    const coreNames = names('core', devices);
    const allPages = alike(pages, 'page');
    const cores = Object.fromEntries(deviceNames.map((device, i) => [device, coreNames[i]!]));
    const dmaContexts = combineActors(
      ...deviceNames.map((device) =>
        family(`${device}-prg`, prgIndices, (i) =>
          actor(pageRequestGroup, {
            input: { name: `${device}-prg${i}`, pri: device, index: `prg${i}`, generations },
            choices: [...descriptors(pageNames, bothOrders), { type: 'RUN' }],
            rest: ['idle'],
          }),
        ),
      ),
    );
    const functions = family('dev', devices, (i) =>
      actor(pri, {
        input: {
          device: `dev${i}`,
          iommu: 'priq',
          owners: Object.fromEntries(indexNames.map((index) => [index, `dev${i}-${index}`])),
          credits: 2 * prgIndices,
        },
        choices: stopMarkers ? [{ type: 'POST_STOP_MARKER' }] : [],
        rest: ['enabled', 'failed'],
      }),
    );
    const smmu = {
      priq: actor(priQueue, { input: { name: 'priq', slots: names('slot', queueEntries), irqThread: 'priqThread' } }),
      priqThread: actor(interruptThreads[variant], {
        input: { name: 'priqThread', queue: 'priq', queueEntries, cores },
        choices: [{ type: 'RUN' }],
        rest: ['asleep'],
      }),
    };
    const iopfCores = family('core', devices, (i) =>
      actor(iopfCore, {
        input: { name: `core${i}`, device: `dev${i}`, workQueue: 'workQueue' },
      }),
    );
    const iopfWorkers = family('worker', workers, (i) =>
      actor(iopfWorker, {
        input: { name: `worker${i}`, workQueue: 'workQueue', cores },
        choices: [{ type: 'RUN' }],
        rest: ['idle'],
      }),
    );
    const addressSpace = family('page', pages, (i) =>
      actor(svaPage, {
        input: { name: `page${i}` },
        choices: [{ type: 'RECLAIM' }],
        rest: ['present', 'notPresent'],
      }),
    );

    return defineSystem({
      unsent: 'ignore',
      actors: combineActors(
        dmaContexts,
        functions,
        smmu,
        family('slot', queueEntries, () => actor(priQueueSlot)),
        iopfCores,
        { workQueue: actor(workQueue) },
        iopfWorkers,
        addressSpace,
      ),
      channels: posted ? Object.fromEntries(deviceNames.map((device) => [`${device}-link`, link(device)])) : {},
      blocking: ['POST', 'TAKE'],
      symmetry: interchangeable(
        alike(devices, 'dev', 'core'),
        alike(workers, 'worker'),
        alike(prgIndices, 'prg'),
        ...(bothOrders ? [allPages] : []),
      ),
      // Pages that are touched in one order only can be told apart.
      population: bothOrders ? allPages : [],
      properties: (p) => [
        noMergedGroup(),
        ...(progress
          ? deviceNames.flatMap((device) => indexNames.map((index) => exactlyOneAnswer({ device, index })))
          : [exactlyOneAnswer()]),
        noUnexpectedAnswer(deviceNames),
        // Elsewhere it would report the cause, a stale partial group, ahead of the merge that the variant is about.
        ...(variant === 'fixed' || variant === 'discard-first'
          ? [noPartialAfterRecovery('priqThread', coreNames), recoversFromOverflow('priqThread')]
          : []),
        p.reachable('an overflow is active', (view) => {
          const { prod, cons } = view.get('priq').context;
          return prod.flag !== cons.flag;
        }),
        p.happens('the SMMU answers a last request by itself', {
          type: 'PRG_RESPONSE',
          where: (event) => event.by === 'priq',
        }),
        p.reachable(
          'a partial group is there to be discarded',
          (view) =>
            view.get('priqThread').value === 'discarding' &&
            coreNames.some((core) => view.get(core).context.partial.length > 0),
        ),
        p.happens('a group with two members is completed', {
          type: 'QUEUE_WORK',
          where: (event) => (event.group as { requests: unknown[] }).requests.length === 2,
        }),
        p.happens('an index is used again', { type: 'POST', where: (event) => (event.generation as number) > 0 }),
        p.happens('a DMA finds its page present', { type: 'TRANSLATED', where: (event) => event.present === true }),
      ],
    });
  },
});

/** PCIe posted writes of one function; functions are not ordered with each other. */
function link(device: `dev${number}`) {
  return {
    from: [device],
    to: ['priq' as const],
    types: ['PAGE_REQUEST' as const, 'STOP_MARKER' as const],
    order: 'fifo' as const,
    capacity: 2,
  };
}

/** Descriptors that touch two different pages; which of them are missing, and so the size of the group, is up to the mm. */
function descriptors(pages: readonly string[], bothOrders: boolean) {
  return pages.flatMap((first, i) =>
    pages
      .filter((_, j) => (bothOrders ? j !== i : j > i))
      .map((second) => ({ type: 'DMA' as const, pages: [first, second] })),
  );
}
