/**
 * A search for all violations, and searches for some of the properties: of every property the verdict and the length of the shortest
 * trace are those that the naive twin finds in a system with that property alone.
 *
 * `FAULTLINE_RANDOM_SYSTEMS` sets how many random systems, `FAULTLINE_SEED` which ones.
 */
import { describe, expect, it } from 'vitest';
import { setup } from 'xstate';
import { catalogue } from '../../machines/scenarios/index.ts';
import { type CheckOptions, type CheckResult, check, type Violation } from '../../src/explore/check.ts';
import { ModelError } from '../../src/system/errors.ts';
import { DEADLOCK_PROPERTY } from '../../src/system/property.ts';
import { actor, defineSystem, family, propertyNames, type System } from '../../src/system/system.ts';
import { replaySchedule } from '../../src/trace/replay.ts';
import { scheduleOf, traceOf } from '../../src/trace/trace.ts';
import { fastEngine, naiveTwin, type Outcome } from '../engines.ts';
import fc from '../fast-check.ts';
import { buildSystem, progressSpecs, type SystemSpec, systemSpecs } from '../random-systems.ts';
import { SEED } from '../seed.ts';

/** The same system with one property: made by hand, for what makes it in the library is tested here as well. */
function alone(system: System, name: string): System {
  const properties = system.properties.filter((property) => property.name === name);
  return { ...system, properties, deadlock: name === DEADLOCK_PROPERTY ? system.deadlock : 'ignore' };
}

async function checkAll(system: System, options: CheckOptions = {}): Promise<CheckResult | ModelError> {
  try {
    return await check(system, { ...options, allViolations: true });
  } catch (error) {
    if (error instanceof ModelError) return error;
    throw error;
  }
}

const lengthOf = ({ path }: Violation) => path?.steps.length;
const found = ({ violations = [] }: CheckResult) => violations.map((one) => [one.property, lengthOf(one)]);

/** Safety properties and properties of progress in one system. */
const mixedSpecs: fc.Arbitrary<SystemSpec> = fc
  .tuple(systemSpecs, progressSpecs)
  .map(([safe, live]) => ({ ...safe, actors: live.actors, properties: [...safe.properties, ...live.properties] }));

const maxStates = 1000;

describe('a search for all violations', () => {
  const runs = Number(process.env.FAULTLINE_RANDOM_SYSTEMS ?? 500);

  it(`finds what searches for one property find, on ${runs} random systems, FAULTLINE_SEED=${SEED}`, {
    timeout: 60_000 + runs * 400,
  }, async () => {
    const seen = { none: 0, one: 0, several: 0, behind: 0, progress: 0, errors: 0 };
    const agrees = fc.asyncProperty(fc.oneof(systemSpecs, mixedSpecs), async (spec) => {
      const system = buildSystem(spec);
      const all = await checkAll(system, { maxStates });
      const twins = new Map<string, Outcome>();
      for (const name of propertyNames(system)) {
        const twin = await naiveTwin.run(alone(system, name), { maxStates });
        twins.set(name, twin);
        const fast = await fastEngine.run(system, { maxStates, properties: [name] });
        if (twin.states <= maxStates) expect([name, fast]).toEqual([name, twin]);
      }
      if (all instanceof ModelError) {
        expect([...twins.values()].every(({ verdict }) => verdict === 'model-error')).toBe(true);
        return;
      }
      const { violations = [], verdict, property, path, bound } = all;
      expect(violations.every(({ property }) => twins.has(property))).toBe(true);
      for (const { property, path } of violations) {
        if (!path) continue;
        const schedule = scheduleOf(traceOf(all.tables, path));
        expect(replaySchedule(system, schedule).violated).toContain(property);
      }
      const failed = verdict === 'model-error';
      for (const [name, twin] of twins) {
        const one = violations.find(({ property }) => property === name);
        if (twin.states > maxStates) continue;
        if (twin.verdict === 'model-error') expect(failed || bound !== undefined).toBe(true);
        // What ends a search for all may come before what ends a search for one, or hide in states that it does not have.
        else if (!failed && bound === undefined)
          expect([name, one !== undefined]).toEqual([name, twin.verdict === 'violated']);
        if (!one || twin.verdict !== 'violated') continue;
        const { path } = await check(system, { maxStates, properties: [name] });
        expect([name, lengthOf(one)]).toEqual([name, path?.steps.length]);
        if (twin.length !== undefined) expect([name, lengthOf(one)]).toEqual([name, twin.length]);
      }
      if (failed) {
        seen.errors++;
        return;
      }
      if (violations.length > 0)
        expect({ verdict, property, path }).toEqual({
          verdict: 'violated',
          property: violations[0]!.property,
          path: violations[0]!.path,
        });
      else expect(verdict).not.toBe('violated');
      // The first one is what a search finds that ends with it.
      const first = await fastEngine.run(system, { maxStates });
      if (first.verdict === 'violated' && bound === undefined) expect(property).toBe(first.property);
      if (bound === undefined) seen[violations.length > 1 ? 'several' : violations.length === 1 ? 'one' : 'none']++;
      if (violations.length > 1 && all.states > first.states) seen.behind++;
      if (violations.some(({ path }) => path?.cycleStart !== undefined || path?.stops)) seen.progress++;
    });
    await fc.assert(agrees, { numRuns: runs, seed: SEED });
    if (runs < 500) return;
    for (const count of Object.values(seen)) expect(count).toBeGreaterThan(runs / 50);
  });
});
