import { describe, expect, test } from 'vitest';
import { catalogue } from '../../machines/races/index.ts';
import { checkDocumentSchema } from '../../src/cli/documents.ts';
import { run as runOn } from './harness.ts';

const run = (args: readonly string[]) => runOn(args, { catalogue });
const COMMIT = ['check', 'two-phase-commit', '--variant', 'fixed', '--set', 'managers=3'];
const HASTY = ['check', 'two-phase-commit', '--variant', 'hasty'];
const resultOf = (stdout: string) => checkDocumentSchema.parse(JSON.parse(stdout)).results[0];
const classes = [[0, 1, 2].map((index) => [`rm${index}`, `vote${index}`])];

describe('symmetry', () => {
  test('is used, and the states are told apart from all states', async () => {
    const { status, stdout } = await run(COMMIT);
    expect(status).toBe(0);
    expect(stdout).toContain('holds: the whole space was searched, 80 states up to symmetry (of 6 renamings)');
    expect(resultOf((await run([...COMMIT, '--json'])).stdout)).toMatchObject({
      verdict: 'holds',
      states: 80,
      reductions: [{ name: 'symmetry', used: true, renamings: 6, classes }],
    });
  });

  test.each([[['--no-symmetry']], [['--search', 'dfs']]])('is not with %j, which is said', async (args) => {
    const { stdout } = await run([...COMMIT, ...args]);
    expect(stdout).toContain('288 states (symmetry not used)');
    expect(resultOf((await run([...COMMIT, ...args, '--json'])).stdout)).toMatchObject({
      states: 288,
      reductions: [{ name: 'symmetry', used: false, renamings: 1, classes }],
    });
  });

  test('is not mentioned where none is declared', async () => {
    const { stdout } = await run(['check', 'peterson', '--variant', 'fixed']);
    expect(stdout).toContain('the whole space was searched, 20 states\n');
  });

  test.each([[[]], [['--no-symmetry']]])('gives a trace of the system itself, as short, with %j', async (args) => {
    const { status, stdout } = await run([...HASTY, ...args]);
    expect(status).toBe(1);
    const [, schedule] = /replay it: npx faultline replay .* (\S+)$/m.exec(stdout)!;
    expect(schedule!.split('/')).toHaveLength(3);
    const replay = await run(['replay', 'two-phase-commit', '--variant', 'hasty', schedule!]);
    expect(replay.stdout).toContain('violated: no resource manager commits what another one aborted');
  });
});
