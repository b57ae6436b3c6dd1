/**
 * `npm run mutants`: makes each mutant of the list in a copy of this tree, runs the tests that should notice, and says which did.
 *
 *   --only TEXT   those whose file or name contains it; may be given several times
 *   --jobs N      so many at a time (default: half of the cores)
 *   --check       only whether each can be made: nothing is run
 *   --green       takes for granted that the tests pass without mutants: half of the work
 *   --json        one JSON document on stdout instead of lines
 *   --seconds N   how long a test run may take before it counts as one that does not end (default: 600)
 *
 * Status 1 when under 90 % are killed, when one survives that is not listed with a reason, or when one is broken. Before a
 * mutant counts as killed, its tests have passed without it.
 */
import { execFileSync, spawn } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { mutants } from './list/index.ts';
import { Broken, type Mutant, mutated, type Outcome, outcomeOf, type Report, type Tried, totalsOf } from './mutant.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const { values: options } = parseArgs({
  options: {
    only: { type: 'string', multiple: true, default: [] },
    jobs: { type: 'string', default: String(Math.max(1, availableParallelism() >> 1)) },
    check: { type: 'boolean', default: false },
    green: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    seconds: { type: 'string', default: '600' },
  },
});
const wanted = mutants.filter(
  ({ file, name }) => options.only.length === 0 || options.only.some((text) => `${file}: ${name}`.includes(text)),
);

/** A copy of the tree to make mutants in. */
class Copy {
  readonly folder = mkdtempSync(join(tmpdir(), 'faultline-mutants-'));
  readonly #cache = join(this.folder, 'mutant-cache');

  constructor() {
    const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
      cwd: root,
      encoding: 'utf8',
      maxBuffer: 2 ** 26,
    });
    for (const file of new Set(listed.split('\0').filter((name) => name !== '' && existsSync(join(root, name))))) {
      mkdirSync(dirname(join(this.folder, file)), { recursive: true });
      cpSync(join(root, file), join(this.folder, file));
    }
    symlinkSync(realpathSync(join(root, 'node_modules')), join(this.folder, 'node_modules'));
  }

  async try(mutant: Mutant): Promise<Outcome> {
    const path = join(this.folder, mutant.file);
    const source = readFileSync(path, 'utf8');
    try {
      writeFileSync(path, mutated(source, mutant));
      return await this.test(mutant);
    } catch (error) {
      if (!(error instanceof Broken)) throw error;
      return { kind: 'broken', why: error.message };
    } finally {
      writeFileSync(path, source);
    }
  }

  /** Runs tests until the first one fails. */
  async test({ tests, only }: Pick<Mutant, 'tests' | 'only'>): Promise<Outcome> {
    const file = join(this.folder, 'mutant-report.json');
    rmSync(file, { force: true });
    const args = [...tests, '--bail', '1', '--maxWorkers', '1', '--reporter', 'json', '--outputFile', file];
    // Nearly all files are as they were: what they come to is kept from one run to the next.
    args.push('--experimental.fsModuleCache', '--experimental.fsModuleCachePath', this.#cache);
    if (only !== undefined) args.push('--testNamePattern', only);
    const vitest = spawn(process.execPath, [join(this.folder, 'node_modules/vitest/vitest.mjs'), 'run', ...args], {
      cwd: this.folder,
      stdio: 'ignore',
      detached: true,
    });
    running.add(vitest.pid!);
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      process.kill(-vitest.pid!, 'SIGKILL');
    }, Number(options.seconds) * 1000);
    const status = await new Promise<number | null>((resolve, reject) => {
      vitest.on('error', reject);
      vitest.on('exit', resolve);
    });
    clearTimeout(timer);
    running.delete(vitest.pid!);
    const report = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Report) : undefined;
    return outcomeOf(report, isLate ? undefined : status);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

const running = new Set<number>();
const copies: Copy[] = [];
const clear = () => {
  for (const pid of running) process.kill(-pid, 'SIGKILL');
  for (const copy of copies) copy.remove();
};
for (const [signal, status] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const) {
  process.on(signal, () => {
    clear();
    process.exit(status);
  });
}

/** By the tests: what they say without any mutant. */
const healthy = new Map<string, Promise<Outcome>>();
const withoutMutant = (copy: Copy, { tests, only }: Mutant): Promise<Outcome> => {
  const key = JSON.stringify([tests, only]);
  const known = healthy.get(key) ?? copy.test({ tests, ...(only !== undefined && { only }) });
  healthy.set(key, known);
  return known;
};

async function outcome(copy: Copy, mutant: Mutant): Promise<Outcome> {
  if (options.check) {
    try {
      mutated(readFileSync(join(root, mutant.file), 'utf8'), mutant);
      return { kind: 'survived', why: 'can be made' };
    } catch (error) {
      return { kind: 'broken', why: (error as Error).message };
    }
  }
  if (!options.green) {
    const before = await withoutMutant(copy, mutant);
    if (before.kind === 'killed') return { kind: 'broken', why: `its tests fail without it: ${before.why}` };
    if (before.kind === 'broken') return before;
  }
  return copy.try(mutant);
}

const waiting = [...wanted];
const tried: Tried[] = [];
const jobs = options.check ? 1 : Math.min(Number(options.jobs), waiting.length);
if (!(jobs >= 1)) throw new Error(`--jobs ${options.jobs}: there are ${wanted.length} mutants to try`);
try {
  copies.push(...Array.from({ length: jobs }, () => new Copy()));
  await Promise.all(
    copies.map(async (copy) => {
      for (let mutant = waiting.shift(); mutant; mutant = waiting.shift()) {
        const one = { mutant, outcome: await outcome(copy, mutant) };
        tried.push(one);
        const { kind, why } = one.outcome;
        const reason = kind === 'survived' && mutant.survives !== undefined ? `listed: ${mutant.survives}` : why;
        const line = `${kind.padEnd(8)} ${mutant.file}: ${mutant.name} (${reason})`;
        if (!options.check || kind === 'broken') process.stderr.write(`${tried.length}/${wanted.length} ${line}\n`);
      }
    }),
  );
} finally {
  clear();
}

const totals = totalsOf(tried);
if (options.json) {
  const results = tried.map(({ mutant, outcome }) => ({ ...mutant, ...outcome }));
  console.log(JSON.stringify({ totals, results }, undefined, 2));
} else if (options.check) {
  console.log(`${tried.length} mutants, ${totals.broken} broken`);
} else {
  const { killed, survived, broken, unlisted, listedButKilled, score } = totals;
  console.log(
    `${tried.length} mutants: ${killed} killed (${(100 * score).toFixed(1)} %), ${survived} survived, ${unlisted} of them without a reason, ${broken} broken`,
  );
  if (listedButKilled > 0) console.log(`${listedButKilled} are listed as survivors, and were killed`);
}
process.exitCode = options.check ? Number(totals.broken > 0) : Number(!totals.isGood);
