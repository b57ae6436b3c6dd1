import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { assign, sendTo, setup } from 'xstate';
import { z } from 'zod';
import { replayDocumentSchema, type TraceFile, traceFileSchema } from '../../src/cli/documents.ts';
import { defineScenario } from '../../src/system/scenario.ts';
import { actor, defineSystem } from '../../src/system/system.ts';
import { folderWith, run } from './harness.ts';
import { CATALOGUE } from './in-process.ts';

const { path: folder, remove } = folderWith({});
afterAll(remove);
const file = join(folder, 'trace.json');
const stored = (): TraceFile => JSON.parse(readFileSync(file, 'utf8'));

/** Writes a changed copy of the trace file. */
function variation(change: (document: Record<string, unknown>) => void): string {
  const document = stored() as unknown as Record<string, unknown>;
  change(document);
  const path = join(folder, 'changed.json');
  writeFileSync(path, JSON.stringify(document));
  return path;
}

beforeAll(async () => {
  await run(['check', 'bounded-fifo', '--variant', 'unordered', '--set', 'capacity=3', '--trace-out', file]);
});

describe('a schedule', () => {
  test('of a violation is violated again, with the line that check prints', async () => {
    const checked = await run(['check', 'dining-philosophers', '--variant', 'left-right', '--set', 'philosophers=3']);
    const [, line] = /npx faultline (replay .*)/.exec(checked.stdout)!;
    const { status, stdout, stderr } = await run(line!.split(' '));
    expect(status).toBe(1);
    expect(stdout).toContain('3 steps replayed on live XState actors\nviolated: no deadlock\n');
    expect(stderr).toBe('');
  });

  test('that ends before the violation gives status 0', async () => {
    const { status, stdout } = await run(['replay', 'dining-philosophers', '--variant', 'left-right', '0/0']);
    expect(status).toBe(0);
    expect(stdout).toContain('the last state violates no property');
  });

  test('may be empty: the initial state', async () => {
    const { status, stdout } = await run(['replay', 'bounded-fifo', '--variant', 'fixed', '']);
    expect(status).toBe(0);
    expect(stdout).toContain('0 steps replayed');
  });

  test('that the model does not allow names what is possible there', async () => {
    const { status, stdout, stderr } = await run(['replay', 'bounded-fifo', '--variant', 'fixed', '0/7']);
    expect(status).toBe(3);
    expect(stdout).toBe('');
    expect(stderr).toContain('step 2 of the schedule is 7, but 2 steps are enabled there');
    expect(stderr).toContain('producer.PRODUCE');
  });
});

