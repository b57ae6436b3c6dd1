/** `faultline simulate` as a user calls it. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { simulateDocumentSchema } from '../../src/cli/documents.ts';
import type { Study } from '../../src/simulate/study.ts';
import { ModelError } from '../../src/system/errors.ts';
import { queueScenario, queueStudy } from '../simulate/queue-study.ts';
import { folderWith, spawned } from './harness.ts';
import { type Injected, run } from './in-process.ts';

const given: Injected = { studies: [queueStudy as unknown as Study], catalogue: [queueScenario as never] };
/** As a user writes them. */
const MODULE = `
import { setup } from 'xstate';
import { z } from 'zod';
import { actor, defineScenario, defineStudy, defineSystem, exponential } from 'faultline';

const clock = setup({ types: { events: {} as { type: 'TICK' } } }).createMachine({
  id: 'clock',
  initial: 'tick',
  states: { tick: { on: { TICK: 'tock' } }, tock: { on: { TICK: 'tick' } } },
});
const system = () => defineSystem({ actors: { clock: actor(clock, { choices: [{ type: 'TICK' }] }) } });
const measures = { counters: { ticks: { type: 'TICK' } } };

export const ticking = defineScenario({
  name: 'ticking',
  title: 'A clock',
  sources: [],
  group: 'mine',
  parameters: z.object({ every: z.number().default(2).describe('us') }),
  variants: { fixed: { title: 'as it is', expected: { verdict: 'holds' } } },
  timing: ({ every }) => ({ actors: { clock: { TICK: exponential(every) } }, measures, time: 1000 }),
  build: system,
});

export const clocks = defineStudy({
  name: 'clocks',
  title: 'Clocks',
  question: 'How often?',
  sources: [],
  parameters: z.object({}),
  seeds: 3,
  build: ({ every }: { every: number }) => ({
    system: system(),
    timing: { actors: { clock: { TICK: exponential(every) } } },
    measures,
    time: 1000,
    read: ({ counters }) => ({ ticks: counters.ticks!.count }),
  }),
  run: async ({ simulate }) => {
    const rows = (await simulate([{ every: 1 }, { every: 4 }])).map(({ point, values }) => [point.every, values.ticks!]);
    return { answer: [], tables: [{ title: 'Ticks', head: ['every', 'ticks'], rows }], plots: [] };
  },
});
`;

/** It simulates something, and then fails. */
const failingStudy: typeof queueStudy = {
  ...queueStudy,
  run: async (parameters, simulate) => {
    await queueStudy.run(parameters, simulate);
    throw new ModelError('exception', 'it fails');
  },
};

function folder(files: Readonly<Record<string, string>> = {}): string {
  const { path, remove } = folderWith(files);
  onTestFinished(remove);
  return path;
}

/** The document without what differs from run to run. */
async function documentOf(args: readonly string[], injected = given) {
  const { stdout, stderr, status } = await run(['simulate', ...args, '--json'], injected);
  expect(stderr).toBe('');
  const { seconds: _, ...document } = simulateDocumentSchema.parse(JSON.parse(stdout));
  expect(document.status).toBe(status);
  return document;
}

