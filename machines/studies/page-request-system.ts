/** The system of `queue-size.ts`: what its points are made of, what each step takes, and what is measured. */
import type { AnyMachineSnapshot } from 'xstate';
import { z } from 'zod';
import type { Run } from '../../src/simulate/run.ts';
import type { Point } from '../../src/simulate/study.ts';
import { constant, exponential, logNormal } from '../../src/system/durations.ts';
import { actor, combineActors, defineSystem, family } from '../../src/system/system.ts';
import type { MeasureDefinition, Timing } from '../../src/system/timing.ts';
import { names } from '../parts/names.ts';
import { burstingFunction, pageRequestCount, passLength, responder, retries } from './page-request-counts.ts';
import { kworker, threadPerEntry, threadPerPass, workerPool } from './page-request-threads.ts';

export const parameters = z.object({
  devices: z.number().int().min(1).max(16).default(4).describe('PCIe functions with PRI behind one IOMMU'),
  credits: z
    .number()
    .int()
    .min(1)
    .max(512)
    .default(128)
    .describe('page requests that each may have outstanding (Outstanding Page Request Capacity)'),
  burst: z.number().min(1).max(512).default(64).describe('page requests of a burst, on average'),
  spacing: z.number().min(0.01).default(0.5).describe('us between two page requests of a burst'),
  retry: z.number().min(0.5).default(20).describe('us until a function asks again after an answer of the hardware'),
  interrupt: z.number().min(0).default(2.5).describe('us from the interrupt until its thread runs'),
  report: z.number().min(0.01).default(0.5).describe('us to read and report a request'),
  handle: z.number().min(0.1).default(2).describe('us to handle a group (SVA: 2.0, measured)'),
  respond: z.number().min(0).default(1).describe('us to answer: qi_submit_sync()'),
  move: z.number().min(0).default(0.05).describe('us to write the head register, once a pass or for each entry'),
  workers: z.number().int().min(1).max(16).default(8).describe('workers of the work queue'),
  wake: z.number().min(0).default(2.5).describe('us to wake a worker'),
  faults: z.number().int().min(500).default(5_000).describe('faults that a run is long enough for'),
});

type Values = z.output<typeof parameters>;
export interface PrqPoint extends Point {
  readonly entries: number;
  /** The head moves over each entry; otherwise over the pass. */
  readonly each: boolean;
  readonly inline: boolean;
  /** Faults per millisecond that all functions would have, if none had to wait. */
  readonly load: number;
  readonly burst: number;
  readonly credits: number;
}

/** us to read or write a register of the IOMMU, which is a transaction on the bus of the CPU; assumed. */
const REGISTER = 0.2;
export const NO_OVERFLOW = 'PRO is never set';

/** Exported for the tests: a small one is checked. */
export function prqSystem(
  { entries, each, inline, credits }: Pick<PrqPoint, 'entries' | 'each' | 'inline' | 'credits'>,
  { devices, workers }: Pick<Values, 'devices' | 'workers'>,
) {
  const functions = names('dev', devices);
  const isEnough = entries >= devices * credits * (each ? 1 : 2);
  return defineSystem({
    actors: combineActors(
      family('dev', devices, () =>
        actor(burstingFunction, {
          input: { credits },
          choices: [{ type: 'BEGIN' }, { type: 'POST' }, { type: 'POST_LAST' }],
          rest: ({ context }) => context.outstanding === 0,
        }),
      ),
      {
        again: actor(retries),
        responder: actor(responder, {
          choices: functions.map((to) => ({ type: 'RESPOND', to }) as const),
          rest: ({ context }) => context.due === 0,
        }),
        registers: actor(pageRequestCount, { input: { entries } }),
        irq: actor(each ? threadPerEntry : threadPerPass, {
          input: { inline },
          choices: [{ type: 'RUN' }],
          rest: ['asleep'],
        }),
        pass: actor(passLength),
        pool: actor(workerPool, { input: { workers: inline ? 0 : workers } }),
      },
      family('kworker', inline ? 0 : workers, (worker) =>
        actor(kworker, { input: { worker }, choices: [{ type: 'RUN' }], rest: ['idle'] }),
      ),
    ),
    channels: {
      // What is sent by one step and taken by the next, so that neither depends on the states of both ends.
      requests: { to: ['registers'], types: ['PAGE_REQUEST'], order: 'fifo', capacity: Number.POSITIVE_INFINITY },
      works: { to: ['pool'], types: ['QUEUE_WORK'], order: 'fifo', capacity: Number.POSITIVE_INFINITY },
      automatic: { to: ['again'], order: 'fifo', capacity: Number.POSITIVE_INFINITY },
      answers: { to: ['responder'], order: 'fifo', capacity: Number.POSITIVE_INFINITY },
      ...Object.fromEntries(
        functions.map((name) => [
          `to-${name}`,
          { to: [name], types: ['PRG_RESPONSE'], order: 'fifo', capacity: Number.POSITIVE_INFINITY } as const,
        ]),
      ),
    },
    unsent: 'ignore',
    properties: ({ always, reachable }) => [
      always('there are never more requests than entries', (view) => {
        return view.get('registers').context.requests <= entries;
      }),
      always('the thread does not sleep while a request waits, or PRO is set', (view) => {
        const { requests, pro } = view.get('registers').context;
        return !view.get('irq').matches('asleep') || (requests === 0 && !pro);
      }),
      isEnough
        ? always(NO_OVERFLOW, (view) => !view.get('registers').context.pro)
        : reachable('PRO is set', (view) => view.get('registers').context.pro),
    ],
  });
}

