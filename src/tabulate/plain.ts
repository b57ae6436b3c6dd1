/**
 * Plain data: what contexts and messages may consist of, and its canonical key.
 *
 * Two values get the same key exactly when they are equal as data; the order of object keys does not matter. Anything
 * whose identity or hidden state the key would lose (a Map, a class instance, a function, an actor reference, -0, a hole in an
 * array, a hidden property) is refused: merging two different states silently is the one thing that a checker must never do.
 */
import { ModelError } from '../system/errors.ts';

/** Contexts are small; what nests deeper than this is a mistake, and recursion has an end. */
const DEPTH_MAX = 256;

/**
 * @param where how an error names the value, as `context of actor "smmu"`
 * @throws ModelError `not-plain-data` with the path of the first value that is not plain
 */
export function canonicalKey(value: unknown, where: string): string {
  return new Encoder(where, true).encode(value);
}

/** Like `canonicalKey`, but values whose keys are in another order get different keys. */
export function orderedKey(value: unknown): string {
  return new Encoder('value', false).encode(value);
}

/** Whether two values with one canonical key list their keys in one order. */
export function isSameOrder(one: unknown, other: unknown): boolean {
  if (one === other || typeof one !== 'object' || one === null) return true;
  if (Array.isArray(one)) return one.every((item, index) => isSameOrder(item, (other as unknown[])[index]));
  const members = one as Record<string, unknown>;
  const others = other as Record<string, unknown>;
  const keys = Object.keys(others);
  return Object.keys(members).every((key, index) => key === keys[index] && isSameOrder(members[key], others[key]));
}

/**
 * Writes a value down. What is frozen all the way down was found to be plain before that, and is so for ever: of its members nothing but
 * their values is looked at.
 */
class Encoder {
  readonly #where: string;
  readonly #sorted: boolean;
  /** The objects around the value at hand, and its place in them. */
  readonly #around: object[] = [];
  readonly #place: (string | number)[] = [];

  constructor(where: string, sorted: boolean) {
    this.#where = where;
    this.#sorted = sorted;
  }

  encode(value: unknown): string {
    switch (typeof value) {
      case 'string':
        return quoted(value);
      case 'boolean':
        return value ? 'true' : 'false';
      case 'undefined':
        return 'undefined';
      case 'bigint':
        return `${value}n`;
      case 'number':
        if (Object.is(value, -0)) throw this.#notPlain('-0', 'add 0 to what may be -0: `-0 + 0` is 0');
        // NaN and the infinities keep their names, unlike in JSON.
        return String(value);
      case 'object':
        return value === null ? 'null' : this.#object(value);
      default:
        throw this.#notPlain(`a ${typeof value}`);
    }
  }

  #object(value: object): string {
    if (this.#around.includes(value)) throw this.#notPlain('a cycle');
    if (this.#around.length === DEPTH_MAX) throw this.#tooDeep();
    this.#around.push(value);
    const key = Array.isArray(value) ? this.#items(value) : this.#members(value);
    this.#around.pop();
    return key;
  }

  #items(list: readonly unknown[]): string {
    if (!isPrototype(Object.getPrototypeOf(list), 'Array')) throw this.#notPlain(instanceText(list));
    const isKnown = deeplyFrozen.has(list);
    let text = '[';
    for (let index = 0; index < list.length; index++) {
      this.#place.push(index);
      if (index > 0) text += ',';
      text += this.encode(isKnown ? list[index] : this.#member(list, index, 'a hole in an array'));
      this.#place.pop();
    }
    // Beside its items it has its length. The result of a regular expression, for one, carries more.
    if (!isKnown && Reflect.ownKeys(list).length > list.length + 1) {
      throw this.#notPlain('an array with properties of its own');
    }
    return `${text}]`;
  }

  #members(value: object): string {
    const isKnown = deeplyFrozen.has(value);
    const keys = isKnown ? Object.keys(value) : this.#keysOf(value);
    if (this.#sorted) keys.sort();
    let text = '{';
    for (const key of keys) {
      this.#place.push(key);
      if (text.length > 1) text += ',';
      text += `${quoted(key)}:`;
      text += this.encode(isKnown ? (value as Record<string, unknown>)[key] : this.#member(value, key, 'missing'));
      this.#place.pop();
    }
    return `${text}}`;
  }

  #keysOf(value: object): string[] {
    const prototype: unknown = Object.getPrototypeOf(value);
    // Where it comes from is no part of the key, and `{}` has methods that it has not.
    if (prototype === null) throw this.#notPlain('an object without a prototype', 'copy it: `{ ...object }`');
    if (!isPrototype(prototype, 'Object')) throw this.#notPlain(instanceText(value));
    const keys = Object.keys(value);
    if (Reflect.ownKeys(value).length > keys.length) {
      const isSymbol = Object.getOwnPropertySymbols(value).length > 0;
      throw this.#notPlain(isSymbol ? 'an object with a symbol key' : 'an object with a hidden property');
    }
    return keys;
  }

  #member(owner: object, key: string | number, ifMissing: string): unknown {
    const descriptor = Object.getOwnPropertyDescriptor(owner, key);
    if (!descriptor) throw this.#notPlain(ifMissing, 'write undefined or null where there is nothing');
    if (descriptor.get || descriptor.set) throw this.#notPlain('an accessor');
    if (!descriptor.enumerable) throw this.#notPlain('a hidden property');
    return descriptor.value;
  }

