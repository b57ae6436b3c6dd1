/** A list that has some things only under a condition. */
import { expect, test } from 'vitest';
import { when } from '../../../machines/parts/when.ts';

test('has them when it is so, in their order, and nothing in their place when it is not', () => {
  expect(['a', ...when(true, 'b', 'c'), 'd']).toEqual(['a', 'b', 'c', 'd']);
  expect(['a', ...when(false, 'b', 'c'), 'd']).toEqual(['a', 'd']);
});
