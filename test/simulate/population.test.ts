/** Populations in the simulation: what they cost, which things are drawn, and what they cannot have. */
import { describe, expect, it } from 'vitest';
import type { AnyMachineSnapshot } from 'xstate';
import { Draws } from '../../src/simulate/draws.ts';
import { Streams } from '../../src/simulate/random.ts';
import { simulate } from '../../src/simulate/replications.ts';
import { Simulation } from '../../src/simulate/simulation.ts';
import { extendSystem } from '../../src/system/system.ts';
import type { DrawTiming, Timing } from '../../src/system/timing.ts';
import { CELL_TIMES, cells, guestTiming, pagedSystem, pagedTiming } from './paged.ts';

describe('a page', () => {
  const present = { actors: 'page*', value: (snapshot: AnyMachineSnapshot) => Number(snapshot.matches('present')) };

  it('costs a byte for each of its actors, and no activity', () => {
    const [few, many] = [512, 2 ** 20].map((pages) => {
      const timing = guestTiming(16, pages / 16);
      const simulation = new Simulation(pagedSystem(4, 16, false), timing, { gauges: { present } }, pages);
      const run = simulation.run({ seed: 1, time: 1e9, steps: 20_000 });
      expect(run.pending).toBeLessThanOrEqual(16 + 2 + 2);
      expect(run.gauges.present!.max).toBeGreaterThan(10);
      return { bytes: simulation.populationBytes, calls: simulation.tables.xstateTransitions };
    }) as [{ bytes: number; calls: number }, { bytes: number; calls: number }];
    expect(many.bytes - few.bytes).toBe(2 * (2 ** 20 - 512));
    expect(many.calls).toBeLessThan(2000);
  });

  it('that has something to do is pending, as all others that have', () => {
    const run = simulate(cells(3), CELL_TIMES, { seed: 1, time: 50, population: 3000 });
    expect(run.pending).toBeGreaterThan(3000);
    expect(run.steps).toBeGreaterThan(3000 * 25);
  });
});

describe('the things that are drawn', () => {
  function drawn({ order, from = 0, count = 8, exponent = 1 }: DrawTiming, times: number): number[] {
    const streams = new Streams(7);
    const draws = new Draws([{ order, from, count, exponent, stream: 0 }]);
    draws.start([[3, 0]], streams);
    return Array.from({ length: times }, () => {
      const thing = draws.current(3, 0);
      draws.next(3, 0, streams);
      return thing;
    });
  }

  it('come in turn, and from the first again after the last', () => {
    expect(drawn({ order: 'in turn', from: 5, count: 3 }, 7)).toEqual([5, 6, 7, 5, 6, 7, 5]);
  });

  it.each([
    ['uniform', 1, () => 1],
    ['zipf', 1, (rank: number) => 1 / rank],
    ['zipf', 0.5, (rank: number) => rank ** -0.5],
    ['zipf', 2.5, (rank: number) => rank ** -2.5],
  ] as const)('are as often as they should: %s, exponent %f', (order, exponent, weight) => {
    const [count, times] = [12, 60_000];
    const weights = Array.from({ length: count }, (_, at) => weight(at + 1));
    const total = weights.reduce((sum, one) => sum + one, 0);
    const all = drawn({ order, from: 100, count, exponent }, times);
    weights.forEach((one, at) => {
      const expected = (times * one) / total;
      const got = all.filter((thing) => thing === 100 + at).length;
      expect(Math.abs(got - expected)).toBeLessThan(4.5 * Math.sqrt(expected));
    });
  });

  it('of millions take no longer, and the first is the most likely one', () => {
    const all = drawn({ order: 'zipf', count: 2 ** 26 }, 20_000);
    // The sum of 1 / k to 2^26 is 18.6.
    expect(all.filter((thing) => thing === 0).length / 20_000).toBeCloseTo(1 / 18.6, 2);
    expect(Math.max(...all)).toBeGreaterThan(2 ** 25);
  });

  it('are what a device waits for', () => {
    const times = pagedTiming({
      read: { order: 'in turn', count: 2 },
      write: { order: 'in turn', from: 2, count: 1 },
      reclaim: { order: 'in turn', from: 3, count: 1 },
      isEven: true,
    });
    const counters = Object.fromEntries(
      [0, 1, 2, 3].map((at) => [`page${at}`, { type: 'MAP', to: `page${at}` }] as const),
    );
    const run = simulate(pagedSystem(4, 1), times, { seed: 1, time: 400, warmUp: 0, measures: { counters } });
    expect(Object.values(run.counters).map(({ count }) => count > 0)).toEqual([true, true, true, false]);
  });
});

