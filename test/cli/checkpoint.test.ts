/** A search that is killed, at any moment, and gone on with. */
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { constants, hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { twoPhaseCommit } from '../../machines/textbook/two-phase-commit.ts';
import { checkDocumentSchema } from '../../src/cli/documents.ts';
import { lock } from '../../src/cli/lock-file.ts';
import { folderWith, ModuleProcess, run, spawned, start } from './harness.ts';

const { path: folder, remove } = folderWith({});
const other = new ModuleProcess();
afterAll(() => {
  other.end();
  remove();
});

const dining = (philosophers: number) => [
  'check',
  'dining-philosophers',
  '--variant',
  'all-states',
  '--set',
  `philosophers=${philosophers}`,
  '--json',
];
const file = (directory: string) => join(directory, 'search.checkpoint');

async function outcomeOf(args: readonly string[]) {
  const { stdout } = await other.run(args, folder);
  const [result] = checkDocumentSchema.parse(JSON.parse(stdout)).results;
  const { verdict, states, steps, depth, properties } = result!;
  return { verdict, states, steps, depth, properties };
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await wait(5);
}

describe('a search with checkpoints', () => {
  it('that is killed ends, resumed, as one that was not', { timeout: 120_000 }, async () => {
    const args = dining(11);
    const whole = await outcomeOf(args);
    expect(whole.states).toBe(177_146);
    for (const [index, delay] of [0, 37, 150].entries()) {
      const directory = join(folder, `killed${index}`);
      const { child, ended } = start([
        ...args,
        ...['--checkpoint', directory, '--checkpoint-every', '0.02', '--workers', '1'],
      ]);
      await until(() => existsSync(file(directory)));
      await wait(delay);
      child.kill('SIGKILL');
      expect((await ended).status).toBe(128 + constants.signals.SIGKILL);
      expect(await outcomeOf([...args, '--resume', directory])).toEqual(whole);
    }
  });

  it('saves what it has done when it is interrupted', { timeout: 240_000 }, async () => {
    const directory = join(folder, 'interrupted');
    const { child, ended } = start([...dining(13), '--checkpoint', directory, '--checkpoint-every', '0.2']);
    await until(() => existsSync(file(directory)));
    await wait(300);
    child.kill('SIGINT');
    const { status, stdout } = await ended;
    expect(status).toBe(2);
    const { bound, states } = checkDocumentSchema.parse(JSON.parse(stdout)).results[0]!;
    expect(bound).toBe('interrupted');
    expect(readdirSync(directory)).toEqual(['search.checkpoint']);
    // It goes on where that one was, and is stopped again at once.
    const args = [...dining(13), '--resume', directory, '--max-states', String(states + 1)];
    const again = await other.run(args, folder);
    const [resumed] = checkDocumentSchema.parse(JSON.parse(again.stdout)).results;
    expect(resumed!.bound).toBe('states');
    expect(resumed!.states).toBeGreaterThan(states);
  });

  it('refuses what is no checkpoint of it, and says why', { timeout: 240_000 }, async () => {
    const small = ['check', 'two-phase-commit', '--variant', 'fixed', '--set', 'managers=7'];
    const directory = join(folder, 'small');
    const inProcess = (args: readonly string[]) => run(args, { catalogue: [twoPhaseCommit] });
    const refused = async (args: readonly string[]) => {
      const { status, stderr, stdout } = await inProcess(args);
      expect([status, stdout]).toEqual([3, '']);
      return stderr;
    };
    expect(await refused([...small, '--resume', directory])).toContain('there is no search.checkpoint');
    const slow = [...small, '--max-seconds', '0.000001', '--checkpoint', directory, '--json'];
    expect((await inProcess(slow)).status).toBe(2);
    expect((await inProcess([...small, '--resume', directory])).status).toBe(0);
    expect(await refused([...small, '--no-symmetry', '--resume', directory])).toContain('with symmetry');
    const fewer = ['check', 'two-phase-commit', '--variant', 'fixed', '--set', 'managers=5', '--resume', directory];
    expect(await refused(fewer)).toContain('managers=7');
    for (const wrong of [['--search', 'dfs'], ['--hash-compact'], ['--coverage'], ['--checkpoint-every', '3']]) {
      expect(await refused([...small, '--resume', directory, ...wrong])).toMatch(/--resume|--checkpoint/);
    }
    expect(await refused(['check', 'two-phase-commit', '--resume', directory])).toContain('is for one search');
    const bytes = readFileSync(file(directory));
    bytes[bytes.length >> 1]! ^= 1;
    writeFileSync(file(directory), bytes);
    expect(await refused([...small, '--resume', directory])).toContain('damaged');
    writeFileSync(join(folder, 'plain'), '');
    expect(await refused([...small, '--checkpoint', join(folder, 'plain')])).toContain('cannot make this directory');
  });
});

/** Counters of a module whose helper and environment say how far they go, and which state is bad. */
const MODULE = `
import { actor, defineSystem, family } from 'faultline';
import { assign, createMachine } from 'xstate';
import { limit } from './limit.ts';
const below = (n) => n < Number(process.env.LIMIT ?? limit);
const bad = Number(process.env.BAD ?? 100);
const machine = createMachine({
  context: { n: 0 },
  on: { GO: { guard: ({ context }) => below(context.n), actions: assign({ n: ({ context }) => context.n + 1 }) } },
});
export const system = defineSystem({
  actors: family('d', 5, () => actor(machine, { choices: [{ type: 'GO' }] })),
  deadlock: 'ignore',
  properties: ({ always }) => [
    always('not bad', (v) => !(v.get('d0').context.n === bad && [1, 2, 3, 4].every((i) => v.get('d' + i).context.n === 0))),
  ],
});
`;

describe('a checkpoint is of one search', () => {
  const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
  const paused = (directory: string) => ['check', 'counted.mjs', '--max-states', '4000', '--checkpoint', directory];
  const check = (args: readonly string[], variables?: NodeJS.ProcessEnv) => spawned(args, folder, variables);

  /** What a search has done until its bound is saved once, for all tests, each of which has a copy. */
  beforeAll(async () => {
    writeModule();
    const { status, stderr } = await check([...paused('saved'), '--checkpoint-every', '0.000001']);
    expect(status).toBe(2);
    expect(stderr).toMatch(
      /a search that --max-states or .* ends saves nothing at its end: what is saved there is of /,
    );
    expect(existsSync(file(join(folder, 'saved')))).toBe(true);
  });
  function writeModule() {
    write('counted.mjs', MODULE);
    write('limit.ts', 'export const limit: number = 9;\n');
  }
  function save(directory: string) {
    writeModule();
    cpSync(join(folder, 'saved'), join(folder, directory), { recursive: true });
  }
  const resumed = (directory: string, variables: NodeJS.ProcessEnv = {}) =>
    check(['check', 'counted.mjs', '--resume', directory, '--max-states', '5000'], variables);

  it('of the same sources: the module, and what it imports', { timeout: 240_000 }, async () => {
    save('sources');
    expect((await resumed('sources')).status).toBe(2);
    write('limit.ts', 'export const limit: number = 12;\n');
    const helper = await resumed('sources');
    expect([helper.status, helper.stderr]).toEqual([3, expect.stringContaining('the module limit.ts was')]);
    write('limit.ts', 'export const limit: number = 9;\n');
    write('counted.mjs', MODULE.replace('?? 100', '?? 3'));
    const module = await resumed('sources');
    expect([module.status, module.stderr]).toEqual([3, expect.stringContaining('the module counted.mjs was')]);
  });

  it('of the same environment, as far as it matters', { timeout: 240_000 }, async () => {
    save('environment');
    expect((await resumed('environment', { LIMIT: '2' })).stderr).toContain('is not what it was');
    const violated = await resumed('environment', { BAD: '3' });
    expect([violated.status, violated.stdout]).toEqual([1, expect.stringContaining('violated: not bad')]);
  });

  it('that nobody replaces by accident, and that one search at a time writes', { timeout: 240_000 }, async () => {
    save('kept');
    const directory = join(folder, 'kept');
    const another = await check(paused('kept'));
    expect([another.status, another.stdout]).toEqual([3, '']);
    expect(another.stderr).toMatch(/there is a checkpoint of `counted.mjs` with [\d,]+ states, .* old/);
    expect(another.stderr).toContain('or replace it by --force');
    writeFileSync(join(directory, 'search.checkpoint.0123456789abcdef.tmp'), 'half of one');
    expect((await check([...paused('kept'), '--force'])).status).toBe(2);
    expect(readdirSync(directory)).toEqual(['search.checkpoint']);

    const release = lock(join(directory, 'search.lock')) as () => void;
    for (const option of ['--checkpoint', '--resume']) {
      const refused = await check(['check', 'counted.mjs', option, 'kept']);
      expect([refused.status, refused.stderr]).toEqual([3, expect.stringContaining(`by process ${process.pid}`)]);
    }
    release();
    // Of a process that is no more.
    writeFileSync(join(directory, 'search.lock'), JSON.stringify({ pid: 2 ** 22 + 1, host: hostname(), started: '' }));
    expect((await check([...paused('kept'), '--resume', 'kept'])).status).toBe(2);
    expect(readdirSync(directory)).toEqual(['search.checkpoint']);
  });

  it('that cannot be written is a warning, and the search goes on', { timeout: 240_000 }, async () => {
    writeModule();
    // A folder in its place, which nothing replaces.
    mkdirSync(join(folder, 'full', 'search.checkpoint', 'in the way'), { recursive: true });
    const { status, stdout, stderr } = await check([...paused('full'), '--force', '--checkpoint-every', '0.01']);
    expect(status).toBe(2);
    expect(stdout).toContain('unknown');
    expect(stderr.match(/the search goes on/g)).toHaveLength(1);
    expect(stderr).toContain('the last checkpoint could not be written: nothing was saved there');
    expect(readdirSync(join(folder, 'full'))).toEqual(['search.checkpoint']);
    rmSync(join(folder, 'full'), { recursive: true });
  });
});