  #pathTo(depth: number): string {
    const parts = this.#place.slice(0, depth).map((part) => (typeof part === 'number' ? `[${part}]` : `.${part}`));
    return this.#where + parts.join('');
  }

  #notPlain(got: string, hint = PLAIN_HINT): ModelError {
    return new ModelError('not-plain-data', `${this.#pathTo(this.#place.length)} is ${got}, not plain data`, hint);
  }

  #tooDeep(): ModelError {
    return new ModelError('not-plain-data', `${this.#pathTo(1)} nests more than ${DEPTH_MAX} levels deep`, DEEP_HINT);
  }
}

/** Names and words come again and again: to look one up is faster than to quote it. */
const quotedTexts = new Map<string, string>();
const QUOTED_LENGTH_MAX = 64;
const QUOTED_MAX = 2 ** 12;

function quoted(text: string): string {
  if (text.length > QUOTED_LENGTH_MAX) return JSON.stringify(text);
  let quoted = quotedTexts.get(text);
  if (quoted === undefined) {
    quoted = JSON.stringify(text);
    if (quotedTexts.size < QUOTED_MAX) quotedTexts.set(text, quoted);
  }
  return quoted;
}

/** What to do about data that nests too deep. */
export const DEEP_HINT = 'keep contexts and messages small and flat: a list as an array, not as objects in objects';

const PLAIN_HINT =
  'keep to numbers, bigints, strings, booleans, null, undefined, arrays and plain objects; use an array or object for a Map or Set';

const OWN_PROTOTYPES = { Object: Object.prototype, Array: Array.prototype } as const;

/**
 * Whether this is `Object.prototype` or `Array.prototype`, of whatever realm: what comes from a worker or a `vm` context has
 * others. That it has no prototype of its own does not suffice, for so may a class's.
 */
function isPrototype(prototype: unknown, name: 'Object' | 'Array'): boolean {
  if (prototype === OWN_PROTOTYPES[name]) return true;
  if (typeof prototype !== 'object' || prototype === null) return false;
  const maker: unknown = Object.getOwnPropertyDescriptor(prototype, 'constructor')?.value;
  return (
    typeof maker === 'function' &&
    maker.prototype === prototype &&
    Function.prototype.toString.call(maker) === `function ${name}() { [native code] }`
  );
}

function instanceText(value: object): string {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === null) return 'an array without a prototype';
  const name: unknown = (prototype as { constructor?: { name?: unknown } }).constructor?.name;
  return `an instance of ${typeof name === 'string' && name !== '' ? name : 'a class'}`;
}

/** What has been frozen all the way down; that something is frozen says nothing about what is in it. */
const deeplyFrozen = new WeakSet<object>();

/**
 * Freezes data all the way down, so that a machine that mutates its context fails at once instead of corrupting others.
 *
 * @param value has a canonical key: from now on it is taken for plain data without another look
 */
export function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !deeplyFrozen.has(value)) {
    deeplyFrozen.add(value);
    Object.freeze(value);
    for (const item of Object.values(value)) deepFreeze(item);
  }
  return value;
}

/** A copy of plain data that may be written to and shares nothing with it. */
export function copyOf<T>(value: T): T {
  return copied(value, (keys) => keys) as T;
}

/** Such a copy with the keys of all objects in the reverse order. */
export function reversedCopyOf<T>(value: T): T {
  return copied(value, (keys) => keys.reverse()) as T;
}

const OWN_MEMBER = { writable: true, enumerable: true, configurable: true } as const;

function copied(value: unknown, order: (keys: string[]) => string[]): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => copied(item, order));
  const prototype: unknown = Object.getPrototypeOf(value);
  const copy: Record<string, unknown> = prototype === Object.prototype ? {} : Object.create(prototype as object | null);
  for (const key of order(Object.keys(value))) {
    const member = copied((value as Record<string, unknown>)[key], order);
    // An assignment would take it for the prototype.
    if (key === '__proto__') Object.defineProperty(copy, key, { value: member, ...OWN_MEMBER });
    else copy[key] = member;
  }
  return copy;
}
