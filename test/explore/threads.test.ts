/** Threads change nothing but the time: not the counts, not the verdict, not the length of a trace. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { assign, setup } from 'xstate';
import { catalogue } from '../../machines/races/index.ts';
import { Search } from '../../src/explore/search.ts';
import { Symmetry } from '../../src/explore/symmetry.ts';
import { Threads } from '../../src/explore/threads.ts';
import { FingerprintSearch } from '../../src/explore/vectors/fingerprint-search.ts';
import { VectorParts } from '../../src/explore/vectors/vector-search.ts';
import { ModelError } from '../../src/system/errors.ts';
import { always, type Property, type SystemView } from '../../src/system/property.ts';
import { actor, defineSystem, family, type System } from '../../src/system/system.ts';
import { Tables } from '../../src/tabulate/tables.ts';
import { WorkerFailed } from '../../src/threads/worker-failed.ts';
import fc from '../fast-check.ts';
import { buildSystem, systemSpecs } from '../random-systems.ts';

/** From the first states on, with hardly any room for new ones. */
const EAGER = { partMin: 1 };
const pools = new Map<number, Threads>([1, 2, 4, 8].map((count) => [count, new Threads(count, EAGER)]));
beforeAll(async () => {
  await Promise.all([...pools.values()].map((threads) => threads.start()));
});
afterAll(async () => {
  await Promise.all([...pools.values()].map((threads) => threads.close()));
});

interface Limits {
  readonly states: number;
  readonly bytes: number;
  /** States that the coordinator expands where there is nothing for threads: the first ones of a level. */
  readonly slice?: number;
  /** Whether it stores representatives only. */
  readonly symmetric?: boolean;
  /** Whether it keeps fingerprints only. */
  readonly compact?: boolean;
}
const LIMITS: Limits = { states: 400_000, bytes: 2 ** 31 };

function searchOf(tables: Tables, { symmetric, compact, ...limits }: Limits) {
  if (compact) return new FingerprintSearch(new VectorParts(tables, limits));
  return new Search(tables, limits, { symmetry: symmetric ? new Symmetry(tables) : undefined });
}

async function searched(system: System, threads?: Threads, { slice = 20, ...limits }: Limits = LIMITS) {
  const search = searchOf(new Tables(system), limits);
  while (!search.done && !search.finding) {
    if (!(await threads?.expand(search))) search.run(slice);
  }
  const { states, steps, depth, finding } = search;
  const { kind } = finding ?? { kind: 'none' };
  const what =
    finding?.kind === 'model-error' ? finding.error.code : finding?.kind === 'violation' ? finding.property : undefined;
  const isPath = finding && finding.kind !== 'bound' && finding.state >= 0;
  const length = isPath ? search.pathOf(finding).steps.length : undefined;
  const unwitnessed = [...search.unwitnessed].sort();
  const facts = 'facts' in search ? search.facts : {};
  return { states, steps, depth, kind, what, length, unwitnessed, ...facts };
}

const CASES = [
  ['dining-philosophers', 'all-states', { philosophers: 7 }],
  ['dining-philosophers', 'left-right', { philosophers: 8 }],
  ['two-phase-commit', 'fixed', { managers: 5 }],
  ['slow-reader', 'fixed', {}],
  ['racing-unmap', 'no-lock-over-gup', {}],
  ['pri-overflow', 'no-discard', { devices: 1 }],
  ['slow-reader', 'mutex-held', {}],
] as const;

