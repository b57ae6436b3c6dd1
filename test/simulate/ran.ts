/** A run that is also taken by live actors. */
import { expect } from 'vitest';
import { simulate } from '../../src/simulate/replications.ts';
import type { Run, RunOptions } from '../../src/simulate/run.ts';
import type { System } from '../../src/system/system.ts';
import type { MeasureDefinition, Timing } from '../../src/system/timing.ts';
import { replaySchedule } from '../../src/trace/replay.ts';

/** A whole run, nothing left out, which must be a schedule of the system on live actors. */
export function ran(
  system: System,
  timing: Timing,
  time: number,
  measures?: MeasureDefinition,
  more?: Partial<RunOptions>,
): Run {
  const run = simulate(system, timing, {
    seed: 1,
    time,
    warmUp: 0,
    schedule: true,
    ...(measures && { measures }),
    ...more,
  });
  const { trace, error } = replaySchedule(system, run.schedule!);
  expect(error).toBeUndefined();
  expect(trace.steps).toHaveLength(run.steps);
  return run;
}
