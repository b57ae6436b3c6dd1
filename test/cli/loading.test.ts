/** Files of real projects, as `faultline diagram` loads them: the command line runs in a folder above the project's. */
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { machinesInSource } from '../../src/cli/loading/source-machines.ts';
import { importedNames } from '../../src/cli/loading/stub-hooks.ts';
import { folderWith, ModuleProcess, spawned, start } from './harness.ts';

const STATES = "initial: 'off', states: { off: { on: { PRESS: 'on' } }, on: { on: { PRESS: 'off' } } }";
const LAMP = `import { createMachine } from 'xstate';\nexport const lamp = createMachine({ ${STATES} });\n`;
const COMMON = `const { createMachine } = require('xstate');\nmodule.exports = { lamp: createMachine({ ${STATES} }) };\n`;
const DRAWN = 'lamp\n├─ ● off\n│     PRESS → on\n└─ on\n      PRESS → off\n';

const { path: folder, remove } = folderWith({});
afterAll(remove);

function write(files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
}

write({
  'lamp.tsx': `${LAMP}export const View = () => <b>lamp</b>;\n`,
  'lamp.jsx': `${LAMP}export const View = () => <b>lamp</b>;\n`,
  'lamp.mts': LAMP,
  'common/lamp.cts': LAMP,
  'common/lamp.cjs': COMMON,
  'lamp.vue': `<script setup lang="ts">\n${LAMP}</script>\n`,
  'machine.json': `{ "id": "lamp", "initial": "off", "states": { "off": { "on": { "PRESS": "on" } }, "on": { "on": { "PRESS": "off" } } } }`,
  'config.ts': `export const lamp = { ${STATES} };\n`,
  'wrong.json': '{ "initial": "off", "states": { "off": { "on": { "PRESS": "nowhere" } } } }',
  'alias/tsconfig.json': '{ "compilerOptions": { "baseUrl": ".", "paths": { "@/*": ["./src/*"] } } }',
  'alias/src/lamp.ts': `import { PRESS } from '@/lib/names';\n${LAMP.replace('PRESS', '[PRESS]')}`,
  'alias/src/lib/names.ts': "export const PRESS = 'PRESS';\n",
  'vite/tsconfig.json': '{ "files": [], "references": [{ "path": "./tsconfig.app.json" }] }',
  'vite/tsconfig.app.json': '{ "compilerOptions": { "paths": { "~/*": ["./src/*"] } } }',
  'vite/src/lamp.ts': `import { PRESS } from '~/names';\n${LAMP.replace('PRESS', '[PRESS]')}`,
  'vite/src/names.ts': "export const PRESS = 'PRESS';\n",
  'extends/tsconfig.json': '{ "extends": "@tsconfig/of-nobody/tsconfig.json" }',
  'extends/lamp.ts': LAMP,
  'component.tsx': `import { createMachine } from 'xstate';
const useState = () => { throw new Error('Invalid hook call'); };
// createMachine({}) in a comment, and 'it's' in another.
const menu = createMachine({ ${STATES} });
export default function Menu() { useState(); return menu; }
`,
  'within.tsx': `import { setup } from 'xstate';
export const useMenu = () => { const menu = setup({}).createMachine({ ${STATES} }); return menu; };
`,
  'factory.ts': `import { createMachine } from 'xstate';
export function createDoor(start = 'off') { return createMachine({ id: 'door', ${STATES} }); }
export const createGate = ({ save }: { save: () => void }) => createMachine({ id: 'gate', entry: save, ${STATES} });
export const selectOpen = (s: { value: unknown }) => s.value === 'open';
`,
  'starts.ts': `export function startServer() { console.log('listening'); }\n`,
  'missing.ts': `import './lamp.css';
import toast, { show as shown } from 'some-toast-library';
import * as api from '@acme/api/client';
import { gone } from './not-generated';
${LAMP.replace(' });', ', entry: [() => toast(api.start({ url: shown() }).of[0]), gone] });')}`,
  'lamp.css': 'b { color: red }',
  'window.ts': `const first = window.location.pathname === '/' ? 'off' : 'on';\n${LAMP.replace("'off'", 'first')}`,
  'background.ts': `setTimeout(() => { void Promise.reject(new Error('no server')); }, 1);\n${LAMP}`,
  'running.ts': `import { createActor } from 'xstate';\n${LAMP}createActor(lamp).start().subscribe(() => {});\nconsole.log('now on');\n`,
  'endless.ts': `${LAMP}await new Promise((resolve) => setInterval(() => {}, 1000));\n`,
});

