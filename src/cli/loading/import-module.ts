/**
 * Loads a user's module, TypeScript or JavaScript, without a build step.
 *
 * tsx translates it as it is imported. It is registered for the whole process and not through its `tsImport`, which
 * would give the module private copies of everything that it imports, this package included.
 */
import { fstatSync, openSync } from 'node:fs';
import { createRequire, register } from 'node:module';
import { devNull } from 'node:os';
import { dirname, relative, resolve, sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { MessageChannel, receiveMessageOnPort } from 'node:worker_threads';
import { ModelError, stackOf } from '../../system/errors.ts';
import { checkXStateBeside } from '../../system/xstate.ts';
import { watchSources } from '../../tabulate/perturb.ts';
import { textOf, UsageError } from '../errors.ts';
import { keepIntrinsics, replacedError, restoreIntrinsics } from '../intrinsics.ts';
import { settled, tellModule } from '../news.ts';
import { checkReadable } from '../read-file.ts';
import { type HookData, type Source, sourceOf } from './module-hooks.ts';
import { parseModuleSpec } from './module-spec.ts';

let registered = false;

/** All exports of a module. @throws UsageError, ModelError as `loadModule` does */
export async function importModule(path: string): Promise<Record<string, unknown>> {
  const file = resolve(path);
  // A device may have no end, and what a pipe said cannot be read again.
  if (!checkReadable('the module', path).isFile())
    throw new UsageError(`cannot read the module ${path}: it is not a file`);
  if (file.includes('?')) {
    // tsx, 4.23, cuts it off there, and takes TypeScript for JavaScript.
    throw new UsageError(
      `cannot load the module ${path}: a path with a question mark is none to the loader`,
      'rename it, or its folder',
    );
  }
  tellModule({ path, file });
  watchSources();
  keepIntrinsics();
  if (!registered) await registerHooks();
  registered = true;
  let exported: Record<string, unknown>;
  let closed: string[];
  try {
    exported = await evaluated(file);
  } catch (error) {
    // What an older version does not export yet reads as a slip of the pen.
    if (error instanceof SyntaxError && /'xstate(\/\w+)?'/.test(textOf(error)))
      checkXStateBeside(file, `the module ${path}`);
    throw moduleError(error, `the module ${path} cannot be loaded`, file);
  } finally {
    closed = reopenStreams();
  }
  if (closed.length === 0) return exported;
  throw new ModelError('exception', `the module ${path} closed ${closed.join(' and ')}`, 'leave it to the command');
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

/** What was loaded so far, by path: the digest of what a file held then. */
const loaded = new Map<string, string>();
const required = createRequire(import.meta.url).cache;
const requiredBefore: ReadonlySet<string> = new Set(Object.keys(required));
const { port1: heard, port2: sources } = new MessageChannel();
// It must not keep the command line from ending.
heard.unref();

/**
 * The sources of a user's module and of all that was loaded for it, as far as Node tells: digests by name, seen from the module's
 * folder. Files that code reads by itself are not among them. Empty for what is no module.
 */
export function sourcesOf(target: string): Record<string, string> {
  const spec = parseModuleSpec(target);
  if (!spec || !registered) return {};
  for (let next = receiveMessageOnPort(heard); next; next = receiveMessageOnPort(heard)) {
    const { path, digest } = next.message as Source;
    if (!loaded.has(path)) loaded.set(path, digest);
  }
  // What CommonJS modules require goes by the hooks.
  for (const path of Object.keys(required)) {
    const source = loaded.has(path) || requiredBefore.has(path) ? undefined : sourceOf(path);
    if (source) loaded.set(path, source.digest);
  }
  const folder = dirname(resolve(spec.path));
  const own = ['src', 'machines', 'workers'].map((name) =>
    fileURLToPath(new URL(`../../../${name}/`, import.meta.url)),
  );
  const named = [...loaded]
    // Of this package the version is told.
    .filter(([path]) => !own.some((ours) => path.startsWith(ours)))
    .map(([path, digest]) => [`the module ${nameOf(path, folder)}`, digest] as const);
  return Object.fromEntries(named.sort(([one], [other]) => (one < other ? -1 : 1)));
}

/** Packages lie where they were installed; everything else is seen from the module. */
function nameOf(path: string, folder: string): string {
  const [, inPackage] = /^.*[/\\]node_modules[/\\](.*)$/.exec(path) ?? [];
  return (inPackage ?? relative(folder, path)).replaceAll(sep, '/');
}

async function registerHooks(): Promise<void> {
  // From source this file and its neighbours are .ts, in the package they are .js.
  const ending = import.meta.url.endsWith('.ts') ? '.ts' : '.js';
  const beside = (path: string) => new URL(path + ending, import.meta.url).href;
  const data: HookData = {
    own: { faultline: beside('../../index'), 'faultline/machines': beside('../../../machines/index') },
    shared: ['xstate', 'zod'],
    sharedFrom: import.meta.url,
    sources,
  };
  // Before tsx, so that tsx asks it: the last hook registered is the first that Node asks.
  register(beside('./module-hooks'), { data, transferList: [sources] });
  const { register: registerTsx } = await import('tsx/esm/api');
  registerTsx();
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
    .filter((line) => line.startsWith('    at '));
  const own = frames.find((frame) => frame.includes(file)) ?? frames.find((frame) => !/node:|node_modules/.test(frame));
  return own === undefined ? '' : own.trim();
}
