/**
 * B-06: iopf_queue_flush_dev() waits for the work queue while it holds the device lock, and a worker on that queue
 * needs the same lock to answer its group. Neither goes on; and since the work queue belongs to the IOMMU, every later
 * flush of any of its devices waits with them.
 *
 * It takes both halves. From v5.12 to v6.8 flush did hold the device lock, but iommu_page_response() took another one,
 * so the two never met (variant `two-locks`). Commit cc7338e9d807 made the response take the device lock too, and its
 * child a74c077b9021 took the lock out of both: the deadlock lived for one commit, where a bisection can still step on
 * it.
 *
 * The same with another lock lived for a release: in v5.14, the first in which VT-d reported to io-pgfault, unbinding held
 * `pasid_mutex` over the flush, and VT-d's answer takes it (`pasid-mutex`; 6ef0505158f7, v5.15).
 */
import { z } from 'zod';
import { defineScenario } from '../../src/system/scenario.ts';
import { actor, combineActors, defineSystem, family } from '../../src/system/system.ts';
import { guestDriver } from '../guest/guest-driver.ts';
import { faultingFunction } from '../hardware/pcie/faulting-function.ts';
import type { PageRequest } from '../hardware/pcie/page-request.ts';
import { pageRequestQueue } from '../hardware/vtd/page-request-queue.ts';
import { prqThread } from '../kernel/intel/prq.ts';
import { unbindThread } from '../kernel/intel/svm-unbind.ts';
import { unbindThreadV514 } from '../kernel/intel/svm-unbind-v5.14.ts';
import { unbindThreadV515 } from '../kernel/intel/svm-unbind-v5.15.ts';
import { iopfCoreV5, iopfCoreV5Config, iopfCoreV5Parts, iopfCoreV5States } from '../kernel/io-pgfault/v5.12.ts';
import { iopfWorkerV5 } from '../kernel/io-pgfault/v5.12-worker.ts';
import { iopfCore } from '../kernel/io-pgfault/v6.9.ts';
import { mutex } from '../kernel/locking/mutex.ts';
import { workQueue } from '../kernel/workqueue/work-queue.ts';
import { alike, interchangeable } from '../parts/names.ts';
import { sizeOf } from '../rigs/stress.ts';

const { added } = iopfCoreV5States;

/** The core in cc7338e9d807, and in no other commit. */
const responseTakesDeviceLock = iopfCoreV5Parts.createMachine({
  id: 'iopfCoreCc7338e9d807',
  ...iopfCoreV5Config,
  states: {
    ...iopfCoreV5States,
    added: iopfCoreV5Parts.createStateConfig({
      on: {
        ...added.on,
        RESPOND: [{ guard: 'isPending', actions: ['lockDevice', 'answerDevice', 'unlinkFault', 'unlockDevice'] }, {}],
      },
    }),
  },
});

/** The core with VT-d's answer as it was from v5.14 on: intel/svm.c intel_svm_page_response() looks the PASID up. */
const responseTakesPasidMutex = iopfCoreV5Parts.createMachine({
  id: 'iopfCoreV5PasidMutex',
  ...iopfCoreV5Config,
  states: {
    ...iopfCoreV5States,
    added: iopfCoreV5Parts.createStateConfig({
      on: {
        ...added.on,
        RESPOND: [{ guard: 'isPending', actions: ['lockPasids', 'answerDevice', 'unlinkFault', 'unlockPasids'] }, {}],
      },
    }),
  },
});

const oldCores = {
  'two-locks': iopfCoreV5,
  'flush-under-lock': responseTakesDeviceLock,
  'pasid-mutex': responseTakesPasidMutex,
};

const unbindThreads = {
  fixed: unbindThread,
  'two-locks': unbindThreadV515,
  'flush-under-lock': unbindThreadV515,
  'pasid-mutex': unbindThreadV514,
};

/** How many groups have no answer: the two cores call their list differently. */
function unanswered(core: { readonly faults: readonly unknown[] } | { readonly pending: readonly unknown[] }): number {
  return ('faults' in core ? core.faults : core.pending).length;
}

