/** How the outcomes of `thread-scaling.ts` are told. */
import type { Cell, StudyPlot, StudyResult, StudyTable } from '../../src/simulate/study.ts';
import {
  IOPF_TIME_OUT,
  KNEE_SHARE,
  type NearestScaling,
  P99_RISEN,
  SCALING_HYPOTHESES,
  SCARCE_HELD,
  type ScalingFound,
  type ScalingHypothesis,
  type ScalingOutcome,
  type ScalingValues,
  scalingMean,
  throughputShare,
} from './thread-scaling-hypotheses.ts';

/** Seed 003: threads and change in percent. */
const MEASURED = [
  [8, -0.77],
  [16, -1.1],
  [32, -0.31],
  [64, -0.49],
  [128, -0.72],
  [256, -1.7],
  [384, -4.94],
] as const;
/** Of a request of 1 MB with a fresh source and destination: `constants.md` C.1. */
const FAULTS_OF_REQUEST = 512;

export function scalingTold(
  all: readonly ScalingFound[],
  nearest: NearestScaling | undefined,
  values: ScalingValues,
): StudyResult {
  const found = all.filter(({ sweep }) => sweep.length > 0);
  const without = all.filter(({ sweep }) => sweep.length === 0).map(({ hypothesis }) => hypothesis);
  return {
    answer: [kneeSentence(found, values), timeOutSentence(found, values), lockingSentence(found)],
    tables: [
      summary(found, values),
      bySize('Throughput of a thread, as a share of what it is with the fewest', found, (outcome, { sweep }) =>
        throughputShare(outcome, sweep).toFixed(3),
      ),
      bySize('p99 of a fault, in us', found, (outcome) => scalingMean(outcome, 'p99').toFixed(0)),
      changes(found.filter(({ v7 }) => v7.length > 0)),
    ],
    plots: plotsOf(found),
    notes: [
      ...(nearest
        ? [
            `"for 4.2 s" is the ratio of 4.2 s to the p99, times what is held. ${nearest.hypothesis}, the nearest, so slowed down: ` +
              `${us(scalingMean(nearest.outcome, 'p99'))}, simulated.`,
          ]
        : []),
      `\`between\` is chosen so that ${values.knee} threads use all of what is scarce: nobody has measured it. So where the knee is tells ` +
        'nothing of what makes it, and what comes after the knee does.',
      ...without.map((name) => `${name} has no knee there at all: ${values.knee} threads never use all of it.`),
      `Of ${Math.max(...found.flatMap(({ sweep }) => sweep.map((outcome) => outcome.values.recorded!.mean)))} records at the most, all had ` +
        'room in an event queue of 32768.',
      `A request with ${FAULTS_OF_REQUEST} faults one after the other, as 1 MB of fresh pages has, waits ${FAULTS_OF_REQUEST} times the mean: with ` +
        `${values.threads} threads ${found.map((one) => `${us(FAULTS_OF_REQUEST * scalingMean(last(one), 'mean'))} (${one.hypothesis})`).join(', ')}.`,
      'The look-up is fitted to the row of 384 threads; the other rows follow. The rows to 128 threads are within noise of each other.',
    ],
  };
}

const us = (time: number) =>
  time < 1000
    ? `${time.toFixed(time < 10 ? 1 : 0)} us`
    : time < 1e6
      ? `${(time / 1000).toPrecision(3)} ms`
      : `${(time / 1e6).toPrecision(3)} s`;
const listed = (names: readonly string[]) => (names.length > 0 ? names.join(', ') : 'none');
const last = ({ sweep }: ScalingFound) => sweep.at(-1)!;

/** The knee is where it was seen: between half and three quarters of the threads. */
function isThere({ knee }: ScalingFound, { threads }: ScalingValues): boolean {
  return knee !== undefined && knee.after >= threads / 2 && knee.before <= (threads * 3) / 4;
}

function kneeSentence(found: readonly ScalingFound[], values: ScalingValues): string {
  const there = found.filter((one) => isThere(one, values));
  const needs = there.map(({ hypothesis, between }) => `${hypothesis} (${us(between)})`);
  return (
    `A knee between ${values.threads / 2} and ${(values.threads * 3) / 4} threads can be had from ${there.length} of ${SCALING_HYPOTHESES.length} ` +
    `hypotheses, each alone, if a thread has the right time between two faults: ${listed(needs)}.`
  );
}

function timeOutSentence(found: readonly ScalingFound[], values: ScalingValues): string {
  const late = found.filter((one) => scalingMean(last(one), 'p99') > IOPF_TIME_OUT);
  const tells = [...found]
    .sort((a, b) => a.slower - b.slower)
    .map(
      (one) =>
        `${one.hypothesis} ${us(scalingMean(last(one), 'p99'))} (${us(SCARCE_HELD[one.hypothesis](values) * one.slower)} needed)`,
    );
  const verdict =
    late.length === 0
      ? `None of them answers a fault after 4.2 s with ${values.threads} threads`
      : `With ${values.threads} threads more than 4.2 s is the p99 of ${listed(late.map(({ hypothesis }) => hypothesis))}`;
  return `${verdict}; p99, and how long what is scarce would have to be held each time instead for 4.2 s: ${tells.join(', ')}.`;
}

