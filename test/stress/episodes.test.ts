/** How an episode ends: everything in flight comes to rest, or it is a finding, of the right kind. */

import { describe, expect, it } from 'vitest';
import { type AnyStateMachine, assign, createMachine, type EventObject, raise, sendTo } from 'xstate';
import { UnitRunner } from '../../src/stress/unit-runner.ts';
import type { StressDefinition } from '../../src/system/scenario.ts';
import {
  type Actor,
  type Actors,
  actor,
  type Channel,
  defineSystem,
  type SystemDefinition,
} from '../../src/system/system.ts';
import { planOf, runInTurns, runOf, SAFETY, scaled, scenarioOf } from './harness.ts';

const FIXED = SAFETY.flatMap((name) =>
  Object.entries(scenarioOf(name).variants).flatMap(([variant, { expected }]) =>
    expected.verdict === 'holds' ? [{ name, variant }] : [],
  ),
);

const GO = { type: 'GO' };
const tell = (to: string, event: EventObject) => sendTo(({ system }) => system.get(to), event);
const machine = (config: object) => createMachine(config as never) as unknown as AnyStateMachine;

async function findingIn(
  actors: Record<string, Actor>,
  rest: Partial<SystemDefinition<Actors>> = {},
  definition: StressDefinition = { unit: 'system' },
) {
  const system = defineSystem<Actors>({ actors, ...rest });
  const run = runOf(planOf(system, { units: 2, episode: 512 }, definition), { steps: 3000 });
  const finding = await runInTurns(run);
  const last = finding?.log.at(-1);
  return { kind: finding?.kind, property: finding?.property, length: finding?.log.length, last, tally: run.tally };
}

const bag: Channel = { to: ['b'], order: 'unordered', capacity: 16 };

describe('an episode comes to its end', () => {
  it('where nothing can happen, and then the run as well', async () => {
    const { kind, tally } = await findingIn({ still: actor(machine({ initial: 'here', states: { here: {} } })) });
    expect(kind).toBeUndefined();
    expect(tally.steps).toBe(0);
  });

  it('where several threads have nothing to do, not before each of them has found that out anew', () => {
    const system = defineSystem<Actors>({
      actors: { still: actor(machine({ initial: 'here', states: { here: {} } })) },
    });
    const plan = planOf(system);
    const run = runOf(plan, { threads: 2, placement: 'sides' });
    const [one, other] = run.jobs.map((job) => new UnitRunner(job, plan.tables));
    one!.visit(0, 1);
    expect(run.tally.episodes).toBe(0);
    other!.visit(0, 1);
    expect(run.tally.episodes).toBe(1);
    other!.visit(0, 1);
    expect(run.tally.episodes).toBe(1);
    one!.visit(0, 1);
    expect(run.tally.episodes).toBe(2);
  });

  it('when of many messages in a bag one can be delivered', async () => {
    const jobs = Array.from({ length: 12 }, (_, number) => ({ type: `JOB${number}` }));
    const a = machine({
      initial: 'idle',
      states: {
        idle: { on: { GO: { target: 'busy', actions: jobs.toReversed().map((job) => tell('b', job)) } } },
        busy: { on: { DONE: 'idle' } },
      },
    });
    // In their order only, so that all others are refused.
    const states = Object.fromEntries(
      jobs.map(({ type }, number) => [
        `s${number}`,
        { on: { [type]: number < 11 ? `s${number + 1}` : { target: 's0', actions: tell('a', { type: 'DONE' }) } } },
      ]),
    );
    const b = machine({ initial: 's0', states });
    const { kind, tally } = await findingIn(
      { a: actor(a, { choices: [GO], rest: ['idle'] }), b: actor(b) },
      { channels: { bag }, blocking: jobs.map(({ type }) => type) },
    );
    expect(kind).toBeUndefined();
    expect(tally.episodes).toBeGreaterThan(5);
    expect(tally.longestDrain).toBeGreaterThan(3);
  });

  it('when of many choices one is enabled', async () => {
    const choices = Array.from({ length: 30 }, (_, number) => ({ type: 'TRY', number }));
    const a = machine({
      context: { key: 0 },
      initial: 'idle',
      states: {
        idle: {
          on: {
            GO: {
              target: 'busy',
              actions: assign({ key: ({ context }: { context: { key: number } }) => (context.key + 7) % 30 }),
            },
          },
        },
        busy: {
          on: {
            TRY: {
              target: 'idle',
              guard: ({ context, event }: { context: { key: number }; event: { number?: number } }) =>
                context.key === event.number,
            },
          },
        },
      },
    });
    const { kind, tally } = await findingIn({ a: actor(a, { choices: [GO, ...choices], rest: ['idle'] }) });
    expect(kind).toBeUndefined();
    expect(tally.episodes).toBeGreaterThan(5);
  });

  it('when only a timer is left, of an actor without choices, armed by a delayed raise', async () => {
    const a = machine({
      initial: 'idle',
      states: {
        idle: { on: { GO: { target: 'busy', actions: tell('b', { type: 'ASK' }) } } },
        busy: { on: { ANSWER: 'idle' } },
      },
    });
    const b = machine({
      on: {
        ASK: { actions: raise({ type: 'LATER' }, { delay: 10 }) },
        LATER: { actions: tell('a', { type: 'ANSWER' }) },
      },
    });
    const { kind, tally } = await findingIn({ a: actor(a, { choices: [GO], rest: ['idle'] }), b: actor(b) });
    expect(kind).toBeUndefined();
    expect(tally.episodes).toBeGreaterThan(5);
    expect(tally.steps).toBeGreaterThanOrEqual(3000);
  });
});

