/**
 * Loads a user's module, TypeScript or JavaScript, without a build step.
 *
 * tsx translates it as it is imported. It is registered for the whole process and not through its `tsImport`, which
 * would give the module private copies of everything that it imports, this package included.
 */
import { fstatSync, openSync } from 'node:fs';
import { devNull } from 'node:os';
import { basename, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ModelError, stackOf } from '../../system/errors.ts';
import { checkXStateBeside } from '../../system/xstate.ts';
import { watchSources } from '../../tabulate/perturb.ts';
import { parseJson } from '../../trace/plain-json.ts';
import { textOf, UsageError } from '../errors.ts';
import { keepIntrinsics, replacedError, restoreIntrinsics } from '../intrinsics.ts';
import { settled, tell, tellModule } from '../news.ts';
import { checkReadable, readText } from '../read-file.ts';
import { registerHooks, stubMissing } from './hooks.ts';
import { isComponentName } from './module-spec.ts';
import { BROWSER_GLOBALS } from './stub.ts';
import { isMissing } from './stub-hooks.ts';

/** How a module is loaded, if not as usual. */
export interface ImportOptions {
  /** Gives stubs for what is not installed, for what is no script, and for what only browsers have. */
  readonly stubMissing?: boolean;
  /** Gives up after so long. */
  readonly seconds?: number;
}

/** All exports of a module. @throws UsageError, ModelError as `loadModule` does */
export async function importModule(path: string, options: ImportOptions = {}): Promise<Record<string, unknown>> {
  const file = resolve(path);
  // A device may have no end, and what a pipe said cannot be read again.
  if (!checkReadable('the module', path).isFile())
    throw new UsageError(`cannot read the module ${path}: it is not a file`);
  checkName(path, file);
  if (file.endsWith('.json')) return readConfig(path);
  tellModule({ path, file });
  watchSources();
  keepIntrinsics();
  await registerHooks(file, path);
  if (options.stubMissing) stubMissing();
  let exported: Record<string, unknown>;
  let closed: string[];
  try {
    exported = await inTime(evaluated(file), path, options.seconds);
  } catch (error) {
    // What an older version does not export yet reads as a slip of the pen.
    if (error instanceof SyntaxError && /'xstate(\/\w+)?'/.test(textOf(error)))
      checkXStateBeside(file, `the module ${path}`);
    throw moduleFailed(error, path, file, options);
  } finally {
    tell({ kind: 'loaded' });
    closed = reopenStreams();
  }
  if (closed.length === 0) return exported;
  throw new ModelError('exception', `the module ${path} closed ${closed.join(' and ')}`, 'leave it to the command');
}

function moduleFailed(error: unknown, path: string, file: string, options: ImportOptions): ModelError {
  const failed = moduleError(error, `the module ${path} cannot be loaded`, file);
  const advice = !options.stubMissing ? adviceFor(error) : undefined;
  if (advice === undefined) return failed;
  const hint = failed.hint === '' ? advice : `${failed.hint}\n${advice}`;
  return new ModelError(failed.code, failed.message, hint, { cause: error });
}

/** What may help against what a module lacks. */
function adviceFor(error: unknown): string | undefined {
  const text = textOf(error);
  const lacks =
    isMissing(error) ||
    /^Unknown file extension/.test(text) ||
    (error instanceof ReferenceError && BROWSER_GLOBALS.some((name) => text.startsWith(`${name} is not defined`)));
  return lacks
    ? 'if a drawing does not need it: faultline diagram --stub-missing gives a stub in its place'
    : undefined;
}

/** @throws UsageError for what no loader takes */
function checkName(path: string, file: string): void {
  if (isComponentName(path)) {
    const script = `./${basename(path).replace(/\.\w+$/, '.ts')}`;
    throw new UsageError(
      `cannot load ${path}: a ${path.replace(/^.*\./, '.')} file is compiled by its own framework`,
      `move the machine into a script beside it, as ${script}, import it from there, and name that`,
    );
  }
  if (!file.includes('?')) return;
  // tsx, 4.23, cuts it off there, and takes TypeScript for JavaScript.
  throw new UsageError(
    `cannot load the module ${path}: a path with a question mark is none to the loader`,
    'rename it, or its folder',
  );
}

/** A file of JSON: what it holds, and what that consists of. */
function readConfig(path: string): Record<string, unknown> {
  const text = readText('the file', path);
  try {
    const held = parseJson(text.replace(/^\uFEFF/, ''));
    return typeof held === 'object' && held !== null && !Array.isArray(held)
      ? { ...held, default: held }
      : { default: held };
  } catch (error) {
    throw new UsageError(`cannot read the file ${path}: ${textOf(error)}`, '', { cause: error });
  }
}

/** @throws ModelError when it takes longer */
async function inTime<T>(work: Promise<T>, path: string, seconds: number | undefined): Promise<T> {
  if (seconds === undefined) return work;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const error = new ModelError(
      'exception',
      `it is still running after ${seconds} s (top-level await)`,
      `a module that is loaded should define and export, and leave the rest to another: look for an await at the top of ${path}`,
    );
    timer = setTimeout(() => reject(error), seconds * 1000);
  });
  // It may fail later, when nobody listens any more.
  work.catch(() => {});
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** @throws ModelError when it leaves the language without something that was there */
async function evaluated(file: string): Promise<Record<string, unknown>> {
  let replaced: string | undefined;
  let exported: Record<string, unknown>;
  try {
    exported = (await import(pathToFileURL(file).href)) as Record<string, unknown>;
    await settled();
  } finally {
    replaced = restoreIntrinsics();
  }
  if (replaced !== undefined) throw replacedError(replaced);
  return exported;
}

const STREAMS = ['standard input', 'standard output', 'standard error'];

/**
 * What is opened next would have the number of a stream that the module has closed, and Node ends with an assertion when it
 * closes that.
 *
 * @returns the names of those that were closed
 */
function reopenStreams(): string[] {
  return STREAMS.filter((_, stream) => {
    try {
      fstatSync(stream);
      return false;
    } catch {
      openSync(devNull, 'r+');
      return true;
    }
  });
}

/** What a user's code threw: `what` failed. */
export function moduleError(error: unknown, what: string, file: string): ModelError {
  if (error instanceof ModelError) {
    return new ModelError(error.code, `${what}: ${error.message}`, error.hint, { cause: error });
  }
  return new ModelError('exception', `${what}: ${textOf(error)}`, placeOf(error, file), { cause: error });
}

/** The first place in the user's own code, as far as the stack tells. */
function placeOf(error: unknown, file: string): string {
  const frames = stackOf(error)
    .split('\n')
    .filter((line) => line.startsWith('    at ') && !/[/\\](module|stub)-hooks\./.test(line));
  const own = frames.find((frame) => frame.includes(file)) ?? frames.find((frame) => !/node:|node_modules/.test(frame));
  return own === undefined ? '' : own.trim();
}