describe('faultline simulate', () => {
  test('without a target lists the studies', async () => {
    const { stdout, status } = await run(['simulate'], given);
    expect(status).toBe(0);
    expect(stdout).toContain('queue-load\n  How long does a job wait?');
  });

  test('says the answer of a study, and its tables', async () => {
    const { stdout, status } = await run(['simulate', 'queue-load'], given);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^queue-load: One server\nHow long does a job wait\?\n6 runs, 3 seeds, .* machine steps/);
    expect(stdout).toMatch(/At a load of 0\.6 a job waits 1\.\d\d\./);
    expect(stdout).toMatch(/load +wait +formula\n +0\.3 +0\.\d+ ±0\.\d+ +0\.4286/);
  });

  test('gives the same on threads as in one', async () => {
    const at = folder({ 'clocks.ts': MODULE });
    const args = ['simulate', './clocks.ts#clocks', '--json', '--workers'];
    const [one, several] = await Promise.all(['1', '3'].map((workers) => spawned([...args, workers], at)));
    const documents = [one!, several!].map(({ stdout, stderr }) => {
      expect(stderr).toBe('');
      const { seconds: _, ...document } = simulateDocumentSchema.parse(JSON.parse(stdout));
      return document;
    });
    expect(documents[1]).toEqual(documents[0]);
    expect(documents[0]!.runs).toBe(6);
  });

  test('says what a thread finds wrong as if it were found here', async () => {
    const at = folder({
      'clocks.ts': MODULE.replace('exponential(every) } } },\n    measures', 'every - 4 } } },\n    measures'),
    });
    const args = ['simulate', './clocks.ts#clocks', '--workers'];
    const [here, there] = await Promise.all(['1', '2'].map((workers) => spawned([...args, workers], at)));
    expect(here!.status).toBe(4);
    expect(here!.stderr).toContain('at every=1: timing: actors.clock.TICK: it is -3, expected a time from 0');
    expect(there).toEqual(here);
  });

  test('has a study told to check as what it is', async () => {
    const at = folder({ 'clocks.ts': MODULE });
    const { stderr, status } = await spawned(['check', './clocks.ts#clocks'], at);
    expect(status).toBe(3);
    expect(stderr).toContain('is a study, expected a system or a scenario\n  faultline simulate runs it');
  });

  test('measures a scenario, for as long as is asked', async () => {
    const document = await documentOf([
      'one-server',
      '--variant',
      'fixed',
      '--seeds',
      '4',
      '--seed',
      '7',
      '--for',
      '1ms',
    ]);
    expect(document).toMatchObject({
      scenario: 'one-server',
      variant: 'fixed',
      seeds: [7, 8, 9, 10],
      time: '1ms',
      unit: 'us',
    });
    expect(document.summary!.counters[0]!.rate.mean).toBeCloseTo(0.5, 0);
    const { stdout } = await run(['simulate', 'one-server', '--variant', 'fixed', '--seeds', '1'], given);
    expect(stdout).toMatch(/times, us +mean +median +p99 +most +count\nwait/);
    expect(stdout).not.toContain('±');
  });

  test('writes a line for each run, and pictures', async () => {
    const to = folder();
    const [csv, plots] = [join(to, 'runs.csv'), join(to, 'plots')];
    await run(['simulate', 'queue-load', '--csv', csv, '--plots', plots], given);
    const lines = readFileSync(csv, 'utf8').trimEnd().split('\n');
    expect(lines[0]).toBe('load,seed,time,steps,wait,p99');
    expect(lines).toHaveLength(7);
    expect(lines[1]).toMatch(/^0\.3,1,20000,\d+,0\.\d+,\d+\.\d+$/);
    expect(readdirSync(plots)).toEqual(['queue-load-wait.svg']);
    expect(readFileSync(join(plots, 'queue-load-wait.svg'), 'utf8')).toContain('prefers-color-scheme: dark');
    await run(['simulate', 'one-server', '--variant', 'fixed', '--for', '500us', '--plots', plots], given);
    expect(readdirSync(plots)).toContain('one-server-time-wait.svg');
  });

  test('tells where a time goes, in text, for Perfetto, and as a page', async () => {
    const to = folder();
    const [trace, report] = [join(to, 'trace.json'), join(to, 'report.html')];
    const args = ['simulate', 'one-server', '--variant', 'fixed', '--breakdown', '--trace', trace, '--report', report];
    const { stdout, status } = await run(args, given);
    expect(status).toBe(0);
    expect(stdout).toMatch(
      /Where the time goes: wait, mean of .* times in the beginning of a\srun\s\(seed\s1\)\nwait, us +for +mean +share +times\nserver +works +DONE in busy +\d/,
    );
    expect(stdout).toMatch(/all +[\d.]+ +100% +-/);
    expect(JSON.parse(readFileSync(trace, 'utf8')).traceEvents.length).toBeGreaterThan(1000);
    const page = readFileSync(report, 'utf8');
    expect(page).toContain('Where the time goes: wait');
    // With a digest beside it, browsers take no other style, and the plots have styles of their own.
    expect(page).toContain('style-src &#39;unsafe-inline&#39;; base-uri');
    expect(page).not.toMatch(/<script|https?:(?!\/\/www\.w3\.org)/);
    expect((await documentOf(args.slice(1))).breakdowns![0]).toMatchObject({ name: 'wait', unit: 'us', seed: 1 });
  });

  test('tells it of the first point of a study that measures a time', async () => {
    const later = {
      ...queueStudy,
      build: (point: { load: number }, parameters: never) => {
        const built = queueStudy.build(point, parameters);
        return point.load > 0.5 ? built : { ...built, measures: {}, read: () => ({ wait: 0, p99: 0 }) };
      },
    };
    const injected = { ...given, studies: [later as unknown as Study] };
    const { breakdowns } = await documentOf(['queue-load', '--breakdown'], injected);
    expect(breakdowns).toMatchObject([{ name: 'wait', point: 'load=0.6' }]);
    const chosen = {
      ...queueStudy,
      run: async (...given: Parameters<typeof queueStudy.run>) => ({
        ...(await queueStudy.run(...given)),
        timeline: { load: 1 / 3 },
      }),
    };
    const named = await documentOf(['queue-load', '--breakdown'], { ...given, studies: [chosen as unknown as Study] });
    expect(named.breakdowns).toMatchObject([{ name: 'wait', point: 'load=0.333333' }]);
    const none = { ...later, build: (_: unknown, parameters: never) => later.build({ load: 0.1 }, parameters) };
    const { stdout, status } = await run(['simulate', 'queue-load', '--breakdown'], {
      ...given,
      studies: [none as unknown as Study],
    });
    expect(status).toBe(0);
    expect(stdout).toContain('Where the time goes: no measured time comes to its end');
  });

  test('has no timeline of a population: the page goes without, --trace is told', async () => {
    const to = folder();
    const [trace, report] = [join(to, 'trace.json'), join(to, 'report.html')];
    const crowd = {
      ...queueStudy,
      build: (point: { load: number }, parameters: never) => ({
        ...queueStudy.build(point, parameters),
        population: 0,
      }),
    };
    const injected = { ...given, studies: [crowd as unknown as Study] };
    const { stderr, status, stdout } = await run(
      ['simulate', 'queue-load', '--trace', trace, '--report', report, '--plots', join(to, 'plots')],
      injected,
    );
    expect(stderr).toContain('simulates a population, whose steps are not kept');
    expect(status).toBe(3);
    expect(stdout).toContain('At a load of 0.6');
    expect(existsSync(report)).toBe(true);
    expect(existsSync(trace)).toBe(false);
    expect(readdirSync(join(to, 'plots'))).toEqual(['queue-load-wait.svg']);
  });

  test('does not write over what it simulates', async () => {
    const at = folder({ 'clocks.ts': MODULE });
    const { stderr, status } = await spawned(['simulate', './clocks.ts#clocks', '--csv', 'clocks.ts'], at);
    expect(status).toBe(3);
    expect(stderr).toContain('--csv clocks.ts: that is the module that is simulated');
    expect(readFileSync(join(at, 'clocks.ts'), 'utf8')).toBe(MODULE);
  });

  test('does not write two things to one file', async () => {
    const path = join(folder(), 'out');
    const { stderr, status } = await run(['simulate', 'queue-load', '--csv', path, '--trace', path], given);
    expect(status).toBe(3);
    expect(stderr).toContain(`--csv and --trace both want ${path}`);
  });

  test.each([
    [['queue-lod'], 3, 'there is no study and no scenario "queue-lod"\n  did you mean "queue-load"?'],
    [['queue-load', '--variant', 'fixed'], 3, 'queue-load is a study, which has no variants, got --variant fixed'],
    [['queue-load', '--set', 'servce=2'], 3, 'study "queue-load" has no parameter "servce"'],
    [['queue-load', '--set', 'service=100'], 3, 'parameter service: got "100", expected from 0.1 to 10'],
    [['queue-load', '--seeds', '1'], 3, '--seeds 1: got 1, expected at least 2'],
    [['queue-load', '--for', '5'], 3, '--for 5: got "5", expected a time'],
    [['one-server'], 3, 'scenario "one-server" has several variants'],
    [['one-server', '--variant', 'untimely'], 4, 'it is -1, expected a time from 0'],
  ])('refuses %j', async (args, status, message) => {
    const ran = await run(['simulate', ...args], given);
    expect(ran.stderr).toContain(message);
    expect(ran.status).toBe(status);
    expect(ran.stdout).toBe('');
  });

  test('says how a scenario gets times, and that a plain system has none', async () => {
    const { stderr, status } = await run(['simulate', 'ping-pong', '--variant', 'reliable']);
    expect(status).toBe(3);
    expect(stderr).toContain('scenario "ping-pong" cannot be simulated: it does not say how long its steps take');
    expect(stderr).toContain('timing: {');
  });

  test('leaves nothing half-written when a model fails', async () => {
    const to = folder();
    const [csv, plots] = [join(to, 'runs.csv'), join(to, 'plots')];
    await run(['simulate', 'one-server', '--variant', 'untimely', '--csv', csv, '--plots', plots], given);
    expect(existsSync(csv)).toBe(false);
    const failing = { ...given, studies: [failingStudy as unknown as Study] };
    await run(['simulate', 'queue-load', '--csv', csv, '--plots', plots], failing);
    expect(readdirSync(to)).toEqual([]);
  });
});
