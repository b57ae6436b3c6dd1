import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { graphDocumentSchema } from '../../src/cli/graph.ts';
import { WRONG } from '../export/odd-system.ts';
import { folderWith, LIGHTS, run, spawned } from './harness.ts';

const { path: folder, remove } = folderWith({ 'lights.ts': LIGHTS });
afterAll(remove);
const SMALL = ['dining-philosophers', '--variant', 'left-right', '--set', 'philosophers=3'];

describe('a graph', () => {
  test('goes to stdout as DOT', async () => {
    const { status, stdout, stderr } = await run(['graph', ...SMALL]);
    expect(status).toBe(0);
    expect(stderr).toBe('');
    expect(stdout).toMatch(/^digraph "dining-philosophers --variant left-right --set philosophers=3" \{\n/);
    expect(stdout).toContain('philosopher0.RUN');
    expect(stdout).toContain('violated: no deadlock');
  });

  test('is a document with a schema', async () => {
    const { stdout } = await run(['graph', ...SMALL, '--format', 'json', '--by', 'fork0,fork1']);
    const document = graphDocumentSchema.parse(JSON.parse(stdout));
    expect(document).toMatchObject({ kind: 'graph', by: ['fork0', 'fork1'], depth: null, around: null });
    expect(document.nodes.length).toBe(4);
    expect(Object.keys(document.nodes[0]!.values)).toEqual(['fork0', 'fork1']);
  });

  test.each(['dot', 'graphml', 'json', 'aut'])('goes to a file: %s', async (format) => {
    const file = join(folder, `graph.${format}`);
    const { status, stdout } = await run(['graph', ...SMALL, '--format', format, '-o', file]);
    expect(status).toBe(0);
    expect(stdout).toBe(`${file}: 26 nodes, 51 edges\n`);
    expect(readFileSync(file, 'utf8').length).toBeGreaterThan(500);
  });

  test.each(['svg', 'png'])('is a picture, by the suffix of its file: %s', async (format) => {
    const file = join(folder, `picture.${format}`);
    const { status, stdout, stderr } = await run(['graph', ...SMALL, '-o', file]);
    expect([status, stderr, stdout]).toEqual([0, '', `${file}: 26 nodes, 51 edges\n`]);
    const bytes = readFileSync(file);
    if (format === 'png') expect(bytes.subarray(1, 4).toString()).toBe('PNG');
    else {
      const svg = bytes.toString();
      expect(svg.match(/ id="state \d+"/g)).toHaveLength(26);
      expect(svg).toContain('✘ no deadlock');
      expect(svg).toContain('prefers-color-scheme: dark');
    }
  });

  test('is a picture of so many states only: status 2, what to do, and nothing is written', async () => {
    const file = join(folder, 'large.svg');
    const asked = ['graph', 'ping-pong', '--variant', 'lossy', '-o', file];
    const { status, stdout, stderr } = await run(asked);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(
      /^faultline: there are more than 150 states: nothing is written\n {2}raise --max-states; or /,
    );
    expect(stderr).toContain('--format dot');
    const crowded = await run([...['graph', ...SMALL, '-o', file], '--max-states', '10', '--by', 'philosopher0,fork0']);
    expect([crowded.status, crowded.stderr]).toEqual([0, '']);
  });

  test('has a theme that there is', async () => {
    const { status, stderr } = await run(['graph', ...SMALL, '--format', 'svg', '--theme', 'pink']);
    expect(status).toBe(3);
    expect(stderr).toContain('there is no theme "pink"');
  });

  test('is drawn around a schedule, and around a trace file', async () => {
    const file = join(folder, 'trace.json');
    const { stdout: checked } = await run(['check', ...SMALL, '--trace-out', file]);
    const schedule = /(\d+(\/\d+)+)/.exec(checked)![1]!;
    const asked = [...SMALL, '--format', 'json', '--around'];
    const one = await run(['graph', ...asked, schedule]);
    const other = await run(['graph', ...asked, file]);
    expect(other).toEqual(one);
    const { nodes, around } = graphDocumentSchema.parse(JSON.parse(one.stdout));
    expect(around).toBe(schedule);
    expect(nodes.filter(({ onTrace }) => onTrace)).toHaveLength(4);
    expect(nodes.filter(({ violated }) => violated.includes('no deadlock'))).toHaveLength(1);
  });

  test('is of a module, too', async () => {
    const { status, stdout } = await spawned(['graph', join(folder, 'lights.ts'), '--format', 'aut']);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^des \(0, 8, 4\)\n/);
  });

  test('that is too large is not drawn: status 2, and what to do', async () => {
    const file = join(folder, 'large.dot');
    const { status, stdout, stderr } = await run(['graph', 'ping-pong', '--variant', 'lossy', '-o', file]);
    expect(status).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toMatch(
      /^faultline: there are more than 2,000 states: nothing is written\n {2}raise --max-states; or /,
    );
    expect(existsSync(file)).toBe(false);
  });

  test('that is interrupted is not drawn: status 2', async () => {
    const { status, stderr } = await run(['graph', ...SMALL], { signal: AbortSignal.abort() });
    expect(status).toBe(2);
    expect(stderr).toMatch(/interrupted after \d+ states: nothing is written/);
  });

  test('of a wrong model gives status 4', async () => {
    const { status, stdout, stderr } = await run(['graph', 'wrong'], { catalogue: [WRONG] });
    expect(status).toBe(4);
    expect(stdout).toBe('');
    expect(stderr).toContain('unhandled-message');
  });
});

test.each<[string[], RegExp]>([
  [['nothing'], /there is no scenario "nothing"/],
  [['ping-pong'], /has several variants/],
  [[...SMALL, '--format', 'dto'], /--format dto: there is no such format\n {2}did you mean "dot"\?/],
  [[...SMALL, '--by', 'fork0,frok1'], /no actor, monitor or channel "frok1"\n {2}did you mean "fork1"\?/],
  [[...SMALL, '--around', '0/9'], /step 2 of the schedule is 9, but 3 steps are enabled there/],
  [[...SMALL, '--around', 'no-such.json'], /cannot read the trace file no-such\.json/],
  [[...SMALL, '--depth', '0'], /--depth 0: .*at least 1/],
  [[...SMALL, '--max-states', 'many'], /--max-states many/],
  [[...SMALL, '-o', '/no/such/folder/x.dot'], /cannot write .*: there is no folder/],
])('graph %j is refused with status 3', async (args, message) => {
  const { status, stdout, stderr } = await run(['graph', ...args]);
  expect(stderr).toMatch(message);
  expect(stdout).toBe('');
  expect(status).toBe(3);
});
