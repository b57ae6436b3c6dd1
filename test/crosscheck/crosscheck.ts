/**
 * The whole catalogue in SPIN and Rumur: `npm run crosscheck -- [--quick | --small] [--json] [--only WORD,...] [--jobs N]`.
 *
 * Every variant is exported and searched by both tools. Those that hold must have the same states, steps and depth, and
 * hold; those that are violated the same length of the shortest trace, which must violate the same property when it
 * is replayed here. Of each property of progress SPIN must say what is said here. `--quick`, as CI has it, takes some scenarios in a size that
 * searches in a moment, and the first variant of every third one of the others, in SPIN and Rumur by turns; `--small` takes all variants,
 * of the large scenarios in such a size. Status 1 when anything differs, 2 when a tool is missing.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { catalogue } from '../../machines/races/index.ts';
import { type CompareOptions, type Comparison, compare } from './compare.ts';
import { missingTools } from './tools.ts';

interface Case {
  readonly isQuick: boolean;
  readonly scenario: string;
  readonly variant: string;
  readonly parameters: Readonly<Record<string, number>>;
  /** Left out, both. */
  readonly tool?: 'spin' | 'rumur';
}

/** Of the quick subset: scenarios in a size that searches in a moment, and what is violated in it. */
const QUICK: readonly [scenario: string, variants: readonly string[], parameters: Readonly<Record<string, number>>][] =
  [
    ['pri-overflow', ['fixed', 'no-discard', 'one-pass'], { devices: 1 }],
    ['partial-fallthrough', ['fixed', 'missing-return'], {}],
    ['racing-unmap', ['fixed', 'lock-over-gup', 'late-seq'], {}],
    ['atc-before-tlb', ['no-sync'], { devices: 1 }],
    ['flush-deadlock', ['flush-under-lock'], {}],
    ['group-owners', ['two-owners'], {}],
    ['slow-reader', ['fixed', 'mutex-held'], {}],
    ['dining-philosophers', ['left-handed', 'left-right'], {}],
    ['two-phase-commit', ['fixed', 'hasty'], {}],
    ['peterson', ['fixed', 'turn-first', 'flags-only'], {}],
    ['ping-pong', ['lossy', 'careless'], {}],
    ['bounded-fifo', ['fixed', 'drop', 'unordered'], {}],
    ['deli', ['fixed', 'called-twice'], {}],
    ['single-copy-register', ['fixed', 'two-copies'], {}],
    ['paxos', ['fixed'], { clients: 1 }],
    ['optimistic-commit', ['number-after-validation', 'unlock-first'], {}],
    ['lock-free-set', ['fixed', 'no-recheck'], {}],
    ['two-answers', ['fixed', 'attach-window'], {}],
    ['surviving-partial', ['fixed', 'compares-only'], {}],
    ['undrained-pasid', ['fixed', 'empty-log'], {}],
    ['replace-window', ['fixed', 'window'], {}],
    ['growing-count', ['fixed', 'sets-only'], {}],
    ['missing-interrupt', ['fixed', 'stale-bit'], {}],
    // Progress, with whatever SPIN says of it.
    ['flush-until-empty', ['fixed', 'until-empty'], { groups: 1 }],
    ['unacknowledged-overflow', ['fixed', 'in-shadow'], {}],
    ['identical-fault-loop', ['fixed', 'no-replay'], {}],
    ['iopf-timeout', ['fixed', 'no-timeout'], {}],
    ['read-loop', ['fixed', 'inner-loop'], {}],
    ['stale-readonly-entry', ['fixed', 'no-flush'], {}],
    ['retry-livelock', ['fixed', 'evict-oldest'], {}],
  ];

/** Over a minute for most of their variants at their own size. */
const LARGE: ReadonlySet<string> = new Set([
  'pri-overflow',
  'racing-unmap',
  'atc-before-tlb',
  'group-owners',
  'optimistic-commit',
  'lock-free-set',
  'paxos',
]);

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    small: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    only: { type: 'string' },
    jobs: { type: 'string' },
  },
});

const missing = missingTools();
if (missing.length > 0) {
  console.error(`crosscheck needs ${missing.join(', ')}: apt-get install spin rumur gcc`);
  process.exit(2);
}

