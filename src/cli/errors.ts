/**
 * What was asked for does not exist, cannot be read or makes no sense: status 3.
 *
 * The message says what was got, the hint what is possible.
 */
import { closest } from '../system/errors.ts';

export class UsageError extends Error {
  override readonly name = 'UsageError';
  readonly hint: string;

  constructor(message: string, hint = '', options?: ErrorOptions) {
    super(message, options);
    this.hint = hint;
  }
}

/** "did you mean …?" when something is close, and otherwise all there is. */
export function possibleNames(got: string, known: readonly string[]): string {
  const guess = closest(got, known) ?? known.find((name) => got.length > 1 && name.startsWith(got));
  const all = known.length === 0 ? 'there are none' : `there are: ${known.join(', ')}`;
  return guess === undefined ? all : `did you mean "${guess}"? ${all}`;
}

/** An exception's text: the first line of what was thrown, whatever it was. */
export function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
