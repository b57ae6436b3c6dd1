/** Searches that do not see all runs: what they find of runs that end, and what they say of those that they have not looked at. */
import { describe, expect, it } from 'vitest';
import { assign, sendTo, setup } from 'xstate';
import { type CheckOptions, type CheckResult, check } from '../../../src/explore/check.ts';
import {
  eventually,
  infinitelyOften,
  leadsTo,
  monitor,
  type Property,
  type SystemView,
} from '../../../src/system/property.ts';
import { type Actor, actor, defineSystem, type System } from '../../../src/system/system.ts';
import { replaySchedule } from '../../../src/trace/replay.ts';
import { labelOf, scheduleOf, traceOf } from '../../../src/trace/trace.ts';

const thread = setup({}).createMachine({
  initial: 'start',
  states: { start: { on: { RUN: 'waiting' } }, waiting: { on: { PLUGGED: 'done' } }, done: {} },
});
const user = setup({
  actions: { plug: sendTo(({ system }) => system.get('thread'), { type: 'PLUGGED' }) },
}).createMachine({ initial: 'out', states: { out: { on: { PLUG: { target: 'in', actions: 'plug' } } }, in: {} } });
/** Counts without an end, or up to a limit. */
const counter = setup({
  types: { context: {} as { count: number; limit: number }, input: {} as { limit?: number } },
  actions: { count: assign({ count: ({ context }) => context.count + 1 }) },
  guards: { goesOn: ({ context }) => context.count < context.limit },
}).createMachine({
  context: ({ input }) => ({ count: 0, limit: input.limit ?? Number.MAX_SAFE_INTEGER }),
  on: { RUN: { guard: 'goesOn', actions: 'count' }, TICK: { guard: 'goesOn', actions: 'count' } },
});
const hot = setup({}).createMachine({
  initial: 'idle',
  states: {
    idle: { on: { RUN: { guard: ({ event }) => event.to === 'thread', target: 'waits' } } },
    waits: { tags: 'hot', on: { PLUGGED: 'idle' } },
  },
});

const choices = (...types: string[]) => ({ choices: types.map((type) => ({ type })) as never, rest: () => true });
const is = (name: string, value: string) => (view: SystemView) => view.get(name).matches(value as never);
const properties: Record<string, Property> = {
  eventually: eventually('the thread ends', is('thread', 'done')),
  leadsTo: leadsTo('waiting ends', is('thread', 'waiting'), is('thread', 'done')),
  infinitelyOften: infinitelyOften('the thread does not wait', (view) => !is('thread', 'waiting')(view)),
  monitor: monitor('waiting is over some day', hot as never),
};

function rescue(kind: string, more: Record<string, Actor> = {}, fairness = {}): System {
  return defineSystem({
    actors: { ...more, thread: actor(thread, choices('RUN')), user: actor(user, choices('PLUG')) },
    blocking: ['PLUGGED'],
    fairness,
    properties: () => [properties[kind]!],
  });
}

function expectStop(
  system: System,
  { verdict, property, deadEnd, path, tables }: CheckResult,
  steps?: readonly string[],
) {
  expect({ verdict, property, deadEnd }).toEqual({
    verdict: 'violated',
    property: system.properties[0]!.name,
    deadEnd: false,
  });
  const trace = traceOf(tables, path!);
  expect(trace.stops?.map(labelOf)).toContain('user.PLUG');
  if (steps) expect(trace.steps.map(labelOf)).toEqual(steps);
  const replay = replaySchedule(system, scheduleOf(trace));
  expect(replay).toMatchObject({ violated: [property], unfair: [] });
}

const lossy: Record<string, CheckOptions> = {
  'random walks': { search: 'random', walks: 20, maxSteps: 30 },
  bitstate: { store: 'bitstate', bits: 2 ** 16 },
  'hash-compact': { store: 'hash-compact' },
};
const kinds = Object.keys(properties);

describe.each(Object.entries(lossy))('%s', (_, options) => {
  it.each(kinds)('tell a run that stops and violates %s, as short as it can be', async (kind) => {
    const system = rescue(kind);
    expectStop(system, await check(system, options), ['thread.RUN']);
  });
  it.each(kinds)('tell a run that ends in a dead end and violates %s', async (kind) => {
    const lonely = defineSystem({
      actors: { thread: actor(thread, choices('RUN')) },
      properties: () => [properties[kind]!],
    });
    const { verdict, deadEnd, path } = await check(lonely, options);
    expect({ verdict, deadEnd, stops: path?.stops }).toEqual({ verdict: 'violated', deadEnd: true, stops: undefined });
  });
  it.each(kinds)('do not say that they have looked for violations of %s', async (kind) => {
    const { verdict, properties: results } = await check(rescue(kind, {}, { user: 'weak' }), options);
    expect({ verdict, statuses: results.map(({ status }) => status)[0] }).toEqual({
      verdict: 'unknown',
      statuses: 'not-looked-at',
    });
  });
});

describe('a run that has fulfilled eventually before it stops', () => {
  const once = setup({}).createMachine({
    initial: 'a',
    states: { a: { on: { RUN: 'b' } }, b: { on: { RUN: 'c' } }, c: { on: { BACK: 'c' } } },
  });
  const system = (property: Property) =>
    defineSystem({
      actors: { one: actor(once, choices('RUN', 'BACK')) },
      deadlock: 'ignore',
      properties: () => [property],
    });

  it.each(Object.entries(lossy))('violates nothing: %s', async (_, options) => {
    const fine = [eventually('b', is('one', 'b')), leadsTo('a to b', is('one', 'a'), is('one', 'b'))];
    for (const property of fine) expect((await check(system(property), options)).verdict).toBe('unknown');
    const again = await check(system(infinitelyOften('b again and again', is('one', 'b'))), options);
    expect([again.verdict, again.path?.steps.length]).toEqual(['violated', 2]);
  });
});

describe.each(['breadth-first', 'depth-first'] as const)('an exact %s search that is cut short', (search) => {
  it.each(kinds)('tells a run that stops and violates %s', async (kind) => {
    // Depth-first, it may well count first, and has to come to an end of that.
    const isShortest = search === 'breadth-first';
    const system = rescue(kind, {
      counter: actor(counter, { ...choices('TICK'), input: { limit: isShortest ? 1e9 : 80 } }),
    });
    const bounded = await check(system, { search, maxStates: 200 });
    expect(bounded.states).toBe(201);
    expectStop(system, bounded, isShortest ? ['thread.RUN'] : undefined);
    expectStop(system, await check(system, { search, maxSeconds: Number.MIN_VALUE }));
  });
  it('says that there is no violation so far where it has looked', async () => {
    const system = rescue('eventually', { counter: actor(counter, { ...choices('RUN'), input: {} }) });
    const { verdict, bound, properties: results } = await check(system, { search, maxStates: 200 });
    expect({ verdict, bound, status: results[0]!.status }).toEqual({
      verdict: 'unknown',
      bound: 'states',
      status: 'open',
    });
  });
  it('says that it has not looked where it was interrupted', async () => {
    const system = rescue('eventually', { counter: actor(counter, { ...choices('TICK'), input: {} }) });
    const { verdict, properties: results } = await check(system, { search, signal: AbortSignal.abort() });
    expect({ verdict, status: results[0]!.status }).toEqual({ verdict: 'unknown', status: 'not-looked-at' });
  });
});
