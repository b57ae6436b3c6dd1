/** How a user's module, and maybe one of its exports, is named on the command line. */
import { realpathSync, statSync } from 'node:fs';
import { resolve } from 'node:path';

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
  return parseSpec(target, isModuleName);
}

/** The same where a machine is asked for, which may be a file of JSON as well: elsewhere that is a trace, or a log. */
export function parseMachineSpec(target: string): ModuleSpec | undefined {
  return parseSpec(target, (path) => isModuleName(path) || path.endsWith('.json'));
}

function parseSpec(target: string, looksLikeModule: (path: string) => boolean): ModuleSpec | undefined {
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

function isModuleName(path: string): boolean {
  return /[/\\]/.test(path) || isScriptName(path) || isComponentName(path);
}

/** TypeScript or JavaScript, by its ending. */
export function isScriptName(path: string): boolean {
  return /\.[cm]?[jt]sx?$/.test(path);
}

/** Files of frameworks, with a script among other things: only their own compilers load them. */
export function isComponentName(path: string): boolean {
  return /\.(vue|svelte|astro)$/.test(path);
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
