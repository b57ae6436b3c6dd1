/**
 * B-06: iopf_queue_flush_dev() waits for the work queue while it holds the device lock, and a worker on that queue
 * needs the same lock to answer its group. Neither goes on; and since the work queue belongs to the IOMMU, every later
 * flush of any of its devices waits with them.
 *
 * It takes both halves. From v5.12 to v6.8 flush did hold the device lock, but iommu_page_response() took another one,
 * so the two never met (variant `two-locks`). Commit cc7338e9d807 made the response take the device lock too, and its
 * child a74c077b9021 took the lock out of both: the deadlock lived for one commit, where a bisection can still step on
 * it.
 */
import { z } from 'zod';
import { defineScenario } from '../../src/system/scenario.ts';
import { actor, combineActors, defineSystem, family } from '../../src/system/system.ts';
import { guestDriver } from '../guest/guest-driver.ts';
import { faultingFunction } from '../hardware/pcie/faulting-function.ts';
import type { PageRequest } from '../hardware/pcie/page-request.ts';
import { pageRequestQueue } from '../hardware/vtd/page-request-queue.ts';
import { prqThread } from '../kernel/intel/prq.ts';
import { unbindThread, unbindThreadV512 } from '../kernel/intel/svm-unbind.ts';
import { iopfCoreV5, iopfCoreV5Of, iopfCoreV5Parts, iopfCoreV5States } from '../kernel/io-pgfault/v5.12.ts';
import { iopfWorkerV5 } from '../kernel/io-pgfault/v5.12-worker.ts';
import { mutex } from '../kernel/locking/mutex.ts';
import { workQueue } from '../kernel/workqueue/work-queue.ts';
import { alike, interchangeable } from '../parts/names.ts';
import { sizeOf } from '../rigs/stress.ts';

/** The core in cc7338e9d807, and in no other commit. */
const responseTakesDeviceLock = iopfCoreV5Of('iopfCoreCc7338e9d807', {
  ...iopfCoreV5States,
  added: iopfCoreV5Parts.createStateConfig({
    on: {
      ...iopfCoreV5States.added.on,
      RESPOND: [{ guard: 'isPending', actions: ['lockDevice', 'answerDevice', 'unlinkFault', 'unlockDevice'] }, {}],
    },
  }),
});

export const flushDeadlock = defineScenario({
  name: 'flush-deadlock',
  title: 'Flushing the faults of a device waits for a worker that waits for the flush',
  sources: ['B-06', 'seed:003', 'cc7338e9d807', 'a74c077b9021', 'drivers/iommu/io-pgfault.c iopf_queue_flush_dev()'],
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
      expected: { verdict: 'holds' },
    },
    'two-locks': {
      title:
        'flush waits under the device lock, and the answer takes only the lock of the pending list (v5.12 to v6.8)',
      expected: { verdict: 'holds' },
    },
    'flush-under-lock': {
      title: 'flush waits under the device lock, and the answer takes that lock (cc7338e9d807)',
      expected: { verdict: 'violated', property: 'no deadlock' },
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
    const faultCore = combineActors(
      family('iopf', deviceCount, (index) =>
        actor(variant === 'flush-under-lock' ? responseTakesDeviceLock : iopfCoreV5, {
          input: {
            name: `iopf${index}`,
            device: `dev${index}`,
            deviceLock: `lock${index}`,
            workQueue: 'wq',
          },
        }),
      ),
      family('lock', deviceCount, () => actor(mutex)),
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
        actor(variant === 'fixed' ? unbindThread : unbindThreadV512, {
          input: {
            name: `unbind${index}`,
            device: `dev${index}`,
            core: `iopf${index}`,
            queue: 'prq',
            // Two flushes at once share its marks: the earlier one may return later than it could, never sooner.
            workQueue: 'wq',
            deviceLock: `lock${index}`,
          },
          choices: [{ type: 'UNBIND' }, RUN],
          rest: ['bound'],
        }),
      ),
    );

    return defineSystem({
      unsent: 'ignore',
      actors: combineActors(users, hardware, faultCore, threads),
      blocking: ['REQUEST', 'ACQUIRE', 'PAGE_REQUEST', 'PEEK', 'DRAIN', 'TAKE', 'FLUSHED'],
      // Pages are not: a group asks for them in their order.
      symmetry: interchangeable(
        alike(deviceCount, 'dev', 'iopf', 'lock', 'unbind'),
        alike(workers, 'worker'),
        alike(groups, 'prg'),
      ),
      properties: ({ always, reachable, happens }) => [
        ...devices.flatMap((index) => [
          always(`after the flush of dev${index} returns, none of its groups is unanswered`, (view) => {
            return (
              !view.get(`unbind${index}`).matches('flushed') || view.get(`iopf${index}`).context.faults.length === 0
            );
          }),
          always(`dev${index} gets exactly one answer to each group`, (view) => {
            return !view.get(`dev${index}`).matches('unexpectedIndex');
          }),
          always(`removing dev${index} never fails with a group pending`, (view) => {
            return !view.get(`iopf${index}`).matches('removeFailed');
          }),
        ]),
        happens('a device gets an answer', { type: 'PRG_RESPONSE' }),
        happens('a device is removed after its flush', { type: 'REMOVE_DEVICE' }),
        reachable('a flush waits for a group of its own device', (view) => {
          return view.get('unbind0').matches('flushing') && view.get('iopf0').context.faults.length > 0;
        }),
        reachable('a flush returns', (view) => view.get('unbind0').matches('flushed')),
        ...(deviceCount < 2
          ? []
          : [
              reachable('a flush waits, and only for groups of another device', (view) => {
                if (!view.get('unbind0').matches('flushing') || !view.get('unbind1').matches('bound')) return false;
                if (view.get('iopf0').context.faults.length > 0) return false;
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