// CommonJS finds only what is installed.
symlinkSync(fileURLToPath(new URL('../../node_modules', import.meta.url)), join(folder, 'common/node_modules'));

/** For what a process of its own would show as well. */
const together = new ModuleProcess();
afterAll(() => together.end());
const diagram = (...args: string[]) => together.run(['diagram', ...args], folder);

describe('a machine is drawn', () => {
  test.each(['lamp.tsx', 'lamp.jsx', 'lamp.mts', 'common/lamp.cts', 'common/lamp.cjs', 'machine.json', 'config.ts'])(
    'of %s, named without a folder',
    async (file) => {
      const cwd = join(folder, dirname(file));
      const { status, stdout, stderr } = await together.run(['diagram', basename(file)], cwd);
      expect(stderr).toBe('');
      expect(stdout).toBe(DRAWN);
      expect(status).toBe(0);
    },
  );

  test.each(['alias', 'vite'])('by the tsconfig.json beside the file, as in %s/', async (project) => {
    expect((await diagram(`${project}/src/lamp.ts`)).stdout).toBe(DRAWN);
  });

  test('though its module starts an actor, and prints: that goes to stderr', async () => {
    const { status, stdout, stderr } = await spawned(['diagram', 'running.ts'], folder);
    expect(stdout).toBe(DRAWN);
    expect(stderr).toContain('now on\n');
    expect(status).toBe(0);
  });

  test('though its module fails in the background, which is told as its own', async () => {
    const { status, stderr } = await spawned(['diagram', 'background.ts', '-o', 'background.png'], folder);
    expect(stderr).toContain('faultline: the module background.ts threw outside of every step: no server\n');
    expect(stderr).toContain('that is its own affair: what it exports is drawn all the same');
    expect(readFileSync(join(folder, 'background.png')).subarray(1, 4).toString()).toBe('PNG');
    expect(status).toBe(0);
  });

  test.each(['factory.ts', 'factory.ts#createDoor'])('that a function builds, %s', async (target) => {
    expect((await diagram(target)).stdout).toContain('door\n├─ ● off');
  });
});

describe('says what is in the way, and what to do', () => {
  test.each([
    [
      'lamp.vue',
      3,
      'a .vue file is compiled by its own framework\n  move the machine into a script beside it, as ./lamp.ts',
    ],
    ['wrong.json', 4, 'default of wrong.json is no machine: '],
    [
      'component.tsx',
      3,
      'the machine `menu` of component.tsx is not exported\n  write export before it, in line 4: export const menu',
    ],
    ['component.tsx#menu', 3, 'the machine `menu` of component.tsx is not exported'],
    ['component.tsx#default', 3, 'default of component.tsx is a component, a hook or a class, which is not called'],
    ['within.tsx', 3, 'the machine `menu` of within.tsx is made within a function'],
    ['factory.ts#createGate', 3, 'createGate() of factory.ts needs an argument\n  export what it builds'],
    ['starts.ts', 3, 'if a function builds it, name that: starts.ts#startServer'],
    ['missing.ts', 4, '\n  if a drawing does not need it: faultline diagram --stub-missing'],
    ['window.ts', 4, 'window is not defined\n  at '],
    ['window.ts', 4, '\n  if a drawing does not need it: faultline diagram --stub-missing'],
    ['extends/lamp.ts', 3, 'extends/tsconfig.json, by which extends/lamp.ts is translated: '],
  ])('of %s', async (target, status, message) => {
    const ran = await diagram(target);
    expect(ran.stderr).toContain(message);
    expect(ran.stderr).not.toContain('hooks');
    expect(ran.stdout).toBe('');
    expect(ran.status).toBe(status);
  });

  test('of a module that never ends, after a few seconds', async () => {
    let said = '';
    const { child, ended } = start(['diagram', './endless.ts'], {
      cwd: folder,
      onStderr: (text) => {
        said += text;
        if (text.includes('./endless.ts is not loaded after 8 s')) child.kill('SIGINT');
      },
    });
    expect((await ended).status).toBe(130);
    expect(said).toContain('it is large, or still running (a top-level await, a loop, a question to somebody)');
  });
});

describe('--stub-missing', () => {
  test.each([
    ['missing.ts', /stubs stand for \.\/lamp\.css, some-toast-library, @acme\/api\/client, \.\/not-generated\n/],
    ['window.ts', /stubs stand for (\w+, )*window/],
  ])('draws %s, and names the stubs', async (file, names) => {
    const { status, stdout, stderr } = await spawned(['diagram', file, '--stub-missing'], folder);
    expect(stderr).toMatch(names);
    expect(stdout).toContain('lamp\n');
    expect(status).toBe(0);
  });

  test('calls a factory with stubs', async () => {
    const { stdout } = await spawned(['diagram', 'factory.ts#createGate', '--stub-missing'], folder);
    expect(stdout).toContain('gate\n│  entry / save');
  });
});

