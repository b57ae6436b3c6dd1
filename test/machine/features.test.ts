/** Each feature of XState, in a small machine that is checked as it stands: live actors and the naive twin say the same. */
import { describe, expect, it } from 'vitest';
import { systemOf } from '../../src/machine/system-of.ts';
import { replaySchedule } from '../../src/trace/replay.ts';
import { fastEngine, naiveTwin } from '../engines.ts';
import fc from '../fast-check.ts';
import { randomSchedule } from '../random-schedule.ts';
import { seedOr } from '../seed.ts';
import { features } from './features.ts';

it('there are at least forty', () => {
  expect(Object.keys(features).length).toBeGreaterThanOrEqual(40);
});

describe.each(Object.entries(features))('%s', (_, machine) => {
  const { system } = systemOf(machine);

  it('has the states and steps that the naive twin counts', async () => {
    const outcome = await fastEngine.run(system);
    expect(outcome).toEqual(await naiveTwin.run(system));
    expect(outcome.verdict).toBe('holds');
    expect(outcome.states).toBeGreaterThan(1);
  });

  it('goes where live actors go, by any schedule', () => {
    let steps = 0;
    const walks = fc.property(fc.infiniteStream(fc.nat()), (numbers) => {
      const schedule = randomSchedule(system, 30, (below) => numbers.next().value % below);
      steps += replaySchedule(system, schedule).trace.steps.length;
    });
    fc.assert(walks, { numRuns: 10, seed: seedOr(23) });
    expect(steps).toBeGreaterThan(0);
  });
});
