/**
 * What makes each hypothesis of `thread-scaling.ts`: its parameters, the times of the fault path under it; and what is found of it.
 */
import { z } from 'zod';
import type { Outcome } from '../../src/simulate/study.ts';
import type { FaultPathTimes } from './fault-path-system.ts';

export const SCALING_HYPOTHESES = ['mmap-lock', 'command-queue', 'work-queue', 'event-thread', 'cpus'] as const;
export type ScalingHypothesis = (typeof SCALING_HYPOTHESES)[number];
/** Of which resource there is too little. */
export const SCARCE_RESOURCE = {
  'mmap-lock': 'mmapLock',
  'command-queue': 'commandQueue',
  'work-queue': 'worker',
  'event-thread': 'irqThread',
  cpus: 'cpu',
} as const;

export type ScalingPoint = {
  hypothesis: ScalingHypothesis;
  threads: number;
  /** In microseconds. */
  between: number;
  isV7: boolean;
  /** What the scarce resource is held for, and `between`, are so many times as long. */
  slower: number;
  time: number;
};

const time = (what: string, value: number, most: number) =>
  z.number().min(0.01).max(most).default(value).describe(`${what}, in microseconds`);
const count = (what: string, value: number, most: number) => z.int().min(1).max(most).default(value).describe(what);

export const scalingParameters = z.object({
  threads: z
    .int()
    .min(16)
    .max(1024)
    .default(512)
    .describe('the most threads; runs have 1/64 of them, and so on to all'),
  cpus: count('CPUs', 128, 1024),
  knee: count('how many threads use all of what is scarce', 320, 1024),
  maxActive: count('max_active of the work queue', 256, 512),
  report: time('what the interrupt thread does for an event', 0.7, 1e5),
  handler: time('the handler', 2, 1e4),
  lookUp: time('finding the domain: in the report path since v7, in the worker before', 0.045, 100),
  detach: time('hypothesis mmap-lock: how long an munmap() has the lock for writing', 10, 1e6),
  flushesLocked: z
    .boolean()
    .default(false)
    .describe('hypothesis mmap-lock: the CMD_SYNC is waited for with the lock for writing, as to v4.19'),
  sync: time('hypothesis command-queue: what a TLBI and its CMD_SYNC take of the queue', 4, 1e6),
  blocked: time('hypothesis work-queue: how long a handler sleeps', 1000, 1e7),
  slice: time('hypothesis cpus: how long a thread runs before it submits', 3000, 1e6),
  faults: count('the least number of faults of a run', 4000, 1e6),
  cycles: count('the least number of faults of each thread in a run', 16, 1000),
});
export type ScalingValues = z.output<typeof scalingParameters>;

export function scalingTimes(
  { hypothesis, between, isV7, slower }: ScalingPoint,
  values: ScalingValues,
): FaultPathTimes {
  const base: FaultPathTimes = {
    cpus: values.cpus,
    compute: 2,
    between: between * slower,
    record: 2.5,
    report: values.report,
    lookUp: values.lookUp,
    looksUpInReport: isV7,
    listAdd: 0.1,
    respond: 0.2,
    maxActive: values.maxActive,
    wakeUp: 2.5,
    downRead: 0.05,
    handler: values.handler,
    handlerSleeps: false,
    command: 0.1,
    retry: 2.1,
    buffers: 'kept',
    givenBack: 0,
    detach: values.detach,
    sync: 0.2,
  };
  switch (hypothesis) {
    case 'mmap-lock':
      return {
        ...base,
        givenBack: 1,
        detach: values.detach * slower,
        ...(values.flushesLocked ? { buffers: 'munmap-write', sync: values.sync * slower } : { buffers: 'munmap' }),
      };
    case 'command-queue':
      return { ...base, buffers: 'madvise', givenBack: 1, sync: values.sync * slower };
    case 'work-queue':
      return { ...base, handler: values.blocked * slower, handlerSleeps: true };
    case 'event-thread':
      return { ...base, report: values.report * slower, lookUp: values.lookUp * slower };
    case 'cpus':
      return { ...base, compute: values.slice * slower };
    default:
      return hypothesis satisfies never;
  }
}

/** How long what is scarce is held each time, in microseconds. */
export const SCARCE_HELD: Readonly<Record<ScalingHypothesis, (values: ScalingValues) => number>> = {
  'mmap-lock': ({ detach }) => detach,
  'command-queue': ({ sync }) => sync,
  'work-queue': ({ blocked }) => blocked,
  'event-thread': ({ report }) => report,
  cpus: ({ slice }) => slice,
};

/** Throughput of a thread, as a share of what it is with the fewest: below that is beyond the knee. */
export const KNEE_SHARE = 0.9;
/** By so much is the p99 more than that with the fewest threads where it has risen. */
export const P99_RISEN = 10;
export const IOPF_TIME_OUT = 4.2e6;
export type ScalingOutcome = Outcome<ScalingPoint>;
export const scalingMean = ({ values }: ScalingOutcome, name: string) => values[name]!.mean;

export interface SettledScaling {
  readonly hypothesis: ScalingHypothesis;
  /** In microseconds: between two faults of a thread; a whole cycle of one that waits for nobody; what that takes of what is scarce. */
  readonly between: number;
  readonly cycle: number;
  readonly demand: number;
}

/** What a hypothesis gives: no outcomes when no `between` puts its knee there. */
export interface ScalingFound extends SettledScaling {
  readonly sweep: readonly ScalingOutcome[];
  /** With what v7 changed, for some of the numbers of threads. */
  readonly v7: readonly ScalingOutcome[];
  /** Between which numbers of threads it is, and where on the line between the two. */
  readonly knee: { readonly after: number; readonly before: number; readonly at: number } | undefined;
  /** From how many threads on the p99 is `RISEN` times that of the fewest. */
  readonly risen: number | undefined;
  /** With all threads the p99 is about that of the time-out when all that makes the knee takes so many times as long. */
  readonly slower: number;
}

export interface NearestScaling {
  readonly hypothesis: ScalingHypothesis;
  readonly outcome: ScalingOutcome;
}

const perThread = (outcome: ScalingOutcome) => scalingMean(outcome, 'rate') / outcome.point.threads;

/** Throughput of a thread, as a share of what it is with the fewest. */
export function throughputShare(outcome: ScalingOutcome, sweep: readonly ScalingOutcome[]): number {
  return perThread(outcome) / perThread(sweep[0]!);
}
