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
 *
 * What a flush is good for shows where it comes too early, before the page request queue is drained (`flush-first`).
 */
import { z } from 'zod';
import { defineScenario } from '../../src/system/scenario.ts';
import { actor, defineSystem, family } from '../../src/system/system.ts';
import { unbindThread } from '../kernel/intel/svm-unbind.ts';
import { unbindThreadFlushesFirst } from '../kernel/intel/svm-unbind-flushes-first.ts';
import { unbindThreadV514 } from '../kernel/intel/svm-unbind-v5.14.ts';
import { unbindThreadV515 } from '../kernel/intel/svm-unbind-v5.15.ts';
import { iopfCoreCc7338e9d807 } from '../kernel/io-pgfault/cc7338e9d807.ts';
import { iopfCoreV5 } from '../kernel/io-pgfault/v5.12.ts';
import { iopfWorkerV5 } from '../kernel/io-pgfault/v5.12-worker.ts';
import { iopfCoreV5PasidMutex } from '../kernel/io-pgfault/v5.14-pasid-mutex.ts';
import { mutex } from '../kernel/locking/mutex.ts';
import { exactlyOneAnswerTo } from '../monitors/fault-parameter.ts';
import { interchangeable, names } from '../parts/names.ts';
import { when } from '../parts/when.ts';
import { assemble } from '../rigs/assemble.ts';
import { faultingFunctions, pageRequestPath } from '../rigs/faulting-functions.ts';
import { startsFaultingDma } from '../rigs/guest.ts';
import { iopfCores, iopfCoresV5 } from '../rigs/iopf-cores.ts';
import { howMany } from '../rigs/parameters.ts';
import { unbindingDevices } from '../rigs/stress.ts';
import { unbindThreads } from '../rigs/unbind-threads.ts';

const oldCores = {
  'two-locks': iopfCoreV5,
  'flush-under-lock': iopfCoreCc7338e9d807,
  'pasid-mutex': iopfCoreV5PasidMutex,
};

const unbinding = {
  fixed: unbindThread,
  'two-locks': unbindThreadV515,
  'flush-under-lock': unbindThreadV515,
  'pasid-mutex': unbindThreadV514,
  'flush-first': unbindThreadFlushesFirst,
};

/** How many groups have no answer: the two cores call their list differently. */
function unanswered(core: { readonly faults: readonly unknown[] } | { readonly pending: readonly unknown[] }): number {
  return ('faults' in core ? core.faults : core.pending).length;
}

const allAnswered = (dev: string) => `after the flush of ${dev} returns, none of its groups is unanswered`;

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
  systems: ['iopf-core-v5.12', 'vtd-prq'],
  parameters: z.object({
    devices: howMany('devices behind the IOMMU, each with a thread that unbinds it', { max: 4, default: 2 }),
    groups: howMany('page request group indexes of each device', { max: 4, default: 2 }),
    pages: howMany('requests in each group', { max: 3, default: 2 }),
    workers: howMany('workers of the iopf work queue', { max: 4, default: 2 }),
    entries: howMany('entries of the page request queue', { max: 8, default: 2 }),
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
    'flush-first': {
      title: 'flush waits for the work queue with no lock held, and then for the page request queue',
      expected: { verdict: 'violated', property: allAnswered('dev0'), length: 9 },
    },
  },
  stress: unbindingDevices,
  build({ devices, groups, pages, workers, entries }, variant) {
    const cores = { devices, workers, worker: iopfWorkerV5, called: ['iopf', 'wq'] } as const;
    const rig = assemble(
      { actors: { user: startsFaultingDma(names('dev', devices), names('prg', groups)) }, blocking: ['REQUEST'] },
      faultingFunctions({ devices, indexes: groups, pages }),
      pageRequestPath({ devices, entries, reportsTo: 'iopf' }),
      variant === 'fixed' || variant === 'flush-first'
        ? iopfCores(cores)
        : iopfCoresV5({ ...cores, core: oldCores[variant] }),
      { actors: family('pasidMutex', variant === 'pasid-mutex' ? 1 : 0, () => actor(mutex)) },
      unbindThreads({ devices, thread: unbinding[variant], core: 'iopf', workQueue: 'wq' }),
    );
    return defineSystem({
      ...rig.parts,
      symmetry: interchangeable(rig.things.devices, rig.things.workers, rig.things.indexes),
      properties: ({ always, reachable, happens }) => [
        ...names('dev', devices).flatMap((dev, index) => [
          always(allAnswered(dev), (view) => {
            return !view.get(`unbind${index}`).matches('flushed') || unanswered(view.get(`iopf${index}`).context) === 0;
          }),
          exactlyOneAnswerTo(dev),
        ]),
        happens('a device gets an answer', { type: 'PRG_RESPONSE' }),
        happens('a device is removed after its flush', { type: 'REMOVE_DEVICE' }),
        reachable('a flush waits for a group of its own device', (view) => {
          return view.get('unbind0').matches('flushing') && unanswered(view.get('iopf0').context) > 0;
        }),
        reachable('a flush returns', (view) => view.get('unbind0').matches('flushed')),
        ...when(
          devices > 1,
          reachable('a flush waits, and only for groups of another device', (view) => {
            if (!view.get('unbind0').matches('flushing') || !view.get('unbind1').matches('bound')) return false;
            if (unanswered(view.get('iopf0').context) > 0) return false;
            const { queued, running } = view.get('wq').context;
            return queued.some(({ awaited }) => awaited) || Object.values(running).includes(true);
          }),
        ),
        ...when(
          pages > 1,
          reachable('a group is cut off: when its device is flushed, its last request never came', (view) => {
            return view.get('unbind0').matches('flushed') && view.get('iopf0').context.partial.length > 0;
          }),
        ),
      ],
    });
  },
});
