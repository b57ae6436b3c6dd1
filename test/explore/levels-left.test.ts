import { expect, it } from 'vitest';
import { levelsLeft } from '../../src/explore/levels-left.ts';

/** Where levels of these sizes start. */
function startsOf(sizes: readonly number[]): number[] {
  const starts = [0];
  for (const size of sizes) starts.push(starts.at(-1)! + size);
  return starts;
}

it('tells nothing as long as levels grow, or have only begun to shrink', () => {
  expect(levelsLeft(startsOf([1]))).toBeUndefined();
  expect(levelsLeft(startsOf([1, 2, 4, 8, 16, 32]))).toBeUndefined();
  expect(levelsLeft(startsOf([1, 20, 400, 300, 200, 100]))).toBeUndefined();
  expect(levelsLeft(startsOf([16, 8, 9, 4, 2, 1]))).toBeUndefined();
  expect(levelsLeft(startsOf([16, 8, 8, 4, 2]))).toBeUndefined();
});

it('goes on as the last level did', () => {
  // 64 is followed by 32, 16, 8, 4, 2 and 1, so there are seven with it.
  expect(levelsLeft(startsOf([1, 1024, 512, 256, 128, 64]))).toBe(7);
  expect(levelsLeft(startsOf([5, 100, 50, 20, 5, 1]))).toBe(1);
});

it('is near the truth, and not below it, in the last third of a search', () => {
  // Steps to a choice of some of twenty things, one by one.
  const sizes: number[] = [];
  for (let chosen = 0, ways = 1; chosen <= 20; ways = (ways * (20 - chosen)) / (chosen + 1), chosen++) sizes.push(ways);
  for (let level = 15; level <= 20; level++) {
    const left = levelsLeft(startsOf(sizes.slice(0, level + 1)))!;
    expect(left).toBeGreaterThanOrEqual(21 - level);
    expect(left).toBeLessThanOrEqual(21 - level + 8);
  }
});