describe('a trace file', () => {
  test('knows its scenario, variant and parameters', async () => {
    const { status, stdout } = await run(['replay', file]);
    expect(status).toBe(1);
    expect(stdout).toContain('violated: items arrive complete and in order');
  });

  test('may be named together with its scenario', async () => {
    expect((await run(['replay', 'bounded-fifo', file, '--variant', 'unordered'])).status).toBe(1);
  });

  test('is followed by what its steps are, not by their numbers', async () => {
    const renumbered = variation((document) => {
      for (const step of (document.trace as TraceFile['trace']).steps) (step as { index: number }).index += 40;
    });
    expect((await run(['replay', renumbered])).status).toBe(1);
  });

  test('tells when the model no longer violates its property', async () => {
    const harmless = variation((document) => {
      document.property = 'the last number arrives';
    });
    const { status, stdout } = await run(['replay', harmless]);
    expect(status).toBe(1);
    expect(stdout).toContain('not violated any more: the last number arrives');
  });

  test.each<[what: string, change: (document: Record<string, unknown>) => void, message: RegExp]>([
    [
      'of another version',
      (document) => Object.assign(document, { version: 2 }),
      /trace file of version 2; this faultline reads version 1/,
    ],
    [
      'of another format',
      (document) => Object.assign(document, { format: 'itf' }),
      /is no trace file: its format is "itf"/,
    ],
    ['without its steps', (document) => Object.assign(document, { trace: {} }), /is no complete trace file: trace/],
    [
      'with a step that is none',
      (document) => Object.assign((document.trace as TraceFile['trace']).steps[0]!, { kind: 'jump' }),
      /trace\.steps\[0\]\.kind/,
    ],
    [
      'of a scenario that does not exist',
      (document) => Object.assign(document, { target: 'bounded-fofi' }),
      /there is no scenario "bounded-fofi"\n {2}did you mean "bounded-fifo"/,
    ],
    [
      'of a variant that does not exist',
      (document) => Object.assign(document, { variant: 'gone' }),
      /has no variant "gone"/,
    ],
    [
      'with parameters out of bounds',
      (document) => Object.assign(document, { parameters: { capacity: 1000 } }),
      /parameter capacity: got "1000", expected a whole number from 1 to 64/,
    ],
    [
      'with no property that was judged',
      (document) => Object.assign(document, { judged: [] }),
      /is no complete trace file: judged/,
    ],
    [
      'of a property that the system does not have',
      (document) => Object.assign(document, { property: 'items arrive' }),
      /violates "items arrive", which is no property of bounded-fifo/,
    ],
    [
      'with a step that the model does not allow',
      (document) => Object.assign(document, { variant: 'fixed' }),
      /step 3 of the trace, .*, is not possible/,
    ],
  ])('%s is refused with status 3', async (_what, change, message) => {
    const { status, stdout, stderr } = await run(['replay', variation(change)]);
    expect(stderr).toMatch(message);
    expect(stdout).toBe('');
    expect(status).toBe(3);
  });

  test.each([0, 1, 20, 200, 1000])('that was cut off after %i bytes is refused with status 3', async (length) => {
    const cut = join(folder, 'cut.json');
    writeFileSync(cut, readFileSync(file, 'utf8').slice(0, length));
    const { status, stdout, stderr } = await run(['replay', cut]);
    expect(stderr).toMatch(/is no complete JSON document: .*\n {2}is the file cut off\?/);
    expect(stdout).toBe('');
    expect(status).toBe(3);
  });

  test.each<[string[], RegExp]>([
    [['ping-pong', file], /is a trace of bounded-fifo, not of ping-pong/],
    [[file, '--variant', 'drop'], /is a trace of the variant "unordered", not of "drop"/],
    [[file, '--set', 'capacity=2'], /--set does not go with a trace file/],
    [[join(folder, 'nothing.json')], /cannot read the trace file .*nothing\.json: there is no such file/],
    [[folder], /cannot read the trace file .*: it is not a file but a folder/],
    [['0/1'], /replay needs to know what to run the schedule 0\/1 on/],
    [['ping-pong'], /replay needs to know which steps of ping-pong to run/],
    [['ping-pong', '0/1'], /has several variants\n {2}choose one by --variant: reliable, lossy, careless/],
    [['ping-pong', '0/1', 'x'], /got 3 arguments/],
    [[file, '--format', 'picture'], /no such format\n {2}there are: chart, svg, mermaid, json, itf/],
    [[file, '--format', 'itf', '--json'], /both want stdout/],
    [[file, '-o', join(folder, 'no/where')], /cannot write .*: there is no folder/],
  ])('with %j is refused with status 3', async (args, message) => {
    const { status, stdout, stderr } = await run(['replay', ...args]);
    expect(stderr).toMatch(message);
    expect(stdout).toBe('');
    expect(status).toBe(3);
  });
});

describe('formats', () => {
  test('json is the trace file again', async () => {
    const { stdout, stderr } = await run(['replay', file, '--format', 'json']);
    expect(traceFileSchema.parse(JSON.parse(stdout))).toEqual(stored());
    expect(stderr).toContain('violated: items arrive complete and in order');
  });

  test('itf is one JSON document, and mermaid is a sequence diagram, alone on stdout', async () => {
    expect(JSON.parse((await run(['replay', file, '--format', 'itf'])).stdout)).toHaveProperty('states');
    expect((await run(['replay', file, '--format', 'mermaid'])).stdout).toMatch(/^sequenceDiagram\n/);
  });

  test('go to a file with -o, and the summary stays on stdout', async () => {
    const drawn = join(folder, 'chart.mmd');
    const { status, stdout } = await run(['replay', file, '--format', 'mermaid', '-o', drawn], { tty: true });
    expect(status).toBe(1);
    expect(stdout).toContain('items arrive complete and in order');
    expect(existsSync(drawn)).toBe(true);
    expect(readFileSync(drawn, 'utf8')).not.toContain('\x1b');
  });
});

test('--json prints one document that fits its schema', async () => {
  const { status, stdout, stderr } = await run(['replay', file, '--json']);
  expect(status).toBe(1);
  expect(stderr).toBe('');
  expect(replayDocumentSchema.parse(JSON.parse(stdout))).toMatchObject({
    kind: 'replay',
    status: 1,
    target: 'bounded-fifo',
    variant: 'unordered',
    parameters: { capacity: 3, numbers: 16 },
    property: 'items arrive complete and in order',
    reproduced: true,
    violated: ['items arrive complete and in order'],
    changedAt: null,
    error: null,
    schedule: stored().schedule,
  });
});

