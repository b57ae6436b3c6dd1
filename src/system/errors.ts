/**
 * The modeller's mistakes, as opposed to findings (values, see `verdict.ts`) and to our own bugs (assertions).
 *
 * A `ModelError` says what was got, what was expected and what to do next. The explorer adds the trace that leads to it.
 */
export type ModelErrorCode =
  | 'bad-definition'
  | 'unknown-actor'
  | 'unhandled-message'
  | 'spawned-actor'
  | 'not-plain-data'
  | 'not-repeatable'
  | 'endless-loop'
  | 'exception'
  | 'unsupported-action'
  | 'unsupported-xstate'
  | 'not-symmetric'
  | 'not-liftable'
  | 'too-large'
  | 'stands-still';

export class ModelError extends Error {
  override readonly name = 'ModelError';
  readonly code: ModelErrorCode;
  /** What to try next, as a sentence; empty when the message says it all. */
  readonly hint: string;

  constructor(code: ModelErrorCode, message: string, hint = '', options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.hint = hint;
  }
}

/**
 * What was asked for does not exist, cannot be read or makes no sense, and no model is to blame: status 3.
 *
 * The message says what was got, the hint what is possible.
 */
export class UsageError extends Error {
  override readonly name: string = 'UsageError';
  readonly hint: string;

  constructor(message: string, hint = '', options?: ErrorOptions) {
    super(message, options);
    this.hint = hint;
  }
}

/** "did you mean …?" when something is close, and otherwise all there is. */
export function didYouMean(got: string, known: readonly string[]): string {
  const guess = closest(got, known);
  return guess === undefined ? listed(known) : `did you mean "${guess}"?`;
}

/** The same, and all there is in any case: for names that a person types. */
export function possibleNames(got: string, known: readonly string[]): string {
  const guess = closest(got, known) ?? known.find((name) => got.length > 1 && name.startsWith(got));
  return guess === undefined ? listed(known) : `did you mean "${guess}"? ${listed(known)}`;
}

/** More names are read by nobody. */
const LISTED_MAX = 60;

function listed(known: readonly string[]): string {
  if (known.length === 0) return 'there are none';
  if (known.length <= LISTED_MAX) return `there are: ${known.join(', ')}`;
  return `there are ${known.length}: ${known.slice(0, LISTED_MAX).join(', ')}, …`;
}

/** The closest of `known` to a name that is not among them, for "did you mean"; undefined when nothing is close. */
export function closest(name: string, known: Iterable<string>): string | undefined {
  let best: string | undefined;
  let bestDistance = Math.max(2, Math.floor(name.length / 3)) + 1;
  for (const candidate of known) {
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance];
  }
  return best;
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next[j] = Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1));
    }
    row = next;
  }
  return row[b.length]!;
}

/** The text of what was thrown, whatever it was. */
export function textOf(thrown: unknown): string {
  try {
    return thrown instanceof Error ? String(thrown.message) : String(thrown);
  } catch {
    // An object without `toString`, for one.
    return Object.prototype.toString.call(thrown);
  }
}

/** The stack of what was thrown; empty when it has none. What user code throws may have anything in its place. */
export function stackOf(thrown: unknown): string {
  try {
    return thrown instanceof Error && typeof thrown.stack === 'string' ? thrown.stack : '';
  } catch {
    return '';
  }
}

/** @param failed how an error begins @throws ModelError for whatever is thrown */
export function attempted<T>(failed: string, attempt: () => T): T {
  try {
    return attempt();
  } catch (error) {
    if (error instanceof ModelError) throw error;
    throw new ModelError('exception', `${failed}: ${textOf(error)}`, '', { cause: error });
  }
}
