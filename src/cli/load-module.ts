/**
 * Loads a user's module, TypeScript or JavaScript, without a build step.
 *
 * tsx translates it as it is imported. It is registered for the whole process and not through its `tsImport`, which
 * would give the module private copies of everything that it imports, this package included.
 */
import { fstatSync, openSync, realpathSync, statSync } from 'node:fs';
import { createRequire, register } from 'node:module';
import { devNull } from 'node:os';
import { dirname, relative, resolve, sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { MessageChannel, receiveMessageOnPort } from 'node:worker_threads';
import { isStudy, type Study } from '../simulate/study.ts';
import { ModelError, stackOf } from '../system/errors.ts';
import { isScenario, type Scenario } from '../system/scenario.ts';
import { isSystem, type System } from '../system/system.ts';
import { checkXStateBeside } from '../system/xstate.ts';
import { watchSources } from '../tabulate/perturb.ts';
import { possibleNames, textOf, UsageError } from './errors.ts';
import { keepIntrinsics, replacedError, restoreIntrinsics } from './intrinsics.ts';
import { type HookData, type Source, sourceOf } from './module-hooks.ts';
import { settled, tellModule, tellPhase } from './news.ts';
import { checkReadable } from './read-file.ts';

/** `./my-system.ts#name` in its parts; `name` is left out when the module has only one system or scenario. */
export interface ModuleSpec {
  readonly path: string;
  readonly name: string | undefined;
}

/**
 * Undefined for what can only be a name of the catalogue: a module has a slash or the ending of a script.
 *
 * Folders and files may have a `#` in their names. So what exists decides where the name of the export begins, the longest path
 * first; if nothing does, it is the last `#`, unless a path comes after it.
 */
export function parseModuleSpec(target: string): ModuleSpec | undefined {
  const hashes = [...target.matchAll(/#/g)].map(({ index }) => index).reverse();
  const splits = [undefined, ...hashes].map(
    (at): ModuleSpec => ({ path: target.slice(0, at), name: at === undefined ? undefined : target.slice(at + 1) }),
  );
  const existing = splits.find(({ path }) => looksLikeModule(path) && isFile(path));
  if (existing) return existing;
  const [whole, last] = splits as [ModuleSpec, ModuleSpec | undefined];
  if (!looksLikeModule((last ?? whole).path)) return undefined;
  return last === undefined || looksLikeModule(last.name!) ? whole : last;
}

function looksLikeModule(path: string): boolean {
  return /[/\\]/.test(path) || /\.m?[jt]s$/.test(path);
}

function isFile(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** By whatever links and ways they are reached. */
export function sameFile(one: ModuleSpec, other: ModuleSpec): boolean {
  const real = ({ path }: ModuleSpec) => {
    try {
      return realpathSync(path);
    } catch {
      return resolve(path);
    }
  };
  return real(one) === real(other);
}

/**
 * @throws UsageError when the file cannot be read, or exports no system under that name
 * @throws ModelError when the module itself fails
 */
export async function loadModule(spec: ModuleSpec): Promise<System | Scenario> {
  const { made, what } = await loadExport(spec);
  if (isSystem(made) || isScenario(made)) return made;
  if (isStudy(made))
    throw new UsageError(`${what} is a study, expected a system or a scenario`, 'faultline simulate runs it');
  throw new UsageError(`${what} is no system and no scenario: got ${kindOf(made)}`, HOW_TO_EXPORT);
}

/**
 * The same for what can be simulated.
 *
 * @throws as `loadModule` does
 */
export async function loadTimed(spec: ModuleSpec): Promise<Study | Scenario> {
  const { made, what } = await loadExport(spec);
  if (isStudy(made) || isScenario(made)) return made;
  if (isSystem(made)) {
    throw new UsageError(
      `${what} is a plain system, which has no times`,
      'make it a scenario by defineScenario(), with `timing` (docs/timing.md)',
    );
  }
  throw new UsageError(
    `${what} is no study and no scenario: got ${kindOf(made)}`,
    'export what defineStudy() or defineScenario() returns',
  );
}

/** @returns the export, or what it returns, and how errors name it */
async function loadExport(spec: ModuleSpec): Promise<{ made: unknown; what: string }> {
  const exported = await importModule(spec.path);
  const [name, value] = choose(spec, exported);
  if (typeof value !== 'function') return { made: value, what: `export ${name} of ${spec.path}` };
  const made = await call(spec, name, value as () => unknown);
  return { made, what: `what ${name}() of ${spec.path} returns` };
}

const HOW_TO_EXPORT = 'export what defineSystem() or defineScenario() returns, or a function that returns a system';

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
  const own = ['src', 'machines', 'workers'].map((name) => fileURLToPath(new URL(`../../${name}/`, import.meta.url)));
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

/** The parts of the package that can be imported alone. */
const ENTRIES = ['check', 'diagram', 'simulate', 'stress', 'vitest'];

async function registerHooks(): Promise<void> {
  // From source this file and its neighbours are .ts, in the package they are .js.
  const ending = import.meta.url.endsWith('.ts') ? '.ts' : '.js';
  const beside = (path: string) => new URL(path + ending, import.meta.url).href;
  const data: HookData = {
    own: {
      faultline: beside('../index'),
      'faultline/machines': beside('../../machines/index'),
      ...Object.fromEntries(ENTRIES.map((name) => [`faultline/${name}`, beside(`../entries/${name}`)])),
    },
    shared: ['xstate', 'zod'],
    sharedFrom: import.meta.url,
    sources,
  };
  // Before tsx, so that tsx asks it: the last hook registered is the first that Node asks.
  register(beside('./module-hooks'), { data, transferList: [sources] });
  const { register: registerTsx } = await import('tsx/esm/api');
  registerTsx();
}

function choose({ path, name }: ModuleSpec, exported: Record<string, unknown>): [name: string, value: unknown] {
  const names = Object.keys(exported);
  if (name !== undefined) {
    if (name in exported) return [name, exported[name]];
    throw new UsageError(`the module ${path} has no export "${name}"`, possibleNames(name, names));
  }
  const models = names.filter((candidate) =>
    [isSystem, isScenario, isStudy].some((isOne) => isOne(exported[candidate])),
  );
  const distinct = models.filter(
    (one, index) => models.findIndex((other) => exported[other] === exported[one]) === index,
  );
  const functions = names.filter((candidate) => typeof exported[candidate] === 'function');
  const candidates = distinct.length > 0 ? distinct : functions.includes('default') ? ['default'] : functions;
  if (candidates.length === 1) return [candidates[0]!, exported[candidates[0]!]];
  if (candidates.length === 0) {
    const all = names.length === 0 ? 'nothing' : names.join(', ');
    throw new UsageError(`the module ${path} exports no system and no scenario: it exports ${all}`, HOW_TO_EXPORT);
  }
  const choices = candidates.map((candidate) => `${path}#${candidate}`).join(', ');
  const several = distinct.length > 0 ? 'several systems' : 'no system, but several functions that may build one';
  throw new UsageError(`the module ${path} exports ${several}`, `choose one: ${choices}`);
}

async function call({ path }: ModuleSpec, name: string, build: () => unknown): Promise<unknown> {
  tellPhase(`running ${name}() of ${path}`);
  try {
    return await build();
  } catch (error) {
    throw moduleError(error, `${name}() of ${path} threw`, resolve(path));
  }
}

function moduleError(error: unknown, what: string, file: string): ModelError {
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

function kindOf(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  return Array.isArray(value) ? 'an array' : `${typeof value === 'object' ? 'an' : 'a'} ${typeof value}`;
}
