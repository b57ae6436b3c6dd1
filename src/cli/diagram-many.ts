/** `faultline diagram` of several machines at once: of the files that a glob names, or of a folder, each to a file of its own. */
import { readFileSync, type Stats, statSync } from 'node:fs';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { globSync, isDynamicPattern } from 'tinyglobby';
import type { AnyStateMachine } from 'xstate';
import { type DiagramFormat, formatOfFile, suffixOf } from '../diagram/render.ts';
import { ModelError } from '../system/errors.ts';
import type { System } from '../system/system.ts';
import { EXIT } from '../system/verdict.ts';
import type { Environment } from './environment.ts';
import { UsageError } from './errors.ts';
import type { ImportOptions } from './loading/import-module.ts';
import { allMachines } from './loading/machines.ts';
import { parseMachineSpec } from './loading/module-spec.ts';
import { mentionsMachine } from './loading/source-machines.ts';
import { reasonOf } from './read-file.ts';
import { makeFolders, writeWhole } from './write-file.ts';

export type Drawable =
  | { readonly kind: 'system'; readonly system: System; readonly name: string }
  | {
      readonly kind: 'machine';
      readonly machine: AnyStateMachine;
      readonly name: string;
      /** The name of the export, if that is how it was found. */
      readonly exportName?: string;
    };

export interface Many {
  readonly format: DiagramFormat;
  /** The folder. */
  readonly output: string | undefined;
  readonly load: ImportOptions;
  /** Hears when all modules are loaded. */
  loaded(): void;
  /** What one target names. */
  find(spec: string): Promise<Drawable>;
  draw(drawn: Drawable): Promise<{ rendered: string | Uint8Array; notes: readonly string[] }>;
}

/** What is looked for in a folder. */
const IN_FOLDER = ['**/*.{ts,tsx,mts,cts,js,jsx,mjs,cjs,json}'];
const NOT_IN_FOLDER = [
  '**/node_modules/**',
  '**/{dist,build,coverage}/**',
  '**/*.d.{ts,mts,cts}',
  '**/*.{test,spec,stories}.*',
];

/** Whether a command line asks for more than one picture: a folder for them ends in a slash. */
export function isMany(targets: readonly string[], output: string | undefined): boolean {
  const intoFolder = output !== undefined && /[/\\]$/.test(output);
  return intoFolder || targets.length > 1 || targets.some((target) => isFolder(target) || isGlob(target));
}

function isFolder(path: string): boolean {
  return entryAt(path)?.isDirectory() === true;
}

/** Undefined where there is nothing, and where nothing can be. */
function entryAt(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch {
    return undefined;
  }
}

/** A file may have brackets in its name, as routes have. */
function isGlob(target: string): boolean {
  return isDynamicPattern(target) && !entryAt(parseMachineSpec(target)?.path ?? target);
}

/** One picture: what it is of, and the module that it is in, if it is in one. */
interface Picture {
  readonly drawn: Drawable;
  readonly path: string | undefined;
  /** Whether its module has others. */
  readonly isOneOfSeveral: boolean;
}

/** @returns the status: of a wrong model if one of them could not be loaded or drawn */
export async function drawMany(
  targets: readonly string[],
  many: Many,
  { stdout, stderr }: Environment,
): Promise<number> {
  const { output, format } = many;
  const passedOver: string[] = [];
  const failed: string[] = [];
  if (output === undefined && format === 'png') {
    throw new UsageError('several pictures do not go to stdout', 'give a folder for them: -o pictures/');
  }
  if (output !== undefined) checkFolder(output);
  const attempt = async (what: string, run: () => Promise<void>) => {
    try {
      await run();
    } catch (error) {
      if (!(error instanceof UsageError || error instanceof ModelError)) throw error;
      failed.push(`${what}: ${[error.message, ...error.hint.split('\n').filter(Boolean)].join('\n    ')}`);
    }
  };

  const pictures: Picture[] = [];
  const seen = new Set<unknown>();
  const { specs, files } = expand(targets);
  for (const spec of specs) {
    await attempt(spec, async () => {
      pictures.push({ drawn: await many.find(spec), path: parseMachineSpec(spec)?.path, isOneOfSeveral: true });
    });
  }
  for (const path of files) {
    await attempt(path, async () => {
      const all = await allMachines(path, seen, many.load);
      passedOver.push(...all.passedOver);
      for (const found of all.found) {
        const drawn: Drawable =
          found.kind === 'machine'
            ? found
            : await many.find(`${/[/\\]/.test(path) ? path : `./${path}`}#${found.exportName}`);
        pictures.push({ drawn, path, isOneOfSeveral: all.found.length > 1 });
      }
    });
  }

  many.loaded();
  const outputs = namesOf(pictures, format);
  let count = 0;
  for (const [index, { drawn, path }] of pictures.entries()) {
    const what = path === undefined ? drawn.name : `${path}#${exportOf(drawn)}`;
    await attempt(what, async () => {
      const { rendered, notes } = await many.draw(drawn);
      for (const note of notes) stderr.write(`faultline: ${what}: ${note}\n`);
      if (output === undefined) stdout.write(`${count > 0 ? '\n' : ''}${what}\n${rendered}`);
      else {
        const file = join(output, outputs[index]!);
        writeBelow(file, rendered);
        stdout.write(`${file}\n`);
      }
      count++;
    });
  }
  if (count === 0 && failed.length === 0) {
    const hidden =
      passedOver.length === 0
        ? 'what is found, and how it is exported, tells docs/your-project.md'
        : passedOver.join('\n');
    throw new UsageError(`there is no machine in ${targets.join(', ')}`, hidden);
  }
  const summary = [
    `faultline: drew ${count} of ${count + failed.length}${output === undefined ? '' : ` to ${output}`}`,
    ...passedOver.map((why) => `  not drawn: ${why}`),
    ...failed.map((why) => `  failed: ${why}`),
  ];
  stderr.write(`${summary.join('\n')}\n`);
  return failed.length > 0 ? EXIT.model : EXIT.holds;
}

