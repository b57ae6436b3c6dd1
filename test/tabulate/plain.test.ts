import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { canonicalKey, deepFreeze, isSameOrder, orderedKey } from '../../src/tabulate/plain.ts';
import fc from '../fast-check.ts';

const key = (value: unknown) => canonicalKey(value, 'value');

/** Plain data of all kinds, without -0, which is refused. */
const plainData = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.string(),
    fc.double().map((number) => (number === 0 ? 0 : number)),
    fc.boolean(),
    fc.constantFrom(null, undefined),
    fc.bigInt(),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(fc.string(), tie('value'), { maxKeys: 4, noNullPrototype: true }),
  ),
})).value;

describe('a canonical key', () => {
  it('is equal for a copy whose keys are in another order', () => {
    fc.assert(fc.property(plainData, (value) => key(reversed(value)) === key(value)));
  });

  it('differs for different data', () => {
    // toEqual cannot tell undefined members from missing ones, so equality is by hand.
    fc.assert(fc.property(plainData, plainData, (a, b) => (key(a) === key(b)) === equal(a, b)));
    fc.assert(fc.property(fc.clone(plainData, 2), ([a, b]) => key(a) === key(b) && equal(a, b)));
  });

  it.each([
    [{ a: undefined }, {}],
    [[undefined], [null]],
    [[], {}],
    ['1', 1],
    [1n, 1],
    [Number.NaN, null],
    [Number.POSITIVE_INFINITY, 'Infinity'],
    [{ 'a"': 1 }, { a: 1 }],
    [{ a: '1,"b":2' }, { a: '1', b: 2 }],
    [
      [1, [2]],
      [[1], 2],
    ],
    ['undefined', undefined],
  ])('tells similar values apart (%#)', (a, b) => expect(key(a)).not.toBe(key(b)));

  it('takes one object in two places', () => {
    const shared = { x: 1 };
    expect(key({ a: shared, b: shared })).toBe(key({ a: { x: 1 }, b: { x: 1 } }));
  });

  it('is refused for what is not plain data, with its place', () => {
    const refused = (value: unknown) => () => canonicalKey(value, 'context of actor "smmu"');
    expect(refused({ queue: [1, new Set()] })).toThrow('context of actor "smmu".queue[1] is an instance of Set');
    expect(refused({ groups: Object.create(null) })).toThrow(
      '.groups is an object without a prototype, not plain data',
    );
    expect(refused({ at: new Date() })).toThrow('.at is an instance of Date');
    expect(refused({ inner: Object.create({ inherited: 1 }) })).toThrow('.inner is an instance of');
    expect(refused({ [Symbol('hidden')]: 1 })).toThrow('an object with a symbol key');
    expect(refused(Object.assign([1], { last: 1 }))).toThrow('an array with properties of its own');
    expect(refused({ n: [-0] })).toThrow('.n[0] is -0');
    expect(refused(Object.assign(new Array(3), { 0: 1, 2: 2 }))).toThrow('[1] is a hole in an array');
    expect(refused(Object.assign(new Array(3), { k: 1 }))).toThrow('[0] is a hole in an array');
    expect(refused(Object.defineProperty({}, 'k', { value: 1 }))).toThrow('an object with a hidden property');
    expect(refused(Object.defineProperty([1], 0, { get: () => 1 }))).toThrow('[0] is an accessor');
    expect(refused(new (class Queue extends Array {})())).toThrow('an instance of Queue');
    expect(refused(Object.setPrototypeOf([], null))).toThrow('an array without a prototype');
    class Rootless {}
    Object.setPrototypeOf(Rootless.prototype, null);
    expect(refused(new Rootless())).toThrow('an instance of Rootless');
  });

  it('takes objects and arrays of another realm', () => {
    expect(key(runInNewContext('({ a: [1, { b: 2 }] })'))).toBe(key({ a: [1, { b: 2 }] }));
  });

  it('is refused for what nests without end, and for nothing else', () => {
    const nested = (depth: number): unknown => Array.from({ length: depth }).reduce((inner) => ({ d: inner }), 1);
    expect(key(nested(256))).toContain('1');
    expect(() => key(nested(257))).toThrow('value.d nests more than 256 levels deep');
    expect(() => key(nested(20_000))).toThrow('nests more than 256 levels deep');
  });
});

describe('an ordered key', () => {
  it('differs where only the order of the keys does', () => {
    expect(orderedKey({ a: 1, b: { c: 1, d: 2 } })).not.toBe(orderedKey({ a: 1, b: { d: 2, c: 1 } }));
    expect(orderedKey({ a: [1] })).toBe(orderedKey({ a: [1] }));
  });
});

describe('the order of keys', () => {
  it('is told apart wherever it differs', () => {
    expect(isSameOrder({ a: 1, b: 2 }, { b: 2, a: 1 })).toBe(false);
    expect(isSameOrder([1, { a: 1, b: { c: 1, d: 2 } }], [1, { a: 1, b: { d: 2, c: 1 } }])).toBe(false);
    expect(isSameOrder({ a: [{ b: 1, c: null }] }, { a: [{ b: 1, c: null }] })).toBe(true);
    fc.assert(
      fc.property(plainData, (value) => {
        expect(isSameOrder(value, reversed(value))).toBe(orderedKey(value) === orderedKey(reversed(value)));
      }),
    );
  });
});

describe('freezing', () => {
  it('goes all the way down, also through what is frozen', () => {
    const value = deepFreeze({ a: [{ b: 1 }], c: Object.freeze({ d: { e: 1 } }) });
    expect(Object.isFrozen(value.a[0])).toBe(true);
    expect(Object.isFrozen(value.c.d)).toBe(true);
  });

  it('leaves the keys as they are', () => {
    fc.assert(
      fc.property(plainData, (value) => {
        const copy = structuredClone(value);
        deepFreeze(value);
        expect(key(value)).toBe(key(copy));
        expect(key({ z: value, a: 1 })).toBe(key({ a: 1, z: copy }));
        expect(orderedKey(value)).toBe(orderedKey(copy));
      }),
    );
  });
});

function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([name, item]) => [name, reversed(item)]),
  );
}

function equal(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const names = Object.keys(a);
  const same = names.every((name) => Object.hasOwn(b, name) && equal(Reflect.get(a, name), Reflect.get(b, name)));
  return same && names.length === Object.keys(b).length;
}
