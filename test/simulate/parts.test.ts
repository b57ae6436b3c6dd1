/** What the simulation is made of: the heap, random times, statistics. */

import { describe, expect, it } from 'vitest';
import { CLOCK_WORDS } from '../../src/simulate/clocks.ts';
import { compacted } from '../../src/simulate/compaction.ts';
import { EventHeap } from '../../src/simulate/event-heap.ts';
import { Streams } from '../../src/simulate/random.ts';
import { covers, estimate, studentQuantile } from '../../src/simulate/statistics.ts';
import { EFFECT_WORDS, LIST_WORDS, OPERATION_WORDS, STEP_WORDS } from '../../src/simulate/step-words.ts';
import { Samples } from '../../src/simulate/time-weighted.ts';
import { empirical, exponential, logNormal, meanOf, uniform } from '../../src/system/durations.ts';
import { DecisionTrees } from '../../src/tabulate/decision-trees.ts';
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

describe('quantiles', () => {
  it('are within half a percent of those of a sorted list', () => {
    const times = fc.array(fc.oneof(fc.constant(0), fc.double({ min: 1e-9, max: 1e9, noNaN: true })), { minLength: 1 });
    fc.assert(
      fc.property(times, fc.constantFrom(0.01, 0.5, 0.9, 0.99, 1), (values, share) => {
        const samples = new Samples();
        for (const value of values) samples.add(value);
        const sorted = [...values].sort((one, other) => one - other);
        const exact = sorted[Math.max(0, Math.ceil(share * values.length) - 1)]!;
        expect(Math.abs(samples.quantile(share) - exact)).toBeLessThanOrEqual(0.0051 * exact);
      }),
    );
  });

  it('of nothing are 0, and forget what was before', () => {
    const samples = new Samples();
    samples.add(7);
    samples.restart();
    expect(samples.quantile(0.5)).toBe(0);
    samples.add(9);
    expect(samples.quantile(0.5)).toBeCloseTo(9, 1);
  });
});

describe('the lists of steps', () => {
  it('are the same when they have been moved together', () => {
    const slots = 4;
    const words = fc.array(fc.nat({ max: 99 }), { maxLength: 2 });
    const step = fc.record({ clock: fc.nat(), delta: words, effects: words, operations: words });
    const leaf = fc.record({
      starter: fc.nat({ max: slots - 1 }),
      state: fc.array(fc.nat({ max: 5 }), { minLength: slots, maxLength: slots }),
      steps: fc.array(step, { maxLength: 3 }),
    });
    fc.assert(
      fc.property(fc.array(leaf, { maxLength: 30 }), (leaves) => {
        const trees = new DecisionTrees();
        const cells = Int32Array.from({ length: slots }, () => trees.cell());
        const { pool } = trees;
        const nothing = pool.push(0);
        const pushed = (list: number[], width: number, from = pool.length) => {
          pool.push(list.length);
          for (const word of list) for (let copy = 0; copy < width; copy++) pool.push(word);
          return from;
        };
        for (const { starter, state, steps } of leaves) {
          if (trees.leafBySlots(cells[starter]!, Int32Array.from(state)) >= 0) continue;
          const written = steps.flatMap(({ clock, delta, effects, operations }) => {
            const at = delta.length === 0 ? nothing : pushed(delta, 2);
            const extras = effects.length + operations.length === 0 ? 0 : pushed(effects, EFFECT_WORDS);
            if (extras > 0) pushed(operations, OPERATION_WORDS);
            return [clock, 1, at, extras, 0];
          });
          const list = pool.push(steps.length);
          pool.push(0);
          for (const word of written) pool.push(word);
          trees.grow(
            cells[starter]!,
            [starter, (starter + 1) % slots],
            [starter, (starter + 1) % slots].map((slot) => state[slot]!),
            list,
          );
        }
        const readAll = () =>
          leaves.map(({ starter, state }) => {
            const list = trees.leafBySlots(cells[starter]!, Int32Array.from(state));
            const { data } = pool;
            return Array.from({ length: data[list]! }, (_, at) => {
              const [clock, count, delta, extras] = data.subarray(
                list + LIST_WORDS + at * STEP_WORDS,
              ) as unknown as number[];
              const effects = extras === 0 ? 0 : 1 + EFFECT_WORDS * data[extras!]!;
              const end = extras === 0 ? 0 : extras! + effects + 1 + OPERATION_WORDS * data[extras! + effects]!;
              return [
                clock,
                count,
                ...data.subarray(delta!, delta! + 1 + 2 * data[delta!]!),
                ...data.subarray(extras!, end),
              ];
            });
          });
        const before = readAll();
        const moved = compacted(pool, cells, nothing);
        expect(moved.length).toBeLessThanOrEqual(pool.length);
        pool.data = moved.data;
        pool.length = moved.length;
        expect(readAll()).toEqual(before);
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
