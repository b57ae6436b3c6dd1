/**
 * What users get: the packed package, installed in an empty folder with an XState, with TypeScript modules of their own. It is our own
 * XState, or the one that FAULTLINE_XSTATE names (`npm run test:xstate -- 5.31.0`). The tutorial for users is run there, block by block;
 * `UPDATE_DOCS=1 npx vitest run test/cli/tarball.test.ts` rewrites the output that it shows.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, realpathSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkDocumentSchema, listDocumentSchema, machinesDocumentSchema } from '../../src/cli/documents.ts';
import { builtMain } from '../built.ts';
import { blockOf, blocksOf, commandOf, fileOf, timeless, wanted } from '../documents.ts';
import { folderWith, LIGHTS, type Ran } from './harness.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const TSC = join(root, 'node_modules/@typescript/native/bin/tsc');
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  devDependencies: Record<string, string>;
};
const ourVersion = manifest.devDependencies.xstate!;
const version = process.env.FAULTLINE_XSTATE ?? ourVersion;
const { path: folder, remove } = folderWith({});
const project = join(folder, 'project');
afterAll(remove);

function execute(command: string, args: readonly string[], cwd: string): Ran {
  const env = { ...process.env, NO_COLOR: '1', COLUMNS: '100' };
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, env, encoding: 'utf8', maxBuffer: 2 ** 28 });
  return { status, stdout, stderr };
}

function npm(args: readonly string[], cwd: string): void {
  const { status, stdout, stderr } = execute('npm', args, cwd);
  // What the compiler has to say of the build is on stdout.
  if (status !== 0) throw new Error(`npm ${args.join(' ')} ended with ${status}:\n${stdout}${stderr}`);
}

const faultline = (...args: string[]) => execute('node_modules/.bin/faultline', args, project);

const registry = execute('npm', ['view', '--prefer-offline', `xstate@${version}`, 'version'], folder);
const isMissing = registry.stdout.trim() !== version;
if (isMissing) {
  const message = `npm cannot get xstate ${version}: the packed package is not tried\n${registry.stderr}`;
  if (process.env.FAULTLINE_REQUIRE_TOOLS === '1' || process.env.FAULTLINE_XSTATE !== undefined)
    throw new Error(message);
  console.warn(message);
}

const TYPED = `
import { actor, check, defineSystem, machineGraph, type System } from 'faultline';
import { type MutexEvent, mutex } from 'faultline/machines';
import { setup } from 'xstate';

const user = setup({ types: { input: {} as { name: string }, events: {} as { type: 'RUN' } } }).createMachine({
  initial: 'idle',
  states: { idle: { on: { RUN: 'busy' } }, busy: {} },
});
export const system = defineSystem({
  actors: { lock: actor(mutex), user: actor(user, { input: { name: 'user' }, choices: [{ type: 'RUN' }] }) },
  properties: ({ always }) => [always('idle', (view) => view.get('user').matches('idle') && view.get('lock').status === 'active')],
});
export const event: MutexEvent = { type: 'RELEASE', by: 'user' };
export const verdict: Promise<string> = check(system as System).then((result) => result.verdict);
export const states: number = machineGraph(mutex).states.length;

// @ts-expect-error no such event
actor(user, { input: { name: 'user' }, choices: [{ type: 'STOP' }] });
// @ts-expect-error no such input
actor(user, { input: { name: 7 } });
// @ts-expect-error no such event: the types of the machines that ship are known, too
actor(mutex, { choices: [{ type: 'STOP' }] });
`;

/** A module with a machine and a system of it. */
const define = (machine: string, choice: string) => `
import { actor, defineSystem } from 'faultline';
import { createMachine } from 'xstate';
export const machine = createMachine(${machine});
export const system = defineSystem({ actors: { m: actor(machine, { choices: [{ type: '${choice}' }] }) } });
`;

/** Every race of the catalogue, as somebody outside would write it: gives the names of the modules. */
function writeRaces(): string[] {
  const races = join(root, 'machines/races');
  const files = readdirSync(races).filter((name) => /^[A-Z]-\d+-.*\.ts$/.test(name));
  return files.map((file) => {
    const source = readFileSync(join(races, file), 'utf8')
      .replaceAll(/from '\.\.\/\.\.\/src\/[^']+'/g, "from 'faultline'")
      .replaceAll(/from '\.{1,2}\/[^']+'/g, "from 'faultline/machines'");
    const name = file.replace(/ts$/, 'mts');
    writeFileSync(join(project, name), source);
    return name;
  });
}

