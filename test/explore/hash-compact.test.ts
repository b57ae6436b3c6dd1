/**
 * A search that keeps fingerprints does what the exact one does, count for count, as long as no two states share one; when
 * they do, states are missed, and what is found is still real.
 *
 * `FAULTLINE_RANDOM_SYSTEMS` sets how many random systems, `FAULTLINE_SEED` which ones.
 */
import { describe, expect, test } from 'vitest';
import { assign, setup } from 'xstate';
import { catalogue } from '../../machines/races/index.ts';
import { type CheckResult, check } from '../../src/explore/check.ts';
import { FingerprintSet } from '../../src/explore/fingerprint-set.ts';
import { Fingerprints, missProbability } from '../../src/explore/fingerprints.ts';
import { asksForProgress } from '../../src/explore/liveness/liveness.ts';
import { Budget, StoreFull } from '../../src/explore/memory.ts';
import { PackedVectors } from '../../src/explore/packed-vectors.ts';
import { randomBelow } from '../../src/explore/random.ts';
import { FingerprintSearch } from '../../src/explore/vectors/fingerprint-search.ts';
import { VectorParts } from '../../src/explore/vectors/vector-search.ts';
import { ModelError } from '../../src/system/errors.ts';
import { actor, defineSystem, family, type System } from '../../src/system/system.ts';
import { Tables } from '../../src/tabulate/tables.ts';
import { Walker } from '../../src/tabulate/walker.ts';
import { traceOf } from '../../src/trace/trace.ts';
import fc from '../fast-check.ts';
import { buildSystem, systemSpecs } from '../random-systems.ts';
import { reproduces } from '../reproduces.ts';
import { SEED } from '../seed.ts';

const systemOf = (name: string, variant: string) => {
  const scenario = catalogue.find((candidate) => candidate.name === name)!;
  return scenario.build(scenario.parameters.parse({}), variant);
};

const NO_LIMITS = { states: Number.POSITIVE_INFINITY, bytes: 2 ** 30 };
/** With fingerprints of so many bits. */
const searchOf = (tables: Tables, bits: number) => {
  return new FingerprintSearch(new VectorParts(tables, NO_LIMITS), bits);
};

