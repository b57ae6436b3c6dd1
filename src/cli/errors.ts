/** Errors in the words of the command line. */
export { possibleNames, UsageError } from '../system/errors.ts';

/** An exception's text: the first line of what was thrown, whatever it was. */
export function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
