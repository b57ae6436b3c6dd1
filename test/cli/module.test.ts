/** Users' own modules, loaded by the real command line from folders that have nothing of ours installed. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { checkDocumentSchema } from '../../src/cli/documents.ts';
import { COUNTERS, folderWith, LIGHTS, MISTAKE, ModuleProcess, spawned, start } from './harness.ts';

const SCENARIO = `
import { defineScenario } from 'faultline';
import { z } from 'zod';
import { lights } from './lights.ts';

export const crossing = defineScenario({
  name: 'crossing',
  title: 'two traffic lights',
  sources: [],
  group: 'textbook',
  parameters: z.object({ streets: z.number().int().min(2).max(4).default(2).describe('streets that cross') }),
  variants: { careless: { title: 'no lock', expected: { verdict: 'violated', property: 'never both green' } } },
  build: () => lights,
});
`;

const PLAIN = LIGHTS.replace(', type System', '')
  .replace(': System', '')
  .replace(/setup\(.*\)\.create/, 'setup({}).create');

const { path: folder, remove } = folderWith({
  'lights.ts': LIGHTS,
  'counters.mts': COUNTERS,
  'mistake.ts': MISTAKE,
  'scenario.ts': SCENARIO,
  'plain.js': PLAIN,
  'transitive.ts': `export * from './reexport.js';\n`,
  'reexport.ts': `import { lights } from './lights';\nexport const again = lights;\n`,
  'several.ts': `export { lights } from './lights.ts';\nexport { system as mistake } from './mistake.ts';\n`,
  'alias.ts': `export { lights, lights as default } from './lights.ts';\n`,
  'promise.ts': `export const later = async () => (await import('./lights.ts')).lights;\n`,
  'none.ts': `export const answer: number = 42;\n`,
  'empty.ts': '',
  'syntax.ts': 'export const answer number = 42;\n',
  'missing.ts': `import './nothing.ts';\nexport const answer = 42;\n`,
  'throws.ts': `throw new RangeError('out of forks');\nexport {};\n`,
  'stackless.ts': `export default () => {\n  throw Object.assign(new RangeError('out of forks'), { stack: 7 });\n};\n`,
  'builder.ts': `export default function build() {\n  throw new RangeError('out of forks');\n}\n`,
  'functions.ts': 'export const a = () => 1;\nexport const b = () => 2;\n',
  'builders.ts': `import { defineSystem } from 'faultline';
export const one = () => defineSystem({ actors: {} });
export const two = () => defineSystem({ actors: {} });
`,
  'number.ts': `export default () => 42;\n`,
  'definition.ts': `import { defineSystem } from 'faultline';\nexport const system = defineSystem({ actors: {} });\n`,
});
afterAll(remove);

/** For what a process of its own would show as well. */
const together = new ModuleProcess();
afterAll(() => together.end());