/** Whether `dist` is what `npm run build` would make: of the same files, and younger than all of them. */
function isBuilt(): boolean {
  const filesIn = (part: string, ending: string) =>
    readdirSync(join(root, part), { recursive: true, withFileTypes: true })
      .filter(({ name }) => name.endsWith(ending))
      .map(({ name, parentPath }) => join(parentPath, name));
  const sources = ['src', 'machines', 'workers'].flatMap((part) => filesIn(part, '.ts'));
  const made = existsSync(join(root, 'dist')) ? filesIn('dist', '.js') : [];
  const expected = sources.map((path) => join(root, 'dist', relative(root, path)).replace(/\.ts$/, '.js'));
  if (made.sort().join('\n') !== expected.sort().join('\n')) return false;
  const others = ['package.json', 'tsconfig.json', 'tsconfig.build.json', 'test/declarations.ts'];
  const times = (paths: readonly string[]) => paths.map((path) => statSync(path).mtimeMs);
  return Math.min(...times(made)) > Math.max(...times([...sources, ...others.map((name) => join(root, name))]));
}

beforeAll(() => {
  if (isMissing) return;
  // What was built since the last change need not be built again.
  npm(['pack', ...(isBuilt() ? ['--ignore-scripts'] : []), '--pack-destination', folder], root);
  const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz'))!;
  mkdirSync(project);
  // As `npm init -y` writes it: not a package of ES modules.
  writeFileSync(join(project, 'package.json'), '{ "name": "project", "version": "1.0.0", "type": "commonjs" }');
  const packages = [join(folder, tarball), `xstate@${version}`];
  // As it is for developers, although tests run XState as it is in production.
  npm(['install', '--save-dev', '--include=dev', '--prefer-offline', '--no-audit', '--no-fund', ...packages], project);
  writeFileSync(join(project, 'lights.ts'), LIGHTS);
}, 240_000);

