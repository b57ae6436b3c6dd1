/**
 * How fast the search is, and what one state costs: `npm run bench [-- --runs 5]`.
 *
 * Each system is searched by the tabulated engine several times (median and spread), and once by the naive twin that steps XState
 * snapshots, on a smaller size of the same system and in the same run; the ratio of their step rates is what tabulating buys.
 */
import { parseArgs } from 'node:util';
import Table from 'cli-table3';
import { catalogue } from '../../machines/scenarios/index.ts';
import { check } from '../../src/explore/check.ts';
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

function build({ scenario, variant }: Case, size: Record<string, unknown>): System {
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
