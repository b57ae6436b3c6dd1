/**
 * A search for all violations, and searches for some of the properties: of every property the verdict and the length of the shortest
 * trace are those that the naive twin finds in a system with that property alone.
 *
 * `FAULTLINE_RANDOM_SYSTEMS` sets how many random systems, `FAULTLINE_SEED` which ones.
 */
import { describe, expect, it, test } from 'vitest';
import { assign, setup } from 'xstate';
import { catalogue } from '../../machines/races/index.ts';
import { type CheckOptions, type CheckResult, check, type Violation } from '../../src/explore/check.ts';
import {
  type Checkpoint,
  decodeCheckpoint,
  encodeCheckpoint,
  type Identity,
  identityOf,
} from '../../src/explore/checkpoint.ts';
import { Violations } from '../../src/explore/findings.ts';
import { Search } from '../../src/explore/search.ts';
import { Threads } from '../../src/explore/threads.ts';
import { ModelError, UsageError } from '../../src/system/errors.ts';
import { DEADLOCK_PROPERTY, type Observed } from '../../src/system/property.ts';
import { actor, defineSystem, extendSystem, family, propertyNames, type System } from '../../src/system/system.ts';
import { Tables } from '../../src/tabulate/tables.ts';
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
  // Each of them is searched once for each of its properties, by three searches.
  const runs = Math.ceil(Number(process.env.FAULTLINE_RANDOM_SYSTEMS ?? 500) / 5);

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
    if (runs < 100) return;
    for (const [what, count] of Object.entries(seen)) expect([what, count > runs / 50]).toEqual([what, true]);
  });
});

/** A counter that goes up to `end`, where nothing can follow. */
function counter(end: number, deadlock: 'violation' | 'ignore' = 'violation'): System {
  const machine = setup({
    types: { context: {} as { n: number }, events: {} as { type: 'RUN' } },
    actions: { count: assign({ n: ({ context }) => context.n + 1 }) },
    guards: { goesOn: ({ context }) => context.n < end },
  }).createMachine({ context: { n: 0 }, on: { RUN: { guard: 'goesOn', actions: 'count' } } });
  return defineSystem({
    actors: { c: actor(machine, { choices: [{ type: 'RUN' }] }) },
    deadlock,
    properties: ({ always, reachable }) => [
      always('below 4', (system) => system.get('c').context.n < 4),
      always('below 2', (system) => system.get('c').context.n < 2),
      always('not 2 either', (system) => system.get('c').context.n !== 2),
      reachable('3', (system) => system.get('c').context.n === 3),
    ],
  });
}

/** Two lamps that may change places, and who watches each of them. */
function lamps(): System {
  const lamp = setup({ types: { events: {} as { type: 'GO' } } }).createMachine({
    initial: 'off',
    states: { off: { on: { GO: 'on' } }, on: {} },
  });
  const watcher = setup({
    types: { input: {} as { who: string }, context: {} as { who: string }, events: {} as Observed & { type: 'GO' } },
    guards: { isTheirs: ({ context, event }) => event.to === context.who },
  }).createMachine({
    context: ({ input }) => input,
    initial: 'dark',
    states: { dark: { on: { GO: { guard: 'isTheirs', target: 'lit' } } }, lit: { tags: 'violation' } },
  });
  return defineSystem({
    actors: family('lamp', 2, () => actor(lamp, { choices: [{ type: 'GO' }], rest: ['on'] })),
    symmetry: [['lamp0', 'lamp1']],
    properties: ({ monitor, always }) => [
      monitor('lamp1 stays off', watcher, { who: 'lamp1' }),
      monitor('lamp0 stays off', watcher, { who: 'lamp0' }),
      always('one is off', (system) => system.get('lamp0').matches('off') || system.get('lamp1').matches('off')),
    ],
  });
}

