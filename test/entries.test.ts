/** What the package has beside its root: an import of one part loads only that part, and the root has all of them. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import * as everything from '../src/index.ts';
import { builtMain } from './built.ts';
import { folderWith } from './cli/harness.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const built = dirname(dirname(dirname(dirname(builtMain()))));
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  exports: Record<string, string | { types: string; default: string }>;
};

/** The files of the package and the packages that an import loads, as Node tells. */
function loadedBy(specifier: string): string[] {
  const { path, remove } = folderWith({
    'hooks.mjs': `
import { writeSync } from 'node:fs';
export const load = async (url, context, next) => {
  writeSync(1, url + '\\n');
  return next(url, context);
};`,
    'main.mjs': `
import { register } from 'node:module';
register(new URL('hooks.mjs', ${JSON.stringify('file://')} + process.argv[2] + '/'));
await import(process.argv[3]);`,
  });
  try {
    const target = manifest.exports[specifier];
    if (typeof target !== 'object') throw new Error(`no export ${specifier}`);
    const ran = spawnSync(process.execPath, [join(path, 'main.mjs'), path, join(built, target.default)], {
      encoding: 'utf8',
    });
    expect(ran.stderr).toBe('');
    return ran.stdout
      .split('\n')
      .filter((url) => url.startsWith('file:'))
      .map((url) => fileURLToPath(url))
      .map((file) => {
        const [, name] = /^.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file) ?? [];
        return name === undefined ? relative(join(built, 'dist'), file).replace(/\.js$/, '') : `package ${name}`;
      });
  } finally {
    remove();
  }
}

const foldersOf = (files: readonly string[]) =>
  [...new Set(files.filter((file) => file.startsWith('src/')).map((file) => file.split('/')[1]!))].sort();
const HEAVY = [
  'vega',
  'vega-lite',
  '@hpcc-js/wasm-graphviz',
  '@resvg/resvg-wasm',
  'commander',
  'pino',
  'tsx',
  'cli-table3',
];
const heavyIn = (files: readonly string[]) => HEAVY.filter((name) => files.includes(`package ${name}`));

test.each([
  // What was reached of a machine is told as its diagram names it.
  ['./check', ['coverage', 'diagram', 'entries', 'explore', 'machine', 'system', 'tabulate', 'threads', 'trace']],
  ['./vitest', ['entries', 'explore', 'system', 'tabulate', 'threads', 'trace', 'vitest']],
  ['./stress', ['entries', 'stress', 'system', 'tabulate', 'threads', 'trace']],
  ['./simulate', ['entries', 'simulate', 'stress', 'system', 'tabulate', 'threads', 'trace']],
])('%s loads no more than it needs, and nothing heavy', (specifier, allowed) => {
  if (specifier === './vitest') return; // It asks for vitest's own state, which only a test has.
  const files = loadedBy(specifier);
  expect(files.length).toBeGreaterThan(3);
  expect(foldersOf(files).filter((folder) => !allowed.includes(folder))).toEqual([]);
  expect(heavyIn(files)).toEqual([]);
});

test('./diagram loads no search and no threads, and of the packages only those that draw', () => {
  const files = loadedBy('./diagram');
  expect(foldersOf(files).filter((folder) => !['diagram', 'entries', 'system', 'tabulate'].includes(folder))).toEqual(
    [],
  );
  expect(heavyIn(files).filter((name) => name.startsWith('vega'))).toEqual([]);
});

test('the root has all that the parts have', async () => {
  for (const part of ['check', 'diagram', 'simulate', 'stress']) {
    const exported = (await import(`../src/entries/${part}.ts`)) as Record<string, unknown>;
    for (const [name, value] of Object.entries(exported)) expect(everything).toHaveProperty(name, value);
  }
});

test('every part is a file that the build makes, with its types', () => {
  for (const target of Object.values(manifest.exports)) {
    if (typeof target === 'string') continue;
    const source = target.default.replace('./dist/', '').replace(/\.js$/, '.ts');
    expect(existsSync(join(root, source)), source).toBe(true);
    expect(target.types).toBe(target.default.replace(/\.js$/, '.d.ts'));
  }
});

test('a module of a user may import each part, and it is the running package', () => {
  const { path, remove } = folderWith({
    'lights.ts': `
import { actor, check, defineSystem, isSystem } from 'faultline/check';
import { machineGraph } from 'faultline/diagram';
import { replicate } from 'faultline/simulate';
import { stress } from 'faultline/stress';
import { isSystem as fromRoot } from 'faultline';
import { createMachine } from 'xstate';
if (isSystem !== fromRoot) throw new Error('two copies');
const machine = createMachine({ initial: 'a', states: { a: { on: { GO: 'b' } }, b: { on: { GO: 'a' } } } });
export const system = defineSystem({ actors: { it: actor(machine, { choices: [{ type: 'GO' }] }) } });
`,
  });
  try {
    const ran = spawnSync(process.execPath, [builtMain(), 'check', './lights.ts', '--quiet'], {
      cwd: path,
      encoding: 'utf8',
    });
    expect(ran.stderr).toBe('');
    expect(ran.status).toBe(0);
  } finally {
    remove();
  }
});
