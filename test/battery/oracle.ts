/**
 * Holds every search against an oracle: a breadth-first search of its own on XState snapshots, written from docs/semantics.md and
 * docs/liveness.md alone, on random systems that mix channels, timers, symmetry, fairness and progress.
 *
 *   npm run battery:oracle -- [--count 3000] [--seed 1]
 *
 * Without `--seed` the seed is `FAULTLINE_SEED`, or 1. Ends with status 1 at the first contradiction, and says how to repeat it; and after 1000
 * systems or more when a kind of system never occurred.
 */
import { parseArgs } from 'node:util';
import { seedOr } from '../seed.ts';
import { runOracle } from './oracle/run.ts';

const EXPECTED_KINDS = [
  'holds',
  'violated: always',
  'violated: reachable',
  'violated: happens',
  'violated: monitor',
  'violated: hot monitor',
  'violated: eventually',
  'violated: leadsTo',
  'violated: infinitelyOften',
  'violated: deadlock',
  'model error: unhandled-message',
  'model error: unknown-actor',
  'model error: endless-loop',
  'model error: exception',
  'with a symmetry refused',
  'with symmetry used',
  'smaller by symmetry',
  'with steps or states left out',
  'with a cycle told',
  'with a run told that stops',
  'with a dead end told',
  'unknown by states',
  'unknown by walks',
  'unknown by bits',
  'unknown by cycles',
  'decided by strong fairness',
  'decided by a word for weak fairness',
  'timers, channels, symmetry and fairness in one',
  '20 states or more',
] as const;
const KINDS_COUNT = 1000;

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '3000' },
    seed: { type: 'string', default: String(seedOr(1)) },
  },
});
const count = Number(values.count);
const seed = Number(values.seed);
if (!Number.isSafeInteger(count) || count < 1 || !Number.isSafeInteger(seed)) {
  console.error(`--count ${values.count} --seed ${values.seed}: expected whole numbers`);
  process.exit(3);
}
console.log(`seed ${seed}, ${count} systems`);
const { kinds, contradiction } = await runOracle({
  ...{ seed, count },
  onSystem: (done) => {
    if (done % 100 === 0) console.log(`${done} of ${count} systems, no contradiction`);
  },
});
if (contradiction !== undefined) {
  console.error(`\na contradiction ${contradiction}`);
  console.error(`repeat it: npm run battery:oracle -- --count ${count} --seed ${seed}`);
  process.exit(1);
}
for (const [kind, times] of [...kinds].sort(([one], [other]) => (one < other ? -1 : 1))) {
  console.log(`${String(times).padStart(6)}  ${kind}`);
}
const missing = count < KINDS_COUNT ? [] : EXPECTED_KINDS.filter((kind) => !kinds.has(kind));
if (missing.length > 0) {
  console.error(`these kinds never occurred, so the run says nothing about them: ${missing.join(', ')}`);
  process.exit(1);
}
console.log(`${count} systems: no contradiction`);
