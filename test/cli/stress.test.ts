/** `faultline stress`: what it prints and writes, and what it refuses. The engine has tests of its own. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { catalogue } from '../../machines/races/index.ts';
import { boundedFifo } from '../../machines/textbook/bounded-fifo.ts';
import { diningPhilosophers } from '../../machines/textbook/dining-philosophers.ts';
import {
  replayDocumentSchema,
  type StressDocument,
  stressDocumentSchema,
  validateDocumentSchema,
} from '../../src/cli/documents.ts';
import { DEADLOCK_PROPERTY } from '../../src/system/property.ts';
import { defineScenario, type Scenario, type StressDefinition } from '../../src/system/scenario.ts';
import { folderWith, type Injected, LIGHTS, run as runIn, spawned } from './harness.ts';
import { fickle, forgetful, rude } from './stress-scenarios.ts';

const MERGE = 'no group has members of two generations';
const { path: folder, remove } = folderWith({ 'lights.ts': LIGHTS });
afterAll(remove);

const table: Scenario = { ...diningPhilosophers, stress: { unit: 'table' } };
const all = [...catalogue.filter(({ name }) => name !== 'dining-philosophers'), table, rude, forgetful];

function run(args: string, injected: Injected = {}) {
  return runIn(args.split(' '), { catalogue: all, ...injected });
}

async function stressed(args: string, injected: Injected = {}): Promise<StressDocument> {
  const { status, stdout, stderr } = await run(`stress ${args} --json`, injected);
  expect(stderr).toBe('');
  const document = JSON.parse(stdout) as StressDocument;
  // The schema allows no more and no less.
  expect(stressDocumentSchema.parse(document)).toEqual(document);
  expect(document.status).toBe(status);
  return document;
}

describe('a run in which nothing is found', () => {
  const args = 'pri-overflow --variant fixed --threads 1 --steps 20000 --devices 8 --pages 64';

  test('is the same each time with one thread and one seed', async () => {
    const [one, two] = [await stressed(args), await stressed(args)];
    const timeless = ({ seconds: _, curve: __, ...rest }: StressDocument) => rest;
    expect(timeless(one)).toEqual(timeless(two));
    expect((await stressed(`${args} --seed 2`)).hits).not.toEqual(one.hits);
  });

  test('goes another way with another mix, and the same one with the same', async () => {
    const doneWith = async (mix: string) => {
      const { asked, machineSteps, episodes, threads } = await stressed(
        `dining-philosophers --variant left-handed --threads 1 --devices 2 --steps 2000 --mix ${mix}`,
      );
      expect(asked.mix).toBe(mix);
      return { machineSteps, episodes, threads };
    };
    const priorities = await doneWith('priorities');
    expect(await doneWith('bursts')).not.toEqual(priorities);
    expect(await doneWith('priorities')).toEqual(priorities);
  });

  test('says how far it looked, and never that anything holds', async () => {
    const document = await stressed(args);
    expect(document).toMatchObject({
      status: 0,
      outcome: 'nothing-found',
      units: 4,
      devices: 8,
      pages: 64,
      finding: null,
    });
    expect(document.steps).toBeGreaterThanOrEqual(20_000);
    expect(document.machineSteps).toBeGreaterThan(document.steps);
    expect(document.episodes).toBeGreaterThan(0);
    const hit = new Map(document.hits.map(({ name, count }) => [name, count]));
    expect(hit.get('an index is used again')).toBeGreaterThan(100);
    expect(hit.get('complete groups')).toBeGreaterThanOrEqual(hit.get('answers')! + hit.get('automatic answers')!);
    expect(document.gauges.find(({ name }) => name === 'PRIQ')).toMatchObject({ min: 0, max: 2 });
    expect(document.latencies[0]!.p50!.from).toBeGreaterThan(0);

    const { status, stdout } = await run(`stress ${args}`);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^pri-overflow fixed: 4 SMMUs, 8 devices, 64 pages, 1 thread, seed 1, mix all\n/);
    expect(stdout).toMatch(/no violation found in 20,\d{3} steps, \d+ episodes/);
    expect(stdout).toContain('each complete group is answered: complete groups = answers + automatic answers');
    expect(stdout).not.toContain('holds');
  });

  test('the same on live XState actors', async () => {
    const small = args.replace('20000', '4000');
    const [tables, live] = [await stressed(small), await stressed(`${small} --engine xstate`)];
    expect(live.asked.engine).toBe('xstate');
    expect({ steps: live.steps, hits: live.hits }).toEqual({ steps: tables.steps, hits: tables.hits });
  });

  test('two threads share the work', async () => {
    const document = await stressed('racing-unmap --variant fixed --threads 2 --steps 30000 --devices 8 --pages 800');
    expect(document).toMatchObject({ status: 0, outcome: 'nothing-found' });
    expect(document.threads).toHaveLength(2);
    for (const { steps } of document.threads) expect(steps).toBeGreaterThan(0);
    expect(document.steps).toBe(document.threads.reduce((sum, { steps }) => sum + steps, 0));
  });

  test('its log is a behaviour of the model', async () => {
    const log = join(folder, 'fixed.jsonl');
    expect(
      await run(`stress slow-reader --variant fixed --threads 1 --steps 5000 --devices 8 --log ${log}`),
    ).toMatchObject({ status: 0, stderr: '' });
    const { status, stdout } = await run(`validate ${log} --json`);
    expect(status).toBe(0);
    const { verdict, records } = validateDocumentSchema.parse(JSON.parse(stdout));
    expect(verdict).toBe('valid');
    expect(records).toBeGreaterThan(100);
  });

  test('plots and coverage', async () => {
    const plots = join(folder, 'plots');
    const document = await stressed(
      `slow-reader --variant fixed --threads 1 --steps 20000 --coverage --plots ${plots}`,
    );
    const { missing, transitions, complete } = document.coverage!;
    expect(complete).toBe(true);
    expect(transitions).toBeGreaterThan(20);
    expect(missing.length).toBeLessThan(transitions / 2);
    const files = readdirSync(plots);
    expect(files).toHaveLength(3 + document.gauges.length + document.latencies.length);
    for (const file of files) {
      const svg = readFileSync(join(plots, file), 'utf8');
      expect(svg).toMatch(/^<svg /);
      expect(svg).toContain('slow-reader, fixed: ');
      expect(svg).toContain('prefers-color-scheme: dark');
    }
    expect(readFileSync(join(plots, 'throughput.svg'), 'utf8')).toContain('machine steps');
  });
});

describe('what is found', () => {
  test('is a trace of a small system, whose replay violates the same', async () => {
    const [trace, chart, log] = ['trace.json', 'chart.svg', 'found.jsonl'].map((name) => join(folder, name));
    const args = `pri-overflow --variant no-discard --threads 1 --trace-out ${trace} --chart-out ${chart} --log ${log}`;
    const { finding, ...document } = await stressed(`${args} --pages 512`);
    expect(document).toMatchObject({ status: 1, outcome: 'found', devices: 64 });
    expect(finding).toMatchObject({ kind: 'violation', property: MERGE, reproduced: true, log });
    expect(finding!.trace!.steps.length).toBeLessThan(20);
    expect(finding!.trace!.steps.length).toBeLessThanOrEqual(finding!.loggedSteps);
    expect(finding!.explanation!.race).not.toBeNull();

    const replayed = await run(`replay ${trace} --json`);
    expect(replayed.status).toBe(1);
    expect(replayDocumentSchema.parse(JSON.parse(replayed.stdout))).toMatchObject({
      reproduced: true,
      violated: [MERGE],
    });
    expect((await run(finding!.replay!.replace('npx faultline ', ''))).status).toBe(1);
    const checked = await run(finding!.check!.replace('npx faultline ', ''));
    expect(checked.status).toBe(1);
    expect(checked.stdout).toContain(`violated: ${MERGE}`);
    expect(readFileSync(chart!, 'utf8')).toContain('pri-overflow, no-discard');
    const validated = await run(`validate ${log} --json`);
    const { verdict, violated } = validateDocumentSchema.parse(JSON.parse(validated.stdout));
    expect({ verdict, violated: violated.map(({ property }) => property) }).toEqual({
      verdict: 'valid',
      violated: [MERGE],
    });
  });

  test('is told with its chart and what to type', async () => {
    const { status, stdout } = await run('stress pri-overflow --variant no-discard --threads 1');
    expect(status).toBe(1);
    expect(stdout).toContain(`violated: ${MERGE}\n  found in `);
    expect(stdout).toMatch(
      /It was found in unit \d+, after \d+ steps of its episode; \d+ steps of a small system do the same:/,
    );
    expect(stdout).toContain('The race:');
    expect(stdout).toMatch(
      /replay it: npx faultline replay pri-overflow --variant no-discard .*--set generations=4 [\d/]+\n/,
    );
    expect(stdout).toMatch(/search the small system: npx faultline check pri-overflow --variant no-discard /);
    const brief = await run('stress pri-overflow --variant no-discard --threads 1 --no-explain');
    expect(brief.stdout).not.toContain('The race:');
  });

  test('in units of another variant that run beside', async () => {
    const document = await stressed('pri-overflow --variant fixed --beside no-discard --threads 1');
    expect(document).toMatchObject({
      status: 1,
      variant: 'fixed',
      units: 16,
      beside: { variant: 'no-discard', units: 16 },
      finding: { variant: 'no-discard', property: MERGE, reproduced: true },
    });
    expect(await run('stress pri-overflow --variant fixed --beside no-discrad')).toMatchObject({ status: 3 });
    const one = await run('stress pri-overflow --variant fixed --beside no-discard --devices 2');
    expect(one.stderr).toContain('--beside no-discard: got one SMMU, expected at least two');
  });

  test('a dead end', async () => {
    const { finding, status } = await stressed('dining-philosophers --variant left-right --threads 1 --devices 4');
    expect(status).toBe(1);
    expect(finding).toMatchObject({
      kind: 'dead-end',
      property: DEADLOCK_PROPERTY,
      deadEnd: true,
      reproduced: true,
    });
  });

  test('a message that nobody takes is a mistake in the model', async () => {
    const { finding, status } = await stressed('rude --threads 1 --devices 4');
    expect(status).toBe(4);
    expect(finding).toMatchObject({ kind: 'unhandled', property: null, error: { code: 'unhandled-message' } });
    expect(finding!.trace!.steps.map(({ actor }) => actor)).toEqual(['a', 'a']);
    const { stdout } = await run('stress rude --threads 1 --devices 4');
    expect(stdout).toContain('the model is wrong: nobody takes a message');
  });

  test('books that do not close are no property, and say which', async () => {
    const { finding, status } = await stressed('forgetful --threads 1 --devices 4 --episode 1024');
    expect(status).toBe(1);
    expect(finding).toMatchObject({
      kind: 'unbalanced',
      property: 'each second GO is a greeting',
      reproduced: true,
      check: null,
    });
    const { stdout } = await run('stress forgetful --threads 1 --devices 4 --episode 1024');
    expect(stdout).toContain('the books do not close: each second GO is a greeting');
    expect(stdout).toMatch(/\d+ times two, but (\d+) greetings \+ \1 greetings/);
  });

  test('what the model does not allow is a bug of Faultline: status 5, and the log is kept', async () => {
    const log = join(folder, 'fickle.jsonl');
    const { status, stdout, stderr } = await run(`stress fickle --threads 1 --devices 4 --json --log ${log}`, {
      catalogue: [fickle()],
    });
    expect(status).toBe(5);
    expect(stderr).toBe(
      `faultline: this is a bug in faultline, please report it with ${log}: the last of these steps does not break off\n`,
    );
    expect(stressDocumentSchema.parse(JSON.parse(stdout)).finding).toMatchObject({
      reproduced: false,
      trace: null,
      log,
    });
    expect(readFileSync(log, 'utf8').split('\n').length).toBeGreaterThan(2);
  });
});

describe('what ends a run early', () => {
  test('Ctrl-C: a summary, the log, status 2', async () => {
    const log = join(folder, 'interrupted.jsonl');
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 1500);
    const document = await stressed(`pri-overflow --variant fixed --threads 2 --seconds 60 --pages 512 --log ${log}`, {
      signal: controller.signal,
    });
    expect(document).toMatchObject({ status: 2, outcome: 'interrupted', finding: null });
    expect(document.seconds).toBeLessThan(30);
    expect(existsSync(log)).toBe(true);
  });

  test('a thread that dies in the middle of a step: no verdict, status 5, the log is kept', async () => {
    const log = join(folder, 'dead.jsonl');
    const stressWorker = new URL('stress-worker-dies.ts', import.meta.url);
    const { status, stdout, stderr } = await run(
      `stress pri-overflow --variant fixed --threads 1 --pages 512 --log ${log}`,
      { stressWorker },
    );
    expect(status).toBe(5);
    expect(stdout).toBe('');
    expect(stderr).toBe(
      `faultline: a worker thread failed: out of luck\n  there is no verdict; the episodes that were under way are kept: ${log}\n`,
    );
    expect(await run(`validate ${log}`)).toMatchObject({ status: 0, stderr: '' });
  });

  test('a thread that dies at once leaves no log', async () => {
    const log = join(folder, 'none.jsonl');
    const stressWorker = new URL('../explore/failing-worker.ts', import.meta.url);
    const { status, stderr } = await run(`stress pri-overflow --variant fixed --threads 2 --log ${log}`, {
      stressWorker,
    });
    expect(status).toBe(5);
    expect(stderr).toContain('there is no verdict; no episode was under way, so no log is kept');
    expect(existsSync(log)).toBe(false);
  });
});

test('a terminal sees a line about the run, and nothing of it in the end', async () => {
  const { stderr } = await run('stress pri-overflow --variant fixed --threads 2 --seconds 2.5', { tty: true });
  expect(stderr).toMatch(/steps {2}.*\/s \(.* machine steps\/s\) {2}\d+ episodes {2}threads \d/);
  expect(stderr.endsWith('\r\x1b[2K')).toBe(true);
  expect((await run('stress pri-overflow --variant fixed --seconds 1.2 --quiet', { tty: true })).stderr).not.toMatch(
    /steps/,
  );
});

describe('what is refused, with the next step', () => {
  test.each([
    ['pri-overflow', 'scenario "pri-overflow" has several variants'],
    ['pri-overflo --variant fixed', 'did you mean "pri-overflow"?'],
    ['bounded-fifo --variant fifo', 'scenario "bounded-fifo" cannot be stressed: it does not say how it scales'],
    ['pri-overflow --variant fixed --devices 0', '--devices 0: got "0", expected a whole number of at least 1'],
    ['pri-overflow --variant fixed --devices 65', 'the nearest are 64 and 66'],
    ['pri-overflow --variant fixed --devices 1', 'the nearest is 2'],
    ['pri-overflow --variant fixed --devices 1e12', 'ask for fewer --devices or --pages'],
    ['pri-overflow --variant fixed --pages 1e12', 'the run is too large'],
    ['pri-overflow --variant fixed --pages 63', 'expected at least 64: 2 for each SMMU, of which there are 32'],
    ['pri-overflow --variant fixed --set pages=4', 'say how many by --pages'],
    ['pri-overflow --variant fixed --set bothOrders=false --pages 64', 'has no pages of which there can be any number'],
    ['group-owners --variant fixed --pages 64', 'has no pages of which there can be any number'],
    [
      'pri-overflow --variant fixed --queue-entries 100',
      'parameter queueEntries: got "100", expected a whole number from 1 to 8',
    ],
    ['pri-overflow --variant fixed --queue-entries 4 --set queueEntries=2', '--set gives queueEntries twice'],
    ['atc-before-tlb --variant fixed --queue-entries 2', 'has no queue whose size can be chosen'],
    ['pri-overflow --variant fixed --threads 0', '--threads 0: got "0", expected a whole number of at least 1'],
    ['pri-overflow --variant fixed --threads 1000', 'expected at most'],
    ['pri-overflow --variant fixed --seconds 1 --steps 1', '--seconds and --steps do not go together'],
    ['pri-overflow --variant fixed --seconds -1', 'expected a number of seconds above 0'],
    ['pri-overflow --variant fixed --mix strom', 'did you mean "storm"?'],
    ['pri-overflow --variant fixed --episode 12', 'expected at least 1,024 steps'],
    ['pri-overflow --variant fixed --engine xstates', 'did you mean "xstate"?'],
    ['pri-overflow --variant fixed --engine xstate --threads 2', '--engine xstate runs in one thread'],
    [
      `pri-overflow --variant fixed --log ${folder}/no/log`,
      `cannot write ${folder}/no/log: there is no folder ${folder}/no`,
    ],
    ['pri-overflow --variant fixed --log same --trace-out same', '--log and --trace-out both want same'],
    ['pri-overflow --variant fixed --chart-out chart.gif', 'the suffix of chart.gif says no chart format'],
    [`pri-overflow --variant fixed --plots ${folder}/no/plots`, 'the folder cannot be made'],
  ])('stress %s', async (args, expected) => {
    const { status, stdout, stderr } = await run(`stress ${args}`);
    expect(stderr).toContain(expected);
    expect(status).toBe(3);
    expect(stdout).toBe('');
  });

  test('a scenario that says nothing of it is told the ten lines to add', async () => {
    const { stderr } = await run('stress bounded-fifo --variant fifo');
    const lines = /^ {4}stress: \{$[\s\S]*?^ {4}\},$/m.exec(stderr)![0];
    expect(lines.split('\n')).toHaveLength(10);
    const { stress } = new Function(`return { ${lines} }`)() as { stress: StressDefinition };
    const parameters = z.object({ devices: z.int().default(1), pages: z.int().default(1) });
    expect(defineScenario({ ...boundedFifo, parameters, stress, build: vi.fn() }).stress).toEqual(stress);
    expect(stderr).toMatch(/^ {2}as .*pri-overflow/m);
  });

  test('a plain system', async () => {
    const { status, stderr } = await spawned(['stress', 'lights.ts'], folder);
    expect(stderr).toContain('a plain system, cannot be stressed: it does not say how it scales');
    // What to add, as it stands in a scenario.
    expect(stderr).toMatch(/\n {4}stress: \{\n {6}unit: [\s\S]*\n {4}\},\n/);
    expect(status).toBe(3);
  });
});