it('an episode with more steps than its log has room for leaves the log of the next unit alone', () => {
  const a = actor(machine({ initial: 'x', states: { x: { on: { GO: 'y' } }, y: { on: { GO: 'x' } } } }), {
    choices: [GO],
    rest: () => false,
  });
  const plan = planOf(defineSystem<Actors>({ actors: { a }, deadlock: 'ignore' }), { units: 2, episode: 16 });
  const run = runOf(plan);
  const runner = new UnitRunner(run.jobs[0]!, plan.tables);
  for (let visit = 0; visit < 200; visit++) runner.visit(0, 16);
  // The end alone had more than the half of the log that is kept for it.
  expect(run.tally.longestDrain).toBeGreaterThan(8);
  expect(run.logOf(1, plan.episode)).toEqual([]);
});

describe('the next episode', () => {
  const once = machine({ initial: 'x', states: { x: { on: { GO: 'y' } }, y: {} } });

  it('lets go on who had nothing left to do in the last one', async () => {
    const { kind, tally } = await findingIn({ a: actor(once, { choices: [GO], rest: () => true }) });
    expect(kind).toBeUndefined();
    expect(tally.steps).toBeGreaterThanOrEqual(3000);
  });

  it('has a log without the steps of the last one, also where no step of its own will stand', () => {
    const plan = planOf(defineSystem<Actors>({ actors: { a: actor(once, { choices: [GO], rest: ['y'] }) } }));
    const run = runOf(plan);
    const runner = new UnitRunner(run.jobs[0]!, plan.tables);
    runner.visit(0, 1);
    expect(run.logOf(0)).toHaveLength(1);
    runner.visit(0, 1);
    expect(run.tally.episodes).toBe(1);
    expect(plan.log.some((word) => word !== 0)).toBe(false);
  });

  it('has books of its own, whatever the last one left in flight', async () => {
    const asking = machine({
      initial: 'x',
      states: { x: { on: { GO: { target: 'y', actions: tell('b', { type: 'ASK' }) } } }, y: {} },
    });
    const b = machine({
      initial: 'open',
      states: { open: { on: { ASK: 'heard', SHUT: 'shut' } }, heard: {}, shut: {} },
    });
    const outcome = (deadlock: 'ignore' | 'violation') =>
      findingIn(
        {
          a: actor(asking, { choices: [GO], rest: ['y'] }),
          b: actor(b, { choices: [{ type: 'SHUT' }], rest: ['heard', 'shut'] }),
        },
        { deadlock, blocking: ['ASK'], channels: { link: { to: ['b'], order: 'fifo', capacity: 2 } } },
        {
          unit: 'pair',
          counters: { asked: { type: 'GO' }, heard: { type: 'ASK' } },
          balances: [{ name: 'all is heard', left: ['asked'], right: ['heard'] }],
        },
      );
    expect((await outcome('violation')).kind).toBe('dead-end');
    const { kind, tally } = await outcome('ignore');
    expect(kind).toBeUndefined();
    // In some all is heard, in others not.
    const [asked, heard] = tally.counters as [number, number];
    expect(heard).toBeGreaterThan(5);
    expect(asked - heard).toBeGreaterThan(5);
  });
});

