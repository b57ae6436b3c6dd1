/** Explanations on the command line: in the report, as JSON, in charts, and `--why-not`. */
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { peterson } from '../../machines/textbook/peterson.ts';
import { checkDocumentSchema, replayDocumentSchema } from '../../src/cli/documents.ts';
import { folderWith, run } from './harness.ts';
import { CATALOGUE } from './in-process.ts';

const { path: folder, remove } = folderWith({});
afterAll(remove);

const DROP = ['bounded-fifo', '--variant', 'drop', '--set', 'capacity=2'];
const PHILOSOPHERS = ['dining-philosophers', '--variant', 'left-right', '--set', 'philosophers=3'];
const HOLDING = ['bounded-fifo', '--variant', 'fixed'];

describe('check', () => {
  test('tells the race after the trace, and marks it there', async () => {
    const { stdout, status } = await run(['check', ...DROP]);
    expect(status).toBe(1);
    expect(stdout).toMatch(
      /The race: \d+ of \d+ interleavings of these steps come to the violation, which needs\n {2}/,
    );
    expect(stdout).toMatch(/ {2}races with step \d+/);
    expect(stdout.indexOf('The race')).toBeGreaterThan(stdout.indexOf('violated: items arrive'));
    expect(stdout.indexOf('The race')).toBeLessThan(stdout.indexOf('replay it:'));
  });

  test('tells who waits for what in a deadlock', async () => {
    const { stdout } = await run(['check', ...PHILOSOPHERS]);
    expect(stdout).toContain('No race: all 6 interleavings of these steps come to the violation.');
    expect(stdout).toMatch(/philosopher0 \(hungry\) waits for RUN: fork1 refuses TAKE: state `taken`/);
  });

  test('says nothing of it with --no-explain', async () => {
    const { stdout } = await run(['check', ...DROP, '--no-explain']);
    expect(stdout).not.toMatch(/The race|No race|races with|interleavings|switches/);
    const { stdout: json } = await run(['check', ...DROP, '--no-explain', '--json']);
    expect(checkDocumentSchema.parse(JSON.parse(json)).results[0]!.explanation).toBeNull();
  });

  test('no line is wider than the terminal', async () => {
    const { stdout } = await run(['check', ...PHILOSOPHERS], { variables: { COLUMNS: '80' } });
    const why = stdout.slice(stdout.indexOf('No race'), stdout.indexOf('replay it')).split('\n');
    expect(Math.max(...why.map((line) => line.length))).toBeLessThanOrEqual(80);
  });

  test('gives it as data', async () => {
    const { stdout } = await run(['check', ...DROP, '--json']);
    const [result] = checkDocumentSchema.parse(JSON.parse(stdout)).results;
    const { explanation, trace } = result!;
    expect(explanation!.calmestOf).toBe('shortest');
    expect(explanation!.race!.orders.length).toBeGreaterThan(0);
    for (const { first, second } of explanation!.race!.orders) expect(first.step).toBeLessThan(second.step);
    expect(explanation!.predicate!.falseSince).toBe(trace!.steps.length - 1);
    expect(explanation!.text[0]!.head).toContain('The race');
  });

  test('connects the racing steps in a chart', async () => {
    const { stdout } = await run(['check', ...DROP, '--chart', 'text']);
    expect(stdout).toMatch(/races with step/);
  });
});

describe('check --why-not', () => {
  test('answers for the end of the trace', async () => {
    const { stdout, status } = await run(['check', ...PHILOSOPHERS, '--why-not', 'philosopher0 RUN']);
    expect(status).toBe(1);
    expect(stdout).toMatch(/\nWhy not philosopher0 RUN, after step 3:\n {2}philosopher0\.RUN: fork1 refuses TAKE/);
  });

  test('and for any state of it', async () => {
    const { stdout } = await run(['check', ...PHILOSOPHERS, '--why-not', 'philosopher0 RUN', '--at', '0', '--json']);
    const [result] = checkDocumentSchema.parse(JSON.parse(stdout)).results;
    expect(result!.whyNot).toEqual({
      name: 'philosopher0',
      event: 'RUN',
      at: 0,
      answers: [{ step: 'philosopher0.RUN', hindrance: null }],
    });
  });

  test('refuses what the system does not have before it searches', async () => {
    const { status, stderr, stdout } = await run(['check', ...PHILOSOPHERS, '--why-not', 'philosopher7 RUN']);
    expect(status).toBe(3);
    expect(stdout).toBe('');
    expect(stderr).toContain('there is no actor or channel "philosopher7"\n  did you mean "philosopher0"?');
  });

  test.each([
    [['--why-not', 'philosopher0 RUN', '--at', '9'], 'the trace has no state after step 9'],
    [['--why-not', 'philosopher0 RUN', '--at', 'x'], '--at x: got "x", expected a number of steps'],
    [['--at', '1'], '--at goes with --why-not'],
  ])('%j is a mistake', async (args, message) => {
    const { status, stderr } = await run(['check', ...PHILOSOPHERS, ...args]);
    expect(status).toBe(3);
    expect(stderr).toContain(message);
  });

  test('is for one trace', async () => {
    const { status, stderr } = await run(['check', 'dining-philosophers', '--why-not', 'philosopher0 RUN']);
    expect(status).toBe(3);
    expect(stderr).toContain('--why-not is for one trace');
  });

  test('says so when there is none', async () => {
    const { status, stderr } = await run(['check', ...HOLDING, '--why-not', 'producer PRODUCE']);
    expect(status).toBe(0);
    expect(stderr).toContain('holds, without a trace: there is no step that --why-not could be about');
  });
});

describe('replay --why-not', () => {
  const catalogue = [...CATALOGUE, peterson];

  test('answers for a schedule', async () => {
    const args = ['replay', 'peterson', '--variant', 'flags-only', '0/0/1/0', '--why-not', 'two RUN'];
    const { stdout } = await run(args, { catalogue });
    expect(stdout).toMatch(
      /Why not two RUN, after step 4:\n {2}two\.RUN: flag1 refuses ASK\(by=two\): guard `asksTurn`/,
    );
  });

  test('and for a trace file, as data', async () => {
    const file = join(folder, 'trace.json');
    await run(['check', ...PHILOSOPHERS, '--trace-out', file]);
    const { stdout } = await run(['replay', file, '--why-not', 'philosopher1 RUN', '--at', '1', '--json']);
    expect(replayDocumentSchema.parse(JSON.parse(stdout)).whyNot).toMatchObject({
      at: 1,
      answers: [{ hindrance: null }],
    });
  });

  test('is null when nothing was asked', async () => {
    const { stdout } = await run(['replay', 'peterson', '--variant', 'flags-only', '0', '--json'], { catalogue });
    expect(JSON.parse(stdout).whyNot).toBeNull();
  });
});

describe('report', () => {
  test('tells the explanation below the trace', async () => {
    const { stdout } = await run(['report', ...PHILOSOPHERS, '-o', '-', '--quiet']);
    expect(stdout).toContain('No race: all 6 interleavings of these steps come to the violation.');
    expect(stdout).toContain('philosopher0 (hungry) waits for RUN');
  });
});
