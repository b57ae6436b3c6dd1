import { describe, expect, test } from 'vitest';
import { retryLivelock } from '../../machines/races/D-13-retry-livelock.ts';
import { checkDocumentSchema } from '../../src/cli/documents.ts';
import { run } from './harness.ts';

const LEFT_RIGHT = ['check', 'dining-philosophers', '--variant', 'left-right'];
const LEFT_HANDED = ['check', 'dining-philosophers', '--variant', 'left-handed'];

async function resultOf(args: string[]) {
  const { stdout } = await run([...args, '--json']);
  return checkDocumentSchema.parse(JSON.parse(stdout)).results[0]!;
}

describe('--hash-compact', () => {
  test('says `holds` only with the probability that a state was missed', async () => {
    const { status, stdout, stderr } = await run([...LEFT_HANDED, '--hash-compact']);
    expect(status).toBe(0);
    const verdict = 'holds, unless a state was missed (probability 1.3e-13)';
    expect(stdout).toContain(`${verdict}: 2,187 states`);
    expect(stderr).toContain(verdict);
    expect(stdout).toContain('holds (miss 1.3e-13)');
    expect(stdout).not.toContain('the whole space was searched');
    const exact = { search: 'breadth-first', seed: null, verdict: 'holds', states: 2187, steps: 10206, bitstate: null };
    expect(await resultOf([...LEFT_HANDED, '--hash-compact'])).toMatchObject({
      ...exact,
      store: 'hash-compact',
      missProbability: 2187 ** 2 / 2 ** 65,
    });
    expect(await resultOf(LEFT_HANDED)).toMatchObject({ ...exact, store: 'exact', missProbability: null });
  });

  test('has the shortest trace of a violation, which is certain', async () => {
    const { status, stdout } = await run([...LEFT_RIGHT, '--hash-compact']);
    expect(status).toBe(1);
    expect(stdout).not.toContain('missed');
    const [, schedule] = /replay it: npx faultline replay .* (\S+)$/m.exec(stdout)!;
    expect(schedule!.split('/')).toHaveLength(7);
    const replay = await run(['replay', 'dining-philosophers', '--variant', 'left-right', schedule!]);
    expect(replay.stdout).toContain('violated: no deadlock');
  });
});

test.each([['--hash-compact'], ['--bitstate'], ['--walks', '5', '--search', 'random']])(
  '%s never says that there is no violation of what it does not look at',
  async (...options) => {
    const { status, stdout } = await run(['check', 'retry-livelock', '--variant', 'fixed', ...options], {
      catalogue: [retryLivelock],
    });
    expect(status).toBe(2);
    const [, unseen] = /not looked at, but for runs that come to an end:\n((?: {4}.*\n)+)/.exec(stdout)!;
    expect(unseen).toContain('while DMAs are stalled, some DMA is done some day');
    expect(stdout.split('while DMAs are stalled, some DMA is done some day')).toHaveLength(2);
  },
);

describe('--bitstate', () => {
  test('never says `holds`, but how much it may have missed', async () => {
    const args = [...LEFT_HANDED, '--bitstate', '--bits', '2K', '--swarm', '3', '--seed', '5'];
    const { status, stdout } = await run(args);
    expect(status).toBe(2);
    expect(stdout).toContain('mistaken for known ones, which proves nothing');
    expect(stdout).toContain('3 of 3 searches begun, from --seed 5 on');
    expect(stdout).toMatch(
      /the bit array is 3\d% full: about .*% of the states met were missed by all finished searches/,
    );
    const result = await resultOf(args);
    expect(result).toMatchObject({
      ...{ search: 'depth-first', store: 'bitstate', seed: 5, verdict: 'unknown', bound: 'bits' },
      ...{ missProbability: null, growth: null, bitstate: { searches: 3, swarm: 3 } },
    });
    expect(result.properties.map(({ status }) => status)).not.toContain('holds');
  });

  test('shortens its trace, which can be replayed', async () => {
    const { status, stdout } = await run([...LEFT_RIGHT, '--bitstate']);
    expect(status).toBe(1);
    const [, schedule] = /replay it: npx faultline replay .* (\S+)$/m.exec(stdout)!;
    expect(schedule!.split('/')).toHaveLength(7);
    const replay = await run(['replay', 'dining-philosophers', '--variant', 'left-right', schedule!]);
    expect(replay.stdout).toContain('violated: no deadlock');
  });
});

describe('what does not go together', () => {
  test.each([
    [['--bits', '1M'], '--bits is for bit arrays: it goes with --bitstate'],
    [['--hash-compact', '--swarm', '2'], '--swarm is for bit arrays: it goes with --bitstate'],
    [['--hash-compact', '--bitstate'], '--hash-compact does not go with --bitstate'],
    [['--hash-compact', '--search', 'dfs'], '--hash-compact does not go with --search dfs: its search is bfs'],
    [['--hash-compact', '--search', 'random'], '--hash-compact does not go with --search random'],
    [['--hash-compact', '--seed', '1'], '--seed is for random choices'],
    [['--bitstate', '--workers', '2'], '--workers does not go with --bitstate'],
    [['--bitstate', '--search', 'bfs'], '--bitstate does not go with --search bfs: its search is dfs'],
    [['--bitstate', '--walks', '5'], '--walks is for random walks'],
    [['--bitstate', '--bits', 'many'], '--bits many: got "many", expected a size'],
    [['--bitstate', '--bits', '3G'], '--bits: got 3221225472, expected a whole number from 1 to 2147483648'],
    [['--bitstate', '--max-memory', '32M'], 'a bit array of 64 MB does not fit into --max-memory 32M'],
    [['--bitstate', '--swarm', '0'], '--swarm 0: got "0", expected a whole number of at least 1'],
  ])('%j is refused', async (args, message) => {
    const { status, stderr } = await run([...LEFT_RIGHT, ...args]);
    expect(status).toBe(3);
    expect(stderr).toContain(message);
  });
});
