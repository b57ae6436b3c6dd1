/** A run on one thread is its seed, whether it runs here, in turns, or on a worker thread. */
import { describe, expect, it } from 'vitest';
import type { StressFinding, StressRun } from '../../src/stress/stress.ts';
import { planOf, runOf, scaled, scenarioOf } from './harness.ts';

const UNITS = 3;

async function outcomeOf(
  name: string,
  variant: string,
  seed: number,
  how: (run: StressRun) => StressFinding | undefined | Promise<StressFinding | undefined>,
) {
  const { template, definition, population } = scaled(scenarioOf(name), variant, 40);
  const plan = planOf(template, { units: UNITS, population }, definition);
  const run = runOf(plan, { seed, steps: 10_000 });
  const finding = await how(run);
  const logs = Array.from({ length: UNITS }, (_, unit) => run.logOf(unit));
  return { finding, tally: run.tally, tables: plan.tables.size, logs };
}

describe.each([
  ['pri-overflow', 'fixed'],
  ['pri-overflow', 'split-cons'],
])('a run of %s --variant %s on one thread', (name, variant) => {
  it('is the same wherever it runs, and another with another seed', async () => {
    const here = await outcomeOf(name, variant, 1, (run) => run.runHere());
    expect(here.finding !== undefined).toBe(variant !== 'fixed');
    expect(await outcomeOf(name, variant, 1, (run) => run.runHere())).toEqual(here);
    expect(await outcomeOf(name, variant, 1, (run) => run.runInTurns())).toEqual(here);
    expect(await outcomeOf(name, variant, 1, (run) => run.run())).toEqual(here);
    const other = await outcomeOf(name, variant, 2, (run) => run.runHere());
    expect(other.logs).not.toEqual(here.logs);
    expect(other.tally).not.toEqual(here.tally);
  });
});