test.each<[string, readonly (string | undefined)[]]>([
  ['const a = setup({ actions: { x: () => {} } }).createMachine({});', ['a']],
  ['const a = createMachine({});\nexport default a;', []],
  ['const a = createMachine({});\nexport { a as b };', []],
  ['const a = createMachine({});\nmodule.exports = { a };', []],
  ['export const a = setup({}).createMachine({})\nconst b: AnyStateMachine = createMachine<any>({})', ['b']],
  ["// createMachine({}) it's\nconst text = 'createMachine({})';", []],
  ['const actor = createActor(createMachine({}));', [undefined]],
  ['export const make = () => createMachine({});', [undefined]],
])('in %j the machines that are not exported are %j', (source, names) => {
  const hidden = machinesInSource(source).filter(({ exported }) => !exported);
  expect(hidden.map(({ name }) => name)).toEqual(names);
});

test('the names that a source imports are read from it, for a stub to export', () => {
  const source = `import a, { b as c, type D, default as e } from 'x/z';
import * as n from 'x/z'; n.foo(n.bar.baz);
export { q } from "x/z"; import { no } from 'other';`;
  expect(importedNames(source, 'x/z')).toEqual(['b', 'D', 'foo', 'bar', 'q']);
});

describe('several machines', () => {
  write({
    'app/src/a/door.machine.ts': LAMP.replaceAll('lamp', 'door'),
    'app/src/b/door.machine.ts': `export { door } from '../a/door.machine';\n${LAMP}export const other = createMachine({ ${STATES} });\n`,
    'app/src/b/broken.machine.ts': `${LAMP}throw new Error('out of wood');\n`,
    'app/src/menu.tsx': `import { createMachine } from 'xstate';\nconst menu = createMachine({ ${STATES} });\nexport const Menu = () => menu;\n`,
    'app/src/main.ts': "throw new Error('nobody should load this');\n",
    'app/package.json': '{ "type": "module" }',
  });

  test('of a glob are drawn to files of their own', async () => {
    const { status, stdout, stderr } = await diagram('app/src/**/door.machine.ts', '-o', 'glob');
    expect(stdout).toBe('glob/a/door.machine.svg\nglob/b/door.machine.lamp.svg\nglob/b/door.machine.other.svg\n');
    expect(readFileSync(join(folder, 'glob/a/door.machine.svg'), 'utf8')).toContain('<svg');
    expect(stderr).toBe('faultline: drew 3 of 3 to glob\n');
    expect(status).toBe(0);
  });

  test('of a folder are drawn, with a summary of what was not', async () => {
    const { status, stdout, stderr } = await diagram('app', '-o', 'folder/', '--format', 'mermaid');
    expect(stdout).toBe('folder/a/door.machine.mmd\nfolder/b/door.machine.lamp.mmd\nfolder/b/door.machine.other.mmd\n');
    expect(stderr).toContain('faultline: drew 3 of 4 to folder/\n');
    expect(stderr).toContain('\n  not drawn: the machine `menu` of app/src/menu.tsx is not exported\n');
    expect(stderr).toContain(
      '  failed: app/src/b/broken.machine.ts: the module app/src/b/broken.machine.ts cannot be loaded: out of wood\n',
    );
    expect(status).toBe(4);
  });

  test('go to stdout as text', async () => {
    const { stdout } = await diagram('lamp.mts', 'config.ts');
    expect(stdout).toBe(`config.ts#lamp\n${DRAWN}\nlamp.mts#lamp\n${DRAWN}`);
  });

  test.each([
    [['app/**/*.nothing.ts'], 'no file is named like app/**/*.nothing.ts'],
    [['alias', '-o', 'x.svg'], 'several pictures do not go to one file, x.svg'],
    [['alias', '--format', 'png'], 'several pictures do not go to stdout'],
    [['starts.ts', 'app/src/menu.tsx'], 'there is no machine in starts.ts, app/src/menu.tsx\n  the machine `menu` of'],
  ])('%s is refused', async (args, message) => {
    const { status, stdout, stderr } = await diagram(...args);
    expect(stderr).toContain(message);
    expect(stdout).toBe('');
    expect(status).toBe(3);
  });
});