describe('a search that keeps fingerprints', () => {
  const outcome = ({
    verdict,
    property,
    deadEnd,
    states,
    steps,
    depth,
    path,
    error,
    bound,
    properties,
  }: CheckResult) => ({
    ...{ verdict, property, deadEnd, states, steps, depth, bound, properties },
    code: error?.code,
    length: path?.steps.length,
  });
  /** What is left of an exact search's result for one that cannot look for fair cycles. */
  const withoutCycles = (system: System, exact: CheckResult): CheckResult => {
    const isTold = exact.path !== undefined && exact.path.cycleStart === undefined;
    if (isTold || exact.bound || exact.error || !system.properties.some(asksForProgress)) return exact;
    const unmet = exact.properties.find(
      ({ kind, status }) => status === 'violated' && (kind === 'reachable' || kind === 'happens'),
    );
    const { property: _, path: __, deadEnd: ___, trace: ____, ...rest } = exact;
    const properties = exact.properties.map((result, at) =>
      system.properties[at] && asksForProgress(system.properties[at])
        ? { ...result, status: 'not-looked-at' as const }
        : result,
    );
    if (unmet) return { ...rest, properties, verdict: 'violated', property: unmet.name };
    return { ...rest, properties, verdict: 'unknown', bound: 'cycles' };
  };
  /** A definition that cannot be tabulated at all has no outcome but its error. */
  const run = async (system: System, store: 'exact' | 'hash-compact', maxStates?: number) => {
    try {
      return await check(system, { store, symmetry: false, ...(maxStates !== undefined && { maxStates }) });
    } catch (error) {
      if (error instanceof ModelError) return error.code;
      throw error;
    }
  };

  const textbook = catalogue.filter(({ group }) => group === 'textbook');
  const cases = textbook.flatMap(({ name, variants }) =>
    Object.keys(variants).map((variant) => [name, variant] as const),
  );
  test.each(cases)('agrees with the exact one on %s %s', async (name, variant) => {
    const system = systemOf(name, variant);
    const exact = (await run(system, 'exact')) as CheckResult;
    const compact = (await run(system, 'hash-compact')) as CheckResult;
    expect(outcome(compact)).toEqual(outcome(withoutCycles(system, exact)));
    expect(compact.store).toBe('hash-compact');
    // A verdict that rests on having seen everything always comes with it, and no other does.
    const complete = exact.verdict === 'holds' || (exact.verdict === 'violated' && !exact.path);
    expect(compact.missProbability).toBe(complete ? exact.states ** 2 / 2 ** 65 : undefined);
    expect(exact.missProbability).toBeUndefined();
    reproduces(system, compact);
  });

  const runs = Number(process.env.FAULTLINE_RANDOM_SYSTEMS ?? 200);
  const maxStates = 1000;
  test(`agrees with it on ${runs} random systems, FAULTLINE_SEED=${SEED}`, {
    timeout: 60_000 + runs * 200,
  }, async () => {
    const agrees = fc.asyncProperty(systemSpecs, async (spec) => {
      const system = buildSystem(spec);
      const exact = await run(system, 'exact', maxStates);
      const compact = await run(system, 'hash-compact', maxStates);
      if (typeof exact === 'string' || typeof compact === 'string') {
        expect(compact).toBe(exact);
        return;
      }
      reproduces(system, compact);
      // Where the exact one tells a cycle, another run may come to an end, which it does see.
      if (exact.path?.cycleStart !== undefined && compact.path && !compact.error) {
        expect(compact.verdict).toBe('violated');
        return;
      }
      // In the middle of a level the two may have come to different findings.
      if (exact.states > maxStates) expect(compact.states).toBe(exact.states);
      else {
        // What a step that fails has witnessed before is told by neither in any particular order.
        const { properties: statuses, ...counts } = outcome(compact);
        const { properties: expected, ...expectedCounts } = outcome(withoutCycles(system, exact));
        expect(counts).toEqual(expectedCounts);
        if (exact.verdict === 'holds' || exact.path?.cycleStart !== undefined) expect(statuses).toEqual(expected);
      }
    });
    await fc.assert(agrees, { numRuns: runs, seed: SEED });
  });

  test('tells the property that is declared first of those that states of a level violate', async () => {
    const toggle = setup({}).createMachine({ initial: 'off', states: { off: { on: { GO: 'on' } }, on: {} } });
    const violating = (names: readonly ('a' | 'b')[]) =>
      defineSystem({
        actors: {
          a: actor(toggle, { choices: [{ type: 'GO' }] }),
          b: actor(toggle, { choices: [{ type: 'GO' }] }),
        },
        deadlock: 'ignore',
        properties: ({ always }) =>
          names.map((name, at) => always(`${9 - at}: ${name} stays`, (view) => !view.get(name).matches('on'))),
      });
    // The state in which a has gone is found first.
    for (const [names, property] of [
      [['a', 'b'], '9: a stays'],
      [['b', 'a'], '9: b stays'],
    ] as const) {
      for (const store of ['exact', 'hash-compact'] as const) {
        expect(await check(violating(names), { store })).toMatchObject({ verdict: 'violated', property });
      }
    }
  });

  test('misses states when fingerprints are short, and is never sure then', () => {
    const search = searchOf(new Tables(systemOf('dining-philosophers', 'left-handed')), 11);
    while (!search.run(1000));
    expect(search.done).toBe(true);
    expect(search.states).toBeLessThan(2187);
    expect(search.facts.missProbability).toBeGreaterThan(0.99);
  });

  test.each([6, 8, 10, 12, 16])('finds real paths by fingerprints of %i bits, if any', (bits) => {
    for (const [name, variant] of [
      ['dining-philosophers', 'left-right'],
      ['two-phase-commit', 'hasty'],
      ['pri-overflow', 'no-discard'],
    ] as const) {
      const system = systemOf(name, variant);
      const tables = new Tables(system);
      const search = searchOf(tables, bits);
      while (!search.run(1000));
      const { finding } = search;
      if (finding?.kind !== 'violation') continue;
      const path = search.pathOf(finding);
      reproduces(system, { ...finding, verdict: 'violated', path, tables } as unknown as CheckResult);
    }
  });

  test('finds the path to the very state, not to another one with its fingerprint', () => {
    const counter = setup({
      types: { context: {} as { n: number } },
      guards: { isLow: ({ context }) => context.n < 3 },
      actions: { count: assign({ n: ({ context }) => context.n + 1 }) },
    }).createMachine({ context: { n: 0 }, on: { COUNT: { guard: 'isLow', actions: 'count' } } });
    const digits = (number: number) => [64, 16, 4, 1].map((weight) => Math.floor(number / weight) % 4);
    // In few of these two ways end in the same fingerprint, and one of them in another state.
    for (let number = 1; number < 256; number++) {
      const wanted = digits(number);
      const isThere = (counts: readonly number[]) => counts.every((n, at) => n === wanted[at]);
      const system = defineSystem({
        actors: family('c', wanted.length, () => actor(counter, { choices: [{ type: 'COUNT' }] })),
        deadlock: 'ignore',
        properties: ({ always }) => [
          always('not there', (view) => !isThere(wanted.map((_, at) => view.get(`c${at}`).context.n))),
        ],
      });
      const tables = new Tables(system);
      const search = searchOf(tables, 7);
      while (!search.run(1000));
      if (search.finding?.kind !== 'violation') continue;
      const { final } = traceOf(tables, search.pathOf(search.finding));
      expect(Object.values(final.actors).map(({ context }) => (context as { n: number }).n)).toEqual(wanted);
    }
  });

  test('is sparing, and counts its own memory', async () => {
    const result = await check(systemOf('pri-overflow', 'fixed'), { store: 'hash-compact', maxBytes: 300_000 });
    expect(result).toMatchObject({ verdict: 'unknown', bound: 'memory' });
  });

  test('goes with no other search', async () => {
    const system = systemOf('dining-philosophers', 'left-handed');
    await expect(check(system, { store: 'hash-compact', search: 'random' })).rejects.toThrow('breadth-first');
    await expect(check(system, { store: 'bitstate', search: 'breadth-first' })).rejects.toThrow('depth-first');
  });
});

