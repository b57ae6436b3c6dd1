/** The system of `look-up.ts`: what its points are made of, what each step takes, and what is measured. */
import { z } from 'zod';
import type { Run } from '../../src/simulate/run.ts';
import type { Point } from '../../src/simulate/study.ts';
import { exponential } from '../../src/system/durations.ts';
import { actor, combineActors, defineSystem, family } from '../../src/system/system.ts';
import type { MeasureDefinition, StepTiming, Timing } from '../../src/system/timing.ts';
import { mutex } from '../kernel/locking/mutex.ts';
import { dmaAddress, iopfHandler, LOOK_UPS, lastRange, stallingDevice } from './iopf-look-ups.ts';

const ns = (usual: number, what: string) => z.number().min(0).max(10_000).default(usual).describe(`ns: ${what}`);

export const parameters = z.object({
  hit: ns(5, 'to follow a pointer to what is in a cache'),
  miss: ns(90, 'to follow a pointer to memory'),
  atomic: ns(20, 'to take or put a reference, or a lock that is free'),
  cached: z.number().int().min(0).default(255).describe('nodes of a tree that stay in the cache'),
  locality: z.number().min(0).max(1).default(0.9).describe('how often a fault is in the range of the one before it'),
  groups: z.number().int().min(1).max(64).default(16).describe('groups of devices of the host'),
  measuredRanges: z.number().int().min(1).max(64).default(8).describe('ranges of the guest whose handler took 1.6 us'),
  handler: z.number().min(0.1).default(1.6).describe('us that the handler took in the v2 series'),
  whole: z.number().min(1).default(10.5).describe('us from a fault to its end, as measured'),
  report: z.number().min(0).default(0.5).describe('us of the thread to read and report an event'),
  stalls: z.number().int().min(1).max(128).default(32).describe('faults that a device may have without an answer'),
  faults: z.number().int().min(500).default(3_000).describe('faults that a run is long enough for'),
});

type Values = z.output<typeof parameters>;
export const VARIANTS = ['v2', 'v3', 'handle', 'handle, range'] as const;
export type Variant = (typeof VARIANTS)[number];

export interface LookUpPoint extends Point {
  readonly variant: Variant;
  readonly ranges: number;
  readonly threads: number;
  /** Faults per millisecond of each device. */
  readonly load: number;
  /** us of the handler that are no look-up. */
  readonly rest: number;
  readonly miss: number;
  /** Nodes that stay in the cache. */
  readonly cached: number;
  readonly locality: number;
}

/** Faults are in some of the ranges: as many as there are, or this many. */
const SAMPLED = 32;
/** Spread like this they are as deep in a tree as any; equal distances would be its upper nodes. */
const GOLDEN = (Math.sqrt(5) - 1) / 2;

