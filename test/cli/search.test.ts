import { describe, expect, test } from 'vitest';
import { checkDocumentSchema } from '../../src/cli/documents.ts';
import { run } from './harness.ts';

const LEFT_RIGHT = ['check', 'dining-philosophers', '--variant', 'left-right'];
const LEFT_HANDED = ['check', 'dining-philosophers', '--variant', 'left-handed'];

describe('--search', () => {
  test('dfs searches the same states, and says so', async () => {
    const { status, stdout } = await run([...LEFT_HANDED, '--search', 'dfs', '--json']);
    expect(status).toBe(0);
    const [result] = checkDocumentSchema.parse(JSON.parse(stdout)).results;
    expect(result).toMatchObject({ search: 'depth-first', seed: null, verdict: 'holds', states: 2187, steps: 10206 });
  });

  test.each(['dfs', 'random'])('%s shortens its trace, which can be replayed', async (search) => {
    const { status, stdout } = await run([...LEFT_RIGHT, '--search', search]);
    expect(status).toBe(1);
    const [, schedule] = /replay it: npx faultline replay .* (\S+)$/m.exec(stdout)!;
    expect(schedule!.split('/')).toHaveLength(7);
    const replay = await run(['replay', 'dining-philosophers', '--variant', 'left-right', schedule!]);
    expect(replay.stdout).toContain('violated: no deadlock');
  });

  test('random is never sure, and names the bound and the seed', async () => {
    const args = [...LEFT_HANDED, '--search', 'random', '--walks', '10', '--max-steps', '20', '--seed', '7'];
    const text = await run(args);
    expect(text.status).toBe(2);
    expect(text.stdout).toContain('because it made all its random walks');
    expect(text.stdout).toContain('--seed with another number than 7');
    const [result] = checkDocumentSchema.parse(JSON.parse((await run([...args, '--json'])).stdout)).results;
    expect(result).toMatchObject({
      search: 'random',
      seed: 7,
      verdict: 'unknown',
      bound: 'walks',
      growth: null,
      depth: 20,
    });
  });

  test('random has a seed unless it is given one', async () => {
    const { stdout } = await run([...LEFT_RIGHT, '--search', 'random', '--json']);
    expect(JSON.parse(stdout).results[0].seed).toBe(1);
  });

  test.each([
    [['--search', 'best'], '--search best: got "best", expected bfs, dfs or random'],
    [['--search', 'constructor'], 'expected bfs, dfs or random'],
    [['--seed', '1'], '--seed is for random choices: it goes with --search random or --bitstate'],
    [['--search', 'dfs', '--walks', '5'], '--walks is for random walks'],
    [['--max-steps', '5'], '--max-steps is for random walks'],
    [['--search', 'random', '--max-states', '5'], '--max-states does not go with --search random'],
    [['--search', 'random', '--seed', '-1'], '--seed -1: got "-1", expected a whole number of at least 0'],
    [['--search', 'random', '--walks', '0'], '--walks 0: got "0", expected a whole number of at least 1'],
  ])('%j is refused', async (args, message) => {
    const { status, stderr } = await run([...LEFT_RIGHT, ...args]);
    expect(status).toBe(3);
    expect(stderr).toContain(message);
  });
});