/** By how much v7 changes throughput, in percent. */
function changeOf(outcome: ScalingOutcome, { sweep }: ScalingFound): number {
  const before = sweep.find(({ point }) => point.threads === outcome.point.threads)!;
  return 100 * (scalingMean(outcome, 'rate') / scalingMean(before, 'rate') - 1);
}

function lockingSentence(found: readonly ScalingFound[]): string {
  const tells = found
    .filter(({ v7 }) => v7.length > 0)
    .map((one) => {
      const rows = one.v7
        .slice(-3)
        .map((outcome) => `${changeOf(outcome, one).toFixed(2)} % with ${outcome.point.threads}`);
      return `${rows.join(', ')} (${one.hypothesis})`;
    });
  return `The domain is found in the report path since v7, and that changes throughput by ${tells.join('; ')}; measured -4.94 % with 384.`;
}

function summary(found: readonly ScalingFound[], values: ScalingValues): StudyTable {
  const fewest = sizesOf(found)[0];
  return {
    title: `Knee: throughput of a thread below ${KNEE_SHARE * 100} %; p99 risen: ${P99_RISEN} times that with ${fewest}`,
    head: ['hypothesis', 'between', 'knee', 'p99 risen', `p99 ${fewest}`, `p99 ${values.threads}`, 'held', 'for 4.2 s'],
    rows: found.map((one) => [
      one.hypothesis,
      us(one.between),
      one.knee ? one.knee.at.toFixed(0) : null,
      one.risen ?? null,
      us(scalingMean(one.sweep[0]!, 'p99')),
      us(scalingMean(last(one), 'p99')),
      us(SCARCE_HELD[one.hypothesis](values)),
      us(SCARCE_HELD[one.hypothesis](values) * one.slower),
    ]),
  };
}

function sizesOf(found: readonly ScalingFound[]): number[] {
  return found[0]?.sweep.map(({ point }) => point.threads) ?? [];
}

/** A row for each number of threads, a column for each hypothesis. */
function bySize(
  title: string,
  found: readonly ScalingFound[],
  cell: (outcome: ScalingOutcome, one: ScalingFound) => Cell,
): StudyTable {
  return {
    title,
    head: ['threads', ...found.map(({ hypothesis }) => hypothesis)],
    rows: sizesOf(found).map((threads, at) => [threads, ...found.map((one) => cell(one.sweep[at]!, one))]),
  };
}

function changes(found: readonly ScalingFound[]): StudyTable {
  const sizes = [...new Set(found.flatMap(({ v7 }) => v7.map(({ point }) => point.threads)))].sort((a, b) => a - b);
  const cell = (threads: number, one: ScalingFound): Cell => {
    const outcome = one.v7.find(({ point }) => point.threads === threads);
    return outcome ? changeOf(outcome, one).toFixed(2) : null;
  };
  return {
    title: 'What v7 changes of the throughput, in percent',
    head: ['threads', 'seed 003', ...found.map(({ hypothesis }) => hypothesis)],
    rows: sizes.map((threads) => [
      threads,
      MEASURED.find(([size]) => size === threads)?.[1] ?? null,
      ...found.map((one) => cell(threads, one)),
    ]),
  };
}

function plotsOf(found: readonly ScalingFound[]): StudyPlot[] {
  const threads = { title: 'threads', scale: 'log' } as const;
  const lines = (y: (outcome: ScalingOutcome, one: ScalingFound) => StudyPlot['series'][number]['points'][number][1]) =>
    found.map((one) => ({
      name: one.hypothesis as string,
      points: one.sweep.map((outcome) => [outcome.point.threads, y(outcome, one)] as const),
    }));
  const scarce = found.find(({ hypothesis }) => hypothesis === ('event-thread' satisfies ScalingHypothesis));
  return [
    {
      name: 'throughput',
      title: 'Throughput of a thread, as a share of what it is with the fewest',
      x: threads,
      y: { title: 'share' },
      series: lines((outcome, { sweep }) => throughputShare(outcome, sweep)),
    },
    {
      name: 'latency',
      title: 'p99 of a fault',
      x: threads,
      y: { title: 'microseconds', scale: 'log' },
      series: lines((outcome) => outcome.values.p99!),
    },
    {
      name: 'change',
      title: 'What v7 changes of the throughput',
      x: threads,
      y: { title: 'percent' },
      series: [
        { name: 'seed 003', points: MEASURED, isMeasured: true },
        ...(scarce
          ? [
              {
                name: 'event-thread',
                points: scarce.v7.map((one) => [one.point.threads, changeOf(one, scarce)] as const),
              },
            ]
          : []),
      ],
    },
  ];
}
