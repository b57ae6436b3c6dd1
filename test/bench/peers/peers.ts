/**
 * Faultline, SPIN and Rumur side by side: `npm run bench:peers -- [--quick] [--counts] [--runs 5] [--only spin,pri]
 * [--workers 2] [--json]`.
 *
 * The systems are the scenarios in `cases.ts` and hand-written models of the same systems, with the same states and steps;
 * a difference is an error. In each round every tool runs once, one after the other, so that a busy machine hurts all of
 * them alike. What the numbers mean, and what each tool leaves out, is in README.md.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { parseArgs } from 'node:util';
import { type Case, COMPARED, LARGE, SMALL } from './cases.ts';
import { differences, runOnce } from './counts.ts';
import { benchmarkTable, plainTable, type Run, ratios, summary } from './report.ts';
import { buildMeasure, faultline, installed, measured, type Outcome, PEERS } from './tools.ts';

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    counts: { type: 'boolean', default: false },
    runs: { type: 'string' },
    only: { type: 'string', default: '' },
    workers: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
  },
});
const say = (text: string) => process.stderr.write(`${text}\n`);

const versions = installed();
const missing = (['gcc', 'spin', 'rumur'] as const).filter((tool) => versions[tool] === undefined);
if (versions.gcc === undefined) {
  say('SKIPPED: gcc is not installed, and without it no peer can be built (Debian: apt-get install gcc spin rumur)');
  if (values.json) process.stdout.write(`${JSON.stringify({ skipped: missing, results: [] })}\n`);
  process.exit(0);
}
for (const tool of missing) say(`SKIPPED: ${tool} is not installed (Debian: apt-get install ${tool})`);

const words = values.only.split(',').filter((word) => word !== '');
const wanted = <T extends { readonly name: string }>(all: readonly T[]): readonly T[] => {
  const some = all.filter(({ name }) => words.some((word) => name.includes(word)));
  return some.length > 0 ? some : all;
};
const workers = Number(values.workers);
const ours = [faultline(1), faultline(1, 'reduced'), ...(workers > 1 ? [faultline(workers)] : [])];
const tools = [...ours, ...wanted(PEERS.filter(({ family }) => versions[family as 'spin' | 'rumur'] !== undefined))];
const folder = mkdtempSync(`${tmpdir()}/faultline-peers-`);
const failures: string[] = [];
try {
  buildMeasure(folder);
  if (values.counts) compareCounts(wanted(COMPARED));
  else benchmark(wanted(values.quick ? SMALL : LARGE), Number(values.runs ?? (values.quick ? 1 : 5)));
} finally {
  rmSync(folder, { recursive: true });
}
for (const failure of failures) say(`DIFFERS: ${failure}`);
process.exitCode = failures.length > 0 ? 1 : 0;

function compareCounts(cases: readonly Case[]): void {
  const rows: unknown[] = [];
  const table = plainTable(['system', 'tool', 'verdict', 'states', 'steps', 'depth', 'trace'], 3);
  for (const [at, target] of cases.entries()) {
    let reference: Outcome | undefined;
    for (const [i, tool] of tools.entries()) {
      const outcome = runOnce(tool, target, `${folder}/${at}-${i}`, folder, reference?.states ?? 1_000_000);
      reference ??= outcome;
      const { verdict, states, steps, depth, traceLength } = outcome;
      failures.push(...differences(tool, outcome, reference).map((what) => `${target.name}, ${tool.name}: ${what}`));
      rows.push({ case: target.name, tool: tool.name, ...outcome });
      const cells = [states, steps, depth, traceLength].map((count) => count?.toLocaleString('en') ?? '');
      table.push([i === 0 ? target.name : '', tool.name, verdict, ...cells]);
    }
  }
  process.stdout.write(
    values.json ? `${JSON.stringify({ skipped: missing, results: rows })}\n` : `${table.toString()}\n`,
  );
}

function benchmark(cases: readonly Case[], runs: number): void {
  const machine = `${cpus().length} x ${cpus()[0]?.model.trim()}`;
  const print = (text: string) => {
    if (!values.json) process.stdout.write(text);
  };
  print(`${machine}, Node ${process.version}, ${versions.gcc}\n`);
  print(`${versions.spin ?? 'no SPIN'}; ${versions.rumur ?? 'no Rumur'}; medians of ${runs}\n`);
  const results = cases.map((target, at) => {
    const rows = compareSpeeds(target, runs, `${folder}/${at}`);
    print(`\n${target.name}: ${rows[0]!.states} states, ${rows[0]!.steps} steps\n${benchmarkTable(rows)}\n`);
    return { case: target.name, rows };
  });
  print(
    '\nx: how many times Faultline (with as many workers as the tool has threads, if that was run) is better: in steps/s\n' +
      'of the search, in time to the verdict (build and wall), in CPU time, in resident bytes; below 1 it is worse.\n',
  );
  if (!values.json) return;
  const about = { versions, machine, node: process.version, runs, skipped: missing };
  process.stdout.write(`${JSON.stringify({ ...about, results })}\n`);
}

function compareSpeeds(target: Case, runs: number, directory: string) {
  say(`${target.name}: builds`);
  const first = runOnce(ours[0]!, target, directory, folder, 0);
  const contenders = tools.map((tool, i) => {
    const started = performance.now();
    const command = tool.build(target, `${directory}-${i}`, first.states);
    const buildSeconds = (performance.now() - started) / 1000;
    return { tool, directory: `${directory}-${i}`, command, buildSeconds, runs: [] as Run[] };
  });
  for (let round = 1; round <= runs; round++) {
    say(`${target.name}: round ${round} of ${runs}, load ${loadavg()[0]!.toFixed(1)}`);
    for (const { tool, directory, command, runs: done } of contenders) {
      const { output, cost } = measured(tool, command, directory, folder);
      const outcome = tool.read(output, target, cost);
      done.push({ outcome, cost });
      failures.push(...differences(tool, outcome, first).map((what) => `${target.name}, ${tool.name}: ${what}`));
    }
  }
  const rows = contenders.map(({ tool, buildSeconds, runs: done }) => summary(tool, buildSeconds, done));
  return rows.map((row) => ({ ...row, ...ratios(row, rows) }));
}
