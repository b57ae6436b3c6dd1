import { describe, expect, it } from 'vitest';
import { canonicalKey, deepFreeze, orderedKey } from '../../src/tabulate/plain.ts';
import fc from '../fast-check.ts';

const key = (value: unknown) => canonicalKey(value, 'value');

/** Plain data of all kinds, without -0, which counts as 0. */
const plainData = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.string(),
    fc.double().map((number) => (number === 0 ? 0 : number)),
    fc.boolean(),
    fc.constantFrom(null, undefined),
    fc.bigInt(),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(fc.string(), tie('value'), { maxKeys: 4, noNullPrototype: false }),
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

  it('counts -0 and 0 as the same number, an array with holes as one with undefined', () => {
    expect(key(-0)).toBe(key(0));
    expect(key(new Array(2))).toBe(key([undefined, undefined]));
  });

  it('takes objects without a prototype, and one object in two places', () => {
    const shared = { x: 1 };
    expect(key(Object.assign(Object.create(null), { a: shared, b: shared }))).toBe(key({ a: { x: 1 }, b: { x: 1 } }));
  });

  it('is refused for what is not plain data, with its place', () => {
    const refused = (value: unknown) => () => canonicalKey(value, 'context of actor "smmu"');
    expect(refused({ queue: [1, new Set()] })).toThrow('context of actor "smmu".queue[1] is an instance of Set');
    expect(refused({ at: new Date() })).toThrow('.at is an instance of Date');
    expect(refused({ inner: Object.create({ inherited: 1 }) })).toThrow('.inner is an instance of');
    expect(refused({ [Symbol('hidden')]: 1 })).toThrow('an object with a symbol key');
    expect(refused(Object.assign([1], { last: 1 }))).toThrow('an array with properties of its own');
  });
});

describe('an ordered key', () => {
  it('differs where only the order of the keys does', () => {
    expect(orderedKey({ a: 1, b: { c: 1, d: 2 } })).not.toBe(orderedKey({ a: 1, b: { d: 2, c: 1 } }));
    expect(orderedKey({ a: [1] })).toBe(orderedKey({ a: [1] }));
  });
});

describe('freezing', () => {
  it('goes all the way down, and stops at what is frozen', () => {
    const value = deepFreeze({ a: [{ b: 1 }], c: Object.freeze({ d: { e: 1 } }) });
    expect(Object.isFrozen(value.a[0])).toBe(true);
    expect(Object.isFrozen(value.c.d)).toBe(false);
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
