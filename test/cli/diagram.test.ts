import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createMachine, fromPromise } from 'xstate';
import { z } from 'zod';
import { actor, defineScenario, defineSystem, diagramSchema } from '../../src/index.ts';
import { folderWith, LIGHTS, MISTAKE, ModuleProcess, type Ran, run, spawned } from './harness.ts';
import { CATALOGUE } from './in-process.ts';

const MACHINE = `
import { createMachine, fromPromise } from 'xstate';

export const door = createMachine({
  id: 'frontDoor',
  initial: 'closed',
  states: {
    closed: { entry: 'lock', on: { OPEN: { target: 'opening', guard: ({ context }) => context.key > 3 } } },
    opening: { invoke: { src: fromPromise(async () => 1), onDone: 'open' }, after: { 500: 'closed' } },
    open: { on: { CLOSE: 'closed' } },
  },
});
`;

const TWO = `${MACHINE}
export const window = createMachine({ initial: 'shut', states: { shut: {} } });
export const help = 'no machine';
export const makeDoor = () => door;
export const fails = () => { throw new Error('out of wood'); };
`;

const LARGE = `
import { createMachine } from 'xstate';
const states = Object.fromEntries(Array.from({ length: 300 }, (_, i) => ['s' + i, { on: { GO: 's' + ((i + 1) % 300) } }]));
export default createMachine({ initial: 's0', states });
`;

const folder = folderWith({
  'door.ts': MACHINE,
  'two.ts': TWO,
  'large.ts': LARGE,
  'misplaced.ts': `import { createMachine } from 'xstate';
export const job = createMachine({ initial: 'run', states: { run: {}, idle: {} } });`,
  'lights.ts': LIGHTS,
  'mistake.ts': MISTAKE,
  'nothing.ts': 'export const answer = 42;',
  'broken.ts': 'throw new Error("no such luck");',
  'coverage.json': JSON.stringify({
    machines: { door: { states: ['closed', 'opening'], transitions: ['closed OPEN'] } },
  }),
  'stale.json': JSON.stringify({ machines: { frontDoor: { states: ['ajar'], transitions: [] } } }),
  'wrong.json': JSON.stringify({ machines: { door: { states: 'closed', transitions: [] } } }),
  'cut.json': '{"machines": {',
});
const at = (name: string) => join(folder.path, name);
afterAll(() => folder.remove());

/** The same machine as in `door.ts`, as an actor of a scenario: for what does not need a module. */
const door = createMachine({
  id: 'frontDoor',
  initial: 'closed',
  states: {
    closed: { entry: 'lock', on: { OPEN: { target: 'opening' } } },
    opening: { invoke: { src: fromPromise(async () => 1), onDone: 'open' }, after: { 500: 'closed' } },
    open: { on: { CLOSE: 'closed' } },
  },
});
const house = defineScenario({
  name: 'house',
  title: 'A house',
  sources: [],
  group: 'textbook',
  parameters: z.object({}),
  variants: { only: { title: 'as it is', expected: { verdict: 'holds' } } },
  build: () => defineSystem({ actors: { door: actor(door) } }),
});
const catalogue = [...CATALOGUE, house];
const draw = (...args: string[]) => run(['diagram', 'house#door', ...args], { catalogue });

const modules = new ModuleProcess();
afterAll(() => modules.end());

/** Each `inModuleProcess` gives what its command did, once the tests run. */
const commands: string[][] = [];
const results: Ran[] = [];
function inModuleProcess(...args: string[]): () => Ran {
  const index = commands.push(['diagram', ...args]) - 1;
  return () => results[index]!;
}
beforeAll(async () => {
  for (const args of commands) results.push(await modules.run(args, folder.path));
});