test('a trace file keeps what JSON has no notation for', async () => {
  const odd = { big: 12n, none: undefined, nan: Number.NaN, far: Number.NEGATIVE_INFINITY, list: [undefined, 1n] };
  const machine = setup({
    types: { context: {} as Record<string, unknown>, events: {} as { type: 'GO' } & Record<string, unknown> },
    actions: { keep: assign(({ event: { type, ...payload } }) => payload) },
  }).createMachine({
    context: { big: -1n },
    initial: 'a',
    states: { a: { on: { GO: { target: 'b', actions: 'keep' } } }, b: {} },
  });
  const scenario = defineScenario({
    ...{ name: 'odd', title: 'odd', sources: [], group: 'textbook', parameters: z.object({}) },
    variants: { only: { title: 'only', expected: { verdict: 'violated', property: 'never twelve' } } },
    build: () =>
      defineSystem({
        // The second is the same as far as JSON keeps it.
        actors: {
          a: actor(machine, {
            choices: [
              { type: 'GO', ...odd, big: '12' },
              { type: 'GO', ...odd },
            ],
          }),
        },
        deadlock: 'ignore',
        properties: ({ always }) => [always('never twelve', (view) => view.get('a').context.big !== 12n)],
      }),
  });
  const catalogue = [...CATALOGUE, scenario];
  const path = join(folder, 'odd.json');
  await run(['check', 'odd', '--variant', 'only', '--trace-out', path], { catalogue });
  const written = JSON.parse(readFileSync(path, 'utf8'));
  expect(written.trace.steps[0].event).toMatchObject({ big: { '#bigint': '12' }, none: { '#undefined': true } });
  written.trace.steps[0].index = 7;
  writeFileSync(path, JSON.stringify(written));
  const { status, stdout } = await run(['replay', path, '--format', 'json'], { catalogue });
  expect(status).toBe(1);
  expect(JSON.parse(stdout).schedule).toBe('1');
  const shown = await run(['replay', path], { catalogue });
  expect(shown.stdout).not.toContain('the model has changed');
});

describe('a run without an end', () => {
  /** The door can be shut only while the ring is in b: enabled now and then. */
  const ring = setup({}).createMachine({
    initial: 'a',
    states: { a: { on: { GO: 'b' } }, b: { on: { GO: 'a', IS_OPEN: {} } } },
  });
  const door = setup({
    actions: { look: sendTo(({ system }) => system.get('ring'), { type: 'IS_OPEN' }) },
  }).createMachine({
    initial: 'open',
    states: { open: { on: { SHUT: { target: 'shut', actions: 'look' } } }, shut: {} },
  });
  const shutting = defineScenario({
    ...{ name: 'shutting', title: 'shutting', sources: [], group: 'textbook', parameters: z.object({}) },
    variants: {
      weak: { title: 'the door is weakly fair', expected: { verdict: 'violated', property: 'shut in the end' } },
      strong: { title: 'the door is strongly fair', expected: { verdict: 'holds' } },
    },
    build: (_, variant) =>
      defineSystem({
        actors: {
          ring: actor(ring, { choices: [{ type: 'GO' }] }),
          door: actor(door, { choices: [{ type: 'SHUT' }] }),
        },
        blocking: ['IS_OPEN'],
        deadlock: 'ignore',
        fairness: { ring: 'weak', door: variant as 'weak' | 'strong' },
        properties: ({ eventually }) => [eventually('shut in the end', (view) => view.get('door').matches('shut'))],
      }),
  });
  const replayed = (variant: string, ...options: string[]) =>
    run(['replay', 'shutting', '--variant', variant, ':0/0', ...options], { catalogue: [shutting] });

  test('is not fair where it leaves out what is strongly fair and enabled now and then', async () => {
    const { status, stdout } = await replayed('strong');
    expect(status).toBe(0);
    expect(stdout).toContain('the cycle is not fair, so it violates nothing: it leaves out door');
    const document = replayDocumentSchema.parse(JSON.parse((await replayed('strong', '--json')).stdout));
    expect(document).toMatchObject({ unfair: ['door'], violated: [] });
  });

  test('violates what it never comes to where that is weakly fair only', async () => {
    const { status, stdout } = await replayed('weak');
    expect(status).toBe(1);
    expect(stdout).toContain('violated: shut in the end');
  });
});
