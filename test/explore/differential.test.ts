/**
 * The fast engine against the naive twin, count for count: on the textbook systems, and on random ones.
 *
 * `FAULTLINE_RANDOM_SYSTEMS` sets how many random systems, `FAULTLINE_SEED` which ones.
 */
import { describe, expect, it } from 'vitest';
import { boundedFifo } from '../../machines/textbook/bounded-fifo.ts';
import { diningPhilosophers } from '../../machines/textbook/dining-philosophers.ts';
import { peterson } from '../../machines/textbook/peterson.ts';
import { pingPong } from '../../machines/textbook/ping-pong.ts';
import { twoPhaseCommit } from '../../machines/textbook/two-phase-commit.ts';
import type { Scenario } from '../../src/system/scenario.ts';
import { fastEngine, naiveTwin, type Outcome } from '../engines.ts';
import fc from '../fast-check.ts';
import { buildSystem, systemSpecs } from '../random-systems.ts';
import { SEED } from '../seed.ts';

describe('the fast engine agrees with the naive twin', () => {
  const textbook: readonly Scenario[] = [diningPhilosophers, twoPhaseCommit, peterson, pingPong, boundedFifo];
  const cases = textbook.flatMap((scenario) =>
    Object.keys(scenario.variants).map((variant) => ({ scenario, variant })),
  );

  it.each(cases)('on $scenario.name --variant $variant', async ({ scenario, variant }) => {
    const system = scenario.build(scenario.parameters.parse({}), variant);
    const [twin, fast] = [await naiveTwin.run(system), await fastEngine.run(system, { symmetry: false })];
    expect(fast).toEqual(twin);
    const { verdict, property, depth, length } = await fastEngine.run(system);
    const { verdict: twins, property: wanted, depth: levels, length: steps } = twin;
    expect({ verdict, property, depth, length }).toEqual({
      verdict: twins,
      property: wanted,
      depth: levels,
      length: steps,
    });
  });

  const runs = Number(process.env.FAULTLINE_RANDOM_SYSTEMS ?? 500);
  const maxStates = 1000;

  it(`on ${runs} random systems, FAULTLINE_SEED=${SEED}`, { timeout: 60_000 + runs * 200 }, async () => {
    const classes = new Map<string, number>();
    let large = 0;
    const agrees = fc.asyncProperty(systemSpecs, async (spec) => {
      const system = buildSystem(spec);
      const twin = await naiveTwin.run(system, { maxStates });
      const fast = await fastEngine.run(system, { maxStates });
      expect(comparable(fast, maxStates)).toEqual(comparable(twin, maxStates));
      const kind = twin.code ?? (twin.property === 'no deadlock' ? 'deadlock' : twin.verdict);
      classes.set(kind, (classes.get(kind) ?? 0) + 1);
      if (twin.states >= 10) large++;
    });
    await fc.assert(agrees, { numRuns: runs, seed: SEED });

    // The agreement is worth little if hardly anything happens in these systems.
    if (runs < 500) return;
    const expected = ['deadlock', 'endless-loop', 'holds', 'unhandled-message', 'unknown', 'violated'];
    expect([...classes.keys()].sort()).toEqual(expected);
    expect(large / runs).toBeGreaterThan(0.4);
  });
});

/** A search that a bound stops in the middle of a level may or may not have come to what it would have reported. */
function comparable(outcome: Outcome, maxStates: number): Partial<Outcome> & { bounded?: true } {
  return outcome.states > maxStates ? { bounded: true } : outcome;
}
