import { expect, test } from 'vitest';
import { pingPong } from '../../machines/textbook/ping-pong.ts';
import { listDocumentSchema } from '../../src/cli/documents.ts';
import { run } from './harness.ts';

test('tells each scenario with its variants, expected verdicts and parameters', async () => {
  const { status, stdout, stderr } = await run(['list']);
  expect(status).toBe(0);
  expect(stderr).toBe('');
  expect(stdout).toContain('dining-philosophers  Philosophers take two forks each, one after the other\n');
  expect(stdout).toMatch(/^ {2}left-right +violated +everybody takes the left fork first/m);
  expect(stdout).toMatch(/^ {2}philosophers=7 +--set +philosophers at the table, and forks \(from 2 to 16\)$/m);
});

test('tells only the scenarios that are named', async () => {
  const { stdout } = await run(['list', 'ping-pong']);
  expect(stdout).toContain('ping-pong');
  expect(stdout).not.toContain('dining-philosophers');
});

test('prints one document that fits its schema', async () => {
  const { status, stdout } = await run(['list', '--json']);
  expect(status).toBe(0);
  const { scenarios } = listDocumentSchema.parse(JSON.parse(stdout));
  expect(scenarios.map(({ name }) => name)).toEqual(['dining-philosophers', 'bounded-fifo', 'ping-pong']);
  expect(scenarios[1]).toMatchObject({
    group: 'textbook',
    parameters: [
      {
        name: 'capacity',
        type: 'integer',
        default: 8,
        minimum: 1,
        maximum: 64,
        description: 'items that the queue holds',
      },
      { name: 'numbers', type: 'integer', default: 16, minimum: 2, maximum: 64 },
    ],
    variants: [
      { name: 'fixed', title: 'a full queue makes the producer wait', expected: { verdict: 'holds', property: null } },
      { name: 'drop', expected: { verdict: 'violated', property: 'items arrive complete and in order' } },
      { name: 'unordered' },
    ],
  });
});

test('keeps the scenarios of a group together', async () => {
  const grouped = (name: string, group: string) => ({ ...pingPong, name, group });
  const catalogue = [grouped('one', 'ours'), grouped('two', 'theirs'), grouped('three', 'ours')];
  const { stdout } = await run(['list'], { catalogue });
  expect([...stdout.matchAll(/^(\w+) {2}|^ {2}(ours|theirs):/gm)].map(([, name, group]) => name ?? group)).toEqual([
    'one',
    'ours',
    'three',
    'ours',
    'two',
    'theirs',
  ]);
});

test('names what there is when a scenario does not exist', async () => {
  const { status, stdout, stderr } = await run(['list', 'dinning-philosophers']);
  expect(status).toBe(3);
  expect(stdout).toBe('');
  expect(stderr).toContain('there is no scenario "dinning-philosophers"\n  did you mean "dining-philosophers"?');
  expect(stderr).toContain('there are: dining-philosophers, bounded-fifo, ping-pong');
});