describe('targets', () => {
  test('a scenario is a whole system', async () => {
    const { status, stdout, stderr } = await run(['diagram', 'ping-pong']);
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^ping-pong\n├─ /);
    expect(stdout).toContain('⇢');
  });

  test('an actor of a scenario, by its name after # or by --actor', async () => {
    const [name] = (await run(['diagram', 'dining-philosophers', '--json'])).stdout.match(/philosopher\d/)!;
    const one = await run(['diagram', `dining-philosophers#${name}`]);
    const other = await run(['diagram', 'dining-philosophers', '--actor', name]);
    expect(one).toEqual(other);
    expect(one.status).toBe(0);
    expect(one.stdout).toMatch(/^philosopher\d\n/);
  });

  test('variants and parameters are those of check', async () => {
    const args = ['diagram', 'dining-philosophers', '--json', '--set', 'philosophers=3', '--variant', 'left-handed'];
    const { status, stdout } = await run(args);
    expect(status).toBe(0);
    const document = diagramSchema.parse(JSON.parse(stdout));
    expect(document).toMatchObject({ of: 'system', name: 'dining-philosophers, left-handed', complete: true });
    expect(document.of === 'system' && document.actors).toHaveLength(6);
  });

  describe('in modules', () => {
    const machine = inModuleProcess('door.ts');
    const made = inModuleProcess('two.ts#makeDoor');
    test('may be any machine', () => {
      const { status, stdout, stderr } = machine();
      expect([status, stderr]).toEqual([0, '']);
      expect(stdout).toContain('frontDoor\n├─ ● closed');
      expect(stdout).toMatch(/OPEN \[context\.key ?> ?3\] → opening/);
      expect(stdout).toContain('after 500 ms → closed');
      expect(stdout).toContain('invoke inline');
      expect(made()).toEqual(machine());
    });

    const system = inModuleProcess('./lights.ts');
    const one = inModuleProcess('lights.ts#lights', '--actor', 'north');
    test('may be a system, or an actor of one', () => {
      expect(system().stdout).toMatch(/├─ north\n│ {5}may GO, STOP\n└─ east/);
      expect(one().stdout).toMatch(/^north\n├─ ● red/);
    });

    const mistake = inModuleProcess('mistake.ts');
    test('may have a mistake', () => {
      expect(mistake().status).toBe(0);
      expect(mistake().stdout).toMatch(/├─ a\n│ {5}may GO\n│ {5}HELLO → b/);
    });

    const covered = inModuleProcess('two.ts#door', '--coverage', 'coverage.json', '--format', 'mermaid');
    test('are found in a coverage file by the name of their export', () => {
      expect(covered().stdout).toContain('class closed,opening covered');
    });

    const picture = inModuleProcess('door.ts', '-o', 'door.svg');
    test('are written to files', () => {
      expect(picture()).toEqual({ status: 0, stdout: '', stderr: '' });
      expect(readFileSync(at('door.svg'), 'utf8')).toMatch(/^<\?xml[^>]*>\n<svg /);
    });

    const folded = inModuleProcess('large.ts');
    const misplaced = inModuleProcess('misplaced.ts', '-o', 'misplaced.svg');
    test('that are large are folded, and what their authors may not have meant is said', () => {
      expect(folded().stdout).toContain('s1 … s299');
      expect(folded().stderr).toContain('301 states and 300 transitions are drawn as 3 and 3; --no-fold draws each');
      expect(misplaced().status).toBe(0);
      expect(misplaced().stderr).toBe('faultline: no arrow leads to the state "idle"\n');
      expect(readFileSync(at('misplaced.svg'), 'utf8')).toMatch(/no arrow leads to the state .*idle/);
    });

    const large = [
      inModuleProcess('large.ts', '--no-fold', '-o', 'large.svg'),
      inModuleProcess('large.ts', '--no-fold', '--format', 'dot'),
    ];
    writeFileSync(at('large.svg'), 'old');
    test('may be too large for a picture: the formats that cope are named, and an old file is left alone', () => {
      const { status, stderr } = large[0]!();
      expect(status).toBe(3);
      expect(stderr).toContain('large is too large to be laid out: 301 states and 300 arrows');
      expect(stderr).toContain('json, text, scxml, mermaid, plantuml and dot have no limit');
      expect(readFileSync(at('large.svg'), 'utf8')).toBe('old');
      expect(large[1]!().status).toBe(0);
    });

    const wrong = (
      [
        [['./nowhere.ts'], 'cannot read the module ./nowhere.ts', 'there is no such file'],
        [['two.ts'], 'exports several machines', 'choose one: two.ts#door, two.ts#window'],
        [['two.ts#dor'], 'has no export "dor"', 'did you mean "door"?'],
        [['two.ts#zebra'], 'has no export "zebra"', '; for an actor of its system: --actor zebra'],
        [['two.ts#help'], 'help of two.ts is no machine, no system and no scenario', ''],
        [['nothing.ts'], 'exports no machine, no system and no scenario: it exports answer', 'createMachine()'],
        [['door.ts', '--actor', 'x'], 'is one machine: --actor is for systems', ''],
        [['door.ts', '--set', 'n=1'], 'is one machine: --set is for systems', ''],
      ] as const
    ).map(([args, message, hint]) => ({ args, message, hint, ran: inModuleProcess(...args) }));
    test.each(wrong)('$args is a usage error', ({ ran, message, hint }) => {
      const { status, stdout, stderr } = ran();
      expect([status, stdout]).toEqual([3, '']);
      expect(stderr).toContain(message);
      expect(stderr).toContain(hint);
    });

    const failing = (
      [
        ['broken.ts', 'cannot be loaded: no such luck'],
        ['two.ts#fails', 'fails() of two.ts threw: out of wood'],
      ] as const
    ).map(([target, message]) => ({ target, message, ran: inModuleProcess(target) }));
    test.each(failing)('$target is an error of the model', ({ ran, message }) => {
      expect(ran().status).toBe(4);
      expect(ran().stderr).toContain(message);
    });
  });

  test.each([
    [['dining-philosopher'], 'there is no scenario "dining-philosopher"', 'did you mean "dining-philosophers"?'],
    [['house#dor'], 'house has no actor "dor"', 'did you mean "door"?'],
    [['ping-pong#a', '--actor', 'b'], 'ping-pong#a names one actor and --actor another: b', 'leave one'],
    [['ping-pong', '--variant', 'relaible'], 'has no variant "relaible"', 'did you mean "reliable"?'],
    [[], "missing required argument 'targets'", ''],
  ])('%j is a usage error', async (args, message, hint) => {
    const { status, stdout, stderr } = await run(['diagram', ...args], { catalogue });
    expect([status, stdout]).toEqual([3, '']);
    expect(stderr).toContain(message);
    expect(stderr).toContain(hint);
  });
});

