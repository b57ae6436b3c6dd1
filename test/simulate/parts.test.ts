/** What the simulation is made of: the heap, random times, statistics. */

import { describe, expect, it } from 'vitest';
import { CLOCK_WORDS } from '../../src/simulate/clocks.ts';
import { empirical, exponential, logNormal, meanOf, uniform } from '../../src/simulate/durations.ts';
import { EventHeap } from '../../src/simulate/event-heap.ts';
import { Streams } from '../../src/simulate/random.ts';
import { covers, estimate, studentQuantile } from '../../src/simulate/statistics.ts';
import fc from '../fast-check.ts';

describe('the heap', () => {
  it('gives what a sorted list gives, also when things are taken out of its middle', () => {
    const operation = fc.oneof(
      fc.record({ what: fc.constant('add' as const), time: fc.integer({ min: 0, max: 5 }) }),
      fc.record({ what: fc.constant('take' as const) }),
      fc.record({ what: fc.constant('remove' as const), which: fc.nat() }),
    );
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 200 }), (operations) => {
        const heap = new EventHeap();
        const list: { item: number; time: number; order: number }[] = [];
        let order = 0;
        const spare = Array.from({ length: 250 }, (_, at) => at * CLOCK_WORDS);
        for (const todo of operations) {
          if (todo.what === 'add') {
            const added = { item: spare.pop()!, time: todo.time, order: order++ };
            list.push(added);
            list.sort((one, other) => one.time - other.time || one.order - other.order);
            heap.add(added.item, added.time, added.order);
          } else if (list.length > 0 && todo.what === 'take') {
            const { item, time } = list.shift()!;
            expect(heap.firstTime).toBe(time);
            expect(heap.takeFirst()).toBe(item);
            spare.push(item);
          } else if (list.length > 0 && todo.what === 'remove') {
            const { item } = list.splice(todo.which % list.length, 1)[0]!;
            heap.remove(item);
            spare.push(item);
          }
          expect(heap.size).toBe(list.length);
        }
        expect(list.map(() => heap.takeFirst())).toEqual(list.map(({ item }) => item));
      }),
    );
  });
});

describe('random times', () => {
  it.each([
    ['uniform', uniform(2, 6), 4 / Math.sqrt(12)],
    ['exponential', exponential(3), 3],
    ['log-normal', logNormal(4, 2), 2],
    ['empirical', empirical([1, 2, 6]), Math.sqrt(14 / 3)],
    ['empirical with weights', empirical([1, 5], [3, 1]), Math.sqrt(3)],
  ])('have the mean and the deviation of their distribution: %s', (_, distribution, deviation) => {
    const streams = new Streams(11);
    const drawn = Array.from({ length: 40_000 }, () => streams.draw(distribution, 0));
    const mean = drawn.reduce((sum, value) => sum + value, 0) / drawn.length;
    const squares = drawn.reduce((sum, value) => sum + (value - mean) ** 2, 0) / drawn.length;
    expect(Math.abs(mean - meanOf(distribution))).toBeLessThan((4 * deviation) / Math.sqrt(drawn.length));
    expect(Math.sqrt(squares) / deviation).toBeCloseTo(1, 1);
    expect(Math.min(...drawn)).toBeGreaterThanOrEqual(0);
  });

  it('of one stream do not depend on those of others, nor do neighbouring seeds give neighbouring numbers', () => {
    const [one, other] = [new Streams(1), new Streams(1)];
    other.uniform(0);
    expect(other.uniform(1)).toBe(one.uniform(1));
    const firsts = Array.from({ length: 1000 }, (_, seed) => new Streams(seed).uniform(0));
    const below = firsts.filter((first) => first < 0.5).length;
    expect(Math.abs(below - 500)).toBeLessThan(60);
    expect(new Set(firsts).size).toBe(1000);
  });
});

describe('statistics', () => {
  it('have the quantiles of Student that tables list', () => {
    for (const [probability, degrees, quantile] of [
      [0.975, 1, 12.706],
      [0.975, 2, 4.303],
      [0.995, 19, 2.861],
      [0.995, 4, 4.604],
      [0.95, 30, 1.697],
      [0.975, 9, 2.262],
    ] as const) {
      expect(studentQuantile(probability, degrees)).toBeCloseTo(quantile, 3);
    }
  });

  it('cover a mean as often as they say', () => {
    const streams = new Streams(2);
    const rounds = 2000;
    let covered = 0;
    for (let round = 0; round < rounds; round++) {
      const values = Array.from({ length: 10 }, () => streams.draw(uniform(0, 2), 0));
      if (covers(estimate(values, 0.9), 1)) covered++;
    }
    expect(covered / rounds).toBeCloseTo(0.9, 1);
  });

  it('say nothing of one run', () => {
    expect(() => estimate([1])).toThrow('expected at least 2');
  });
});
