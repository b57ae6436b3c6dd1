/**
 * What the language itself provides to all code of a thread: `Date`, `Array.prototype.push`. A user's module shares it with the
 * search, so what it takes away or replaces there is missing here as well.
 *
 * Nothing below calls what may be gone: the few functions that it needs are kept before a module is loaded.
 */
import { ModelError } from '../system/errors.ts';

const { defineProperty, getOwnPropertyDescriptor, getPrototypeOf, ownKeys } = Reflect;
const { is } = Object;

/** One property, as it was when it was kept. */
interface Kept {
  readonly owner: object;
  readonly key: PropertyKey;
  readonly name: string;
  readonly descriptor: PropertyDescriptor;
}

/** Everyone may replace them, and the search asks none of them. */
const FREE: ReadonlySet<PropertyKey> = new Set(['console', 'globalThis', 'global', 'process', 'navigator']);

let kept: Kept[] | undefined;

/** Keeps what there is now, once. */
export function keepIntrinsics(): void {
  if (kept) return;
  const found: Kept[] = [];
  const seen = new Set<object>();
  const keepAll = (owner: object, name: string, depth: number): void => {
    if (seen.has(owner)) return;
    seen.add(owner);
    for (const key of ownKeys(owner)) {
      if (owner === globalThis && FREE.has(key)) continue;
      const descriptor = getOwnPropertyDescriptor(owner, key)!;
      const text = typeof key === 'symbol' ? `[${key.description}]` : key;
      found.push({ owner, key, name: name === '' ? text : `${name}.${text}`, descriptor });
      const { value } = descriptor as { value?: unknown };
      const isObject = (typeof value === 'object' && value !== null) || typeof value === 'function';
      // Deeper lie the functions of prototypes, which have nothing of their own that anybody changes.
      if (isObject && depth > 0 && key !== 'constructor') keepAll(value as object, found.at(-1)!.name, depth - 1);
    }
  };
  keepAll(globalThis, '', 2);
  // What is reached by no name.
  const unnamed: readonly (readonly [string, object])[] = [
    ['the iterators of arrays', getPrototypeOf([][Symbol.iterator]())!],
    ['the iterators of maps', getPrototypeOf(new Map().entries())!],
    ['the iterators of sets', getPrototypeOf(new Set().values())!],
    ['the iterators of texts', getPrototypeOf(''[Symbol.iterator]())!],
    ['generators', getPrototypeOf(function* () {}.prototype as object)!],
    ['typed arrays', getPrototypeOf(Int32Array)!],
    ['typed arrays', getPrototypeOf(Int32Array.prototype)!],
  ];
  for (const [name, owner] of unnamed) keepAll(owner, name, 1);
  kept = found;
}

/** As when it is frozen; and Node makes some of its own only when they are asked for the first time, `fetch` for one. */
function isAsGood(now: PropertyDescriptor, before: PropertyDescriptor): boolean {
  if (before.get && !now.get) return now.value !== undefined && now.value !== null;
  return is(now.value, before.value) && now.get === before.get && now.set === before.set;
}

/**
 * Puts back what has been taken away or replaced since `keepIntrinsics`. What was added may stay.
 *
 * @returns the name of the first that was
 */
export function restoreIntrinsics(): string | undefined {
  let first: string | undefined;
  if (!kept) return undefined;
  for (let at = 0; at < kept.length; at++) {
    const { owner, key, name, descriptor } = kept[at]!;
    const now = getOwnPropertyDescriptor(owner, key);
    if (now && isAsGood(now, descriptor)) continue;
    first ??= name;
    defineProperty(owner, key, descriptor);
  }
  return first;
}

/** @param name of what was */
export function replacedError(name: string): ModelError {
  return new ModelError(
    'exception',
    `it removes or replaces ${name}, which the search shares with it`,
    'leave what JavaScript provides as it is; names of your own may be added to it',
  );
}
