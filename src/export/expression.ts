/** Conditions over slots, as all output languages can say them. */

export type Expression =
  | { readonly kind: 'constant'; readonly value: boolean }
  /** The slot's value is one of these; `others` are the values that it can have else, as far as that matters. */
  | {
      readonly kind: 'in';
      readonly slot: number;
      readonly values: readonly number[];
      readonly others: readonly number[];
    }
  /** The channel can deliver a message: it is the oldest one in a queue, or anywhere in a bag. With `place`: it is there in the queue. */
  | { readonly kind: 'offers'; readonly slot: number; readonly message: number; readonly place?: number }
  /** The channel holds at most so many messages. */
  | { readonly kind: 'atMost'; readonly slot: number; readonly count: number }
  /** The channel holds exactly these messages, in this order unless it is a bag. */
  | { readonly kind: 'content'; readonly slot: number; readonly messages: readonly number[] }
  | { readonly kind: 'all' | 'any'; readonly of: readonly Expression[] }
  | { readonly kind: 'not'; readonly of: Expression };

export const TRUE: Expression = { kind: 'constant', value: true };
export const FALSE: Expression = { kind: 'constant', value: false };

export function all(...parts: readonly Expression[]): Expression {
  return combined('all', false, parts);
}

export function any(...parts: readonly Expression[]): Expression {
  return combined('any', true, parts);
}

export function not(expression: Expression): Expression {
  if (expression.kind === 'constant') return expression.value ? FALSE : TRUE;
  if (expression.kind === 'not') return expression.of;
  if (expression.kind === 'in') return { ...expression, values: expression.others, others: expression.values };
  return { kind: 'not', of: expression };
}

export function isIn(slot: number, values: readonly number[], others: readonly number[]): Expression {
  if (values.length === 0) return FALSE;
  return others.length === 0 ? TRUE : { kind: 'in', slot, values, others };
}

/** @param decides the value that one part alone gives to the whole */
function combined(kind: 'all' | 'any', decides: boolean, parts: readonly Expression[]): Expression {
  const of: Expression[] = [];
  for (const part of parts) {
    if (part.kind === kind) of.push(...part.of);
    else if (part.kind !== 'constant') of.push(part);
    else if (part.value === decides) return part;
  }
  if (of.length === 1) return of[0]!;
  return of.length === 0 ? (decides ? FALSE : TRUE) : { kind, of };
}

/** What the notation of a language says for each kind; `all` and `any` are put together by `write`. */
export interface Notation {
  readonly true: string;
  readonly false: string;
  readonly and: string;
  readonly or: string;
  /** A longer chain of one operator is put in parentheses, piece by piece, and these again; left out, chains have any length. */
  readonly chainMax?: number;
  readonly not: (text: string) => string;
  isValue(slot: number, value: number): string;
  isNotValue(slot: number, value: number): string;
  offers(slot: number, message: number, place: number): string;
  atMost(slot: number, count: number): string;
  content(slot: number, messages: readonly number[]): string;
}

/** An expression as text; in parentheses where it stands inside another one of the other kind. */
export function write(
  expression: Expression,
  notation: Notation,
  inside: 'all' | 'any' | 'nothing' = 'nothing',
): string {
  const { chainMax = Number.POSITIVE_INFINITY } = notation;
  const joined = (kind: 'all' | 'any', parts: readonly string[]) => {
    const operator = kind === 'all' ? notation.and : notation.or;
    let pieces = parts;
    while (pieces.length > chainMax) pieces = inPieces(pieces, chainMax).map((piece) => `(${piece.join(operator)})`);
    const text = pieces.join(operator);
    return inside === 'nothing' || inside === kind || pieces.length === 1 ? text : `(${text})`;
  };
  switch (expression.kind) {
    case 'constant':
      return expression.value ? notation.true : notation.false;
    case 'in': {
      const { slot, values, others } = expression;
      return values.length <= others.length
        ? joined(
            'any',
            values.map((value) => notation.isValue(slot, value)),
          )
        : joined(
            'all',
            others.map((value) => notation.isNotValue(slot, value)),
          );
    }
    case 'offers':
      return notation.offers(expression.slot, expression.message, expression.place ?? 0);
    case 'atMost':
      return notation.atMost(expression.slot, expression.count);
    case 'content':
      return joined('all', [notation.content(expression.slot, expression.messages)]);
    case 'not':
      return notation.not(write(expression.of, notation));
    default:
      return joined(
        expression.kind,
        expression.of.map((part) => write(part, notation, expression.kind)),
      );
  }
}

function inPieces<T>(list: readonly T[], length: number): T[][] {
  return Array.from({ length: Math.ceil(list.length / length) }, (_, at) => list.slice(at * length, (at + 1) * length));
}
