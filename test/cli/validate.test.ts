import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { catalogue } from '../../machines/races/index.ts';
import { validateDocumentSchema } from '../../src/cli/documents.ts';
import { folderWith, LIGHTS, MISTAKE, ModuleProcess, run, spawned } from './harness.ts';

const { path: folder, remove } = folderWith({ 'lights.ts': LIGHTS, 'mistake.ts': MISTAKE });
afterAll(remove);
const at = (name: string) => join(folder, name);
const sample = (name: string) => fileURLToPath(new URL(`../../docs/samples/${name}`, import.meta.url));

function write(lines: readonly (object | string)[]): string {
  const text = lines.map((line) => `${typeof line === 'string' ? line : JSON.stringify(line)}\n`);
  writeFileSync(at('log.jsonl'), text.join(''));
  return at('log.jsonl');
}

/** Runs `validate` on a log with these lines. */
function validate(lines: readonly (object | string)[], ...options: string[]) {
  return run(['validate', write(lines), ...options], { catalogue });
}

const modules = new ModuleProcess();
afterAll(() => modules.end());

/** The same in a process that can load a user's module. */
function validateOwn(lines: readonly (object | string)[], ...options: string[]) {
  return modules.run(['validate', '--trust', write(lines), ...options], folder);
}

const header = {
  faultline: 'log',
  version: 1,
  scenario: 'bounded-fifo',
  variant: 'fixed',
  parameters: { capacity: 2 },
  kind: 'steps',
};
const produce = { kind: 'choice', actor: 'producer', event: { type: 'PRODUCE' } };
const lights = { ...header, scenario: at('lights.ts'), variant: null, parameters: {} };
const go = (actor: string) => ({ kind: 'choice', actor, event: { type: 'GO' } });

