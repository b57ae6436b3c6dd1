import { expect, test } from 'vitest';
import { Configurations } from '../../src/validate/configurations.ts';

test('tells configurations apart by state, cut and binding, however many there are', () => {
  const known = new Configurations(2);
  const all: [state: Int32Array, cut: number, binding: number][] = [];
  for (let one = 0; one < 8; one++) {
    for (let two = 0; two < 8; two++) {
      for (let cut = 0; cut < 8; cut++) {
        for (let binding = 0; binding < 8; binding++) all.push([Int32Array.of(one, two), cut, binding]);
      }
    }
  }
  const numbers = all.map(([state, cut, binding], at) => known.add(state, cut, binding, at - 1, at % 5));
  expect(numbers).toEqual(all.map((_, at) => at));
  expect(
    all.map(([state, cut, binding]) => known.add(state, cut, binding, 0, 0)).every((number) => number === -1),
  ).toBe(true);
  for (const [number, [state, cut, binding]] of all.entries()) {
    expect([known.stateOf(number), known.cutOf(number), known.bindingOf(number)]).toEqual([state, cut, binding]);
  }
});

test('knows how each was reached first', () => {
  const known = new Configurations(1);
  known.add(Int32Array.of(0), 0, 0, -1, -1);
  known.add(Int32Array.of(1), 0, 0, 0, 7);
  known.add(Int32Array.of(2), 1, 0, 1, 3);
  known.add(Int32Array.of(2), 1, 0, 0, 9);
  expect(known.stepsTo(2)).toEqual([7, 3]);
  expect(known.depthOf(2)).toBe(2);
  expect(known.stepsTo(0)).toEqual([]);
});
