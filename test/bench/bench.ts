/**
 * How fast the search is, and what one state costs: `npm run bench [-- --runs 5]`.
 *
 * Each system is searched by the tabulated engine several times (median and spread), and once by the naive twin that steps XState
 * snapshots, on a smaller size of the same system and in the same run; the ratio of their step rates is what tabulating buys.
 *
 * Then, what a property of progress costs that has to look at the whole graph: the time and memory of the search for fair cycles,
 * beside those of the search for states.
 */
import { parseArgs } from 'node:util';
import Table from 'cli-table3';
import { catalogue } from '../../machines/races/index.ts';
import { check } from '../../src/explore/check.ts';
import { infinitelyOften } from '../../src/system/property.ts';
import type { System } from '../../src/system/system.ts';
import { checkNaively } from '../naive-checker.ts';

interface Case {
  readonly scenario: string;
  readonly variant: string;
  readonly size: Record<string, unknown>;
  /** A size that the naive twin finishes in seconds. */
  readonly small: Record<string, unknown>;
}

const CASES: readonly Case[] = [
  { scenario: 'pri-overflow', variant: 'fixed', size: {}, small: { devices: 1 } },
  { scenario: 'dining-philosophers', variant: 'all-states', size: { philosophers: 12 }, small: { philosophers: 7 } },
  { scenario: 'two-phase-commit', variant: 'fixed', size: { managers: 8 }, small: { managers: 4 } },
];

const { values } = parseArgs({ options: { runs: { type: 'string', default: '5' } } });
const runs = Number(values.runs);

function build({ scenario, variant }: Pick<Case, 'scenario' | 'variant'>, size: Record<string, unknown>): System {
  const found = catalogue.find(({ name }) => name === scenario);
  if (!found) throw new Error(`the catalogue has no ${scenario}`);
  return found.build(found.parameters.parse(size), variant);
}

const table = new Table({
  head: [
    'system',
    'states',
    'steps',
    'k states/s',
    'M steps/s',
    'min-max',
    'B/state',
    'XState calls',
    'naive k steps/s',
    'ratio',
  ],
  style: { head: [], border: [] },
});
for (const benchCase of CASES) {
  const rates: number[] = [];
  let last: Awaited<ReturnType<typeof check>> | undefined;
  for (let run = 0; run < runs; run++) {
    last = await check(build(benchCase, benchCase.size), { symmetry: false });
    rates.push(last.steps / last.seconds);
  }
  rates.sort((a, b) => a - b);
  const median = rates[Math.floor(rates.length / 2)]!;
  const small = build(benchCase, benchCase.small);
  const started = performance.now();
  const naive = checkNaively(small);
  const naiveRate = (naive.steps / (performance.now() - started)) * 1000;
  const { states, steps, bytesPerState, xstateTransitions } = last!;
  const million = (rate: number) => (rate / 1e6).toFixed(2);
  table.push([
    `${benchCase.scenario} ${benchCase.variant} ${JSON.stringify(benchCase.size)}`,
    states,
    steps,
    (((median / steps) * states) / 1e3).toFixed(0),
    million(median),
    `${million(rates[0]!)}-${million(rates.at(-1)!)}`,
    bytesPerState.toFixed(1),
    xstateTransitions,
    (naiveRate / 1e3).toFixed(1),
    (median / naiveRate).toFixed(0),
  ]);
}
process.stdout.write(`Node ${process.version}, one thread, ${runs} runs each, medians\n${table.toString()}\n`);

const PROGRESS_CASES: readonly Omit<Case, 'small'>[] = [
  { scenario: 'two-phase-commit', variant: 'fixed', size: { managers: 8 } },
  // One component that holds nearly all states.
  { scenario: 'dining-philosophers', variant: 'all-states', size: { philosophers: 13 } },
];
const progress = new Table({
  head: ['system', 'states', 's', 's, cycles', 'ratio (min-max)', 'B/state', 'B/state more'],
  style: { head: [], border: [] },
});
for (const progressCase of PROGRESS_CASES) {
  const measured: { states: number; seconds: number; more: number; bytes: number; moreBytes: number }[] = [];
  for (let run = 0; run < runs; run++) {
    const system = build(progressCase, progressCase.size);
    const states = await check(system, { symmetry: false });
    // Every state is outside the goal, so every state and step is looked at.
    const never = infinitelyOften('never', () => false);
    const cycles = await check({ ...system, properties: [...system.properties, never] }, { symmetry: false });
    measured.push({
      states: states.states,
      seconds: states.seconds,
      more: cycles.seconds - states.seconds,
      bytes: states.bytesPerState,
      moreBytes: cycles.bytesPerState - states.bytesPerState,
    });
  }
  measured.sort((a, b) => a.more / a.seconds - b.more / b.seconds);
  const { states, seconds, more, bytes, moreBytes } = measured[Math.floor(runs / 2)]!;
  const [first, last] = [measured[0]!, measured.at(-1)!];
  progress.push([
    `${progressCase.scenario} ${progressCase.variant} ${JSON.stringify(progressCase.size)}`,
    states,
    seconds.toFixed(2),
    more.toFixed(2),
    `${(more / seconds).toFixed(2)} (${(first.more / first.seconds).toFixed(2)}-${(last.more / last.seconds).toFixed(2)})`,
    bytes.toFixed(1),
    moreBytes.toFixed(1),
  ]);
}
process.stdout.write(
  `\nA property of progress over all states, the run that violates it included\n${progress.toString()}\n`,
);
