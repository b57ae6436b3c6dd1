/**
 * Loads a user's module, TypeScript or JavaScript, without a build step.
 *
 * tsx translates it as it is imported. It is registered for the whole process and not through its `tsImport`, which
 * would give the module private copies of everything that it imports, this package included.
 */
import { realpathSync, statSync } from 'node:fs';
import { register } from 'node:module';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ModelError } from '../system/errors.ts';
import { isScenario, type Scenario } from '../system/scenario.ts';
import { isSystem, type System } from '../system/system.ts';
import { possibleNames, textOf, UsageError } from './errors.ts';
import type { HookData } from './module-hooks.ts';
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
  const exported = await importModule(spec.path);
  const [name, value] = choose(spec, exported);
  const made = typeof value === 'function' ? await call(spec, name, value as () => unknown) : value;
  if (isSystem(made) || isScenario(made)) return made;
  const what =
    typeof value === 'function' ? `what ${name}() of ${spec.path} returns` : `export ${name} of ${spec.path}`;
  throw new UsageError(`${what} is no system and no scenario: got ${kindOf(made)}`, HOW_TO_EXPORT);
}

const HOW_TO_EXPORT = 'export what defineSystem() or defineScenario() returns, or a function that returns a system';

let registered = false;

/** All exports of a module. @throws UsageError, ModelError as `loadModule` does */
export async function importModule(path: string): Promise<Record<string, unknown>> {
  const file = resolve(path);
  checkReadable('the module', path);
  if (file.includes('?')) {
    // tsx, 4.23, cuts it off there, and takes TypeScript for JavaScript.
    throw new UsageError(
      `cannot load the module ${path}: a path with a question mark is none to the loader`,
      'rename it, or its folder',
    );
  }
  if (!registered) await registerHooks();
  registered = true;
  try {
    return (await import(pathToFileURL(file).href)) as Record<string, unknown>;
  } catch (error) {
    throw moduleError(error, `the module ${path} cannot be loaded`, file);
  }
}

async function registerHooks(): Promise<void> {
  // From source this file and its neighbours are .ts, in the package they are .js.
  const ending = import.meta.url.endsWith('.ts') ? '.ts' : '.js';
  const beside = (path: string) => new URL(path + ending, import.meta.url).href;
  const data: HookData = {
    own: { faultline: beside('../index'), 'faultline/machines': beside('../../machines/index') },
    shared: ['xstate', 'zod'],
    sharedFrom: import.meta.url,
  };
  // Before tsx, so that tsx asks it: the last hook registered is the first that Node asks.
  register(beside('./module-hooks'), { data });
  const { register: registerTsx } = await import('tsx/esm/api');
  registerTsx();
}

function choose({ path, name }: ModuleSpec, exported: Record<string, unknown>): [name: string, value: unknown] {
  const names = Object.keys(exported);
  if (name !== undefined) {
    if (name in exported) return [name, exported[name]];
    throw new UsageError(`the module ${path} has no export "${name}"`, possibleNames(name, names));
  }
  const models = names.filter((candidate) => isSystem(exported[candidate]) || isScenario(exported[candidate]));
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
  const frames =
    error instanceof Error ? (error.stack ?? '').split('\n').filter((line) => line.startsWith('    at ')) : [];
  const own = frames.find((frame) => frame.includes(file)) ?? frames.find((frame) => !/node:|node_modules/.test(frame));
  return own === undefined ? '' : own.trim();
}

function kindOf(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  return Array.isArray(value) ? 'an array' : `${typeof value === 'object' ? 'an' : 'a'} ${typeof value}`;
}
