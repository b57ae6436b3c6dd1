/** A search that is killed, at any moment, and gone on with. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { checkDocumentSchema } from '../../src/cli/documents.ts';
import { folderWith, spawned as run, start } from './harness.ts';

const { path: folder, remove } = folderWith({});
afterAll(remove);

const ARGS = ['check', 'two-phase-commit', '--variant', 'fixed', '--set', 'managers=7', '--no-symmetry', '--json'];
const file = (directory: string) => join(directory, 'search.checkpoint');

async function outcomeOf(args: readonly string[]) {
  const { stdout } = await run([...args]);
  const [result] = checkDocumentSchema.parse(JSON.parse(stdout)).results;
  const { verdict, states, steps, depth, properties } = result!;
  return { verdict, states, steps, depth, properties };
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await wait(5);
}

describe('a search with checkpoints', () => {
  it('that is killed ends, resumed, as one that was not', { timeout: 120_000 }, async () => {
    const whole = await outcomeOf(ARGS);
    expect(whole.states).toBe(296_448);
    for (const [index, delay] of [0, 37, 150].entries()) {
      const directory = join(folder, `killed${index}`);
      const { child, ended } = start([
        ...ARGS,
        '--checkpoint',
        directory,
        '--checkpoint-every',
        '0.02',
        '--workers',
        '1',
      ]);
      await until(() => existsSync(file(directory)));
      await wait(delay);
      child.kill('SIGKILL');
      await ended;
      expect(await outcomeOf([...ARGS, '--resume', directory])).toEqual(whole);
    }
  });

  it('saves what it has done when it is interrupted', { timeout: 60_000 }, async () => {
    const directory = join(folder, 'interrupted');
    const long = ['check', 'dining-philosophers', '--variant', 'all-states', '--set', 'philosophers=13'];
    const { child, ended } = start([...long, '--checkpoint', directory, '--checkpoint-every', '0.2', '--json']);
    await until(() => existsSync(file(directory)));
    await wait(300);
    child.kill('SIGINT');
    const { status, stdout } = await ended;
    expect(status).toBe(2);
    const { bound, states } = checkDocumentSchema.parse(JSON.parse(stdout)).results[0]!;
    expect(bound).toBe('interrupted');
    expect(readdirSync(directory)).toEqual(['search.checkpoint']);
    // It goes on where that one was, and is stopped again at once.
    const again = await run([...long, '--resume', directory, '--max-states', String(states + 1), '--json']);
    const [resumed] = checkDocumentSchema.parse(JSON.parse(again.stdout)).results;
    expect(resumed!.bound).toBe('states');
    expect(resumed!.states).toBeGreaterThan(states);
  });

  it('refuses what is no checkpoint of it, and says why', { timeout: 60_000 }, async () => {
    const small = ['check', 'two-phase-commit', '--variant', 'fixed', '--set', 'managers=7'];
    const directory = join(folder, 'small');
    const refused = async (args: readonly string[]) => {
      const { status, stderr, stdout } = await run([...args]);
      expect([status, stdout]).toEqual([3, '']);
      return stderr;
    };
    expect(await refused([...small, '--resume', directory])).toContain('there is no search.checkpoint');
    const slow = [...small, '--max-seconds', '0.000001', '--checkpoint', directory, '--json'];
    expect((await run(slow)).status).toBe(2);
    expect((await run([...small, '--resume', directory])).status).toBe(0);
    expect(await refused([...small, '--no-symmetry', '--resume', directory])).toContain('with symmetry');
    const other = ['check', 'two-phase-commit', '--variant', 'fixed', '--set', 'managers=5', '--resume', directory];
    expect(await refused(other)).toContain('managers=7');
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
