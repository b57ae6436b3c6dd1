/**
 * What the parts of a definition look like, as data: which keys they have, and what belongs there. TypeScript says the same, but
 * only to those who use it, and a misspelt key that nobody reads is a property that nobody checks.
 */
import { closest, ModelError } from './errors.ts';

/** What belongs at a place of a definition. */
export interface Shape {
  /** As a part of a sentence: `a list of event types`. */
  readonly expected: string;
  /** A value that may be left out. */
  readonly isOptional?: boolean;
  /** @param place how errors speak of it, as `channel "link": order`. @throws ModelError `bad-definition` */
  check(value: unknown, place: string): void;
}

/** @throws ModelError `bad-definition` that says what is wrong, where, and what was meant */
export function checkShape(value: unknown, shape: Shape, place: string): void {
  shape.check(value, place);
}

/** What a test tells from anything else. */
export function shape(expected: string, is: (value: unknown) => boolean): Shape {
  return {
    expected,
    check(value, place) {
      if (!is(value)) throw misfit(value, expected, place);
    },
  };
}

/** One of these words. */
export function oneOf(...words: readonly string[]): Shape {
  const expected = words.map((word) => `"${word}"`).join(' or ');
  return {
    expected,
    check(value, place) {
      if (words.includes(value as string)) return;
      const guess = typeof value === 'string' ? closest(value, words) : undefined;
      throw misfit(value, expected, place, guess && `did you mean "${guess}"?`);
    },
  };
}

export function listOf(expected: string, item: Shape): Shape {
  return {
    expected,
    check(value, place) {
      if (!Array.isArray(value)) throw misfit(value, expected, place);
      // Not `forEach`, which leaves holes out.
      for (let index = 0; index < value.length; index++) item.check(value[index], `${place}[${index}]`);
    },
  };
}

/** By names that the modeller chooses. */
export function mapOf(expected: string, item: Shape): Shape {
  return {
    expected,
    check(value, place) {
      if (!isObject(value)) throw misfit(value, expected, place);
      for (const [name, inner] of Object.entries(value)) item.check(inner, `${place}.${name}`);
    },
  };
}

/** These keys and no others. Symbols are not looked at. */
export function fields(expected: string, keys: Readonly<Record<string, Shape>>): Shape {
  const known = Object.keys(keys);
  return {
    expected,
    check(value, place) {
      if (!isObject(value)) throw misfit(value, expected, place);
      const strange = Object.keys(value).filter((key) => !Object.hasOwn(keys, key));
      if (strange.length > 0) throw unknownKeys(strange, known, place);
      for (const [key, inner] of Object.entries(keys)) {
        const part = (value as Record<string, unknown>)[key];
        if (part === undefined && inner.isOptional) continue;
        inner.check(part, `${place}: ${key}`);
      }
    },
  };
}

export function optional(inner: Shape): Shape {
  return { ...inner, isOptional: true };
}

/** Whatever fits one of them; an error is that of the one whose turn it is by the kind of value. */
export function either(expected: string, isFirst: (value: unknown) => boolean, first: Shape, second: Shape): Shape {
  return { expected, check: (value, place) => (isFirst(value) ? first : second).check(value, place) };
}

export const ANYTHING: Shape = { expected: 'anything', isOptional: true, check: () => {} };
export const TEXT = shape('a string', (value) => typeof value === 'string');
export const NAME = shape('a string that is not empty', (value) => typeof value === 'string' && value !== '');
export const FUNCTION = shape('a function', isFunction);

export function isFunction(value: unknown): boolean {
  return typeof value === 'function';
}

export function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function bad(message: string, hint = ''): ModelError {
  return new ModelError('bad-definition', message, hint);
}

function misfit(value: unknown, expected: string, place: string, hint = ''): ModelError {
  const got = value === undefined ? 'is missing' : `is ${described(value)}`;
  return bad(`${place} ${got}, expected ${expected}`, hint);
}

function unknownKeys(strange: readonly string[], known: readonly string[], place: string): ModelError {
  const guesses = strange.flatMap((key) => closest(key, known) ?? []);
  const names = strange.map((key) => `"${key}"`).join(', ');
  return bad(
    `${place} has the unknown ${strange.length === 1 ? 'key' : 'keys'} ${names}`,
    guesses.length === strange.length
      ? `did you mean ${guesses.map((guess) => `"${guess}"`).join(', ')}?`
      : `it can have: ${known.join(', ')}`,
  );
}

/** A value within a sentence; one that holds others is told by its kind. */
export function described(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value);
  if (typeof value === 'function') return 'a function';
  if (Array.isArray(value)) return 'a list';
  if (typeof value !== 'object' || value === null) return String(value);
  return value instanceof Promise ? 'a Promise' : 'an object';
}
