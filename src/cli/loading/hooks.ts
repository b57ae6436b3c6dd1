/**
 * What Node asks when a user's module imports something: our own hook first of all, then tsx with the tsconfig.json of the file, then
 * what gives stubs; the last that is registered is the first that is asked. And what was loaded in that way.
 */
import { existsSync, readFileSync } from 'node:fs';
import { createRequire, register } from 'node:module';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MessageChannel, receiveMessageOnPort } from 'node:worker_threads';
import { textOf, UsageError } from '../errors.ts';
import { type HookData, type Source, sourceOf } from './module-hooks.ts';
import { parseModuleSpec } from './module-spec.ts';
import { stubGlobals } from './stub.ts';
import type { StubData } from './stub-hooks.ts';

/** What was loaded so far, by path: the digest of what a file held then. */
const loaded = new Map<string, string | null>();
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
  if (!spec || tsconfig === undefined) return {};
  const folder = dirname(resolve(spec.path));
  const named = loadedSources()
    .flatMap(({ path, digest }) => (digest === null ? [] : [[path, digest] as const]))
    .map(([path, digest]) => [`the module ${nameOf(path, folder)}`, digest] as const);
  return Object.fromEntries(named.sort(([one], [other]) => (one < other ? -1 : 1)));
}

/** All files that users' modules consist of, packages included, and those that they import although they are not there. */
export function loadedSources(): Source[] {
  for (let next = receiveMessageOnPort(heard); next; next = receiveMessageOnPort(heard)) {
    const { path, digest } = next.message as Source;
    // The loader tries several endings of one name.
    if (loaded.get(path) == null) loaded.set(path, digest);
  }
  // What CommonJS modules require goes by the hooks.
  for (const path of Object.keys(required)) {
    const source = loaded.has(path) || requiredBefore.has(path) ? undefined : sourceOf(path);
    if (source) loaded.set(path, source.digest);
  }
  // Of this package the version is told.
  const own = ['src', 'machines', 'workers'].map((name) =>
    fileURLToPath(new URL(`../../../${name}/`, import.meta.url)),
  );
  return [...loaded]
    .map(([path, digest]): Source => ({ path, digest }))
    .filter(({ path }) => !own.some((ours) => path.startsWith(ours)));
}

/** Packages lie where they were installed; everything else is seen from the module. */
function nameOf(path: string, folder: string): string {
  const [, inPackage] = /^.*[/\\]node_modules[/\\](.*)$/.exec(path) ?? [];
  return (inPackage ?? relative(folder, path)).replaceAll(sep, '/');
}

/** From source this file and its neighbours are .ts, in the package they are .js. */
function beside(path: string): string {
  return new URL(path + (import.meta.url.endsWith('.ts') ? '.ts' : '.js'), import.meta.url).href;
}

/** The parts of the package that can be imported alone. */
const ENTRIES = ['check', 'diagram', 'simulate', 'stress', 'vitest'];

/** How modules are found: once, for the whole process. */
function registerOwn(): void {
  const data: HookData = {
    own: {
      faultline: beside('../../index'),
      'faultline/machines': beside('../../../machines/index'),
      ...Object.fromEntries(ENTRIES.map((name) => [`faultline/${name}`, beside(`../../entries/${name}`)])),
    },
    shared: ['xstate', 'zod'],
    sharedFrom: import.meta.url,
    sources,
  };
  // Before tsx, so that tsx asks it: the last hook registered is the first that Node asks.
  register(beside('./module-hooks'), { data, transferList: [sources] });
}

/** By which tsx translates now; false for none, undefined before the first module. */
let tsconfig: string | false | undefined;
let unregisterTsx: (() => Promise<void>) | undefined;

/**
 * From now on modules are loaded as `file` wants it.
 *
 * @throws UsageError when its tsconfig.json cannot be read
 */
export async function registerHooks(file: string, path: string): Promise<void> {
  const wanted = tsconfigOf(file);
  if (wanted === tsconfig) return;
  if (tsconfig === undefined) registerOwn();
  const { register: registerTsx } = await import('tsx/esm/api');
  await unregisterTsx?.();
  unregisterTsx = undefined;
  tsconfig = false;
  try {
    unregisterTsx = registerTsx({ tsconfig: wanted });
  } catch (error) {
    throw new UsageError(
      `cannot read ${wanted}, by which ${path} is translated: ${textOf(error)}`,
      'is what it extends installed?',
      { cause: error },
    );
  }
  tsconfig = wanted;
}

/** The nearest above a file. Where it only refers to others, as Vite's does, the one of the application; false if there is none. */
function tsconfigOf(file: string): string | false {
  for (let folder = dirname(file); ; folder = dirname(folder)) {
    const found = join(folder, 'tsconfig.json');
    if (existsSync(found)) {
      const application = join(folder, 'tsconfig.app.json');
      const says = (path: string, key: string) => readFileSync(path, 'utf8').includes(`"${key}"`);
      const refers = says(found, 'references') && !says(found, 'paths') && existsSync(application);
      return refers ? application : found;
    }
    if (folder === dirname(folder)) return false;
  }
}

// --- stubs ---

/** The hook of stubs must be asked before tsx, whose last one it has to follow: those before it are passed over. */
const current = new Int32Array(new SharedArrayBuffer(4));
/** What hooks say they gave stubs for. */
const stubbing: MessageChannel['port1'][] = [];
const stubbed = new Set<string>();

/** From now on there is a stub for what is missing. After `registerHooks`. */
export function stubMissing(): void {
  stubGlobals((name) => stubbed.add(name));
  const { port1, port2 } = new MessageChannel();
  port1.unref();
  stubbing.push(port1);
  current[0]!++;
  const data: StubData = { stub: beside('./stub'), current, generation: current[0]!, stubbed: port2 };
  // Each is a module of its own.
  register(`${beside('./stub-hooks')}?${current[0]}`, { data, transferList: [port2] });
}

/** What stubs stand for, so far. */
export function stubbedNames(): string[] {
  for (const port of stubbing)
    for (let next = receiveMessageOnPort(port); next; next = receiveMessageOnPort(port))
      stubbed.add(next.message as string);
  return [...stubbed];
}
