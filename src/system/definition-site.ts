/** Where a system or a scenario was defined, for reports that point to lines of source files. */

/** Registered, so that it is the same in every copy of this package; as a member, so that it outlives `{ ...scenario }`. */
const SITE = Symbol.for('faultline.definition-site');

/** A place in a source file; lines and columns are counted from 1. */
export interface DefinitionSite {
  /** An absolute path, or a `file:` URL. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** How many characters the name of the function has that was called there. */
  readonly length: number;
}

/** What the one who calls `define` is to spread into its result. V8 makes text of a stack only when somebody reads it. */
export function definedHere(define: (...args: never[]) => unknown): object {
  const here = { length: define.name.length };
  Error.captureStackTrace(here, define);
  return { [SITE]: here };
}

export function definitionSiteOf(defined: object): DefinitionSite | undefined {
  const here = (defined as { [SITE]?: { stack?: unknown; length: number } })[SITE];
  const frame = /\(?((?:file:|\/|[A-Za-z]:[\\/])[^\n]*?):(\d+):(\d+)\)?$/m.exec(String(here?.stack ?? ''));
  if (!here || !frame) return undefined;
  const [, file, line, column] = frame;
  return { file: file!, line: Number(line), column: Number(column), length: here.length };
}
