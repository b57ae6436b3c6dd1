import { describe, expect, it } from 'vitest';
import { PairNumbers } from '../../../src/explore/liveness/pair-numbers.ts';
import { Budget, StoreFull } from '../../../src/explore/memory.ts';

/** All pairs of a square, so that tags are few for the many of them. */
function square(side: number) {
  return {
    count: side * side,
    firstOf: (state: number) => Math.floor(state / side),
    secondOf: (state: number) => state % side,
  };
}

describe('numbers of pairs', () => {
  it.each([1, 2, 30, 900])('finds each of a square of %i, though entries hold no pairs', (side) => {
    const pairs = square(side);
    let asked = 0;
    const counted = {
      ...pairs,
      firstOf: (state: number) => {
        asked++;
        return pairs.firstOf(state);
      },
    };
    const numbers = new PairNumbers(counted, new Budget());
    for (const _ of numbers.fill());
    asked = 0;
    let wrong = 0;
    for (let state = 0; state < pairs.count; state++) {
      if (numbers.numberOf(pairs.firstOf(state), pairs.secondOf(state)) !== state) wrong++;
    }
    expect(wrong).toBe(0);
    // Some entries have the tag of a pair that has gone past them: it happens, and seldom.
    if (side < 900) return;
    expect(asked).toBeGreaterThan(0);
    expect(asked).toBeLessThan(pairs.count / 100);
  });

  it('takes five bytes for each, and no more than it may', () => {
    const budget = new Budget();
    new PairNumbers(square(300), budget);
    expect(budget.bytes / 90_000).toBeLessThan(5.1);
    expect(() => new PairNumbers(square(300), new Budget(400_000))).toThrow(StoreFull);
  });
});