describe('a search with worker threads', () => {
  it.each(CASES)('finds the same in %s %s %o with any number of them', async (name, variant, size) => {
    const scenario = catalogue.find((candidate) => candidate.name === name)!;
    const system = scenario.build(scenario.parameters.parse(size), variant);
    const alone = await searched(system);
    expect(alone.states).toBeGreaterThan(20);
    const counts = name === 'two-phase-commit' ? [1, 2, 4, 8] : [2, 4];
    for (const count of counts) {
      const threads = pools.get(count)!;
      const before = threads.expanded;
      expect(await searched(system, threads)).toEqual(alone);
      // Where nearly every step looks at both halves of a small system, there is hardly anything that can be looked up.
      if (name !== 'dining-philosophers') expect(threads.expanded).toBeGreaterThan(before);
    }
    // And again: what is a race must not show.
    expect(await searched(system, pools.get(2))).toEqual(alone);
  });

  it.each([
    ['two-phase-commit', 'fixed', { managers: 6 }],
    ['racing-unmap', 'fixed', {}],
    ['pri-overflow', 'no-discard', {}],
    ['group-owners', 'two-owners', {}],
  ] as const)('finds the same in %s %s %o with symmetry', async (name, variant, size) => {
    const scenario = catalogue.find((candidate) => candidate.name === name)!;
    const system = () => scenario.build(scenario.parameters.parse(size), variant);
    const limits = { ...LIMITS, symmetric: true };
    const alone = await searched(system(), undefined, limits);
    for (const count of [1, 2, 4]) {
      const threads = pools.get(count)!;
      const before = threads.expanded;
      expect(await searched(system(), threads, limits)).toEqual(alone);
      expect(threads.expanded).toBeGreaterThan(before);
    }
  });

  it.each(CASES)('finds the same in %s %s %o by fingerprints', async (name, variant, size) => {
    const scenario = catalogue.find((candidate) => candidate.name === name)!;
    const system = scenario.build(scenario.parameters.parse(size), variant);
    const limits = { ...LIMITS, compact: true };
    const alone = await searched(system, undefined, limits);
    const { missProbability, ...found } = alone as typeof alone & { missProbability?: number };
    expect(found).toEqual(await searched(system));
    expect(missProbability).toBe(found.kind === 'none' ? found.states ** 2 / 2 ** 65 : undefined);
    for (const [, threads] of pools) {
      const before = threads.expanded;
      expect(await searched(system, threads, limits)).toEqual(alone);
      expect(threads.expanded).toBeGreaterThan(before);
    }
  });

  it.each([false, true])('finds the same in random systems (by fingerprints: %s)', async (compact) => {
    const threads = pools.get(2)!;
    const outcome = async (system: System, pool?: Threads) => {
      try {
        return await searched(system, pool, { ...LIMITS, compact });
      } catch (error) {
        if (error instanceof ModelError) return error.code;
        throw error;
      }
    };
    await fc.assert(
      fc.asyncProperty(systemSpecs, async (spec) => {
        // A space without end is another matter: where exactly a bound stops it is not told.
        const probe = new Search(new Tables(buildSystem(spec)), { ...LIMITS, states: 1000 });
        while (!probe.run(1000));
        fc.pre(probe.finding?.kind !== 'bound');
        expect(await outcome(buildSystem(spec), threads)).toEqual(await outcome(buildSystem(spec)));
      }),
      { numRuns: Number(process.env.FAULTLINE_RANDOM_SYSTEMS ?? 60) },
    );
  });

  /** Some that count up to nine: after the first states nothing is left to the coordinator. */
  function counters(count: number, properties: readonly Property[] = []): System {
    const counter = setup({
      types: { context: {} as { n: number }, events: {} as { type: 'GO' } },
      actions: { count: assign({ n: ({ context }) => context.n + 1 }) },
      guards: { less: ({ context }) => context.n < 9 },
    }).createMachine({ context: { n: 0 }, on: { GO: { guard: 'less', actions: 'count' } } });
    return defineSystem({
      actors: family('counter', count, () => actor(counter, { choices: [{ type: 'GO' }] })),
      deadlock: 'ignore',
      properties: () => properties,
    });
  }

  it('finds a violation in a state that only they have come to', async () => {
    // In the middle of a large level, of which the coordinator expands one state at most.
    const at = [6, 3, 5, 6];
    const isThere = (view: SystemView) =>
      at.every((n, index) => (view.get(`counter${index}`).context as { n: number }).n === n);
    const system = counters(4, [always('not there', (view) => !isThere(view))]);
    const alone = await searched(system);
    expect(alone).toMatchObject({ kind: 'violation', length: 20 });
    const threads = pools.get(2)!;
    for (const compact of [false, true]) {
      expect(await searched(system, threads, { ...LIMITS, slice: 1, compact })).toEqual(alone);
    }
  });

  it.each([false, true])('leaves most of the work to them (by fingerprints: %s)', async (compact) => {
    const threads = pools.get(2)!;
    const before = threads.expanded;
    const { states, kind } = await searched(counters(4), threads, { ...LIMITS, compact });
    expect({ states, kind }).toEqual({ states: 10 ** 4, kind: 'none' });
    expect(threads.expanded - before).toBeGreaterThan(states * 0.9);
  });

  it('finds a dead end that only they have come to', async () => {
    const walker = setup({}).createMachine({
      initial: 'start',
      states: { start: { on: { GO: 'fork' } }, fork: { on: { LEFT: 'home', RIGHT: 'lost' } }, home: {}, lost: {} },
    });
    const choices = ['GO', 'LEFT', 'RIGHT'].map((type) => ({ type }));
    const system = defineSystem({ actors: family('walker', 4, () => actor(walker, { choices, rest: ['home'] })) });
    // In the first state of the last level, all that the coordinator has to look at, everybody is at home.
    const limits = { ...LIMITS, slice: 1 };
    const alone = await searched(system);
    expect(alone).toMatchObject({ kind: 'violation', states: 4 ** 4, length: 8 });
    for (const threads of pools.values()) {
      for (const compact of [false, true])
        expect(await searched(system, threads, { ...limits, compact })).toEqual(alone);
    }
  });

  it('keeps to its bound on states, whoever finds them', async () => {
    // With room for all that they find, and nothing that is not known any more: else the coordinator would have to look itself.
    const threads = new Threads(2, { partMin: 1 });
    await threads.start();
    // The first 5,995 states are those of twenty levels; the next one has 633.
    const { kind, states } = await searched(counters(4), threads, { ...LIMITS, states: 6000, slice: 1 });
    await threads.close();
    expect(kind).toBe('bound');
    expect(states).toBe(5995 + 633);
  });

  it('ends without a verdict when a thread fails', async () => {
    const worker = new URL('./failing-worker.ts', import.meta.url);
    const threads = new Threads(2, { ...EAGER, worker });
    await threads.start();
    const scenario = catalogue.find(({ name }) => name === 'two-phase-commit')!;
    await expect(searched(scenario.build(scenario.parameters.parse({}), 'fixed'), threads)).rejects.toThrow(
      WorkerFailed,
    );
    await threads.close();
  });
});