export const flushDeadlock = defineScenario({
  name: 'flush-deadlock',
  title: 'Flushing the faults of a device waits for a worker that waits for the flush',
  sources: [
    'B-06',
    'seed:003',
    'cc7338e9d807',
    'a74c077b9021',
    '6ef0505158f7',
    'drivers/iommu/io-pgfault.c iopf_queue_flush_dev()',
  ],
  group: 'iopf',
  parameters: z.object({
    devices: z
      .number()
      .int()
      .min(1)
      .max(4)
      .default(2)
      .describe('devices behind the IOMMU, each with a thread that unbinds it'),
    groups: z.number().int().min(1).max(4).default(2).describe('page request group indexes of each device'),
    pages: z.number().int().min(1).max(3).default(2).describe('requests in each group'),
    workers: z.number().int().min(1).max(4).default(2).describe('workers of the iopf work queue'),
    entries: z.number().int().min(1).max(8).default(2).describe('entries of the page request queue'),
  }),
  variants: {
    fixed: {
      title: 'flush waits for the work queue with no lock held (since a74c077b9021, v6.9)',
      expected: { verdict: 'holds', counts: [54_560, 209_660], reduced: [9_235, 35_271] },
    },
    'two-locks': {
      title:
        'flush waits under the device lock, and the answer takes only the lock of the pending list (v5.12 to v6.8; VT-d since v5.15)',
      expected: { verdict: 'holds', counts: [54_560, 209_660], reduced: [9_235, 35_271] },
    },
    'flush-under-lock': {
      title: 'flush waits under the device lock, and the answer takes that lock (cc7338e9d807)',
      expected: { verdict: 'violated', property: 'no deadlock', length: 11 },
    },
    'pasid-mutex': {
      title: 'flush waits under pasid_mutex as well, and the answer takes that (VT-d in v5.14)',
      expected: { verdict: 'violated', property: 'no deadlock', length: 10 },
    },
  },
  stress: {
    unit: 'IOMMU',
    devices: 'devices',
    queueEntries: 'entries',
    pressure: ['UNBIND'],
    counters: {
      requests: { type: 'PAGE_REQUEST' },
      'reported requests': { type: 'REPORT' },
      'complete groups': { type: 'REPORT', where: ({ request }) => (request as PageRequest).last },
      answers: { type: 'PRG_RESPONSE' },
      'queued groups': { type: 'QUEUE_WORK' },
      'finished groups': { type: 'DONE' },
      'devices removed': { type: 'REMOVE_DEVICE' },
      'devices added': { type: 'ADD_DEVICE' },
    },
    balances: [
      { name: 'each request is reported', left: ['requests'], right: ['reported requests'] },
      { name: 'each complete group is answered', left: ['complete groups'], right: ['answers'] },
      { name: 'each group that is queued is finished', left: ['queued groups'], right: ['finished groups'] },
      { name: 'each device that is removed is added', left: ['devices removed'], right: ['devices added'] },
    ],
    gauges: {
      'page request queue': sizeOf('prq', 'entries'),
      'work queue': sizeOf('wq', 'queued'),
      'partial list of dev0': sizeOf('iopf0', 'partial'),
    },
    latencies: {
      flush: { actors: 'unbind', states: ['flushing'] },
      unbinding: { actors: 'unbind', states: ['stopped', 'flushing', 'flushed', 'removed'] },
    },
  },
  build({ devices: deviceCount, groups, pages, workers, entries }, variant) {
    const devices = Array.from({ length: deviceCount }, (_, index) => index);
    const indexes = Array.from({ length: groups }, (_, index) => `prg${index}`);
    const pageNames = Array.from({ length: pages }, (_, index) => `page${index}`);
    const cores = Object.fromEntries(devices.map((index) => [`dev${index}`, `iopf${index}`]));
    const RUN = { type: 'RUN' } as const;

    const hardware = combineActors(
      family('dev', deviceCount, (index) =>
        actor(faultingFunction, {
          input: { name: `dev${index}`, queue: 'prq', pages: pageNames },
          // Of a group of one request, the first is the last.
          choices: pages > 1 ? indexes.map((index) => ({ ...RUN, index })) : [],
          rest: (snapshot) => Object.keys(snapshot.context.posted).length === 0,
        }),
      ),
      { prq: actor(pageRequestQueue, { input: { entries } }) },
    );
    const users = {
      user: actor(guestDriver, {
        input: {},
        choices: Object.keys(cores).flatMap((device) =>
          indexes.map((index) => ({ type: 'POST_FAULTING_DMA' as const, device, index })),
        ),
        rest: () => true,
      }),
    };
    const coreOf = (index: number) => ({ name: `iopf${index}`, device: `dev${index}`, workQueue: 'wq' });
    const faultCore = combineActors(
      variant === 'fixed'
        ? family('iopf', deviceCount, (index) => actor(iopfCore, { input: coreOf(index) }))
        : family('iopf', deviceCount, (index) =>
            actor(oldCores[variant], {
              input: { ...coreOf(index), deviceLock: `lock${index}`, pasidMutex: 'pasidMutex0' },
            }),
          ),
      family('lock', variant === 'fixed' ? 0 : deviceCount, () => actor(mutex)),
      family('pasidMutex', variant === 'pasid-mutex' ? 1 : 0, () => actor(mutex)),
      { wq: actor(workQueue) },
    );
    const threads = combineActors(
      { irq: actor(prqThread, { input: { name: 'irq', queue: 'prq', cores }, choices: [RUN], rest: ['idle'] }) },
      family('worker', workers, (index) =>
        actor(iopfWorkerV5, {
          input: { name: `worker${index}`, workQueue: 'wq', cores },
          choices: [RUN],
          rest: ['idle'],
        }),
      ),
      family('unbind', deviceCount, (index) =>
        actor(unbindThreads[variant], {
          input: {
            name: `unbind${index}`,
            device: `dev${index}`,
            core: `iopf${index}`,
            queue: 'prq',
            // Two flushes at once share its marks: the earlier one may return later than it could, never sooner.
            workQueue: 'wq',
            deviceLock: `lock${index}`,
            pasidMutex: 'pasidMutex0',
          },
          choices: [{ type: 'UNBIND' }, RUN],
          rest: ['bound'],
        }),
      ),
    );

    return defineSystem({
      unsent: 'ignore',
      actors: combineActors(users, hardware, faultCore, threads),
      blocking: [
        'REQUEST',
        'PAGE_REQUEST',
        'PEEK',
        'DRAIN',
        'TAKE',
        'FLUSHED',
        ...(variant === 'fixed' ? [] : (['ACQUIRE'] as const)),
      ],
      // Pages are not: a group asks for them in their order.
      symmetry: interchangeable(
        alike(deviceCount, 'dev', 'iopf', 'lock', 'unbind'),
        alike(workers, 'worker'),
        alike(groups, 'prg'),
      ),
      properties: ({ always, reachable, happens }) => [
        ...devices.flatMap((index) => [
          always(`after the flush of dev${index} returns, none of its groups is unanswered`, (view) => {
            return !view.get(`unbind${index}`).matches('flushed') || unanswered(view.get(`iopf${index}`).context) === 0;
          }),
          always(`dev${index} gets exactly one answer to each group`, (view) => {
            return !view.get(`dev${index}`).matches('unexpectedIndex');
          }),
        ]),
        happens('a device gets an answer', { type: 'PRG_RESPONSE' }),
        happens('a device is removed after its flush', { type: 'REMOVE_DEVICE' }),
        reachable('a flush waits for a group of its own device', (view) => {
          return view.get('unbind0').matches('flushing') && unanswered(view.get('iopf0').context) > 0;
        }),
        reachable('a flush returns', (view) => view.get('unbind0').matches('flushed')),
        ...(deviceCount < 2
          ? []
          : [
              reachable('a flush waits, and only for groups of another device', (view) => {
                if (!view.get('unbind0').matches('flushing') || !view.get('unbind1').matches('bound')) return false;
                if (unanswered(view.get('iopf0').context) > 0) return false;
                const { queued, running } = view.get('wq').context;
                return queued.some(({ awaited }) => awaited) || Object.values(running).includes(true);
              }),
            ]),
        ...(pages < 2
          ? []
          : [
              reachable('a group is cut off: when its device is flushed, its last request never came', (view) => {
                return view.get('unbind0').matches('flushed') && view.get('iopf0').context.partial.length > 0;
              }),
            ]),
      ],
    });
  },
});
