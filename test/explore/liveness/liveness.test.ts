/**
 * Properties of progress: the fast engine against fixpoints on the explicit graph of the naive twin, on random systems under
 * random fairness. Each run that it tells is followed through that graph.
 *
 * `FAULTLINE_RANDOM_SYSTEMS` sets how many random systems, `FAULTLINE_SEED` which ones.
 */
import { describe, expect, it } from 'vitest';
import { check } from '../../../src/explore/check.ts';
import { ModelError } from '../../../src/system/errors.ts';
import fc from '../../fast-check.ts';
import { checkNaively } from '../../naive-checker.ts';
import { buildSystem, progressSpecs } from '../../random-systems.ts';
import { SEED } from '../../seed.ts';
import { checkRun, shortestRun } from './runs.ts';

const runs = Number(process.env.FAULTLINE_RANDOM_SYSTEMS ?? 200);
const maxStates = 300;
/** The shortest run is looked for by brute force in graphs of at most so many states. */
const BRUTE_FORCE_MAX = 40;

describe('properties of progress', () => {
  it(`are decided as by the naive twin on ${runs} random systems, FAULTLINE_SEED=${SEED}`, {
    timeout: 60_000 + runs * 200,
  }, async () => {
    const seen = { lassos: 0, deadEnds: 0, holds: 0, strong: 0, shortest: 0 };
    const agrees = fc.asyncProperty(progressSpecs, async (spec) => {
      const system = buildSystem(spec);
      const twin = checkNaively(system, { maxStates });
      if (!twin.graph) return;
      for (const search of ['breadth-first', 'depth-first'] as const) {
        const fast = await check(system, { search }).catch((error: unknown) => {
          // What nobody ever starts cannot be treated fairly.
          if (error instanceof ModelError && error.message.startsWith('fairness of')) return undefined;
          throw error;
        });
        if (!fast) return;
        const { verdict, property } = twin;
        expect({ verdict: fast.verdict, property: fast.property, search }).toEqual({ verdict, property, search });
        if (verdict === 'holds') seen.holds++;
        if (verdict !== 'violated') continue;
        checkRun(system, twin.graph, fast);
        if (fast.path!.cycleStart === undefined) seen.deadEnds++;
        else seen.lassos++;
        if (twin.graph.length > BRUTE_FORCE_MAX || search === 'depth-first') continue;
        expect(fast.path!.steps.length).toBe(shortestRun(system, twin.graph, fast.property!));
        seen.shortest++;
      }
      if (Object.values(system.fairness).some((word) => JSON.stringify(word).includes('strong'))) seen.strong++;
    });
    await fc.assert(agrees, { numRuns: runs, seed: SEED });
    if (process.env.FAULTLINE_SHOW) console.log(seen);
    if (runs < 200) return;
    expect(Math.min(...Object.values(seen))).toBeGreaterThan(2);
  });
});
