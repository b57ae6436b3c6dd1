/** What was asked of a diagram cannot be drawn: a name that is not there, a file of the wrong shape, too many boxes. */
import { closest } from '../system/errors.ts';

export class DiagramError extends Error {
  override readonly name = 'DiagramError';
  /** What is possible instead. */
  readonly hint: string;

  constructor(message: string, hint = '', options?: ErrorOptions) {
    super(message, options);
    this.hint = hint;
  }
}

const SHOWN_NAMES = 30;

/** For a name that is not among the known ones: a guess if one is close, and what there is. */
export function knownNames(got: string, known: readonly string[]): string {
  const guess = closest(got, known) ?? known.find((name) => name.endsWith(`.${got}`) || name.startsWith(got));
  const more = known.length > SHOWN_NAMES ? `, and ${known.length - SHOWN_NAMES} more` : '';
  const all = known.length === 0 ? 'there are none' : `there are: ${known.slice(0, SHOWN_NAMES).join(', ')}${more}`;
  return guess === undefined ? all : `did you mean "${guess}"? ${all}`;
}