describe('a search for all violations of a small system', () => {
  test('goes on behind violations, and has the shortest first, of several as short the one that is declared first', async () => {
    const result = await check(counter(5), { allViolations: true });
    expect(found(result)).toEqual([
      ['below 2', 2],
      ['not 2 either', 2],
      ['below 4', 4],
      [DEADLOCK_PROPERTY, 5],
    ]);
    expect(result).toMatchObject({ verdict: 'violated', property: 'below 2', states: 6 });
    expect(result.violations!.map(({ deadEnd }) => deadEnd)).toEqual([false, false, false, true]);
    expect(result.path).toBe(result.violations![0]!.path);
  });

  test('without it there is no list', async () => {
    const { violations, states } = await check(counter(5));
    expect({ violations, states }).toEqual({ violations: undefined, states: 3 });
  });

  test('ends when every property is decided, although the space does not', async () => {
    const result = await check(counter(Number.POSITIVE_INFINITY, 'ignore'), { allViolations: true, maxStates: 100 });
    expect(found(result).map(([name]) => name)).toEqual(['below 2', 'not 2 either', 'below 4']);
    expect(result.states).toBeLessThan(10);
    expect(result.bound).toBe(undefined);
  });

  test('says of what a bound has left open that it is open', async () => {
    const result = await check(counter(9), { allViolations: true, maxStates: 3 });
    expect(result).toMatchObject({ verdict: 'violated', property: 'below 2', bound: 'states' });
    const statuses = Object.fromEntries(result.properties.map(({ name, status }) => [name, status]));
    expect(statuses).toEqual({
      ...{ 'below 4': 'open', 'below 2': 'violated', 'not 2 either': 'violated', 3: 'witnessed' },
      [DEADLOCK_PROPERTY]: 'open',
    });
  });

  test('ends with a mistake of the model, and still tells what it has found before', async () => {
    const system = extendSystem(counter(5), {
      properties: ({ always }) => [
        always('fails', (view) => {
          if ((view.get('c') as { context: { n: number } }).context.n === 3) throw new Error('at 3');
          return true;
        }),
      ],
    });
    const result = await check(system, { allViolations: true });
    expect(result.verdict).toBe('model-error');
    expect(result.path?.steps).toHaveLength(3);
    expect(found(result)).toEqual([
      ['below 2', 2],
      ['not 2 either', 2],
    ]);
  });

  test('keeps to what is asked for', async () => {
    const result = await check(counter(5), { allViolations: true, properties: ['below 4', DEADLOCK_PROPERTY] });
    expect(found(result)).toEqual([
      ['below 4', 4],
      [DEADLOCK_PROPERTY, 5],
    ]);
  });

  test('finds in images of a state what it would find in the states themselves', async () => {
    const [all, whole] = [
      await check(lamps(), { allViolations: true }),
      await check(lamps(), { allViolations: true, symmetry: false }),
    ];
    expect(all.reductions).toMatchObject([{ used: true }]);
    expect(all.states).toBeLessThan(whole.states);
    expect(found(all)).toEqual(found(whole));
    expect(found(all)).toEqual([
      ['lamp1 stays off', 1],
      ['lamp0 stays off', 1],
      ['one is off', 2],
    ]);
    for (const { property, path } of all.violations!) {
      expect(replaySchedule(lamps(), scheduleOf(traceOf(all.tables, path!))).violated).toContain(property);
    }
  });

  test('decides each property of progress, and tells each by a run of its own', async () => {
    const scenario = catalogue.find(({ name }) => name === 'read-loop')!;
    const result = await check(scenario.build({}, 'inner-loop'), { allViolations: true });
    expect(found(result)).toEqual([
      ['a read of reader0 returns', 8],
      ['a read of reader1 returns', 8],
    ]);
    expect(result.violations!.every(({ path }) => path!.cycleStart !== undefined)).toBe(true);
  });

  test('finds the same with threads', async () => {
    const scenario = catalogue.find(({ name }) => name === 'optimistic-commit')!;
    const system = scenario.build({}, 'keeps-locks');
    const threads = new Threads(2, { partMin: 64 });
    await threads.start();
    try {
      const [one, two] = [
        await check(system, { allViolations: true }),
        await check(system, { allViolations: true, threads }),
      ];
      expect(threads.expanded).toBeGreaterThan(500);
      expect(found(two)).toEqual(found(one));
      expect(found(two)).toHaveLength(3);
      expect([two.states, two.steps, two.properties]).toEqual([one.states, one.steps, one.properties]);
    } finally {
      await threads.close();
    }
  });
});

