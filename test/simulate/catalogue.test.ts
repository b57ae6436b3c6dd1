/** Scenarios of the catalogue with times that nobody has measured: their runs are schedules, and their monitors run along. */
import { expect, it } from 'vitest';
import { catalogue } from '../../machines/index.ts';
import { follow } from '../../src/simulate/follow.ts';
import { Simulation } from '../../src/simulate/simulation.ts';
import { exponential, logNormal } from '../../src/system/durations.ts';
import type { Timing } from '../../src/system/timing.ts';
import { replaySchedule } from '../../src/trace/replay.ts';

const timing: Timing = {
  resources: { cpu: { units: 2, wakeUp: exponential(0.5), keeps: true } },
  actors: { '*': { RUN: { takes: logNormal(1, 1), uses: 'cpu' }, '*': { takes: exponential(2) } } },
};

function systemOf(name: string, variant: string) {
  const scenario = catalogue.find((one) => one.name === name)!;
  return scenario.build(scenario.parameters.parse({}) as never, variant as never);
}

it.each(['pri-overflow', 'racing-unmap', 'flush-deadlock', 'iopf-timeout', 'removal-before-drain', 'slow-reader'])(
  '%s, as it should be, is simulated as live actors behave, and without a violation',
  (name) => {
    const system = systemOf(name, 'fixed');
    const simulation = new Simulation(system, timing);
    let steps = 0;
    for (let seed = 1; seed <= 4; seed++) {
      const run = simulation.run({ seed, time: 1e6, steps: 150, schedule: true });
      expect(run.violated).toBeUndefined();
      expect(replaySchedule(system, run.schedule!).violated).toEqual([]);
      steps += run.steps;
    }
    expect(steps).toBeGreaterThan(40);
  },
);

it('a long run is followed by the walker, on tables of its own', () => {
  const system = systemOf('pri-overflow', 'fixed');
  const { steps, log } = new Simulation(system, timing).run({ seed: 1, time: 1e6, steps: 30_000, log: true });
  expect(log!.steps).toHaveLength(2 * steps);
  expect(follow(system, log!.steps)).toBe(log!.end);
  const wrong = log!.steps.slice();
  wrong[2001] = 99;
  expect(() => follow(system, wrong)).toThrow('step 1001 of the run is not enabled');
});

it('a fault of the model is seen when it happens, by a schedule that leads there', () => {
  const system = systemOf('pri-overflow', 'no-discard');
  const simulation = new Simulation(system, timing);
  const seeds = Array.from({ length: 200 }, (_, seed) => seed);
  const found = seeds
    .map((seed) => simulation.run({ seed, time: 1e6, steps: 300, schedule: true }))
    .find(({ violated }) => violated)!;
  const { property, step } = found.violated!;
  const schedule = found.schedule!.split('/').slice(0, step).join('/');
  expect(replaySchedule(system, schedule).violated).toContain(property);
});
