/** Which events may have happened first, when clocks differ by some microseconds. */
import { expect, it } from 'vitest';
import { orderOfFile, orderWithSkew } from '../../src/validate/order.ts';

const events = [
  { line: 2, ts: 1, cpu: 0 },
  { line: 3, ts: 1.00001, cpu: 1 },
];
const first = (skew: number) =>
  orderWithSkew('log', events, skew)
    .next(0)
    .map(({ record }) => record);

it('within the skew either may be the first, beyond it only the earlier one', () => {
  // Ten microseconds lie between them.
  expect([9, 11, 1e6].map(first)).toEqual([[0], [0, 1], [0, 1]]);
});

it('the order of the file has one next event, and then none', () => {
  const order = orderOfFile(1);
  expect([order.next(0), order.next(1), order.sizeOf(1)]).toEqual([[{ record: 0, cut: 1 }], [], 1]);
});