describe('fingerprints', () => {
  test('of a step are those of its result', () => {
    const tables = new Tables(systemOf('two-phase-commit', 'fixed'));
    const walker = new Walker(tables);
    const byStep = new Fingerprints(tables.slotCount, 3);
    const whole = new Fingerprints(tables.slotCount, 3);
    const random = randomBelow(5);
    walker.start();
    let state: Int32Array = walker.current.slice();
    for (let i = 0; i < 200; i++) {
      walker.begin();
      walker.current.set(state);
      byStep.begin(state);
      const results: Int32Array[] = [];
      while (walker.next()) {
        byStep.after(walker);
        whole.begin(walker.current);
        expect([byStep.low, byStep.high]).toEqual([whole.low, whole.high]);
        results.push(walker.current.slice());
      }
      state = results[random(results.length)] ?? state;
    }
  });

  test('collide as seldom as random numbers', () => {
    // Vectors that differ in little, as states do; of 2^18 random numbers of 32 bits, 8 pairs would be equal.
    for (const word of ['low', 'high'] as const) {
      const fingerprints = new Fingerprints(9, 1);
      const seen = new Set<number>();
      const vector = new Int32Array(9);
      for (let n = 0; n < 2 ** 18; n++) {
        for (let slot = 0; slot < 9; slot++) vector[slot] = (n >> (slot * 2)) & 3;
        fingerprints.begin(vector);
        seen.add(fingerprints[word]);
      }
      expect(2 ** 18 - seen.size).toBeLessThan(30);
    }
  });

  test('miss a state as probably as TLC says', () => {
    expect(missProbability(2 ** 20)).toBe(2 ** -25);
    expect(missProbability(1000, 4)).toBe(1);
  });
});

describe('the set of fingerprints', () => {
  test('knows what was added, through all growth', () => {
    const set = new FingerprintSet(new Budget());
    const random = randomBelow(7);
    const word = () => random(2 ** 32) | 0;
    const added = Array.from({ length: 50_000 }, (_, index) => ({
      // Many have the lower word of another one, also the lowest and the highest.
      low: index % 100 === 0 ? [0, -1, 1, 12345][(index / 100) % 4]! : word(),
      high: word() || 1,
      parent: index,
    }));
    for (const { low, high, parent } of added) expect(set.add(low, high, parent)).toBe(true);
    for (const { low, high, parent } of added) expect(set.add(low, high, parent)).toBe(false);
    expect(set.count).toBe(added.length);
    for (const entry of added) expect(set.withLow(entry.low)).toContainEqual(entry);
    for (let i = 0; i < 10_000; i++) expect(set.withLow(word()).some(({ high }) => high === 0)).toBe(false);
  });

  test('keeps what it has when there is no room', () => {
    const set = new FingerprintSet(new Budget(100_000));
    let added = 0;
    expect(() => {
      for (; added < 100_000; added++) set.add(added * 40_503, 1, 0);
    }).toThrow(StoreFull);
    expect(set.count).toBe(added);
    for (let i = 0; i < added; i++) expect(set.withLow(i * 40_503)).toHaveLength(1);
  });
});

test('packed vectors hold any values, each list as wide as it needs', () => {
  const vectors = fc.array(fc.array(fc.nat(2 ** 31 - 1), { minLength: 5, maxLength: 5 }), { maxLength: 30 });
  const small = fc.array(fc.array(fc.nat(300), { minLength: 5, maxLength: 5 }), { maxLength: 30 });
  fc.assert(
    fc.property(small, vectors, (first, second) => {
      const budget = new Budget();
      const packed = new PackedVectors(5, budget);
      const all = [...first, ...second];
      for (const vector of all) packed.push(Int32Array.from(vector));
      const loaded = all.map((_, index) => {
        const into = new Int32Array(5);
        packed.load(index, into);
        return [...into];
      });
      expect(loaded).toEqual(all);
      packed.release();
      expect(budget.bytes).toBe(0);
    }),
  );
});