const everything = catalogue.flatMap(({ name, variants }) =>
  Object.keys(variants).map((variant): Case => ({ isQuick: false, scenario: name, variant, parameters: {} })),
);
const chosen = QUICK.flatMap(([scenario, variants, parameters]) =>
  variants.map((variant): Case => ({ isQuick: true, scenario, variant, parameters })),
);
// Every third one: all of them take longer than CI should.
const others = catalogue
  .filter(({ name }) => !QUICK.some(([scenario]) => scenario === name))
  .filter((_, index) => index % 3 === 0);
const quick = [
  ...chosen,
  // Most of the time goes into compiling, so that these are shared out.
  ...others.map(({ name, variants }, index): Case => {
    const tool = index % 2 === 0 ? 'spin' : 'rumur';
    return { isQuick: true, scenario: name, variant: Object.keys(variants)[0]!, parameters: {}, tool };
  }),
];
const words = values.only?.split(',') ?? [];
const isLarge = ({ scenario }: Case) => LARGE.has(scenario);
const small = [...everything.filter((one) => !isLarge(one)), ...chosen.filter(isLarge)];
const cases = (values.quick ? quick : values.small ? small : everything).filter(
  (one) => words.length === 0 || words.some((word) => nameOf(one).includes(word)),
);

const jobs = Number(values.jobs ?? Math.min(2, availableParallelism()));
const folder = mkdtempSync(join(tmpdir(), 'faultline-crosscheck-'));
const results: (Comparison | undefined)[] = cases.map(() => undefined);
const failures: string[] = [];
try {
  let next = 0;
  const work = async () => {
    for (let at = next++; at < cases.length; at = next++) {
      const one = cases[at]!;
      const options: CompareOptions = one.isQuick
        ? { allStatesMax: 0, ...(one.tool && { tool: one.tool }) }
        : { depthFirst: true, allStatesMax: 150_000 };
      const path = join(folder, String(at));
      try {
        results[at] = await compare(nameOf(one), build(one), path, options);
      } catch (error) {
        failures.push(`${nameOf(one)}: ${error instanceof Error ? error.message : error}`);
      }
      rmSync(path, { recursive: true, force: true });
      if (!values.json) console.error(`[${at + 1}/${cases.length}] ${nameOf(one)}`);
    }
  };
  await Promise.all(Array.from({ length: jobs }, work));
} finally {
  rmSync(folder, { recursive: true, force: true });
}

const found = results.filter((result) => result !== undefined);
if (values.json) {
  const withoutTraces = JSON.stringify(found, (key, value) => (key === 'trace' ? undefined : value), 2);
  console.log(withoutTraces);
} else {
  console.log(table(found));
}
for (const { name, differences } of found)
  for (const difference of differences) console.error(`DIFFERS ${name}: ${difference}`);
for (const failure of failures) console.error(`FAILED ${failure}`);
const bad = found.some(({ differences }) => differences.length > 0) || failures.length > 0;
console.error(
  bad ? 'SPIN, Rumur and Faultline do not agree' : `SPIN, Rumur and Faultline agree on ${found.length} systems`,
);
process.exitCode = bad ? 1 : 0;

function build({ scenario, variant, parameters }: Case) {
  const definition = catalogue.find(({ name }) => name === scenario)!;
  return definition.build(definition.parameters.parse(parameters) as Record<string, unknown>, variant);
}

function nameOf({ scenario, variant, parameters }: Case): string {
  return [scenario, variant, ...Object.entries(parameters).map(([name, value]) => `${name}=${value}`)].join(' ');
}

/** For a violated system, the counts are those of all its states, where they were compared. */
function table(comparisons: readonly Comparison[]): string {
  const text = (value: number | undefined) => (value === undefined ? '' : value.toLocaleString('en-US'));
  const rows = comparisons.map(({ name, ours, all, spin, rumur, differences, seconds }) => {
    const counts = ours.verdict === 'holds' ? ours : all;
    const traces = [ours, spin, rumur].map((found) => text(found?.traceLength) || '-').join('/');
    return [
      name,
      ours.verdict,
      text(counts?.states),
      text(counts?.steps),
      ours.verdict === 'holds' ? text(ours.depth) : '',
      ours.verdict === 'holds' ? '' : traces,
      differences.length === 0 ? 'agree' : 'DIFFER',
      seconds.toFixed(1),
    ];
  });
  const head = ['system', 'verdict', 'states', 'steps', 'depth', 'trace: ours/SPIN/Rumur', 'all', 's'];
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]!.length)));
  const right = new Set([2, 3, 4, 7]);
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) => (right.has(column) ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!)))
      .join('  ')
      .trimEnd();
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}
