/**
 * D-10 (seed 002, Alex Williamson on v1: "the lookup involved per fault is excessive"; again on v3): which share of the 1.6 us of VFIO's
 * handler is look-ups, and what would a handle gain that is kept for the device? The only answer on the list was to pre-pin more.
 *
 *   dev0 -FAULT-> (events) -> irq0 -PAGE_RESPONSE-> dev0;  groupsLock and last0, where the variant has them
 *
 * Each pointer that a look-up follows is a step of `iopf-look-ups.ts`. How many there are, comes from the trees and lists; how long one
 * takes, is assumed: from a cache, or from memory. Nodes near the root of a tree are used by each fault and stay in the cache; those
 * further down do not.
 *
 * Constants: 1.6 us for the handler (seed 000, the v2 series, constants.md C.1). Its look-ups are simulated; what is left of the 1.6 us,
 * pinning, mapping and answering, is fitted to that, at `measuredRanges`. 10.5 us for a whole fault (C.1, VFIO x 1): what is left of it is
 * before and after the handler, and takes no thread's time but `report`. All else is assumed, and a parameter.
 *
 * Simplifications: those of the handler; a cache has no misses but by the depth in a tree, or the length of a list; a range is bisected
 * to, so trees are balanced; with 8 threads each has a container and a device of its own, and they share the tree of groups and its lock.
 */
import { defineStudy, type Outcome } from '../../src/simulate/study.ts';
import {
  type LookUpPoint,
  lookUpSystem,
  measures,
  parameters,
  read,
  timingOf,
  VARIANTS,
  type Variant,
} from './look-up-system.ts';

const RANGES = [1, 8, 64, 512, 4_096, 65_535];
/** Those of the table. */
const TOLD = [8, 4_096, 65_535];
const QUIET = 20;
/** Near what one thread can do. */
const BUSY = 400;
/** More than it can do. */
const FLOOD = 2_000;
const MANY = 4_096;

type LookUpOutcome = Outcome<LookUpPoint>;

