import { isDeepStrictEqual } from 'node:util';
import { describe, expect, test } from 'vitest';
import { decodePlain, encodePlain, parseJson } from '../../src/trace/plain-json.ts';
import fc from '../fast-check.ts';

/** All that contexts and messages may hold, and -0, which they may not. */
const plain: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  leaf: fc.oneof(
    fc.string(),
    fc.string({ unit: 'binary' }),
    fc.double(),
    fc.constantFrom(0, -0, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY),
    fc.bigInt(),
    fc.boolean(),
    fc.constant(null),
    fc.constant(undefined),
  ),
  key: fc.oneof(
    fc.string(),
    fc.constantFrom('#bigint', '#number', '#undefined', '#object', '#', '__proto__', 'constructor', 'toJSON'),
  ),
  object: fc
    .array(fc.tuple(tie('key') as fc.Arbitrary<string>, tie('value')), { maxLength: 4 })
    .map((entries) => Object.fromEntries(entries)),
  value: fc.oneof({ depthSize: 'small' }, tie('leaf'), fc.array(tie('value'), { maxLength: 4 }), tie('object')),
})).value;

describe('plain data as JSON', () => {
  test('comes back as it was', () => {
    fc.assert(
      fc.property(plain, (value) => {
        // Not by toStrictEqual, which asks an object for its constructor.
        expect(isDeepStrictEqual(decodePlain(JSON.parse(JSON.stringify(encodePlain(value)))), value)).toBe(true);
      }),
      { numRuns: 1000, seed: 13 },
    );
  });

  test.each<[unknown, string]>([
    [12n, '{"#bigint":"12"}'],
    [{ x: undefined }, '{"x":{"#undefined":true}}'],
    [[Number.NaN, Number.NEGATIVE_INFINITY, -0], '[{"#number":"NaN"},{"#number":"-Infinity"},{"#number":"-0"}]'],
    [{ '#bigint': '12' }, '{"#object":{"#bigint":"12"}}'],
    [{ plain: [1, 'a', null, true] }, '{"plain":[1,"a",null,true]}'],
  ])('%o is %s', (value, text) => {
    expect(JSON.stringify(encodePlain(value))).toBe(text);
  });

  test.each([
    '{"#bigint":"twelve"}',
    '{"#number":"12"}',
    '{"#bigint":12}',
    '{"#undefined":false}',
    '{"#bigint":"1","x":1}',
  ])('%s is no encoding, and stays as it is', (text) => {
    expect(JSON.stringify(decodePlain(JSON.parse(text)))).toBe(text);
  });
});

test('what is nested so deeply that nothing could walk it is refused', () => {
  const nested = (depth: number) => `${'['.repeat(depth)}0${']'.repeat(depth)}`;
  expect(() => parseJson(nested(5000))).toThrow('nested more than 1000 levels deep');
  expect(() => parseJson(`${'{"a":'.repeat(5000)}0${'}'.repeat(5000)}`)).toThrow(SyntaxError);
  expect(() => parseJson('[0')).toThrow(SyntaxError);
  expect(decodePlain(parseJson(nested(900)))).toHaveLength(1);
});
