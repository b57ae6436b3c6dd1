/**
 * Stubs for what a user's module imports and that is not there, as a customization hook, which Node runs in a thread of its own
 * (registered by `hooks.ts`). It is asked first, and so has the last word on what nobody else has found.
 */
import { readFileSync } from 'node:fs';
import type { InitializeHook, LoadHook, ResolveFnOutput, ResolveHook } from 'node:module';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { MessagePort } from 'node:worker_threads';

export interface StubData {
  /** URL of `stub.ts`. */
  readonly stub: string;
  /** One word: the hook that counts is the one of this generation. */
  readonly current: Int32Array;
  readonly generation: number;
  /** Hears of every specifier that got a stub. */
  readonly stubbed: MessagePort;
}

let data: StubData;

/** @public Node calls it. */
export const initialize: InitializeHook<StubData> = (given) => {
  data = given;
};

const SCHEME = 'faultline-stub:';
const SCRIPTS = new Set(['', '.js', '.mjs', '.cjs', '.jsx', '.ts', '.mts', '.cts', '.tsx', '.json', '.node', '.wasm']);

/** @public Node calls it. */
export const resolve: ResolveHook = async (specifier, context, nextResolve) => {
  if (data.current[0] !== data.generation) return nextResolve(specifier, context);
  try {
    const found = await nextResolve(specifier, context);
    return isScript(found.url) ? found : stubFor(specifier, context.parentURL);
  } catch (error) {
    // A package that can do without another finds that out by itself.
    const isOptional = context.parentURL?.includes('/node_modules/');
    if (!isMissing(error) || isOptional) throw error;
    return stubFor(specifier, context.parentURL);
  }
};

/** @public Node calls it. */
export const load: LoadHook = async (url, context, nextLoad) => {
  if (!url.startsWith(SCHEME)) return nextLoad(url, context);
  const { pathname, searchParams } = new URL(url);
  const what = decodeURIComponent(pathname);
  const names = searchParams.get('names')!.split(',').filter(Boolean);
  const source = [
    `import { stub } from ${JSON.stringify(data.stub)};`,
    `export default stub(${JSON.stringify(what.replace(/^.*\//, ''))});`,
    ...names.map((name) => `const $${name} = stub('${name}'); export { $${name} as ${name} };`),
  ].join('\n');
  return { format: 'module', source, shortCircuit: true };
};

/** Whether what was thrown says that something is not there to be imported. */
export function isMissing(error: unknown): boolean {
  const { code } = (error ?? {}) as { code?: unknown };
  return code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND' || code === 'ERR_PACKAGE_PATH_NOT_EXPORTED';
}

function isScript(url: string): boolean {
  const { protocol, pathname } = new URL(url);
  if (protocol === 'file:') return SCRIPTS.has(extname(pathname));
  // A bundler's own, as `virtual:pages`.
  return protocol === 'node:' || protocol === 'data:';
}

function stubFor(specifier: string, parent: string | undefined): ResolveFnOutput {
  data.stubbed.postMessage(specifier);
  const names = parent?.startsWith('file:') ? importedNames(sourceOf(parent), specifier) : [];
  return { url: `${SCHEME}${encodeURIComponent(specifier)}?names=${names}`, format: 'module', shortCircuit: true };
}

function sourceOf(url: string): string {
  return readFileSync(fileURLToPath(url.replace(/[?#].*$/, '')), 'utf8');
}

/** The names that a source imports from there, as far as can be read: a module has to say what it exports. */
export function importedNames(source: string, specifier: string): string[] {
  // Those are imported by what JSX is translated to.
  const names = new Set(/\/jsx-(dev-)?runtime$/.test(specifier) ? ['jsx', 'jsxs', 'jsxDEV', 'Fragment'] : []);
  const quoted = specifier.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const clauses = source.matchAll(new RegExp(`\\b(?:import|export)\\b([^'";()=]*?)\\bfrom\\s*(['"])${quoted}\\2`, 'g'));
  for (const [, clause] of clauses) {
    for (const item of (/\{([^}]*)\}/.exec(clause!)?.[1] ?? '').split(',')) {
      const name = /^\s*(?:type\s+)?([\w$]+)/.exec(item)?.[1];
      if (name !== undefined && name !== 'default') names.add(name);
    }
    const space = /\*\s*as\s+([\w$]+)/.exec(clause!)?.[1];
    if (space === undefined) continue;
    for (const [, name] of source.matchAll(new RegExp(`(?<![\\w$.])${space.replaceAll('$', '\\$')}\\.([\\w$]+)`, 'g')))
      names.add(name!);
  }
  return [...names];
}