export function timingOf({ each, inline, load, burst }: PrqPoint, parameters: Values): Timing {
  const { devices, spacing, retry, interrupt, report, handle, respond, move, wake, workers } = parameters;
  // A function is quiet for what is left of the time between the beginnings of two bursts.
  const quiet = Math.max((devices * burst * 1_000) / load - burst * spacing, 0.01);
  // Handling is not always as long.
  const answered = (mean: number) => logNormal(mean, handle / 2);
  const reported = report + (each ? move : 0);
  const entry = inline ? answered(reported + handle + respond) : constant(reported);
  return {
    resources: {
      irqCpu: { units: 1, wakeUp: interrupt, keeps: true },
      workerCpus: { units: workers, wakeUp: wake, keeps: true },
    },
    actors: {
      'dev*': {
        BEGIN: exponential(quiet),
        POST: { takes: spacing, weight: burst - 1 },
        POST_LAST: { takes: spacing, weight: 1 },
      },
      // To any of them.
      responder: { RESPOND: { takes: 0, weight: 1 } },
      irq: {
        RUN: [
          {
            in: 'handling',
            // At the end of a pass only the head is written.
            takes: ({ context }) => (!each && context.left === 0 ? move : entry),
            uses: 'irqCpu',
          },
          { takes: REGISTER, uses: 'irqCpu' },
        ],
      },
      ...(!inline && { 'kworker*': { RUN: { takes: answered(handle + respond), uses: 'workerCpus' } } }),
    },
    channels: { automatic: { latency: retry } },
  };
}

const gauge = (name: 'pro' | 'requests' | 'outstanding') => (snapshot: AnyMachineSnapshot) =>
  Number(snapshot.context[name]);

export const measures: MeasureDefinition = {
  gauges: {
    outstanding: { actors: 'dev*', value: gauge('outstanding') },
    requests: { actors: 'registers', value: gauge('requests') },
    pro: { actors: 'registers', value: gauge('pro') },
  },
  counters: {
    posted: { type: 'PAGE_REQUEST' },
    automatic: { type: 'AUTOMATIC', fate: 'queued' },
    overflows: { type: 'CLEAR_PRO' },
    answered: { type: 'ANSWER' },
  },
};

export function read({ gauges, counters }: Run) {
  const { automatic, overflows, answered } = counters;
  return {
    overflowing: 100 * gauges.pro!.mean,
    overflows: 1_000 * overflows!.rate,
    refused: automatic!.count / Math.max(answered!.count, 1),
    answered: 1_000 * answered!.rate,
    // Little's law: from the first request for a page until its answer, in us.
    latency: gauges.outstanding!.mean / Math.max(answered!.rate, Number.MIN_VALUE),
    deepest: gauges.requests!.max,
  };
}