export const lookUp = defineStudy({
  name: 'look-up',
  title: "Look-ups in VFIO's page fault handler",
  question: "Which share of the handler's 1.6 us is look-ups, and what does a cached handle gain?",
  sources: ['D-10', 'seed:002', 'seed:000', 'drivers/vfio/vfio_iommu_type1.c vfio_find_dma()', 'drivers/iommu/iommu.c'],
  parameters,
  seeds: 3,
  build(point: LookUpPoint, values) {
    // Of a flood less is done than is asked for: a thread does not get to 700 in a millisecond.
    const time = (1_000 * values.faults) / (Math.min(point.load, 700) * point.threads);
    return { system: lookUpSystem(point, values), timing: timingOf(point, values), measures, time, read };
  },
  async run({ parameters: values, simulate }) {
    const { miss, cached, locality, measuredRanges, handler } = values;
    const base = {
      variant: 'v2',
      ranges: measuredRanges,
      threads: 1,
      load: QUIET,
      rest: 0,
      miss,
      cached,
      locality,
    } as const;
    // Fitted: with it, the handler of the series that was measured takes as long as it was measured, whatever else is assumed.
    const doubted = [{}, { miss: 30 }, { miss: 200 }, { cached: 0 }, { locality: 0 }];
    const fits = await simulate(doubted.map((more) => ({ ...base, ...more })));
    const restOf = (index: number) => Math.max(handler - fits[index]!.values.lookUp!.mean / 1_000, 0);
    const usual = { ...base, rest: restOf(0) };
    const sweep = await simulate(
      VARIANTS.flatMap((variant) =>
        RANGES.flatMap((ranges) =>
          (TOLD.includes(ranges) ? [QUIET, BUSY, FLOOD] : [QUIET, FLOOD]).map((load) => ({
            ...usual,
            variant,
            ranges,
            load,
          })),
        ),
      ),
    );
    const at = (variant: Variant, ranges: number, load: number) =>
      sweep.find(({ point }) => point.variant === variant && point.ranges === ranges && point.load === load)!.values;
    const threads = await simulate(
      (['v2', 'v3', 'handle'] as const).map((variant) => ({ ...usual, variant, threads: 8, ranges: 8, load: FLOOD })),
    );
    const doubts = await simulate(
      doubted.flatMap((more, index) =>
        (['v2', 'handle', 'handle, range'] as const).flatMap((variant) =>
          [8, MANY].map((ranges) => ({ ...usual, ...more, rest: restOf(index), variant, ranges })),
        ),
      ),
    );
    return {
      answer: answerOf(at),
      tables: [
        {
          title: `Of one thread: ${QUIET} faults/ms, ${BUSY}, and a flood`,
          head: ['variant', 'ranges', 'look-up %', 'fault us', `at ${BUSY}`, 'flood/ms'],
          rows: VARIANTS.flatMap((variant) =>
            TOLD.map((ranges) => [
              variant,
              ranges,
              at(variant, ranges, QUIET).share!,
              at(variant, ranges, QUIET).latency!,
              at(variant, ranges, BUSY).latency!,
              at(variant, ranges, FLOOD).answered!,
            ]),
          ),
        },
        {
          title: '8 threads, each of an IOMMU of its own, in a flood; 8 ranges',
          head: ['variant', 'look-up %', 'handler us', 'faults/ms'],
          rows: threads.map(({ point, values: found }) => [
            point.variant,
            found.share!,
            found.handler!,
            found.answered!,
          ]),
        },
        {
          title: `Share of look-ups in %, at ${QUIET} faults/ms, with other assumptions`,
          head: ['miss ns', 'cached', 'locality', 'variant', 'of 8', `of ${MANY}`],
          rows: pairsOf(doubts).map(([few, many]) => [
            few.point.miss,
            few.point.cached,
            few.point.locality,
            few.point.variant,
            few.values.share!,
            many.values.share!,
          ]),
        },
      ],
      plots: [
        {
          name: 'share',
          title: 'Look-ups in the time of the handler',
          x: { title: 'ranges of the container', scale: 'log' },
          y: { title: '%' },
          series: VARIANTS.map((variant) => ({
            name: variant,
            points: RANGES.map((ranges) => [ranges, at(variant, ranges, QUIET).share!] as const),
          })),
        },
        {
          name: 'throughput',
          title: 'What one thread can handle',
          x: { title: 'ranges of the container', scale: 'log' },
          y: { title: 'faults per ms' },
          series: VARIANTS.map((variant) => ({
            name: variant,
            points: RANGES.map((ranges) => [ranges, at(variant, ranges, FLOOD).answered!] as const),
          })),
        },
      ],
      notes: [
        `Fitted: ${usual.rest.toFixed(3)} us of the handler are no look-up, so that v2 with ${measuredRanges} ranges takes ${handler} us.`,
        ...(usual.rest === 0
          ? ['The look-ups alone take longer than that: these costs cannot be those of the measured handler.']
          : []),
        'The seeds have no profile of the handler: the share is what the assumed costs of a pointer make of the number of pointers.',
        'With more ranges the handler takes longer than 1.6 us: that is a prediction, and nobody has measured it.',
      ],
    };
  },
});

function pairsOf(outcomes: readonly LookUpOutcome[]) {
  return outcomes.flatMap((few, index) => (index % 2 === 0 ? [[few, outcomes[index + 1]!] as const] : []));
}

type At = (variant: Variant, ranges: number, load: number) => LookUpOutcome['values'];

function answerOf(at: At): string[] {
  const share = (ranges: number) => at('v2', ranges, QUIET).share!.mean.toFixed(0);
  const gain = (ranges: number, which: 'answered' | 'latency', load: number) => {
    const [before, after] = [at('v2', ranges, load)[which]!.mean, at('handle, range', ranges, load)[which]!.mean];
    return `${((100 * (after - before)) / before).toFixed(0)} %`;
  };
  return [
    `Look-ups are ${share(8)} % of the handler of v2 with 8 ranges, ${share(MANY)} % with ${MANY} and ${share(65_535)} % with 65535.`,
    `A handle that keeps the last range as well changes what one thread can handle by ${gain(8, 'answered', FLOOD)} with 8 ranges and by ` +
      `${gain(MANY, 'answered', FLOOD)} with ${MANY}.`,
    `It changes the time of a fault by ${gain(8, 'latency', QUIET)} and ${gain(MANY, 'latency', QUIET)} where the thread is idle, and by ` +
      `${gain(8, 'latency', BUSY)} and ${gain(MANY, 'latency', BUSY)} at ${BUSY} faults/ms.`,
  ];
}
