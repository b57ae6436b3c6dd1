/**
 * How a user's module finds its imports, as a customization hook that Node runs in a thread of its own (node:module,
 * "Customization Hooks"; registered by `load-module.ts`).
 *
 * - `faultline` is the running package itself, wherever the module lies and whatever else is installed there, so that
 *   there is one copy of everything.
 * - `xstate` and `zod` come from beside the module where they are installed, and from beside this package elsewhere. Its machines run
 *   on the XState that made them (`src/system/xstate.ts`).
 * - A script is an ES module unless it is written as CommonJS, also in a package that does not say `"type": "module"`
 *   (`npm init` writes the opposite): as CommonJS it could not import any of the above.
 */
import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import type { InitializeHook, ResolveHook } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { MessagePort } from 'node:worker_threads';

export interface HookData {
  /** Bare specifier to URL. */
  readonly own: Readonly<Record<string, string>>;
  /** Packages that may come from beside this one, and the URL of the file that they are then looked up from. */
  readonly shared: readonly string[];
  readonly sharedFrom: string;
  /** Hears of every file that is found: a `Source`. */
  readonly sources: MessagePort;
}

/** A file that was loaded, and the digest of what it held then; null for one that was looked for and was not there. */
export interface Source {
  readonly path: string;
  readonly digest: string | null;
}

let data: HookData;

/** @public Node calls it. */
export const initialize: InitializeHook<HookData> = (given) => {
  data = given;
};

/** @public Node calls it. */
export const resolve: ResolveHook = async (specifier, context, nextResolve) => {
  let found: Awaited<ReturnType<ResolveHook>>;
  try {
    found = await find(specifier, context, nextResolve);
  } catch (error) {
    const path = pathOf(specifier, context.parentURL);
    if (path !== undefined) data.sources.postMessage({ path, digest: null } satisfies Source);
    throw error;
  }
  if (found.url.startsWith('file:')) {
    const path = fileURLToPath(found.url.replace(/[?#].*$/, ''));
    const source = sourceOf(path);
    if (source) data.sources.postMessage(source);
  }
  return found;
};

/** Of what is no package. */
function pathOf(specifier: string, parent: string | undefined): string | undefined {
  if (!/^(\.{0,2}\/|file:)/.test(specifier)) return undefined;
  try {
    return fileURLToPath(new URL(specifier, parent).href.replace(/[?#].*$/, ''));
  } catch {
    return undefined;
  }
}

/** Undefined when it cannot be read: whoever loads it says so. */
export function sourceOf(path: string): { readonly path: string; readonly digest: string } | undefined {
  try {
    return { path, digest: createHash('sha256').update(readFileSync(path)).digest('hex') };
  } catch {
    return undefined;
  }
}

const find: ResolveHook = async (specifier, context, nextResolve) => {
  const own = data.own[specifier];
  if (own !== undefined) return nextResolve(own, context);
  const script = moduleScript(specifier, context.parentURL);
  // Without asking further: tsx, when it runs this command from source, would go by package.json.
  if (script !== undefined) return { url: script, format: 'module', shortCircuit: true };
  try {
    return await nextResolve(specifier, context);
  } catch (error) {
    const shared = data.shared.some((name) => specifier === name || specifier.startsWith(`${name}/`));
    if (!shared) throw error;
    return nextResolve(specifier, { ...context, parentURL: data.sharedFrom });
  }
};

/** The URL of a script that is there under this very name; tsx tries the other endings, and asks again. */
function moduleScript(specifier: string, parent: string | undefined): string | undefined {
  if (!/^(\.{0,2}\/|file:)/.test(specifier)) return undefined;
  const url = new URL(specifier, parent);
  if (!/\.[jt]sx?$/.test(url.pathname) || url.pathname.includes('/node_modules/')) return undefined;
  const path = fileURLToPath(url);
  if (!statSync(path, { throwIfNoEntry: false })?.isFile()) return undefined;
  return isModule(readFileSync(path, 'utf8')) ? url.href : undefined;
}

function isModule(source: string): boolean {
  return /^\s*(import|export)\b/m.test(source) || !/\b(module\.exports|exports\.\w|require\s*\()/.test(source);
}
