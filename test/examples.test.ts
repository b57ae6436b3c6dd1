/**
 * Every public function has an example in its docstring, and every example is right: all are type-checked, and run against the built
 * package. `expression; // => value` says what it gives. `lights.ts`, which they share, stands in the docstring of `src/index.ts`.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { transformSync } from 'esbuild';
import { afterAll, expect, test } from 'vitest';
import * as everything from '../src/index.ts';
import { builtMain } from './built.ts';
import { folderWith } from './cli/harness.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const built = dirname(dirname(dirname(dirname(builtMain()))));
const DOCSTRING = /\/\*\*(?:(?!\*\/)[\s\S])*\*\/\n(?:export (?:async )?(?:function|const|class) (\w+))?/g;
const BLOCK = /^```ts\n([\s\S]*?)^```$/m;

interface Example {
  readonly file: string;
  readonly name: string;
  readonly code: string;
}

function examplesIn(file: string): Example[] {
  return [...readFileSync(file, 'utf8').matchAll(DOCSTRING)].flatMap(([docstring, name]) => {
    const text = docstring.replace(/^ \* ?/gm, '');
    const [, code] = BLOCK.exec(text) ?? [];
    const isExample = /^@example$/m.test(text) || file.endsWith('src/index.ts');
    return code === undefined || !isExample ? [] : [{ file: relative(root, file), name: name ?? 'lights', code }];
  });
}

const sources = readdirSync(join(root, 'src'), { recursive: true, withFileTypes: true })
  .filter((entry) => entry.name.endsWith('.ts'))
  .map(({ name, parentPath }) => join(parentPath, name));
const all = sources.flatMap(examplesIn);
const sample = all.find(({ name }) => name === 'lights')!;
const examples = all.filter((one) => one !== sample);

const { path: project, remove } = folderWith({ 'package.json': '{ "type": "module" }' });
afterAll(remove);
mkdirSync(join(project, 'node_modules'));
for (const name of ['xstate', 'zod', '@types'])
  symlinkSync(join(root, 'node_modules', name), join(project, 'node_modules', name));
symlinkSync(built, join(project, 'node_modules/faultline'));
writeFileSync(join(project, 'lights.ts'), sample.code);
for (const { name, code } of examples) writeFileSync(join(project, `${name}.example.ts`), `${code}\nexport {};\n`);

/** Those that need a model of another checker, or that are data or errors; and property builders, which a system's definition has. */
const WITHOUT = [
  ...[
    'labelsFromRumur',
    'labelsFromSpin',
    'scheduleFromLabels',
    'scheduleOfForeign',
    'traceFromRumur',
    'traceFromSpin',
  ],
  ...['premisesOf', 'coverageMarks', 'passagesOf', 'sharesOf', 'leadsTo', 'monitor'],
];

test('every public function has an example', () => {
  const isError = (value: unknown) => typeof value === 'function' && value.prototype instanceof Error;
  const functions = Object.entries(everything).filter(([, value]) => typeof value === 'function' && !isError(value));
  const known = new Set(examples.map(({ name }) => name));
  const missing = functions.map(([name]) => name).filter((name) => !known.has(name));
  expect(missing.sort()).toEqual([...WITHOUT].sort());
});

test('examples have the right types', () => {
  const paths = { faultline: [join(root, 'src/index.ts')] };
  const compilerOptions = {
    ...{ module: 'nodenext', target: 'es2023', types: ['node'], strict: true, exactOptionalPropertyTypes: true, paths },
    ...{ noUncheckedIndexedAccess: true, noEmit: true, allowImportingTsExtensions: true, skipLibCheck: true },
  };
  writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['*.ts'] }));
  const tsc = join(root, 'node_modules/@typescript/native/bin/tsc');
  const { stdout } = spawnSync(process.execPath, [tsc, '-p', '.'], { cwd: project, encoding: 'utf8' });
  expect(stdout).toBe('');
});

test('examples give what they say', () => {
  const plain = (code: string) => transformSync(code, { loader: 'ts', format: 'esm', target: 'es2023' }).code;
  writeFileSync(join(project, 'lights.mjs'), plain(sample.code));
  for (const { name, code } of examples) {
    let asked = 0;
    const asserted = code.replace(
      /^( *)(.+); \/\/ => (.+)$/gm,
      (_, indent: string, expression: string, value: string) => {
        asked++;
        return `${indent}deepStrictEqual((${expression}), (${value}));`;
      },
    );
    expect(asked, `${name} says what it gives`).toBeGreaterThan(0);
    const head = "import { deepStrictEqual } from 'node:assert/strict';\n";
    writeFileSync(join(project, `${name}.mjs`), plain(head + asserted.replace("'./lights.ts'", "'./lights.mjs'")));
  }
  const main = `
const wrong = {};
for (const name of ${JSON.stringify(examples.map(({ name }) => name))}) {
  try {
    await import(\`./\${name}.mjs\`);
  } catch (error) {
    wrong[name] = String(error.message);
  }
}
console.log(JSON.stringify(wrong));
process.exit();
`;
  writeFileSync(join(project, 'main.mjs'), main);
  const ran = spawnSync(process.execPath, ['main.mjs'], { cwd: project, encoding: 'utf8' });
  expect(JSON.parse(ran.stdout.trim().split('\n').at(-1) || '{}'), ran.stderr).toEqual({});
});
