/** The two sources of steps against each other: without a population on random systems, with one on systems of hand. */
import { expect, it } from 'vitest';
import type { AnyMachineSnapshot } from 'xstate';
import { Simulation } from '../../src/simulate/simulation.ts';
import { ModelError } from '../../src/system/errors.ts';
import type { System } from '../../src/system/system.ts';
import type { Timing } from '../../src/system/timing.ts';
import { replaySchedule } from '../../src/trace/replay.ts';
import fc from '../fast-check.ts';
import { buildSystem, type SystemSpec, systemSpecs } from '../random-systems.ts';
import { keptIn } from './naive-simulation.ts';
import { CELL_TIMES, cells, PAGED_MEASURES, pagedSystem, pagedTiming } from './paged.ts';

const times = fc.constantFrom(0.5, 1, 1, 2, 3, 5);
const timings = fc.record({
  actors: fc.array(
    fc.record({
      takes: times,
      usesCpu: fc.boolean(),
      atStart: fc.boolean(),
      weight: fc.constantFrom(undefined, undefined, 1, 2),
      isRandom: fc.boolean(),
    }),
    { minLength: 8, maxLength: 8 },
  ),
  cpu: fc.record({
    units: fc.constantFrom(1, 2),
    wakeUp: fc.constantFrom(0, 0.5),
    keeps: fc.oneof(fc.boolean(), fc.nat({ max: 2 ** 30 - 1 })),
  }),
  latencies: fc.array(fc.constantFrom(0, 1, 2, 10), { minLength: 8, maxLength: 8 }),
});

type Options = typeof timings extends fc.Arbitrary<infer T> ? T : never;

function timingOf(system: System, options: Options): Timing {
  const { actors, channels } = system;
  const { keeps } = options.cpu;
  const states = typeof keeps === 'number' ? keptIn(system, keeps) : [];
  const kept = Object.keys(actors).flatMap((name, at) =>
    options.actors[at]!.usesCpu && states[at]?.length ? [[name, states[at]] as const] : [],
  );
  return {
    unit: 'ms',
    resources: { cpu: { ...options.cpu, keeps: typeof keeps === 'number' ? Object.fromEntries(kept) : keeps } },
    actors: Object.fromEntries(
      Object.keys(actors).map((name, at) => {
        const { takes, usesCpu, atStart, weight, isRandom } = options.actors[at]!;
        return [
          name,
          {
            '*': {
              takes: isRandom ? { kind: 'exponential', mean: takes } : takes,
              effect: atStart ? 'start' : 'end',
              ...(usesCpu && { uses: 'cpu' }),
              ...(weight !== undefined && { weight }),
            },
          },
        ];
      }),
    ),
    channels: Object.fromEntries(
      Object.entries(channels).map(([name, { lossy, duplicating }], at) => [
        name,
        { latency: options.latencies[at]!, ...(lossy && { loses: 0.2 }), ...(duplicating && { duplicates: 0.2 }) },
      ]),
    ),
  };
}

function outcome<T>(run: () => T): T | string {
  try {
    return run();
  } catch (error) {
    if (error instanceof ModelError) return `${error.code}: ${error.message}`;
    throw error;
  }
}

/** Without what a population cannot have. */
function queuesOnly(spec: SystemSpec): SystemSpec {
  return {
    ...spec,
    starts: [],
    // What must always hold is not looked at with a population.
    properties: spec.properties.filter(({ kind }) => kind !== 'always'),
    channels: spec.channels.map((channel) => ({
      ...channel,
      order: 'fifo',
      competing: false,
      lossy: Boolean(channel.lossy),
      duplicating: Boolean(channel.duplicating),
    })),
  } as SystemSpec;
}

it('are the same run on random systems', () => {
  let compared = 0;
  let steps = 0;
  const runs = Number(process.env.FAULTLINE_RANDOM_SYSTEMS ?? 150);
  fc.assert(
    fc.property(systemSpecs, timings, (spec, options) => {
      const system = buildSystem(queuesOnly(spec));
      const timing = timingOf(system, options);
      const run = { seed: 3, time: 1000, steps: 80, warmUp: 0, schedule: true };
      const plain = outcome(() => new Simulation(system, timing).run(run));
      const lifted = outcome(() => new Simulation(system, timing, {}, 0).run(run));
      if (typeof lifted === 'string' && /not-liftable|history/.test(lifted)) return;
      expect(lifted).toEqual(plain);
      if (typeof plain === 'string') return;
      compared++;
      steps += plain.steps;
    }),
    { numRuns: runs },
  );
  expect(compared).toBeGreaterThan(runs / 4);
  expect(steps).toBeGreaterThan(10 * compared);
});

it.each([
  [4, true],
  [7, true],
  [12, false],
  [20, false],
])('are the same run of devices that touch %i pages, even times: %s', (pages, isEven) => {
  const timing = pagedTiming({
    read: { order: 'zipf', exponent: 1.2 },
    write: { order: 'uniform', from: 1, count: pages - 1 },
    reclaim: { order: 'in turn' },
    isEven,
  });
  const plain = new Simulation(pagedSystem(pages, 3), timing, PAGED_MEASURES);
  const lifted = new Simulation(pagedSystem(4, 3), timing, PAGED_MEASURES, pages);
  for (const seed of [1, 2]) {
    const run = { seed, time: 1000, steps: 1000 };
    const expected = plain.run({ ...run, schedule: true });
    expect(expected.counters.faults!.count).toBeGreaterThan(2);
    expect(expected.counters.hits!.count).toBeGreaterThan(20);
    const { schedule, ...readings } = expected;
    expect(lifted.run(run)).toEqual(readings);
    expect(replaySchedule(pagedSystem(pages, 3), schedule!).trace.steps).toHaveLength(expected.steps);
  }
});

it('are the same run of cells', () => {
  const measures = { gauges: { jobs: { actors: 'queue*', value: (queue: AnyMachineSnapshot) => queue.context.jobs } } };
  const run = { seed: 5, time: 1000, steps: 5000, schedule: true };
  const plain = new Simulation(cells(9), CELL_TIMES, measures).run(run);
  expect(new Simulation(cells(2), CELL_TIMES, measures, 9).run(run)).toEqual(plain);
  expect(plain.steps).toBe(5000);
});
