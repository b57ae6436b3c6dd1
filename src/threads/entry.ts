/** Where the code of a thread is, and what it takes to load it: from source the files are .ts, in the package they are .js. */

export interface ThreadEntry {
  readonly url: URL;
  /** Arguments for Node, for `new Worker`. */
  readonly options: { readonly execArgv?: string[] };
}

/** @param module the name of a module of `workers/`, or where another one is */
export function threadEntry(module: string | URL): ThreadEntry {
  const isSource = import.meta.url.endsWith('.ts');
  const url =
    module instanceof URL ? module : new URL(`../../workers/${module}${isSource ? '.ts' : '.js'}`, import.meta.url);
  return { url, options: isSource ? { execArgv: ['--import', sourceLoader()] } : {} };
}

/**
 * A module by which a thread can load .ts files. What tsx does by itself turns them into CommonJS, where each use of an imported name is
 * a call: that makes inner loops two to four times slower. Named by its place, as a thread looks for packages from the current directory.
 */
function sourceLoader(): string {
  const text = `import { register } from ${JSON.stringify(import.meta.resolve('tsx/esm/api'))}; register();`;
  return `data:text/javascript,${encodeURIComponent(text)}`;
}