describe('a module', () => {
  test('of TypeScript is checked as it is, without a build step', async () => {
    // From source too, as from a clone of the repository.
    const { status, stdout, stderr } = await start(['check', './lights.ts'], { cwd: folder, isSource: true }).ended;
    expect(stderr).toMatch(/^\.\/lights\.ts: violated "never both green"/);
    expect(stdout).toContain('violated: never both green\n');
    expect(stdout).toContain('replay it: npx faultline replay ./lights.ts 0/1\n');
    expect(status).toBe(1);
  });

  test('is one result without scenario, variant and expectation', async () => {
    const { stdout } = await together.run(['check', 'lights.ts#lights', '--json'], folder);
    expect(checkDocumentSchema.parse(JSON.parse(stdout)).results).toMatchObject([
      { target: 'lights.ts#lights', scenario: 'lights.ts#lights', variant: null, expected: null, asExpected: null },
    ]);
  });

  test('can be plain JavaScript', async () => {
    expect((await spawned(['check', 'plain.js', '--quiet'], folder)).status).toBe(1);
  });

  test('can be named by its full path, from anywhere', async () => {
    expect((await spawned(['check', join(folder, 'lights.ts'), '--quiet'], '/')).status).toBe(1);
  });

  test('can export a scenario, with parameters and expectations of its own', async () => {
    const { status, stdout } = await together.run(['check', 'scenario.ts', '--set', 'streets=3'], folder);
    expect(stdout).toMatch(/^crossing +careless +violated +violated/m);
    expect(status).toBe(0);
    const single = await together.run(['check', 'scenario.ts', '--variant', 'careless', '--set', 'streets=3'], folder);
    expect(single.stdout).toContain('replay scenario.ts --variant careless --set streets=3 0/1');
    expect(single.status).toBe(1);
  });

  test('can export a function that builds the system, and may leave a timer running', async () => {
    const { status, stdout } = await spawned(['check', 'counters.mts', '--max-states', '500'], folder);
    expect(stdout).toContain('    context.n: 0 -GO-> 1 ');
    expect(status).toBe(2);
  });

  test.each(['alias.ts', 'promise.ts#later', 'transitive.ts', 'several.ts#lights'])(
    '%s has one system, wherever it comes from',
    async (module) => {
      expect((await together.run(['check', module, '--quiet'], folder)).status).toBe(1);
    },
  );

  test.each(['{ "type": "module" }', '{ "type": "commonjs" }', '{}'])(
    'is an ES module also where package.json is %s',
    async (manifest) => {
      const project = join(folder, `project-${manifest.length}`);
      mkdirSync(project);
      writeFileSync(join(project, 'package.json'), manifest);
      writeFileSync(join(project, 'lights.ts'), LIGHTS);
      writeFileSync(join(project, 'plain.js'), readFileSync(join(folder, 'plain.js')));
      expect((await together.run(['check', 'lights.ts', 'plain.js', '--quiet'], project)).status).toBe(1);
    },
  );

  test('uses the running faultline, whatever else is installed beside it', async () => {
    const project = join(folder, 'other-version');
    mkdirSync(join(project, 'node_modules/faultline'), { recursive: true });
    writeFileSync(join(project, 'node_modules/faultline/package.json'), '{ "name": "faultline", "main": "x.js" }');
    writeFileSync(join(project, 'node_modules/faultline/x.js'), 'throw new Error("the other one");');
    writeFileSync(join(project, 'lights.ts'), LIGHTS);
    expect((await spawned(['check', 'lights.ts', '--quiet'], project)).status).toBe(1);
  });

  test('with a mistake in a machine gets the message, the hint and the way there, on stderr', async () => {
    const { status, stdout, stderr } = await together.run(
      ['check', 'mistake.ts', '--quiet', '--trace-out', 'mistake.json'],
      folder,
    );
    expect(status).toBe(4);
    expect(stdout).toBe('');
    expect(stderr).toContain('the model is wrong (unhandled-message): actor "b"');
    expect(stderr).toContain('HELLO: {}');
    expect(stderr).toContain('replay it: npx faultline replay mistake.ts 0/0\n');

    const replayed = await together.run(['replay', 'mistake.ts', 'mistake.json'], folder);
    expect(replayed.status).toBe(4);
    expect(replayed.stdout).toContain('the model is wrong: actor "b"');
  });

  test.each<[string, number, RegExp]>([
    ['several.ts', 3, /exports several systems\n {2}choose one: several\.ts#lights, several\.ts#mistake/],
    ['functions.ts', 3, /it exports a, b\n {2}export what .*; if a function builds it, name that: functions\.ts#a, /],
    [
      'builders.ts',
      3,
      /exports no system, but several functions that may build one\n {2}choose one: builders\.ts#one, /,
    ],
    ['lights.ts#light', 3, /the module lights\.ts has no export "light"\n {2}did you mean "lights"\?/],
    ['none.ts', 3, /exports no system, no scenario and no machine: it exports answer\n {2}export what defineSystem/],
    ['none.ts#answer', 3, /export answer of none\.ts is no system, no scenario and no machine: got a number/],
    ['empty.ts', 3, /exports no system, no scenario and no machine: it exports nothing/],
    ['number.ts', 3, /what default\(\) of number\.ts returns is no system, no scenario and no machine: got a number/],
    ['nowhere.ts', 3, /cannot read the module nowhere\.ts: there is no such file\n {2}looked at /],
    ['./lights.ts --variant x', 3, /is a plain system, without variants, got --variant x/],
    ['./lights.ts --set n=1', 3, /is a plain system, without parameters, got --set n=1/],
    [
      'syntax.ts',
      4,
      /the module syntax\.ts cannot be loaded: .*\n.*syntax\.ts:1:20: ERROR: Expected ";" but found "number"/,
    ],
    ['missing.ts', 4, /the module missing\.ts cannot be loaded: Cannot find module '.*nothing\.ts'/],
    ['throws.ts', 4, /the module throws\.ts cannot be loaded: out of forks\n {2}at .*throws\.ts:1/],
    ['builder.ts', 4, /default\(\) of builder\.ts threw: out of forks\n {2}at .*builder\.ts:2/],
    ['stackless.ts', 4, /default\(\) of stackless\.ts threw: out of forks\n$/],
    ['definition.ts', 4, /the module definition\.ts cannot be loaded: the system has no actors\n {2}give at least one/],
  ])('%s is refused with status %i', async (line, expected, message) => {
    const { status, stdout, stderr } = await together.run(['check', ...line.split(' ')], folder);
    expect(stderr).toMatch(message);
    expect(stdout).toBe('');
    expect(status).toBe(expected);
  });
});