/** @throws UsageError for what can be no folder */
function checkFolder(output: string): void {
  const entry = entryAt(output);
  if (entry ? entry.isDirectory() : formatOfFile(output) === undefined) return;
  throw new UsageError(`several pictures do not go to one file, ${output}`, 'give a folder for them: -o pictures/');
}

/** In a folder that is made if it is not there. */
function writeBelow(file: string, rendered: string | Uint8Array): void {
  try {
    makeFolders(dirname(file));
  } catch (error) {
    throw new UsageError(`cannot write ${file}: ${reasonOf(error)}`, 'give a folder for the pictures: -o pictures/', {
      cause: error,
    });
  }
  writeWhole(file, rendered);
}

/** What was named, and the files of folders and globs that may have a machine. @throws UsageError for a glob of no file */
function expand(targets: readonly string[]): { specs: string[]; files: string[] } {
  const specs: string[] = [];
  const files = new Set<string>();
  for (const target of targets) {
    if (isFolder(target)) {
      for (const found of globSync(IN_FOLDER, { cwd: target, ignore: NOT_IN_FOLDER })) files.add(join(target, found));
    } else if (isGlob(target)) {
      const found = globSync(target, { ignore: ['**/node_modules/**'] });
      if (found.length === 0)
        throw new UsageError(`no file is named like ${target}`, 'quote it, so that the shell leaves it alone');
      for (const path of found) files.add(path);
    } else if (parseMachineSpec(target)?.name === undefined && parseMachineSpec(target)) files.add(target);
    else specs.push(target);
  }
  // To load a module is to run it: not for what has nothing to be drawn.
  const likely = [...files].filter((path) => targets.includes(path) || mentionsMachine(readFileSync(path, 'utf8')));
  return { specs, files: likely.sort() };
}

function exportOf(drawn: Drawable): string {
  return (drawn.kind === 'machine' ? drawn.exportName : undefined) ?? drawn.name;
}

/** The files of pictures, which lie to each other as their modules do. */
function namesOf(pictures: readonly Picture[], format: DiagramFormat): string[] {
  const folders = pictures.flatMap(({ path }) => (path === undefined ? [] : [dirname(resolve(path))]));
  const base = folders.reduce<string | undefined>(
    (one, other) => (one === undefined ? other : commonFolder(one, other)),
    undefined,
  );
  const taken = new Set<string>();
  return pictures.map(({ drawn, path, isOneOfSeveral }) => {
    const script = path === undefined ? '' : relative(base!, resolve(path));
    const stem = script === '' ? '' : join(dirname(script), basename(script).replace(/\.\w+$/, ''));
    const own = exportOf(drawn).replaceAll(/[^\w.-]+/g, '-');
    const names = [
      ...(stem === '' || isOneOfSeveral ? [] : [stem]),
      stem === '' ? own : `${stem}.${own}`,
      // Of two files that differ in their endings.
      `${script}.${own}`,
    ];
    for (let number = 2; ; number++) {
      const name = names.find((name) => !taken.has(name));
      if (name === undefined) {
        names.push(`${names.at(-1)}-${number}`);
        continue;
      }
      taken.add(name);
      return name + suffixOf(format);
    }
  });
}

function commonFolder(one: string, other: string): string {
  const [parts, others] = [one.split(sep), other.split(sep)];
  const end = parts.findIndex((part, index) => part !== others[index]);
  return end < 0 ? one : parts.slice(0, end).join(sep) || sep;
}