describe.skipIf(isMissing)('the packed package', () => {
  test('lists and checks the catalogue', () => {
    const list = execute('npx', ['--no-install', 'faultline', 'list', '--json'], project);
    expect(listDocumentSchema.parse(JSON.parse(list.stdout)).scenarios.length).toBeGreaterThan(0);
    const checked = faultline('check', 'dining-philosophers', '--json', '--quiet');
    expect(checkDocumentSchema.parse(JSON.parse(checked.stdout)).results).toHaveLength(3);
    expect(checked.status).toBe(0);
  });

  test('knows what its machines want', () => {
    const { stdout } = faultline('list', '--machines', 'priQueue', '--json');
    expect(machinesDocumentSchema.parse(JSON.parse(stdout)).machines).toMatchObject([{ name: 'priQueue' }]);
  });

  test('checks and replays a TypeScript module that imports faultline and xstate', () => {
    const checked = faultline('check', './lights.ts', '--quiet', '--trace-out', 'trace.json');
    expect(checked.stderr).toBe('');
    expect(checked.stdout).toContain('replay it: npx faultline replay ./lights.ts 0/1\n');
    expect(checked.status).toBe(1);
    const replayed = faultline('replay', './lights.ts', 'trace.json');
    expect(replayed.stdout).toContain('violated: never both green');
    expect(replayed.status).toBe(1);
  });

  test('checks a module outside of every project', () => {
    writeFileSync(join(folder, 'elsewhere.ts'), LIGHTS);
    expect(faultline('check', '../elsewhere.ts', '--quiet').status).toBe(1);
  });

  test('has what its documents link to', () => {
    const installed = realpathSync(join(project, 'node_modules/faultline'));
    const documents = readdirSync(installed, { recursive: true, encoding: 'utf8' }).filter((name) =>
      name.endsWith('.md'),
    );
    const links = documents.flatMap((name) => {
      const text = readFileSync(join(installed, name), 'utf8').replaceAll(/^```.*?^```/gms, '');
      return [...text.matchAll(/\]\((?![a-z]+:|#)([^)#\s]+)/g)].map(([, link]) => ({ name, link: link! }));
    });
    expect(links.length).toBeGreaterThan(200);
    expect(links.filter(({ name, link }) => !existsSync(join(installed, dirname(name), link)))).toEqual([]);
  });

  test('is a library as well', () => {
    writeFileSync(join(project, 'library.mjs'), `import { check } from 'faultline';\nconsole.log(typeof check);\n`);
    expect(execute(process.execPath, ['library.mjs'], project).stdout).toBe('function\n');
  });

  test('runs on the xstate of the project, and there is no other', () => {
    const found = execute('npm', ['ls', 'xstate', '--all', '--include=dev', '--parseable', '--long'], project);
    expect(found.stdout.trim().split('\n')).toEqual([
      `${realpathSync(join(project, 'node_modules/xstate'))}:xstate@${version}`,
    ]);
  });

  test('its types fit that xstate, strictly', () => {
    writeFileSync(join(project, 'typed.mts'), TYPED);
    // The declarations themselves are looked at as well.
    const options = ['--noEmit', '--strict', '--target', 'es2023', '--module', 'nodenext', '--skipLibCheck', 'false'];
    const types = ['--typeRoots', join(root, 'node_modules/@types'), '--types', 'node'];
    const modules = ['typed.mts', ...writeRaces()];
    const checked = execute(process.execPath, [TSC, ...options, ...types, ...modules], project);
    expect(checked.stdout).toBe('');
    expect(checked.status).toBe(0);
  });

  test('is all that a race needs: ours as modules of the project', () => {
    writeRaces();
    // Of those that were written to try it: a race with VFIO, one with a page table, one of a notifier.
    const tried = ['B-54-faults-before-link.mts', 'B-66-growing-page-table.mts', 'B-67-mmput-in-notifier.mts'];
    const checked = faultline('check', ...tried.map((name) => `./${name}`), '--json', '--quiet');
    const { results } = checkDocumentSchema.parse(JSON.parse(checked.stdout));
    expect(new Set(results.map(({ target }) => target)).size).toBe(tried.length);
    expect(results.filter(({ asExpected }) => asExpected !== true)).toEqual([]);
    expect(checked.status).toBe(0);
  });

  test('a timer is armed and fires', () => {
    const lamp = "{ initial: 'off', states: { off: { on: { PRESS: 'on' } }, on: { after: { 100: 'off' } } } }";
    writeFileSync(join(project, 'lamp.ts'), define(lamp, 'PRESS'));
    const checked = faultline('check', './lamp.ts', '--json', '--quiet');
    expect(checkDocumentSchema.parse(JSON.parse(checked.stdout)).results).toMatchObject([
      { verdict: 'holds', states: 2, steps: 2 },
    ]);
    const drawn = faultline('diagram', './lamp.ts#machine', '--format', 'mermaid');
    expect(drawn.stdout).toContain('after 100 ms');
    expect(drawn.status).toBe(0);
  });

  test('an endless loop is found to be one', () => {
    const loop = "{ initial: 'a', states: { a: { on: { GO: 'b' } }, b: { always: 'c' }, c: { always: 'b' } } }";
    writeFileSync(join(project, 'loop.ts'), define(loop, 'GO'));
    const checked = faultline('check', './loop.ts', '--quiet');
    expect(checked.stderr).toContain('the model is wrong (endless-loop)');
    expect(checked.status).toBe(4);
  });

  test.runIf(version !== ourVersion)(
    'the whole catalogue gives what it gives on ours',
    () => {
      // Threads share steps out as it comes.
      const args = ['check', '--all', '--json', '--quiet', '--workers', '1'];
      const [theirs, ours] = [faultline(...args), execute(process.execPath, [builtMain(), ...args], root)];
      expect(theirs.status).toBe(0);
      expect(countsIn(theirs.stdout)).toEqual(countsIn(ours.stdout));
    },
    1_200_000,
  );
});

/** The tutorial's own folder has what its reader would have installed there. */
describe.skipIf(isMissing)('docs/your-own-race.md, block by block', () => {
  const document = join(root, 'docs/your-own-race.md');
  const text = readFileSync(document, 'utf8');
  const reader = join(folder, 'unplug-race');
  const INSTALL = 'npm i -D faultline xstate zod\n';
  let updated = text;

  test.each(blocksOf(text).map((block) => [block.body.split('\n')[0], block] as const))('%s', (_, block) => {
    const file = fileOf(block);
    const command = commandOf(block);
    if (file !== undefined) {
      writeFileSync(join(reader, file), block.body);
    } else if (command) {
      const ran = execute('node_modules/.bin/faultline', command.args, reader);
      expect(ran.stderr).not.toContain('error');
      expect([0, 1]).toContain(ran.status);
      const output = wanted(ran.stdout, command.shown);
      updated = updated.replace(block.block, () => blockOf(command.line, output));
      if (process.env.UPDATE_DOCS) writeFileSync(document, updated);
      else expect(timeless(command.shown)).toBe(timeless(output));
    } else {
      expect(block.language, 'a block that is no file and no command').toBe('sh');
      const isFirst = block.body.includes(INSTALL);
      const script = block.body
        .replace(INSTALL, `ln -s "${join(project, 'node_modules')}" .\n`)
        // As it finds it, but sooner.
        .replaceAll('npx faultline', 'node_modules/.bin/faultline');
      const ran = execute('bash', ['-ec', script], isFirst ? folder : reader);
      expect(ran, ran.stderr).toMatchObject({ status: 0 });
    }
  });

  test('its files have the types that they say', () => {
    const checked = execute(process.execPath, [TSC, '-p', '.'], reader);
    expect(checked.stdout).toBe('');
    expect(checked.status).toBe(0);
  });
});

function countsIn(stdout: string) {
  const { results } = checkDocumentSchema.parse(JSON.parse(stdout));
  expect(results.length).toBeGreaterThan(50);
  return results.map(({ target, variant, verdict, states, steps, depth, properties, trace, xstateTransitions }) => ({
    ...{ target, variant, verdict, states, steps, depth, properties, trace, xstateTransitions },
  }));
}