describe('a search for some properties', () => {
  test('leaves the others out, and says so', async () => {
    const { verdict, property, path, properties } = await check(counter(5), { properties: ['below 4'] });
    expect({ verdict, property, length: path?.steps.length }).toEqual({
      verdict: 'violated',
      property: 'below 4',
      length: 4,
    });
    expect(properties.map(({ status }) => status)).toEqual([
      'violated',
      'not-looked-at',
      'not-looked-at',
      'not-looked-at',
      'not-looked-at',
    ]);
  });

  test('a deadlock is one of them, where it is a violation', async () => {
    const { property, path } = await check(counter(5), { properties: [DEADLOCK_PROPERTY] });
    expect([property, path?.steps.length]).toEqual([DEADLOCK_PROPERTY, 5]);
    expect((await check(counter(1), { properties: ['below 2'] })).verdict).toBe('holds');
    await expect(check(counter(5, 'ignore'), { properties: [DEADLOCK_PROPERTY] })).rejects.toThrow(UsageError);
  });

  test('an unknown one is refused, with the one that was meant', async () => {
    const refused = check(counter(5), { properties: ['below 2', 'bellow 4'] });
    await expect(refused).rejects.toThrow('the system has no property "bellow 4"');
    await expect(refused).rejects.toMatchObject({
      name: 'UsageError',
      hint: expect.stringMatching(/^did you mean "below 4"\?/),
    });
  });

  test.each<CheckOptions>([
    { search: 'depth-first' },
    { search: 'random' },
    { store: 'hash-compact' },
    { store: 'bitstate' },
    { partialOrder: true, chains: true },
    { coverage: true },
  ])('goes with %j', async (options) => {
    const { property, path, properties } = await check(counter(5), { ...options, properties: ['below 4'] });
    expect([property, path?.steps.length, properties[1]!.status]).toEqual(['below 4', 4, 'not-looked-at']);
  });

  test('monitors that are left out have no states, and do not stand in the way of the others', async () => {
    const [both, one] = [
      await check(lamps(), { properties: ['lamp0 stays off', 'lamp1 stays off'] }),
      await check(lamps(), { properties: ['lamp1 stays off'] }),
    ];
    expect(both.reductions).toMatchObject([{ used: true }]);
    // Who watches one of two lamps tells them apart.
    expect(one.reductions).toEqual([]);
    expect([one.verdict, one.property, one.path?.steps.length]).toEqual(['violated', 'lamp1 stays off', 1]);
    expect(one.tables.actors.map(({ name }) => name)).toEqual(['lamp0', 'lamp1', 'lamp1 stays off']);
    const { reductions, verdict } = await check(lamps(), { properties: [DEADLOCK_PROPERTY] });
    expect([reductions[0]?.used, verdict]).toEqual([true, 'holds']);
  });
});

/** A counter that can stop anywhere on its way, where somebody still waits. */
function stoppable(): System {
  const machine = setup({
    types: { context: {} as { n: number }, events: {} as { type: 'RUN' | 'STOP' } },
    actions: { count: assign({ n: ({ context }) => context.n + 1 }) },
    guards: { goesOn: ({ context }) => context.n < 6 },
  }).createMachine({
    context: { n: 0 },
    initial: 'going',
    states: { going: { on: { RUN: { guard: 'goesOn', actions: 'count' }, STOP: 'stopped' } }, stopped: {} },
  });
  const watcher = setup({ types: { events: {} as Observed & { type: 'RUN' } } }).createMachine({
    initial: 'waiting',
    states: { waiting: { tags: 'hot', on: { RUN: 'fulfilled' } }, fulfilled: {} },
  });
  return defineSystem({
    actors: { c: actor(machine, { choices: [{ type: 'RUN' }, { type: 'STOP' }] }) },
    properties: ({ always, monitor }) => [
      monitor('it counts', watcher),
      always('below 5', (system) => system.get('c').context.n < 5),
      always('below 2', (system) => system.get('c').context.n < 2),
    ],
  });
}

