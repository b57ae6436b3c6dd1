/**
 * The command line in JavaScript, as the package has it. What Node needs to start it from source, anew for each process, is most of what
 * a test that starts one would take. It is made once in a test run, by the first test that asks.
 */
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
/** Names the folder that the processes of one test run share. */
const VARIABLE = 'FAULTLINE_TEST_BUILD';

/** Modules of the tests that a process of its own runs. */
const TESTS = ['cli/run-modules.ts', 'cli/in-process.ts'];

/** Makes the folder in which the first test that asks builds; gives what empties it, so that it is built again, and what removes it. */
export function shareBuild(): { empty: () => void; remove: () => void } {
  const folder = mkdtempSync(join(tmpdir(), 'faultline-build-'));
  process.env[VARIABLE] = folder;
  return {
    empty: () => rmSync(packageIn(folder), { recursive: true, force: true }),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Where the entry of the command line is. */
export function builtMain(): string {
  return join(builtFolder(), 'src/cli/main.js');
}

/** Where a module of the tests is that loads ours. */
export function builtTest(path: string): string {
  return join(builtFolder(), 'test', path);
}

function builtFolder(): string {
  if (process.env[VARIABLE] === undefined) process.on('exit', shareBuild().remove);
  const folder = process.env[VARIABLE]!;
  const built = packageIn(folder);
  if (!existsSync(built)) build(folder, built);
  return join(built, 'dist');
}

function packageIn(folder: string): string {
  return join(folder, 'package');
}

function build(folder: string, target: string): void {
  const made = mkdtempSync(join(folder, 'unfinished-'));
  const entryPoints = ['src', 'machines', 'workers'].flatMap((part) =>
    readdirSync(join(ROOT, part), { recursive: true, withFileTypes: true })
      .filter(({ name }) => name.endsWith('.ts'))
      .map(({ name, parentPath }) => join(parentPath, name)),
  );
  entryPoints.push(...TESTS.map((path) => join(ROOT, 'test', path)));
  const { outputFiles } = buildSync({
    entryPoints,
    outbase: ROOT,
    outdir: join(made, 'dist'),
    format: 'esm',
    target: 'es2023',
    write: false,
  });
  for (const { path, text } of outputFiles) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text.replace(/(\bfrom |\bimport |\bimport\()("\.{1,2}\/[^"]*)\.ts"/g, '$1$2.js"'));
  }
  copyFileSync(join(ROOT, 'package.json'), join(made, 'package.json'));
  symlinkSync(join(ROOT, 'node_modules'), join(made, 'node_modules'));
  try {
    renameSync(made, target);
  } catch (error) {
    // Another process was faster.
    rmSync(made, { recursive: true });
    if (!existsSync(target)) throw error;
  }
}
