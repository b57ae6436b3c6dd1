/**
 * How far the resident set of the process goes beyond `--max-memory`, in searches that need more than that: what docs/measurements.md
 * says of it. `npm run build` first.
 *
 *     npm run bench:memory                  all, half an hour
 *     npm run bench:memory -- 300M strings  only rows in which these words occur
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL(process.env.FAULTLINE_MAIN ?? '../../dist/src/cli/main.js', import.meta.url));
const BOUNDS = ['300M', '500M', '1G'];
const MEGABYTES: Readonly<Record<string, number>> = { '300M': 300, '500M': 500, '1G': 1024 };
/** A search that has not come to its bound by then shows nothing. */
const SECONDS_MAX = 400;

const folder = mkdtempSync(join(tmpdir(), 'faultline-memory-'));
const file = (name: string, text: string): string => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};

const HEAD = `import { actor, defineSystem, family } from 'faultline';
import { assign, createMachine } from 'xstate';
`;
const strings = file(
  'strings.mjs',
  `${HEAD}
const m = createMachine({ context: { n: 0, s: '' }, on: { GO: { actions: assign({
  n: ({ context }) => context.n + 1, s: ({ context }) => 'x'.repeat(20_000) + context.n,
}) } } });
export default defineSystem({ actors: { a: actor(m, { choices: [{ type: 'GO' }] }) }, deadlock: 'ignore' });
`,
);
const counters = file(
  'counters.mjs',
  `${HEAD}
const m = createMachine({ context: { n: 0 }, on: { GO: { actions: assign({ n: ({ context }) => context.n + 1 }) } } });
export default defineSystem({ actors: family('a', 3, () => actor(m, { choices: [{ type: 'GO' }] })), deadlock: 'ignore' });
`,
);
/** Many values of one actor, large lists in contexts, and an obligation that stays open. */
const lists = file(
  'lists.mjs',
  `${HEAD}
const m = createMachine({ context: { seen: [], n: 0 }, on: { GO: { actions: assign({
  seen: ({ context }) => [...context.seen.slice(-50), context.n], n: ({ context }) => context.n + 1,
}) } } });
const b = createMachine({ initial: 'off', states: { off: { on: { FLIP: 'on' } }, on: { on: { FLIP: 'off' } } } });
export default defineSystem({
  actors: { a: actor(m, { choices: [{ type: 'GO' }] }), b: actor(b, { choices: [{ type: 'FLIP' }] }) }, deadlock: 'ignore',
  properties: ({ leadsTo }) => [leadsTo('on, then off', ({ b }) => b.matches('on'), ({ b }) => b.matches('off'))],
});
`,
);

const OVERFLOW = ['pri-overflow', '--variant', 'fixed', '--set', 'devices=4', '--set', 'pages=3'];
const PHILOSOPHERS = ['dining-philosophers', '--variant', 'left-handed', '--set', 'philosophers=16'];
const ROWS: readonly { readonly name: string; readonly args: readonly string[] }[] = [
  { name: 'pri-overflow, symmetry', args: OVERFLOW },
  { name: 'pri-overflow, --no-symmetry, 1 thread', args: [...OVERFLOW, '--no-symmetry', '--workers', '1'] },
  { name: 'pri-overflow, --no-symmetry, 2 threads', args: [...OVERFLOW, '--no-symmetry', '--workers', '2'] },
  { name: 'pri-overflow, --search dfs', args: [...OVERFLOW, '--search', 'dfs'] },
  { name: 'pri-overflow, --hash-compact', args: [...OVERFLOW, '--hash-compact'] },
  { name: 'pri-overflow, --partial-order', args: [...OVERFLOW, '--partial-order'] },
  { name: 'pri-overflow, --coverage', args: [...OVERFLOW, '--coverage'] },
  { name: 'pri-overflow, progress=true', args: [...OVERFLOW, '--set', 'progress=true'] },
  {
    name: 'pri-overflow, --checkpoint',
    args: [...OVERFLOW, '--checkpoint', join(folder, 'checkpoint'), '--checkpoint-every', '5'],
  },
  { name: 'dining-philosophers, 2 threads', args: [...PHILOSOPHERS, '--workers', '2'] },
  { name: 'dining-philosophers, --search dfs', args: [...PHILOSOPHERS, '--search', 'dfs'] },
  { name: 'dining-philosophers, --hash-compact', args: [...PHILOSOPHERS, '--hash-compact'] },
  { name: 'strings of 20 kB', args: [strings] },
  { name: 'strings, --bitstate', args: [strings, '--bitstate'] },
  { name: 'strings, --search random', args: [strings, '--search', 'random', '--max-steps', '1000000'] },
  { name: 'counters', args: [counters] },
  { name: 'counters, --coverage', args: [counters, '--coverage'] },
  { name: 'lists, leadsTo', args: [lists] },
  { name: 'lists, leadsTo, --search dfs', args: [lists, '--search', 'dfs'] },
];

/** In the process itself: what the system knows of it is the highest value there was. */
const PEAK = `import { isMainThread } from 'node:worker_threads'; import { writeFileSync } from 'node:fs';
if (isMainThread) process.on('exit', () => writeFileSync(process.env.PEAK, String(process.resourceUsage().maxRSS)));`;

interface Measured {
  readonly peakMegabytes: number;
  readonly verdict: string;
  readonly seconds: number;
}

async function measured(args: readonly string[]): Promise<Measured> {
  const peak = join(folder, 'peak');
  rmSync(peak, { force: true });
  rmSync(join(folder, 'checkpoint'), { recursive: true, force: true });
  const started = performance.now();
  const load = `data:text/javascript,${encodeURIComponent(PEAK)}`;
  const child = spawn(process.execPath, ['--import', load, MAIN, 'check', ...args, '--json'], {
    env: { ...process.env, PEAK: peak },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let stdout = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  await new Promise((resolve) => child.on('close', resolve));
  const seconds = (performance.now() - started) / 1000;
  if (!existsSync(peak) || stdout === '')
    return { peakMegabytes: Number.NaN, verdict: `died: ${child.signalCode ?? child.exitCode}`, seconds };
  const [result] = JSON.parse(stdout).results as [{ verdict: string; bound: string | null }];
  return {
    peakMegabytes: Number(readFileSync(peak, 'utf8')) / 1024,
    verdict: [result.verdict, result.bound].filter(Boolean).join(', '),
    seconds,
  };
}

/** Words that a row contains, all of them. */
const words = process.argv.slice(2);
process.stdout.write('| search | bound, MB | peak, MB | ratio | verdict | time |\n|---|---|---|---|---|---|\n');
try {
  for (const bound of BOUNDS) {
    for (const { name, args } of ROWS) {
      if (!words.every((word) => `${bound} ${name}`.includes(word))) continue;
      const { peakMegabytes, verdict, seconds } = await measured([
        ...args,
        ...['--max-memory', bound, '--max-seconds', String(SECONDS_MAX)],
      ]);
      const ratio = peakMegabytes / MEGABYTES[bound]!;
      process.stdout.write(
        `| ${name} | ${MEGABYTES[bound]} | ${peakMegabytes.toFixed(0)} | ${ratio.toFixed(2)} | ${verdict} | ${seconds.toFixed(0)} s |\n`,
      );
    }
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
