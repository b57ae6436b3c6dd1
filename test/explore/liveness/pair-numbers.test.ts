import { describe, expect, it } from 'vitest';
import { entriesFor, PairNumbers } from '../../../src/explore/liveness/pair-numbers.ts';

/** All pairs of a square, so that tags are few for the many of them. */
function square(side: number) {
  return {
    count: side * side,
    rowOf: (state: number) => Math.floor(state / side),
    columnOf: (state: number) => state % side,
  };
}

describe('numbers of pairs', () => {
  it.each([1, 2, 30, 900])('finds each of a square of %i, though entries hold no pairs', (side) => {
    const pairs = square(side);
    let asked = 0;
    const counted = {
      ...pairs,
      rowOf: (state: number) => {
        asked++;
        return pairs.rowOf(state);
      },
    };
    const numbers = new PairNumbers(counted, new Int32Array(entriesFor(pairs.count)), true);
    for (let state = 0; state < pairs.count; state++) numbers.add(state, pairs.rowOf(state), pairs.columnOf(state));
    let wrong = 0;
    for (let state = 0; state < pairs.count; state++) {
      if (numbers.numberOf(pairs.rowOf(state), pairs.columnOf(state)) !== state) wrong++;
    }
    expect(wrong).toBe(0);
    // Some entries have the tag of a pair that has gone past them: it happens, and seldom.
    if (side < 900) return;
    expect(asked).toBeGreaterThan(0);
    expect(asked).toBeLessThan(pairs.count / 100);
  });

  it('takes five bytes for each', () => {
    expect((4 * entriesFor(90_000)) / 90_000).toBeLessThan(5.1);
  });
});
