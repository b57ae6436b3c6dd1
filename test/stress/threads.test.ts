/**
 * Several threads on few units, so that they are at the same actors all the time: what they do is still one step after the other,
 * in the order of their numbers.
 */
import { describe, expect, it } from 'vitest';
import { SEQUENCE, VERSION } from '../../src/stress/layout.ts';
import type { Plan } from '../../src/stress/plan.ts';
import { LOG_WORDS } from '../../src/stress/runtime.ts';
import { followLive, planOf, runOf, scaled, scenarioOf } from './harness.ts';

const CASES = [
  { name: 'pri-overflow', threads: 2, units: 1 },
  { name: 'racing-unmap', threads: 2, units: 1 },
  { name: 'slow-reader', threads: 2, units: 1 },
  { name: 'atc-before-tlb', threads: 4, units: 2 },
  { name: 'racing-unmap', threads: 4, units: 1 },
];

describe('threads that collide', () => {
  it.each(CASES)('in $name: $threads on $units', async ({ name, threads, units }) => {
    const { template, definition, population, small } = scaled(scenarioOf(name), 'fixed', 6);
    const plan = planOf(template, { units, population }, definition);
    const run = runOf(plan, { threads, steps: 30_000 });
    expect(await run.run()).toBeUndefined();
    const { tally } = run;
    expect(tally.threads.reduce((sum, { conflicts }) => sum + conflicts, 0)).toBeGreaterThan(0);
    expect(tally.steps).toBeGreaterThanOrEqual(30_000);
    // Each end of an episode has closed the books.
    expect(tally.episodes).toBeGreaterThan(0);
    for (let unit = 0; unit < units; unit++) {
      expect(lockedSlots(plan, unit)).toEqual([]);
      const log = run.logOf(unit);
      const given = plan.memory[unit * plan.layout.unitWords + SEQUENCE]!;
      expect(log.length).toBeLessThanOrEqual(given);
      expect(stepsBeyond(plan, unit, given)).toBe(0);
      expect(followLive(plan, unit, log, small())).toBe('done');
    }
  });

  it('do not lose or double a step', async () => {
    const { template, definition, population, small } = scaled(scenarioOf('racing-unmap'), 'fixed', 6);
    const units = 4;
    // So long that none ends: all steps that the threads say they have done are in the logs.
    const plan = planOf(template, { units, population, episode: 100_000 }, definition);
    const run = runOf(plan, { threads: 2, steps: 8000, mix: 'random' });
    await run.run();
    expect(run.tally.episodes).toBe(0);
    expect(run.tally.threads.every(({ conflicts }) => conflicts > 0)).toBe(true);
    const logs = Array.from({ length: units }, (_, unit) => run.logOf(unit));
    expect(logs.reduce((sum, { length }) => sum + length, 0)).toBe(run.tally.steps);
    for (const [unit, log] of logs.entries()) expect(followLive(plan, unit, log, small())).toBe('done');
  });
});

/** Slots of a unit whose version is odd. */
function lockedSlots({ layout, memory }: Plan, unit: number): string[] {
  return layout.kinds.flatMap(({ name, sort, offset, stride }) =>
    Array.from({ length: sort === 'family' ? layout.population : 1 }, (_, member) => member)
      .filter((member) => memory[unit * layout.unitWords + offset + member * stride + VERSION]! % 2 !== 0)
      .map((member) => `${name} ${member}`),
  );
}

/** Entries of a unit's log with numbers that were not given. */
function stepsBeyond({ log, episode }: Plan, unit: number, given: number): number {
  let count = 0;
  for (let number = given; number < episode; number++) if (log[(unit * episode + number) * LOG_WORDS] !== 0) count++;
  return count;
}
