/**
 * Plain data: what contexts and messages may consist of, and its canonical key.
 *
 * Two values get the same key exactly when they are equal as data; the order of object keys does not matter. Anything
 * whose identity or hidden state JSON would lose (a Map, a class instance, a function, an actor reference) is refused:
 * merging two different states silently is the one thing that a checker must never do.
 */
import { ModelError } from '../system/errors.ts';

/**
 * @param where how an error names the value, as `context of actor "smmu"`
 * @throws ModelError `not-plain-data` with the path of the first value that is not plain
 */
export function canonicalKey(value: unknown, where: string): string {
  return encode(value, where, [], true);
}

/** Like `canonicalKey`, but values whose keys are in another order get different keys. */
export function orderedKey(value: unknown): string {
  return encode(value, 'value', [], false);
}

function encode(value: unknown, path: string, ancestors: object[], sorted: boolean): string {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value);
    case 'boolean':
      return value ? 'true' : 'false';
    case 'undefined':
      return 'undefined';
    case 'bigint':
      return `${value}n`;
    case 'number':
      // NaN and the infinities keep their names, unlike in JSON; -0 and 0 are the same number to every guard but Object.is.
      return String(value === 0 ? 0 : value);
    case 'object':
      break;
    default:
      throw notPlain(path, `a ${typeof value}`);
  }
  if (value === null) return 'null';
  if (ancestors.includes(value)) throw notPlain(path, 'a cycle');
  const inside = [...ancestors, value];
  if (Array.isArray(value)) {
    // Such as the result of a regular expression, which carries more than its elements.
    if (Object.keys(value).length > value.length) throw notPlain(path, 'an array with properties of its own');
    return `[${Array.from(value, (item, index) => encode(item, `${path}[${index}]`, inside, sorted)).join(',')}]`;
  }
  const prototype = Object.getPrototypeOf(value);
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null) {
    throw notPlain(path, `an instance of ${prototype.constructor?.name ?? 'a class'}`);
  }
  if (Object.getOwnPropertySymbols(value).length > 0) throw notPlain(path, 'an object with a symbol key');
  const keys = sorted ? Object.keys(value).sort() : Object.keys(value);
  const parts: string[] = [];
  for (const key of keys) {
    const descriptor = Object.getOwnPropertyDescriptor(value, key)!;
    if (descriptor.get || descriptor.set) throw notPlain(`${path}.${key}`, 'an accessor');
    parts.push(`${JSON.stringify(key)}:${encode(descriptor.value, `${path}.${key}`, inside, sorted)}`);
  }
  return `{${parts.join(',')}}`;
}

function notPlain(path: string, got: string): ModelError {
  return new ModelError(
    'not-plain-data',
    `${path} is ${got}, not plain data`,
    'keep to numbers, strings, booleans, null, undefined, arrays and plain objects; use an array or object for a Map or Set',
  );
}

/** Freezes plain data all the way down, so that a machine that mutates its context fails at once instead of corrupting others. */
export function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const item of Object.values(value)) deepFreeze(item);
  }
  return value;
}