describe('an error', () => {
  const draws = { order: 'uniform' as const };
  const paged = pagedTiming({ read: draws, write: draws, reclaim: draws, isEven: true });
  const withReads = (READ: object): Timing => ({
    ...paged,
    actors: { ...paged.actors, 'device*': { ...paged.actors!['device*'], READ } },
  });

  it.each<[string, () => unknown, string]>([
    [
      'a range that ends behind the last thing',
      () =>
        new Simulation(pagedSystem(3, 1), withReads({ takes: 1, draws: { ...draws, from: 10, count: 11 } }), {}, 20),
      'draws things 10 to 20, and the population has 20',
    ],
    [
      'an exponent of what has none',
      () => new Simulation(pagedSystem(3, 1), withReads({ takes: 1, draws: { ...draws, exponent: 2 } })),
      "draws has an exponent, and only the order 'zipf' has one",
    ],
    [
      'an order that is none',
      () => new Simulation(pagedSystem(3, 1), withReads({ takes: 1, draws: { order: 'random' } })),
      'order is "random", expected "uniform" or "in turn" or "zipf"',
    ],
    [
      'a choice that names nothing',
      () =>
        simulate(
          pagedSystem(3, 1),
          { ...paged, actors: { ...paged.actors, handler: { RUN: { takes: 1, draws } } } },
          { seed: 1, time: 100 },
        ),
      'the choice RUN of actor "handler" names, and {"type":"RUN"} names nothing of the population',
    ],
    [
      'a choice that may name any thing',
      () => simulate(pagedSystem(3, 1), withReads({ takes: 1 }), { seed: 1, time: 10, population: 50 }),
      'may name any thing of the population, expected `draws`',
    ],
    [
      'times for some members of a family',
      () => new Simulation(pagedSystem(3, 1), { ...paged, actors: { ...paged.actors, page1: { MAP: 1 } } }, {}, 50),
      'timing names "page1", which is some of the things of the population',
    ],
    [
      'units that are kept by some members of a family',
      () =>
        new Simulation(
          pagedSystem(3, 1),
          {
            ...paged,
            resources: { ...paged.resources, walker: { units: 1, keeps: { clock1: 'hot' } } },
            actors: { ...paged.actors, 'clock*': { '*': { uses: 'walker' } } },
          },
          {},
          50,
        ),
      'timing names "clock1", which is some of the things of the population',
    ],
    [
      'a gauge for some members of a family',
      () => new Simulation(pagedSystem(3, 1), paged, { gauges: { one: { actors: 'page1', value: () => 1 } } }, 50),
      'gauge "one" names "page1", which is some',
    ],
    [
      'a counter for some members of a family',
      () => new Simulation(pagedSystem(3, 1), paged, { counters: { one: { type: 'MAP', to: 'page1' } } }, 50),
      'counter "one" names "page1", which is some',
    ],
    [
      'a channel without an order',
      () => {
        const bag = { to: ['host'], types: ['RECLAIM'], order: 'unordered', capacity: 1 } as const;
        return new Simulation(extendSystem(pagedSystem(3, 1), { channels: { bag } }), paged, {}, 50);
      },
      'channel "bag" is not a queue',
    ],
    [
      'a log',
      () => simulate(pagedSystem(3, 1), paged, { seed: 1, time: 10, population: 50, log: true }),
      'a run of a population keeps no log',
    ],
    [
      'a schedule of what is drawn',
      () => simulate(pagedSystem(3, 1), paged, { seed: 1, time: 10, population: 50, schedule: true }),
      'keeps no schedule, where things are drawn',
    ],
  ])('is told for %s', (_, run, expected) => {
    expect(run).toThrow(expected);
  });
});
