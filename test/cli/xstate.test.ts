/** Modules that bring an XState of their own, beside the one that the command line was installed with. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { builtMain } from '../built.ts';
import { installXState } from '../xstate-copy.ts';
import { folderWith, LIGHTS, ModuleProcess } from './harness.ts';

const { path: folder, remove } = folderWith({});
afterAll(remove);

const MACHINE = `
import { createMachine } from 'xstate';
export const lamp = createMachine({ initial: 'off', states: { off: { on: { PRESS: 'on' } }, on: {} } });
`;

/** A project with modules, and maybe with an XState. */
function project(name: string, version?: string): string {
  const path = join(realpathSync(folder), name);
  mkdirSync(path);
  writeFileSync(join(path, 'lights.ts'), LIGHTS);
  writeFileSync(join(path, 'lamp.ts'), MACHINE);
  if (version !== undefined) installXState(path, version);
  return path;
}

const together = new ModuleProcess();
afterAll(() => together.end());

test.each(['5.31.7', '5.99.0'])('a module runs on its own xstate %s', async (version) => {
  const path = project(`own-${version}`, version);
  const checked = await together.run(['check', 'lights.ts', '--quiet', '--trace-out', 'trace.json'], path);
  expect(checked.stderr).toBe('');
  expect(checked.status).toBe(1);
  const replayed = await together.run(['replay', 'lights.ts', 'trace.json'], path);
  expect(replayed.stdout).toContain('violated: never both green');
  await together.run(['report', 'lights.ts', '--quiet', '-o', 'report.html'], path);
  expect(readFileSync(join(path, 'report.html'), 'utf8')).toContain(version);
});

test.each(['check lights.ts', 'replay lights.ts 0/1', 'diagram lamp.ts'])(
  'below the range, `%s` says what was found, and where',
  async (line) => {
    const path = project(`old ${line.replaceAll('/', ' ')}`, '5.30.0');
    const { status, stdout, stderr } = await together.run(line.split(' '), path);
    expect(stderr).toMatch(
      /^faultline: the model is wrong \(unsupported-xstate\): [^\n]*\n {2}install one where that is/,
    );
    expect(stderr).toContain(
      `uses xstate 5.30.0 in ${path}/node_modules/xstate; what is needed is xstate >=5.31.0 <6\n`,
    );
    expect(stdout).toBe('');
    expect(status).toBe(4);
  },
);

test('an xstate without what the module imports is refused for its version', async () => {
  const path = project('very-old', '4.38.3');
  writeFileSync(join(path, 'node_modules/xstate/dist/xstate.cjs.mjs'), 'export const createMachine = () => {};\n');
  const { status, stderr } = await together.run(['check', 'lights.ts'], path);
  expect(stderr).toContain(
    `the module lights.ts uses xstate 4.38.3 in ${path}/node_modules/xstate; what is needed is xstate >=5.31.0 <6\n`,
  );
  expect(status).toBe(4);
});

test('a slip of the pen in an import from a good xstate is one', async () => {
  const path = project('slip', '5.31.7');
  writeFileSync(
    join(path, 'slip.ts'),
    "import { createMashine } from 'xstate';\nexport const m = createMashine({});\n",
  );
  const { status, stderr } = await together.run(['diagram', 'slip.ts'], path);
  expect(stderr).toContain("does not provide an export named 'createMashine'");
  expect(status).toBe(4);
});

test('machines of faultline and of another xstate make no system together', async () => {
  const path = project('mixed', '5.31.7');
  writeFileSync(
    join(path, 'mixed.ts'),
    `import { actor, defineSystem } from 'faultline';
import { mutex } from 'faultline/machines';
import { lamp } from './lamp.ts';
export const mixed = defineSystem({ actors: { lamp: actor(lamp), lock: actor(mutex) } });
`,
  );
  const { status, stderr } = await together.run(['check', 'mixed.ts'], path);
  expect(stderr).toContain(`actor "lamp" is of xstate 5.31.7 in ${path}/node_modules/xstate, and actor "lock" of`);
  expect(status).toBe(4);
});

test.each(['4.38.3', '5.30.0'])('a command beside xstate %s says so, and has no catalogue', (version) => {
  // The built package, with all that it needs, but for an XState of its own.
  const path = join(realpathSync(folder), `beside-${version}`);
  const built = join(builtMain(), '../../../..');
  cpSync(join(built, 'dist'), join(path, 'dist'), { recursive: true });
  cpSync(join(built, 'package.json'), join(path, 'package.json'));
  mkdirSync(join(path, 'node_modules'));
  for (const name of readdirSync(join(built, 'node_modules'))) {
    if (name !== 'xstate')
      symlinkSync(realpathSync(join(built, 'node_modules', name)), join(path, 'node_modules', name));
  }
  const installed = installXState(path, version);
  if (version === '4.38.3')
    writeFileSync(join(installed, 'dist/xstate.cjs.mjs'), 'export const createMachine = () => {};\n');
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(path, 'dist/src/cli/main.js'), 'list'], {
    encoding: 'utf8',
  });
  expect(stderr).toBe(
    `faultline: the model is wrong (unsupported-xstate): the catalogue uses xstate ${version} in ${installed}; what is needed is xstate >=5.31.0 <6\n  install one where that is: npm install xstate@5\n`,
  );
  expect(stdout).toBe('');
  expect(status).toBe(4);
});