/** Exported for the tests: a small one is checked. */
export function lookUpSystem(
  { variant, ranges, threads }: Pick<LookUpPoint, 'variant' | 'ranges' | 'threads'>,
  { groups, stalls }: Pick<Values, 'groups' | 'stalls'>,
) {
  const count = Math.min(ranges, SAMPLED);
  const sampled = Array.from({ length: count }, (_, at) =>
    ranges <= SAMPLED ? at : Math.floor(((at * GOLDEN) % 1) * ranges),
  );
  const choices = [
    ...sampled.map((range) => ({ type: 'READ_EVENT', range }) as const),
    { type: 'READ_EVENT_OF_SAME_RANGE' } as const,
    ...Array.from({ length: groups }, (_, group) => ({ type: 'GET_GROUP', group }) as const),
    { type: 'RUN' } as const,
  ];
  const keeps = variant === 'handle, range';
  const lookUp = variant === 'v2' || variant === 'v3' ? variant : 'handle';
  return defineSystem({
    actors: combineActors(
      family('dev', threads, (at) =>
        actor(stallingDevice, {
          input: { thread: `irq${at}`, most: stalls },
          choices: [{ type: 'DMA' }],
          rest: ({ context }) => context.stalled === 0,
        }),
      ),
      family('irq', threads, (at) =>
        actor(iopfHandler, {
          input: {
            name: `irq${at}`,
            device: `dev${at}`,
            address: `address${at}`,
            lookUp,
            groups,
            ranges,
            cache: keeps ? `last${at}` : null,
          },
          choices,
          rest: ['idle'],
        }),
      ),
      family('address', threads, () => actor(dmaAddress)),
      { groupsLock: actor(mutex) },
      family('last', keeps ? threads : 0, () => actor(lastRange)),
    ),
    channels: Object.fromEntries(
      Array.from({ length: threads }, (_, at) => [
        [
          `events${at}`,
          { to: [`irq${at}`], types: ['FAULT'], order: 'fifo', capacity: Number.POSITIVE_INFINITY },
        ] as const,
        [
          `answers${at}`,
          { to: [`dev${at}`], types: ['PAGE_RESPONSE'], order: 'fifo', capacity: Number.POSITIVE_INFINITY },
        ] as const,
      ]).flat(),
    ) as never,
    blocking: ['FAULT', 'ACQUIRE'],
    unsent: 'ignore',
    properties: ({ always }) => [
      always('no walk leaves its tree', (view) => {
        return Array.from({ length: threads }, (_, at) => view.get(`irq${at}`).context).every(
          ({ low, high }) => low <= high,
        );
      }),
    ],
  });
}

export function timingOf(point: LookUpPoint, values: Values): Timing {
  const { variant, load, rest, miss, cached, locality, ranges } = point;
  const { hit, atomic, groups, whole, handler, report } = values;
  const node = (level: number) => (2 ** (level + 1) - 1 <= cached ? hit : miss) / 1_000;
  const listed = (groups <= cached ? hit : miss) / 1_000;
  const reference = atomic / 1_000;
  const outside = Math.max(whole - handler - report, 0);
  // v2 takes and puts references to iommu_group, VFIO group and container, under the lock of the list; all take the lock of the container.
  const following = variant === 'v2' ? 8 * reference : variant === 'v3' ? 2 * reference : reference + node(0);
  const steps: StepTiming[] = [
    { in: 'mapping', takes: rest },
    { in: 'following', takes: following },
    { in: 'findingGroup', takes: variant === 'v2' ? listed : ({ context }) => node(Number(context.level)) },
    { takes: ({ context }) => node(Number(context.level)) },
  ];
  return {
    actors: {
      'dev*': { DMA: exponential(1_000 / load) },
      'irq*': {
        READ_EVENT: { takes: report, weight: (1 - locality) / Math.min(ranges, SAMPLED) },
        READ_EVENT_OF_SAME_RANGE: { takes: report, weight: locality },
        // iommu_group_get(), and in v3 the mutex.
        GET_GROUP: { takes: (variant === 'v3' ? 2 : 1) * reference, weight: 1 },
        RUN: steps,
      },
    },
    channels: Object.fromEntries(
      Array.from({ length: point.threads }, (_, at) => [
        [`events${at}`, { latency: outside / 2 }] as const,
        [`answers${at}`, { latency: outside / 2 }] as const,
      ]).flat(),
    ),
  };
}

const isIn = (states: readonly string[]) => (snapshot: { readonly value: unknown }) =>
  Number(states.includes(snapshot.value as string));

export const measures: MeasureDefinition = {
  gauges: {
    looking: { actors: 'irq*', value: isIn(LOOK_UPS) },
    handling: { actors: 'irq*', value: isIn([...LOOK_UPS, 'mapping']) },
  },
  counters: { answered: { type: 'PAGE_RESPONSE' } },
  times: { fault: { from: { type: 'FAULT', fate: 'queued' }, to: { type: 'PAGE_RESPONSE' } } },
};

export function read({ gauges, counters, times }: Run) {
  const rate = counters.answered!.rate;
  return {
    share: (100 * gauges.looking!.mean) / gauges.handling!.mean,
    lookUp: (1_000 * gauges.looking!.mean) / rate,
    handler: gauges.handling!.mean / rate,
    answered: 1_000 * rate,
    latency: times.fault!.mean,
  };
}