const begin = (system: System) =>
  new Search(new Tables(system), { states: 300, bytes: 2 ** 31 }, { violations: new Violations() });
const outcomeOf = ({ finding, states, steps, violations }: Search) => [
  finding?.kind,
  states,
  steps,
  violations!.inOrder(),
];

/** How often it was begun anew from what it had saved, through bytes and back. */
function resumeOften(system: System, expansions: number): { search: Search; resumed: number; deadEnds: number } {
  let search = begin(system);
  let [resumed, deadEnds] = [0, 0];
  while (!search.run(expansions)) {
    // To go on takes a few runs, for all states are judged again.
    const snapshot = resumed < 4 ? search.snapshot() : undefined;
    if (!snapshot || snapshot.states.columns.length < resumed * 4) continue;
    const identity = { ...IDENTITY, system: identityOf(system) };
    const read = decodeCheckpoint(Buffer.concat(encodeCheckpoint({ identity, seconds: 1, snapshot })), 'it');
    deadEnds += read.snapshot.deadEnds.length;
    search = begin(system);
    expect(search.resume(read.snapshot)).toBe(undefined);
    resumed++;
  }
  return { search, resumed, deadEnds };
}

describe('a search for all violations goes on from a checkpoint', () => {
  test('with the dead ends of before', () => {
    const whole = begin(stoppable());
    while (!whole.run(1000));
    const { search, deadEnds } = resumeOften(stoppable(), 1);
    expect(deadEnds).toBeGreaterThan(0);
    expect(outcomeOf(search)).toEqual(outcomeOf(whole));
    const told = search.violations!.inOrder().map(({ finding, depth }) => [finding.property, depth]);
    expect(told).toEqual([
      [DEADLOCK_PROPERTY, 1],
      ['it counts', 1],
      ['below 2', 2],
      ['below 5', 5],
    ]);
  });

  test(`on random systems, FAULTLINE_SEED=${SEED}`, () => {
    let resumptions = 0;
    const agrees = fc.property(systemSpecs, (spec) => {
      const system = buildSystem(spec);
      let whole: Search;
      try {
        whole = begin(system);
      } catch (error) {
        if (error instanceof ModelError) return;
        throw error;
      }
      while (!whole.run(1000));
      const { search, resumed } = resumeOften(system, 7);
      resumptions += resumed;
      expect(outcomeOf(search)).toEqual(outcomeOf(whole));
    });
    fc.assert(agrees, { numRuns: 60, seed: SEED });
    expect(resumptions).toBeGreaterThan(30);
  });
});

const IDENTITY: Omit<Identity, 'system'> = {
  search: 'breadth-first',
  store: 'exact',
  symmetry: false,
  allViolations: true,
  versions: {},
  origin: {},
  title: 'a test',
};

test('a checkpoint of a search that ends with a violation is none of one for all', async () => {
  const saved: Checkpoint[] = [];
  const save = (checkpoint: Checkpoint) => {
    saved.push(decodeCheckpoint(Buffer.concat(encodeCheckpoint(checkpoint)), 'it'));
  };
  const abort = new AbortController();
  const options = { allViolations: true, signal: abort.signal, checkpoint: { every: 1e-9, title: 'a test', save } };
  const endless = counter(Number.POSITIVE_INFINITY);
  const searching = check(endless, { ...options, maxStates: 10_000 });
  setTimeout(() => abort.abort(), 200);
  await searching;
  const resume = saved.at(-1)!;
  expect(resume.identity.allViolations).toBe(true);
  await expect(check(endless, { resume, maxStates: 20_000 })).rejects.toThrow(
    'it is of a search for all violations, this one is not',
  );
  await expect(check(endless, { resume, allViolations: true, properties: ['below 4'] })).rejects.toThrow(
    'it is of another system, or another version of it: properties, deadlock differ',
  );
  const { violations } = await check(endless, { resume, allViolations: true, maxStates: 20_000 });
  expect(violations!.map(({ property, path }) => [property, path?.steps.length])).toEqual([
    ['below 2', 2],
    ['not 2 either', 2],
    ['below 4', 4],
  ]);
});