describe('a log of steps', () => {
  test('that is a run gives status 0, with its chart', async () => {
    const { status, stdout, stderr } = await validate([header, produce]);
    expect(stderr).toBe('');
    expect(status).toBe(0);
    expect(stdout).toContain('log.jsonl: 1 step of bounded-fifo, fixed\n\n 1  producer.PRODUCE');
    expect(stdout).toMatch(/a behaviour of the model\n$/);
  });

  test('that is none says why not, and what instead, with status 1', async () => {
    const { status, stdout } = await validate([header, produce, produce, produce]);
    expect(status).toBe(1);
    expect(stdout).toContain('not a behaviour of the model: the first 2 of 3 steps are');
    expect(stdout).toMatch(/line 4: producer\.PRODUCE\n {2}.*full/s);
    expect(stdout).toMatch(/Possible there:\n {2}\S+: ITEM/);
  });

  test('of a system of your own, which violates something', async () => {
    const { status, stdout } = await validateOwn([lights, go('north'), go('east')]);
    expect(status).toBe(1);
    expect(stdout).toContain('violated: never both green, after step 2');
  });

  test('whose actor does not exist says so', async () => {
    const { stdout } = await validateOwn([lights, go('nroth')]);
    expect(stdout).toContain('not a behaviour of the model: not even its first step is');
    expect(stdout).toMatch(/there is no actor or channel "nroth" \(did you mean "north"\?/);
  });

  test('that ends in a mistake of the model gives status 4', async () => {
    const mistake = { ...lights, scenario: at('mistake.ts') };
    const { status, stdout } = await validateOwn([mistake, go('a'), go('a')]);
    expect(status).toBe(4);
    expect(stdout).toContain('The last step breaks off, the model is wrong (unhandled-message)');
  });

  test('too long for a chart is left to a file', async () => {
    const long = Array.from({ length: 80 }, (_, step) => ({
      kind: 'choice',
      actor: 'north',
      event: { type: step % 2 ? 'STOP' : 'GO' },
    }));
    const { status, stdout } = await validateOwn([lights, ...long], '--trace-out', at('long.json'));
    expect(status).toBe(0);
    expect(stdout).toContain(`The run has 80 steps, too many for a chart here; it is in ${at('long.json')}.`);
    expect((await spawned(['replay', at('lights.ts'), at('long.json')])).status).toBe(0);
  });
});

describe('a log of events', () => {
  test('is held against another variant by --variant, and its run is a trace', async () => {
    const log = sample('racing-unmap.jsonl');
    expect((await run(['validate', log], { catalogue })).status).toBe(1);
    const options = ['--variant', 'no-lock-over-gup', '--trace-out', at('trace.json')];
    const { status, stdout } = await run(['validate', log, ...options], { catalogue });
    expect(status).toBe(1);
    expect(stdout).toContain('Every run that shows this log violates something: the log is evidence of it.');
    expect(stdout).toMatch(/page0 {2}0x10000\n/);
    const replayed = await run(['replay', at('trace.json')], { catalogue });
    expect(replayed.status).toBe(1);
    expect(replayed.stdout).toContain('violated: no DMA reaches a frame that was freed');
  });

  test('changes with --set, and its header may have the words', async () => {
    const vocabulary = { got: { type: 'ITEM', to: 'consumer', fields: { n: 'n' } } };
    const words = { ...header, kind: 'events', parameters: { capacity: 1 }, vocabulary };
    const [message] = /ITEM\(\w+/.exec((await validate([header, produce])).stdout)!;
    vocabulary.got.fields = { n: message.slice('ITEM('.length) };
    const events = [{ event: 'got', n: 0 }];
    const { status, stdout } = await validate([words, ...events], '--set', 'capacity=3');
    expect([status, stdout.split('\n').at(-2)]).toEqual([
      0,
      expect.stringContaining('a behaviour of the model: a run of 2 steps shows it'),
    ]);
    const { parameters } = validateDocumentSchema.parse(
      JSON.parse((await validate([words, ...events], '--set', 'capacity=3', '--json')).stdout),
    );
    expect(parameters).toMatchObject({ capacity: 3 });
  });

  test('that is not decided within the bound gives status 2', async () => {
    const { status, stdout } = await run(['validate', sample('racing-unmap.jsonl'), '--max-states', '10'], {
      catalogue,
    });
    expect(status).toBe(2);
    expect(stdout).toMatch(
      /unknown: there are more states than --max-states, 10 states looked at; a run explains \d of 6 events/,
    );
  });

  test('takes a skew', async () => {
    const lines = readFileSync(sample('racing-unmap.jsonl'), 'utf8').trimEnd().split('\n');
    const [head, fault, gup, invalidate, map, ...rest] = lines;
    // CPU 1 runs late: what it saw is written after what came later.
    const mixed = [head!, fault!, gup!, map!.replace('812.004169', '812.004158'), invalidate!, ...rest];
    expect((await validate(mixed, '--variant', 'no-lock-over-gup', '--max-states', '200000')).status).toBe(1);
    const { stdout } = await validate(mixed, '--variant', 'no-lock-over-gup', '--skew', '5');
    expect(stdout).toContain('a behaviour of the model');
  });

  test('--json prints one document that fits its schema', async () => {
    const { status, stdout, stderr } = await run(['validate', sample('pri-overflow-merged.jsonl'), '--json'], {
      catalogue,
    });
    expect([status, stderr]).toEqual([1, '']);
    expect(validateDocumentSchema.parse(JSON.parse(stdout))).toMatchObject({
      kind: 'validate',
      status: 1,
      log: 'events',
      target: 'pri-overflow',
      variant: 'fixed',
      verdict: 'invalid',
      records: 9,
      explained: 3,
      stuck: { line: 5, got: 'priq_cons(ovackflg=1)', possible: ['discard_partial'] },
    });
  });
});

describe('is refused with status 3, and says where and why', () => {
  test.each<[what: string, lines: (object | string)[], options: string[], message: RegExp]>([
    [
      'nothing',
      [],
      [],
      /faultline: .*log\.jsonl:1: got nothing, expected a log: the file is empty\n {2}the first line/,
    ],
    ['a header alone', [header], [], /log\.jsonl:2: got nothing after the header, expected steps/],
    ['a line that is no JSON', [header, '{"seq":1,'], [], /log\.jsonl:2: got "\{\\"seq\\":1,", expected a JSON object/],
    [
      'an unknown scenario',
      [{ ...header, scenario: 'bounded-fofi' }],
      [],
      /log\.jsonl:1: there is no scenario "bounded-fofi"\n {2}did you mean "bounded-fifo"/,
    ],
    [
      'no scenario at all',
      [{ ...header, scenario: './gone.ts' }],
      ['--trust'],
      /log\.jsonl:1: cannot read the module \.\/gone\.ts/,
    ],
    [
      'an unknown variant',
      [{ ...header, variant: 'gone' }],
      [],
      /log\.jsonl:1: scenario "bounded-fifo" has no variant "gone"/,
    ],
    [
      'a variant too few',
      [{ ...header, variant: null }],
      [],
      /log\.jsonl:1: scenario "bounded-fifo" has several variants/,
    ],
    [
      'parameters out of bounds',
      [{ ...header, parameters: { capacity: 1000 } }],
      [],
      /log\.jsonl:1: parameter capacity: got "1000"/,
    ],
    ['--set of nothing', [header], ['--set', 'speed=1'], /has no parameter "speed"/],
    ['--skew for steps', [header], ['--skew', '1'], /--skew goes with a log of events/],
    ['a skew that is none', [header], ['--skew', 'x'], /--skew x: got "x"/],
    ['a bound that is none', [header], ['--max-states', '0'], /--max-states 0: got "0"/],
    [
      'a file that cannot be',
      [header],
      ['--trace-out', at('no/trace.json')],
      /cannot write .*\/no\/trace\.json: there is no folder/,
    ],
    ['events without words', [{ ...header, kind: 'events' }], [], /log\.jsonl:1: there is no "vocabulary"/],
    [
      'an unknown event',
      [{ ...header, scenario: 'racing-unmap', parameters: {}, kind: 'events' }, { event: 'mapp' }],
      [],
      /log\.jsonl:2: got the event "mapp", expected one of .*\n {2}did you mean map\?/,
    ],
  ])('%s', async (_what, lines, options, message) => {
    const { status, stdout, stderr } = await validate(lines, ...options);
    expect(stderr).toMatch(message);
    expect(stdout).toBe('');
    expect(status).toBe(3);
  });

  test('--set on a plain system', async () => {
    const { status, stderr } = await validateOwn([lights], '--set', 'a=1');
    expect([status, stderr]).toEqual([3, expect.stringContaining('is a plain system, without parameters to set')]);
  });

  test.each([
    [at('gone.jsonl'), /cannot read the log .*gone\.jsonl: there is no such file/],
    [folder, /cannot read the log .*: it is not a file but a folder/],
  ])('%s', async (file, message) => {
    const { status, stderr } = await run(['validate', file]);
    expect(stderr).toMatch(message);
    expect(status).toBe(3);
  });
});
