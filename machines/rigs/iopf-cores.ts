/**
 * The io-pgfault core of each device, the work queue of them all and its workers, as a rig: what a driver's interrupt thread reports to,
 * and what answers the devices `dev0`, ….
 */
import type { AnyStateMachine } from 'xstate';
import { type Actor, actor, combineActors, family } from '../../src/system/system.ts';
import { answersAtOnce } from '../kernel/io-pgfault/answers-at-once.ts';
import { faultLists } from '../kernel/io-pgfault/fault-lists.ts';
import { type IopfCoreV5Input, iopfCoreV5 } from '../kernel/io-pgfault/v5.12.ts';
import { iopfCoreV5Lists } from '../kernel/io-pgfault/v5.12-lists.ts';
import type { iopfWorkerV5 } from '../kernel/io-pgfault/v5.12-worker.ts';
import { iopfWorkerV5Frees } from '../kernel/io-pgfault/v5.12-worker-frees.ts';
import { type IopfCoreInput, iopfCore } from '../kernel/io-pgfault/v6.9.ts';
import { iopfWorker } from '../kernel/iommu-sva/worker.ts';
import type { iopfWorkerKeepsLastStatus } from '../kernel/iommu-sva/worker-keeps-last-status.ts';
import { mutex } from '../kernel/locking/mutex.ts';
import { workQueue } from '../kernel/workqueue/work-queue.ts';
import { names, pairs } from '../parts/names.ts';
import type { Rig } from './assemble.ts';
import { actorOf, type Version } from './version.ts';

interface IopfCores<Core extends AnyStateMachine, Prefix extends string, Queue extends string> {
  readonly devices: number;
  readonly workers: number;
  /** A version of the core. */
  readonly core?: Core;
  /** A version of the worker; that of SVA, which is there by default, calls the page of each request. */
  readonly worker?: typeof iopfWorker | typeof iopfWorkerKeepsLastStatus | typeof iopfWorkerV5;
  /** What the cores and the work queue are called, where it is not `core0`, … and `workQueue`. */
  readonly called?: readonly [core: Prefix, workQueue: Queue];
}

/** With a core of v6.9 or later. */
export function iopfCores<
  Core extends Version<IopfCoreInput> = typeof iopfCore,
  const Prefix extends string = 'core',
  const Queue extends string = 'workQueue',
>({ core = iopfCore as AnyStateMachine as Core, ...others }: IopfCores<Core, Prefix, Queue>) {
  return coresOf((input) => actorOf(core, { input }), others);
}

/** With a core of v5.12 to v6.8, which has a lock for each device. Where an answer takes `pasid_mutex`, the race brings `pasidMutex0`. */
export function iopfCoresV5<
  Core extends Version<IopfCoreV5Input> = typeof iopfCoreV5,
  const Prefix extends string = 'core',
  const Queue extends string = 'workQueue',
>({ core = iopfCoreV5 as AnyStateMachine as Core, ...others }: IopfCores<Core, Prefix, Queue>) {
  const locksOf = (index: number) => ({ deviceLock: `lock${index}`, pasidMutex: 'pasidMutex0' });
  const { actors, ...rig } = coresOf(
    (input, index) => actorOf(core, { input: { ...input, ...locksOf(index) } }),
    others,
  );
  const { devices, workers } = rig.things;
  return {
    ...rig,
    actors: combineActors(
      actors,
      family('lock', devices.count, () => actor(mutex)),
    ),
    blocking: [...rig.blocking, 'ACQUIRE'],
    things: { workers, devices: { ...devices, prefixes: [...devices.prefixes, 'lock'] } },
  } as const satisfies Rig;
}

/** The core of v5.12 to v6.8 of one device, `core0`, with the memory of its requests, `lists`, its lock, and that of its iopf queue. */
export function iopfCoreV5WithLists() {
  const locks = { deviceLock: 'lock', queueLock: 'queueLock' };
  const actors = combineActors(
    family('core', 1, () =>
      actor(iopfCoreV5Lists, {
        input: { name: 'core0', device: 'dev0', lists: 'lists', ...locks, workQueue: 'workQueue' },
      }),
    ),
    {
      lists: actor(faultLists),
      lock: actor(mutex),
      queueLock: actor(mutex),
      workQueue: actor(workQueue),
      worker0: actor(iopfWorkerV5Frees, {
        input: { name: 'worker0', workQueue: 'workQueue', cores: { dev0: 'core0' }, lists: 'lists' },
        choices: [{ type: 'RUN' }],
        rest: ['idle'],
      }),
    },
  );
  return { actors, expects: ['dev0'], blocking: ['TAKE', 'ACQUIRE'] } as const satisfies Rig;
}

/** In place of all these, where only the queue before them matters: whatever is reported is answered at once. */
export function answeringCores(devices: number) {
  const actors = family('core', devices, (index) =>
    actor(answersAtOnce, { input: { name: `core${index}`, device: `dev${index}` } }),
  );
  return { actors, expects: names('dev', devices) } as const satisfies Rig;
}

function coresOf<Core extends AnyStateMachine, Prefix extends string, Queue extends string>(
  coreOf: (input: IopfCoreInput, index: number) => Actor<Core>,
  { devices, workers, worker = iopfWorker, called }: Omit<IopfCores<Core, Prefix, Queue>, 'core'>,
) {
  const [prefix, queue] = called ?? (['core', 'workQueue'] as unknown as readonly [Prefix, Queue]);
  const cores = pairs(names('dev', devices), names(prefix, devices));
  const actors = combineActors(
    family(prefix, devices, (index) =>
      coreOf({ name: `${prefix}${index}`, device: `dev${index}`, workQueue: queue }, index),
    ),
    { [queue]: actor(workQueue) } as Record<Queue, Actor<typeof workQueue>>,
    family('worker', workers, (index) =>
      actor(worker as typeof iopfWorker, {
        input: { name: `worker${index}`, workQueue: queue, cores },
        choices: [{ type: 'RUN' }],
        rest: ['idle'],
      }),
    ),
  );
  return {
    actors,
    expects: names('dev', devices),
    blocking: ['TAKE'],
    things: {
      devices: { count: devices, prefixes: [prefix] },
      workers: { count: workers, prefixes: ['worker'] },
    },
  } as const satisfies Rig;
}