describe('a channel', () => {
  const a = machine({ on: { GO: { actions: tell('b', { type: 'JOB' }) } } });
  const b = machine({ on: { JOB: {} } });
  const pair = { a: actor(a, { choices: [GO], rest: () => true }), b: actor(b) };
  const definition = { unit: 'pair', counters: { sent: { type: 'GO' }, taken: { type: 'JOB' } } };
  const link: Channel = { to: ['b'], order: 'fifo', capacity: 2 };

  it.each([
    { what: 'delivers each message once', more: {}, expected: 0 },
    { what: 'that is lossy delivers fewer', more: { lossy: true }, expected: -1 },
    { what: 'that is duplicating delivers more', more: { duplicating: true }, expected: 1 },
    { what: 'that drops delivers fewer', more: { whenFull: 'drop' as const }, expected: -1 },
  ])('$what', async ({ more, expected }) => {
    const { kind, tally } = await findingIn(pair, { channels: { link: { ...link, ...more } } }, definition);
    expect(kind).toBeUndefined();
    const [sent, taken] = tally.counters as [number, number];
    // What is under way when the run ends is not taken yet.
    expect(Math.abs(taken - sent) < 8 ? 0 : Math.sign(taken - sent)).toBe(expected);
  });

  it('that is unordered lets one message overtake another', async () => {
    const two = machine({ on: { GO: { actions: [tell('b', { type: 'ONE' }), tell('b', { type: 'TWO' })] } } });
    const taker = machine({
      initial: 'none',
      states: { none: { on: { ONE: 'one', TWO: 'overtaken' } }, one: { on: { TWO: 'none' } }, overtaken: {} },
    });
    const outcome = (order: 'fifo' | 'unordered') =>
      findingIn(
        { a: actor(two, { choices: [GO], rest: () => true }), b: actor(taker, { rest: ['none'] }) },
        {
          channels: { link: { ...link, order, whenFull: 'block' } },
          properties: (p) => [p.always('none overtakes', (view) => !view.get('b').matches('overtaken'))],
        },
      );
    expect((await outcome('fifo')).kind).toBeUndefined();
    expect(await outcome('unordered')).toMatchObject({ kind: 'violation', property: 'none overtakes' });
  });
});

