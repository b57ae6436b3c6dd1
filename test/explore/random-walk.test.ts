/**
 * Random walks find only what is there, and what is easily there they find.
 *
 * `FAULTLINE_RANDOM_SYSTEMS` sets how many random systems, `FAULTLINE_SEED` which ones.
 */
import { describe, expect, test } from 'vitest';
import { pingPong } from '../../machines/textbook/ping-pong.ts';
import { twoPhaseCommit } from '../../machines/textbook/two-phase-commit.ts';
import { type CheckResult, check } from '../../src/explore/check.ts';
import { randomBelow } from '../../src/explore/random.ts';
import { VectorParts, VectorSearch } from '../../src/explore/vectors/vector-search.ts';
import { Walks } from '../../src/explore/vectors/walks.ts';
import { ModelError } from '../../src/system/errors.ts';
import { Tables } from '../../src/tabulate/tables.ts';
import { scheduleOf, traceOf } from '../../src/trace/trace.ts';
import { naiveTwin } from '../engines.ts';
import fc from '../fast-check.ts';
import { buildSystem, systemSpecs } from '../random-systems.ts';
import { reproduces } from '../reproduces.ts';
import { SEED } from '../seed.ts';

const pingPongSystem = (variant: keyof typeof pingPong.variants) =>
  pingPong.build(pingPong.parameters.parse({}), variant);
const commit = (variant: keyof typeof twoPhaseCommit.variants) =>
  twoPhaseCommit.build(twoPhaseCommit.parameters.parse({}), variant);

describe('random walks', () => {
  const runs = Number(process.env.FAULTLINE_RANDOM_SYSTEMS ?? 100);

  test(`find what the twin finds, on ${runs} random systems, FAULTLINE_SEED=${SEED}`, {
    timeout: 60_000 + runs * 200,
  }, async () => {
    const near = { there: 0, found: 0 };
    const agrees = fc.asyncProperty(systemSpecs, async (spec) => {
      const system = buildSystem(spec);
      const twin = await naiveTwin.run(system, { maxStates: 1000 });
      let result: CheckResult;
      try {
        result = await check(system, { search: 'random', walks: 100, maxSteps: 40 });
      } catch (error) {
        // A definition that cannot be tabulated at all.
        expect(error).toBeInstanceOf(ModelError);
        expect(twin.verdict).toBe('model-error');
        return;
      }
      const found = result.verdict !== 'unknown';
      if (!found) expect(result.bound).toBe('walks');
      // A run that stops while a monitor is hot is one that a walk may find.
      const isHot = system.properties.some(({ kind, name }) => kind === 'monitor' && name === twin.property);
      const complete = twin.verdict === 'holds' || (twin.verdict === 'violated' && twin.length === undefined && !isHot);
      if (complete) expect(found).toBe(false);
      if (found) reproduces(system, result);
      if (twin.length !== undefined && twin.length <= 5) {
        near.there++;
        if (found) near.found++;
      }
    });
    await fc.assert(agrees, { numRuns: runs, seed: SEED });
    if (runs >= 100) expect(near.found / near.there).toBeGreaterThan(0.97);
  });

  test('of one seed are the same, however they are cut into slices', () => {
    const walk = (seed: number, slice: number) => {
      const limits = { states: Number.POSITIVE_INFINITY, bytes: 2 ** 30 };
      const parts = new VectorParts(new Tables(commit('no-abort')), limits);
      const walks = new VectorSearch(parts, new Walks(parts, { seed, walks: 5, maxSteps: 50 }));
      while (!walks.run(slice));
      const { finding, states, steps, depth } = walks;
      return { finding, states, steps, depth };
    };
    expect(walk(3, 1)).toEqual(walk(3, 1000));
    const outcomes = new Set([1, 2, 3, 4, 5].map((seed) => JSON.stringify(walk(seed, 7))));
    expect(outcomes.size).toBeGreaterThan(1);
  });

  test('of one seed give the same trace', async () => {
    const schedule = async (seed: number) => {
      const { tables, path } = await check(commit('hasty'), { search: 'random', seed });
      return scheduleOf(traceOf(tables, path!));
    };
    expect(await schedule(11)).toBe(await schedule(11));
  });

  test('never say that anything holds, but what they witness counts', async () => {
    const result = await check(pingPongSystem('lossy'), { search: 'random', walks: 300, maxSteps: 60, seed: 5 });
    expect(result).toMatchObject({ verdict: 'unknown', bound: 'walks', search: 'random', seed: 5 });
    expect(result.growth).toBeUndefined();
    expect(result.depth).toBeLessThanOrEqual(60);
    const statuses = new Set(result.properties.map(({ status }) => status));
    expect(statuses).toContain('witnessed');
    expect(statuses).not.toContain('holds');
  });

  test('are as long as they may be, and no longer', async () => {
    const result = await check(pingPongSystem('lossy'), { search: 'random', walks: 50, maxSteps: 4, seed: 5 });
    expect(result.depth).toBe(4);
  });

  test('stop at the other bounds, too', async () => {
    const endless = { search: 'random', walks: 1e9 } as const;
    expect(await check(pingPongSystem('lossy'), { ...endless, maxSeconds: 0.2 })).toMatchObject({ bound: 'seconds' });
    expect(await check(pingPongSystem('lossy'), { ...endless, signal: AbortSignal.abort() })).toMatchObject({
      bound: 'interrupted',
    });
    expect(await check(pingPongSystem('lossy'), { ...endless, maxBytes: 100 })).toMatchObject({ bound: 'memory' });
  });
});

describe('the random numbers', () => {
  test('are the same for the same seed, and others for another, also beyond 32 bits', () => {
    const first = (seed: number) => {
      const random = randomBelow(seed);
      return Array.from({ length: 5 }, () => random(2 ** 32)).join();
    };
    expect(first(1)).toBe(first(1));
    expect(new Set([0, 1, 2, 2 ** 32, 2 ** 32 + 1].map(first)).size).toBe(5);
  });

  test('are spread evenly', () => {
    const random = randomBelow(42);
    const counts = [0, 0, 0, 0, 0, 0, 0];
    for (let i = 0; i < 70_000; i++) counts[random(7)]!++;
    // Six standard deviations.
    for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(560);
  });
});