describe('formats', () => {
  test.each([
    ['svg', /^<\?xml[^>]*>\n<svg /],
    ['mmd', /^---\ntitle: "door"\n---\nstateDiagram-v2\n/],
    ['dot', /^digraph "door" \{/],
    ['gv', /^digraph /],
    ['scxml', /<scxml /],
    ['puml', /^@startuml\n/],
    ['json', /^\{\n {2}"version": 1,\n {2}"kind": "diagram"/],
    ['txt', /^door\n/],
    ['PNG', /^.PNG/],
  ])('by the suffix .%s', async (suffix, start) => {
    const file = at(`picture.${suffix}`);
    expect(await draw('-o', file)).toEqual({ status: 0, stdout: '', stderr: '' });
    expect(readFileSync(file, 'latin1')).toMatch(start);
  });

  test('--format says more than the suffix, and writes to stdout as well', async () => {
    const file = at('picture.of-dot');
    await draw('--format', 'dot', '-o', file);
    const { status, stdout } = await draw('--format', 'dot');
    expect(status).toBe(0);
    expect(stdout).toBe(readFileSync(file, 'utf8'));
  });

  test('a terminal gets a drawing in its colours, and no PNG', async () => {
    const plain = await draw();
    const coloured = await run(['diagram', 'house#door', '--highlight', 'open'], { catalogue, tty: true });
    expect(coloured.stdout).toContain('\u001b[');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: colours begin with one
    expect(coloured.stdout.replaceAll(/\u001b\[\d+m/g, '').replace('★ ', '')).toBe(plain.stdout);
    const png = await run(['diagram', 'house#door', '--format', 'png'], { catalogue, tty: true });
    expect(png).toMatchObject({ status: 3, stdout: '' });
    expect(png.stderr).toContain('a PNG is nothing for a terminal');
  });

  test.each([
    [['--format', 'svgg'], 'there is no format "svgg"', 'did you mean "svg"?'],
    [['-o', 'door.jpg'], 'the suffix of door.jpg says no format', '--format'],
    [['-o', 'door.pgn'], 'the suffix of door.pgn says no format', 'did you mean ".png"?'],
    [['--json', '--format', 'svg'], '--json does not go with --format svg', ''],
    [['--theme', 'drak'], 'there is no theme "drak"', 'did you mean "dark"?'],
    [['--highlight', 'opne'], 'has no state and no transition "opne"', 'did you mean "open"?'],
    [['--highlight', 'closed,closed OPN'], 'no transition "closed OPN"', 'did you mean "closed OPEN"?'],
    [['--coverage', at('nowhere.json')], `cannot read the coverage file ${at('nowhere.json')}`, ''],
    [['--max-states', 'many'], '--max-states many', 'expected a whole number'],
    [['-o', at('nowhere/door.svg')], `cannot write ${at('nowhere/door.svg')}: there is no folder`, ''],
  ])('%j is a usage error, and nothing is written', async (args, message, hint) => {
    const { status, stdout, stderr } = await draw(...args);
    expect([status, stdout]).toEqual([3, '']);
    expect(stderr).toContain(message);
    expect(stderr).toContain(hint);
  });

  test('SCXML is for machines', async () => {
    const { status, stderr } = await run(['diagram', 'ping-pong', '--format', 'scxml']);
    expect(status).toBe(3);
    expect(stderr).toContain('choose an actor');
  });

  test('a folder is no file, and nothing half-written is left behind', async () => {
    mkdirSync(at('folder.svg'));
    const { status, stderr } = await draw('-o', at('folder.svg'));
    expect(status).toBe(3);
    expect(stderr).toContain('it is a folder');
    expect(readdirSync(folder.path).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });
});

describe('colours', () => {
  test('of what is highlighted, by path, by id and by transition', async () => {
    for (const name of ['open', 'frontDoor.open']) {
      const { stdout } = await draw('--highlight', name, '--format', 'mermaid');
      expect(stdout).toContain('class open highlighted');
    }
    const { stdout } = await draw('--highlight', 'open, closed OPEN', '--highlight', 'closed');
    expect(stdout.match(/★/g)).toHaveLength(3);
    expect(stdout).toContain('★ OPEN');
  });

  test('of what is covered, under what is highlighted', async () => {
    const args = ['--coverage', at('coverage.json')];
    const { stdout } = await draw(...args);
    expect(stdout).toContain('✔ closed');
    expect(stdout).toContain('✘ open\n');
    expect(stdout).toContain('✔ OPEN');
    expect((await draw(...args, '--highlight', 'open')).stdout).toContain('★ open\n');
  });

  test.each([
    ['stale.json', 'names the state "ajar", which the machine does not have: it is of another version'],
    ['wrong.json', 'is no coverage file: machines.door.states: '],
    ['cut.json', 'cannot read the coverage file'],
  ])('%s is refused', async (file, message) => {
    const { status, stdout, stderr } = await draw('--coverage', at(file));
    expect([status, stdout]).toEqual([3, '']);
    expect(stderr).toContain(message);
  });

  test('coverage is of one machine', async () => {
    const { status, stderr } = await run(['diagram', 'ping-pong', '--coverage', at('coverage.json')]);
    expect(status).toBe(3);
    expect(stderr).toContain('--coverage is about the states of a machine');
  });
});

describe('families', () => {
  test('are folded on demand', async () => {
    const folded = await run(['diagram', 'dining-philosophers', '--fold']);
    expect(folded.stdout).toContain('philosopher*');
    expect((await run(['diagram', 'dining-philosophers', '--no-fold'])).stdout).not.toContain('*');
  });
});

test('the process writes a PNG to a pipe, and ends', async () => {
  const { status, stdout, stderr } = await spawned(['diagram', 'ping-pong', '--format', 'png']);
  expect([status, stderr]).toEqual([0, '']);
  expect(stdout.slice(1, 4)).toBe('PNG');
});