describe('a finding', () => {
  const idle = machine({ on: { GO: {} } });

  it('of an `always` property of the first actor', async () => {
    const a = machine({ initial: 'x', states: { x: { on: { GO: 'y' } }, y: { on: { GO: 'z' } }, z: {} } });
    const found = await findingIn(
      { a: actor(a, { choices: [GO] }) },
      { properties: (p) => [p.always('never z', (view) => !view.get('a').matches('z'))] },
    );
    expect(found).toMatchObject({ kind: 'violation', property: 'never z', length: 2 });
  });

  it('of a monitor that is hot when all is at rest', async () => {
    const a = machine({ initial: 'x', states: { x: { on: { GO: 'y' } }, y: {} } });
    const hot = machine({ initial: 'cold', states: { cold: { on: { GO: 'hot' } }, hot: { tags: ['hot'] } } });
    const found = await findingIn(
      { a: actor(a, { choices: [GO], rest: ['y'] }) },
      { properties: (p) => [p.monitor('an obligation', hot)] },
    );
    expect(found).toMatchObject({ kind: 'violation', property: 'an obligation', length: 1 });
  });

  it('of a message that nobody takes', async () => {
    const a = machine({ on: { GO: { actions: tell('b', { type: 'ASK' }) } } });
    const found = await findingIn({ a: actor(a, { choices: [GO] }), b: actor(idle) });
    expect(found).toMatchObject({ kind: 'unhandled', length: 1 });
  });

  it('of an exchange without end', async () => {
    const ball = (to: string) => machine({ on: { '*': { actions: tell(to, { type: 'BALL' }) } } });
    const found = await findingIn({ a: actor(ball('b'), { choices: [GO] }), b: actor(ball('a')) });
    expect(found).toMatchObject({ kind: 'endless', length: 1 });
  });

  it('of a dead end', async () => {
    const a = machine({ initial: 'x', states: { x: { on: { GO: 'y' } }, y: {} } });
    const found = await findingIn({ a: actor(a, { choices: [GO], rest: ['x'] }) });
    expect(found).toMatchObject({ kind: 'dead-end', length: 1 });
    const ignored = await findingIn({ a: actor(a, { choices: [GO], rest: ['x'] }) }, { deadlock: 'ignore' });
    expect(ignored.kind).toBeUndefined();
  });

  it('of something in flight that never ends', async () => {
    const bounce = (to: string) =>
      machine({ on: { GO: { actions: tell(to, { type: 'BALL' }) }, BALL: { actions: tell(to, { type: 'BALL' }) } } });
    const found = await findingIn(
      { a: actor(bounce('b'), { choices: [GO], rest: () => true }), b: actor(bounce('a')) },
      { channels: { balls: { to: ['a', 'b'], order: 'fifo', capacity: 4, whenFull: 'drop' } } },
    );
    expect(found.kind).toBe('not-quiet');
  });

  it('of books that do not close', async () => {
    const a = machine({ on: { GO: { actions: tell('b', { type: 'ASK' }) } } });
    const b = machine({ on: { ASK: {} } });
    const system = { a: actor(a, { choices: [GO], rest: () => true }), b: actor(b) };
    const lossy: Channel = { to: ['b'], order: 'fifo', capacity: 2, lossy: true };
    const definition = {
      unit: 'pair',
      counters: { asked: { type: 'GO' }, heard: { type: 'ASK' } },
      balances: [{ name: 'all is heard', left: ['asked'], right: ['heard'] }],
    };
    const closed = await findingIn(system, { channels: { lossy: { ...lossy, lossy: false } } }, definition);
    expect(closed.kind).toBeUndefined();
    expect(closed.tally.episodes).toBeGreaterThan(5);
    const open = await findingIn(system, { channels: { lossy } }, definition);
    expect(open).toMatchObject({ kind: 'unbalanced', property: 'all is heard' });
  });
});

describe('nothing is found in', () => {
  it.each(FIXED)('$name --variant $variant', ({ name, variant }) => {
    const { template, definition, population } = scaled(scenarioOf(name), variant, 64);
    const plan = planOf(template, { units: 4, population }, definition);
    const run = runOf(plan, { steps: variant === 'fixed' && population > 0 ? 300_000 : 100_000 });
    expect(run.runHere()).toBeUndefined();
    // Each of these ends is one of the balances as well.
    expect(run.tally.episodes).toBeGreaterThan(30);
    expect(run.tally.longestDrain).toBeLessThan(200);
  });
});
