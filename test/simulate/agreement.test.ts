/** The simulation against the plain one, on random systems with random times; and its schedules against live actors. */
import { expect, it } from 'vitest';
import { Simulation } from '../../src/simulate/simulation.ts';
import { ModelError } from '../../src/system/errors.ts';
import type { Actor, System } from '../../src/system/system.ts';
import type { ResourceTiming, Timing } from '../../src/system/timing.ts';
import { replaySchedule } from '../../src/trace/replay.ts';
import fc from '../fast-check.ts';
import { buildSystem, systemSpecs } from '../random-systems.ts';
import { keptIn, type NaiveOptions, naiveRun } from './naive-simulation.ts';

const STEPS = 60;

// Few different times, so that many things happen at one moment.
const times = fc.constantFrom(0.5, 1, 1, 2, 3, 5);
/** The last one is no resource. */
const used = fc.constantFrom(0, 1, 2);
const timings: fc.Arbitrary<NaiveOptions> = fc.record({
  actors: fc.array(fc.record({ takes: times, uses: used, goUses: used, atStart: fc.boolean() }), {
    minLength: 8,
    maxLength: 8,
  }),
  resources: fc.array(
    fc.record({
      units: fc.constantFrom(1, 2),
      wakeUp: fc.constantFrom(0, 0.5),
      keeps: fc.oneof(fc.boolean(), fc.nat({ max: 2 ** 30 - 1 }), fc.constant(2 ** 30 - 1)),
    }),
    { minLength: 2, maxLength: 2 },
  ),
  latencies: fc.array(fc.constantFrom(0, 1, 2, 10), { minLength: 8, maxLength: 8 }),
  time: fc.constant(1000),
  steps: fc.constant(STEPS),
});

function timingOf(system: System, options: NaiveOptions): Timing {
  const { actors, channels } = system;
  return {
    unit: 'ms',
    resources: Object.fromEntries(
      options.resources.map((resource, at) => [`resource${at}`, { ...resource, keeps: keepsOf(system, options, at) }]),
    ),
    actors: Object.fromEntries(
      Object.keys(actors).map((name, at) => {
        const { takes, uses, goUses, atStart } = options.actors[at]!;
        const stepOf = (resource: number) => ({
          takes,
          effect: atStart ? ('start' as const) : ('end' as const),
          ...(resource < options.resources.length && { uses: `resource${resource}` }),
        });
        return [name, { ...(takesGo(actors[name]!) && { GO: stepOf(goUses) }), '*': stepOf(uses) }];
      }),
    ),
    channels: Object.fromEntries(Object.keys(channels).map((name, at) => [name, { latency: options.latencies[at]! }])),
  };
}

function takesGo({ machine }: Actor): boolean {
  return (machine.events as readonly string[]).includes('GO');
}

/** Who does not use a resource cannot keep it. */
function keepsOf(system: System, options: NaiveOptions, resource: number): ResourceTiming['keeps'] & {} {
  const { keeps } = options.resources[resource]!;
  if (typeof keeps === 'boolean') return keeps;
  const names = Object.keys(system.actors);
  return Object.fromEntries(
    keptIn(system, keeps).flatMap((states, at) => {
      const { uses, goUses } = options.actors[at]!;
      const isUsed = uses === resource || (goUses === resource && takesGo(system.actors[names[at]!]!));
      return isUsed && states.length > 0 ? [[names[at]!, states]] : [];
    }),
  );
}

/** What it gives, or the model error that ends it. */
function outcome<T>(run: () => T): T | string {
  try {
    return run();
  } catch (error) {
    if (error instanceof ModelError) return error.message;
    throw error;
  }
}

it('takes the steps that the plain simulation takes, which live actors take as well', () => {
  let [compared, stepsCompared] = [0, 0];
  const runs = Number(process.env.FAULTLINE_RANDOM_SYSTEMS ?? 150);
  fc.assert(
    fc.property(systemSpecs, timings, (spec, options) => {
      const system = buildSystem({ ...spec, deadlock: 'ignore' });
      fc.pre(Object.values(system.channels).every(({ duplicating }) => duplicating !== 'always'));
      const naive = outcome(() => naiveRun(system, options));
      const simulated = outcome(() =>
        new Simulation(system, timingOf(system, options)).run({
          seed: 1,
          time: 1000,
          steps: STEPS,
          warmUp: 0,
          schedule: true,
        }),
      );
      if (typeof naive === 'string' || typeof simulated === 'string') {
        expect(simulated).toEqual(naive);
        return;
      }
      const way = simulated.schedule!;
      expect(way).toBe(naive.schedule.join('/'));
      expect(simulated.digest).toBe(naive.digest);
      if (simulated.ended !== 'time') expect(simulated.time).toBe(naive.end);
      compared++;
      stepsCompared += simulated.steps;
      const { trace } = replaySchedule(system, way);
      expect(trace.steps).toHaveLength(simulated.steps);
    }),
    { numRuns: runs },
  );
  expect(compared).toBeGreaterThan(runs / 4);
  expect(stepsCompared).toBeGreaterThan(10 * compared);
});
