/**
 * Runs that stop: a fair run may end where only steps are enabled that nobody has to take, exactly as if an unrelated loop stood
 * beside the system. Systems whose verdicts are known by reasoning, each with and without such a loop.
 */

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { assign, enqueueActions, sendTo, setup } from 'xstate';
import { type CheckOptions, check } from '../../../src/explore/check.ts';
import { Threads } from '../../../src/explore/threads.ts';
import { ModelError } from '../../../src/system/errors.ts';
import {
  eventually,
  type Fairness,
  infinitelyOften,
  leadsTo,
  monitor,
  type Property,
  type SystemView,
} from '../../../src/system/property.ts';
import {
  type Actor,
  actor,
  defineSystem,
  family,
  type System,
  type SystemDefinition,
} from '../../../src/system/system.ts';
import type { Path } from '../../../src/tabulate/path.ts';
import { replaySchedule, replayTrace } from '../../../src/trace/replay.ts';
import { labelOf, scheduleOf, traceOf } from '../../../src/trace/trace.ts';
import fc from '../../fast-check.ts';
import { checkNaively } from '../../naive-checker.ts';
import { buildSystem, progressSpecs } from '../../random-systems.ts';
import { SEED } from '../../seed.ts';
import { checkRun } from './runs.ts';

/** From the first states on. */
const two = new Threads(2, { partMin: 1 });
beforeAll(() => two.start());
afterAll(() => two.close());

interface Declared extends Omit<SystemDefinition<Record<string, Actor>>, 'actors' | 'properties'> {
  readonly actors: Record<string, Actor>;
  readonly properties: readonly Property[];
}

function systemOf({ properties, ...more }: Declared): System {
  return defineSystem({ ...more, properties: () => properties });
}

/** Somebody unrelated that goes round for ever; nobody looks at it. */
const loop = (type: string) =>
  actor(
    setup({}).createMachine({
      initial: 'a',
      states: { a: { on: { [type]: 'b' } }, b: { on: { [type]: 'a' } } },
    }),
    { choices: [{ type }] as never, rest: () => true },
  );

/**
 * The verdict that all searches, the twin and live actors agree on, with nobody and with somebody beside; and the run that is told
 * of the system alone.
 */
async function decided(declared: Declared) {
  const alone = systemOf({ deadlock: 'ignore', ...declared });
  for (const beside of [loop('RUN'), loop('IDLE')]) {
    const accompanied = systemOf({ deadlock: 'ignore', ...declared, actors: { ...declared.actors, beside } });
    const [one, other] = [await check(alone), await check(accompanied)];
    expect([other.verdict, other.property]).toEqual([one.verdict, one.property]);
  }
  const twin = checkNaively(alone);
  const searches: CheckOptions[] = [{}, { search: 'depth-first' }, { symmetry: false }, { threads: two }];
  const told = await Promise.all(
    searches.map(async (options) => {
      const result = await check(alone, options);
      expect([result.verdict, result.property]).toEqual([twin.verdict, twin.property]);
      if (!result.path) return { verdict: result.verdict };
      if (twin.graph) checkRun(alone, twin.graph, result);
      const trace = traceOf(result.tables, result.path);
      const stored = JSON.parse(JSON.stringify(trace)) as typeof trace;
      for (const replay of [replaySchedule(alone, scheduleOf(trace)), replayTrace(alone, stored)]) {
        expect(replay).toMatchObject({ unfair: [], deadEnd: result.deadEnd });
        expect(replay.violated).toContain(result.property);
        expect(replay.trace.stops).toEqual(trace.stops);
      }
      const { verdict, deadEnd } = result;
      return { verdict, deadEnd, steps: trace.steps.map(labelOf), untaken: trace.stops?.map(labelOf) };
    }),
  );
  expect(told[2]).toEqual(told[0]);
  expect(told[3]).toEqual(told[0]);
  return told[0]!;
}

const is = (name: string, value: string) => (view: SystemView) => view.get(name).matches(value as never);
const done = (name: string) => (view: SystemView) => view.get(name).status === 'done';
const choices = (...types: string[]) => ({ choices: types.map((type) => ({ type })) as never });

// --- a thread that waits for a user who need not do anything ---

const thread = setup({}).createMachine({
  initial: 'start',
  states: { start: { on: { RUN: 'waiting' } }, waiting: { on: { PLUGGED: 'done' } }, done: { type: 'final' } },
});
const user = setup({
  actions: { plug: sendTo(({ system }) => system.get('thread'), { type: 'PLUGGED' }) },
}).createMachine({
  initial: 'out',
  states: { out: { on: { PLUG: { target: 'in', actions: 'plug' } } }, in: { type: 'final' } },
});

const rescue = (properties: Property[], fairness: Record<string, Fairness> = {}): Declared => ({
  actors: { thread: actor(thread, choices('RUN')), user: actor(user, choices('PLUG')) },
  blocking: ['PLUGGED'],
  properties,
  fairness,
});
const ends = eventually('the thread ends', done('thread'));
const waits = setup({}).createMachine({
  initial: 'idle',
  states: { idle: { on: { RUN: 'waits' } }, waits: { tags: 'hot', on: { PLUGGED: 'idle' } } },
});

describe('a run stops where only steps are enabled that nobody has to take', () => {
  const stopped = { verdict: 'violated', deadEnd: false, steps: ['thread.RUN'], untaken: ['user.PLUG'] };

  it('violates eventually', async () => {
    expect(await decided(rescue([ends]))).toEqual(stopped);
  });
  it('violates leadsTo', async () => {
    expect(await decided(rescue([leadsTo('waiting ends', is('thread', 'waiting'), done('thread'))]))).toEqual(stopped);
  });
  it('violates infinitelyOften', async () => {
    const first = { ...stopped, steps: ['thread.RUN'] };
    expect(await decided(rescue([infinitelyOften('it has ended', done('thread'))]))).toEqual(first);
  });
  it('violates a monitor that stays hot', async () => {
    expect(await decided(rescue([monitor('waiting ends', waits as never)]))).toEqual(stopped);
  });
  it('does not where somebody has to take one of them', async () => {
    for (const strength of ['weak', 'strong'] as const) {
      expect(await decided(rescue([ends], { user: strength }))).toEqual({ verdict: 'holds' });
    }
  });
  it('stops where nobody has to RUN', async () => {
    const lazy = rescue([ends], { thread: 'none', user: 'weak' });
    const { steps, untaken } = await decided(lazy);
    expect({ steps, untaken }).toEqual({ steps: [], untaken: ['thread.RUN'] });
  });
});

it('a run may stop in the initial state', async () => {
  const waiter = setup({}).createMachine({
    initial: 'waiting',
    states: { waiting: { on: { KICK: 'done' } }, done: { type: 'final' } },
  });
  const declared = {
    actors: { waiter: actor(waiter, choices('KICK')) },
    properties: [eventually('done', done('waiter'))],
  };
  expect(await decided(declared)).toEqual({ verdict: 'violated', deadEnd: false, steps: [], untaken: ['waiter.KICK'] });
  expect(scheduleOf(traceOf(...(await pathOf(declared))))).toBe(':');
});

async function pathOf(declared: Declared): Promise<Parameters<typeof traceOf>> {
  const { tables, path } = await check(systemOf(declared));
  return [tables, path!];
}

describe('an order that nobody has to cancel', () => {
  const order = setup({}).createMachine({
    initial: 'idle',
    states: {
      idle: { on: { START: 'waiting' } },
      waiting: { on: { CANCEL: 'cancelled' } },
      cancelled: { type: 'final' },
    },
  });
  const o = actor(order, choices('START', 'CANCEL'));
  const noise = actor(
    setup({}).createMachine({ initial: 'a', states: { a: { on: { BLINK: 'b' } }, b: { on: { BLINK: 'a' } } } }),
    choices('BLINK'),
  );
  const properties = [leadsTo('waiting ends', is('o', 'waiting'), is('o', 'cancelled'))];

  it('waits for ever, alone and with noise', async () => {
    expect(await decided({ actors: { o }, properties })).toMatchObject({ steps: ['o.START'], untaken: ['o.CANCEL'] });
    const withNoise = await decided({ actors: { o, noise }, properties });
    expect(withNoise).toMatchObject({ steps: ['o.START'], untaken: ['o.CANCEL', 'noise.BLINK'] });
  });
  it('does not when it has to cancel', async () => {
    expect(await decided({ actors: { o }, properties, fairness: { o: { CANCEL: 'weak' } } })).toEqual({
      verdict: 'holds',
    });
  });
});

describe('a lost wake-up', () => {
  const producer = setup({
    types: { input: {} as { name: string }, context: {} as { name: string } },
    actions: {
      post: sendTo(
        ({ system }) => system.get('thread'),
        ({ context }) => ({ type: 'ITEM', by: context.name }),
      ),
    },
  }).createMachine({
    context: ({ input }) => input,
    initial: 'idle',
    states: { idle: { on: { POST: { target: 'waiting', actions: 'post' } } }, waiting: { on: { ANSWER: 'idle' } } },
  });
  const sleeper = setup({
    types: {
      context: {} as { items: readonly string[] },
      events: {} as { type: 'ITEM'; by: string } | { type: 'RUN' } | { type: 'WAKE' },
    },
    guards: { hasItem: ({ context }) => context.items.length > 0 },
    actions: {
      add: assign({ items: ({ context, event }) => [...context.items, 'by' in event ? event.by : ''] }),
      serve: enqueueActions(({ context, enqueue }) => {
        const [first, ...items] = context.items;
        enqueue.assign({ items });
        enqueue.sendTo(({ system }) => system.get(first!), { type: 'ANSWER' });
      }),
    },
  }).createMachine({
    context: { items: [] },
    initial: 'asleep',
    states: {
      asleep: { on: { ITEM: { target: 'awake', actions: 'add' }, WAKE: 'awake' } },
      awake: {
        on: {
          WAKE: {},
          ITEM: { actions: 'add' },
          RUN: [{ guard: 'hasItem', actions: 'serve' }, { target: 'fallingAsleep' }],
        },
      },
      // The wake-up that comes here is lost.
      fallingAsleep: { on: { WAKE: {}, ITEM: { actions: 'add' }, RUN: 'asleep' } },
    },
  });
  const operator = setup({
    actions: { wake: sendTo(({ system }) => system.get('thread'), { type: 'WAKE' }) },
  }).createMachine({ on: { PRESS_KEY: { actions: 'wake' } } });
  const idler = setup({ actions: { none: () => {} } }).createMachine({ on: { NOTHING: { actions: 'none' } } });
  const faulty = (
    producers: number,
    more: Record<string, Actor>,
    fairness: Record<string, Fairness> = {},
  ): Declared => ({
    actors: {
      ...family('producer', producers, (i) => actor(producer, { input: { name: `producer${i}` }, ...choices('POST') })),
      thread: actor(sleeper, choices('RUN')),
      ...more,
    } as never,
    fairness,
    properties: [leadsTo('what producer0 posts is answered', is('producer0', 'waiting'), is('producer0', 'idle'))],
  });

  it('is seen though an operator may wake the thread, with and without an idler', async () => {
    for (const producers of [1, 2]) {
      for (const more of [{}, { idler: actor(idler, choices('NOTHING')) }]) {
        const told = await decided(faulty(producers, { operator: actor(operator, choices('PRESS_KEY')), ...more }));
        expect(told).toMatchObject({ verdict: 'violated', deadEnd: false });
        expect(told.untaken).toContain('operator.PRESS_KEY');
      }
    }
  });
  it('ends in a dead end without one, and does not matter when the operator has to press', async () => {
    expect(await decided(faulty(1, {}))).toMatchObject({ verdict: 'violated', deadEnd: true, untaken: undefined });
    const pressed = faulty(1, { operator: actor(operator, choices('PRESS_KEY')) }, { operator: 'weak' });
    expect(await decided(pressed)).toEqual({ verdict: 'holds' });
  });
});

describe('channels and timers', () => {
  const sender = setup({
    actions: { ping: sendTo(({ system }) => system.get('receiver'), { type: 'PING' }) },
  }).createMachine({
    initial: 'idle',
    states: { idle: { on: { RUN: { target: 'sent', actions: 'ping' } } }, sent: {} },
  });
  const receiver = (states: object) => setup({}).createMachine({ initial: 'shut', states: states as never });
  const link = (states: object, fairness: Record<string, Fairness> = {}): Declared => ({
    actors: { sender: actor(sender, choices('RUN')), receiver: actor(receiver(states) as never) },
    channels: {
      link: { from: ['sender'], to: ['receiver'], order: 'fifo', capacity: 1, whenFull: 'block', lossy: true },
    },
    blocking: ['PING'],
    properties: [
      eventually(
        'the channel is empty again',
        (view) => is('sender', 'sent')(view) && view.channel('link').length === 0,
      ),
    ],
    fairness,
  });

  it('a lossy channel need not lose', async () => {
    // Losing is for what could be delivered; without fairness nobody has to do either.
    const told = await decided(link({ shut: { on: { PING: 'got' } }, got: {} }, { link: 'none' }));
    expect(told).toMatchObject({
      steps: ['sender.RUN'],
      untaken: ['link: PING -> receiver', 'link: PING for receiver is lost'],
    });
  });
  it('a channel delivers in the end', async () => {
    expect(await decided(link({ shut: { on: { PING: 'got' } }, got: {} }))).toEqual({ verdict: 'holds' });
  });
  it('a timer is fair, so nobody stops before it', async () => {
    const machine = setup({}).createMachine({
      initial: 'armed',
      states: { armed: { after: { 10: 'fired' }, on: { STOP: 'armed' } }, fired: {} },
    });
    const declared = (fairness: Record<string, Fairness>) => ({
      actors: { timer: actor(machine, choices('STOP')) },
      properties: [eventually('it fires', is('timer', 'fired'))],
      fairness,
    });
    expect(await decided(declared({}))).toEqual({ verdict: 'holds' });
    expect(await decided(declared({ timer: 'none' }))).toMatchObject({
      steps: [],
      untaken: ['timer.STOP', 'timer.timer after 10 in armed'],
    });
  });
});

it('a run stops in a symmetric system, which is searched without its symmetry', async () => {
  const machine = setup({}).createMachine({
    initial: 'idle',
    states: { idle: { on: { RUN: 'busy' } }, busy: { on: { END: 'idle' } } },
  });
  const twins = family('w', 2, () => actor(machine, choices('RUN', 'END')));
  const told = await decided({
    actors: twins,
    symmetry: [['w0', 'w1']] as never,
    properties: [leadsTo('w1 ends', is('w1', 'busy'), is('w1', 'idle'))],
  });
  expect(told).toMatchObject({ verdict: 'violated', steps: ['w0.RUN', 'w1.RUN'], untaken: ['w0.END', 'w1.END'] });
});

describe('a schedule that ends in a colon', () => {
  const system = systemOf(rescue([ends]));

  it('is a run that stops, and says who would have to go on', () => {
    expect(replaySchedule(system, ':')).toMatchObject({ violated: [], unfair: ['thread.RUN'] });
    expect(replaySchedule(system, '0:')).toMatchObject({ violated: ['the thread ends'], unfair: [] });
  });
  it('is another matter than a run that may go on', () => {
    expect(replaySchedule(system, '0')).toMatchObject({ violated: [], unfair: [] });
  });
});

// --- random systems ---

interface Told {
  readonly verdict: string;
  readonly property: string | undefined;
  readonly code: string | undefined;
  readonly path?: Path | undefined;
}

const runs = Number(process.env.FAULTLINE_RANDOM_SYSTEMS ?? 60);

const maxStates = 300;

describe('somebody unrelated beside', () => {
  it(`changes no verdict on ${runs} random systems, FAULTLINE_SEED=${SEED}`, {
    timeout: 60_000 + runs * 300,
  }, async () => {
    const seen = { stops: 0, deadEnds: 0, lassos: 0, holds: 0 };
    const verdicts = (system: System) => [
      async () => {
        const { verdict, property, errorCode } = checkNaively(system, { maxStates: 2 * maxStates });
        return { verdict, property, code: errorCode };
      },
      ...(['breadth-first', 'depth-first'] as const).map((search) => async () => {
        const { verdict, property, error, path } = await check(system, { search });
        return { verdict, property, code: error?.code, path };
      }),
    ];
    const agrees = fc.asyncProperty(progressSpecs, fc.constantFrom('RUN', 'IDLE'), async (spec, type) => {
      const whole = buildSystem(spec);
      if (!checkNaively(whole, { maxStates }).graph) return;
      // Which of several properties is told is another matter: it depends on where they are decided. Who sees everything sees the one
      // beside, too.
      for (const property of whole.properties) {
        if (property.kind === 'monitor' && property.machine.events.includes('*')) continue;
        const alone = { ...whole, properties: [property] };
        const accompanied = { ...alone, actors: { ...alone.actors, beside: loop(type) } };
        try {
          for (const [at, of] of verdicts(alone).entries()) {
            const { path, ...got }: Told = await of();
            const { path: _, ...other }: Told = await verdicts(accompanied)[at]!();
            expect(other).toEqual(got);
            if (at !== 1) continue;
            if (got.verdict === 'holds') seen.holds++;
            else if (path?.stops) seen.stops++;
            else if (path?.cycleStart === undefined) seen.deadEnds++;
            else seen.lassos++;
          }
        } catch (error) {
          // What nobody ever starts cannot be treated fairly.
          if (!(error instanceof ModelError) || !error.message.startsWith('fairness of')) throw error;
        }
      }
    });
    await fc.assert(agrees, { numRuns: runs, seed: SEED });
    if (process.env.FAULTLINE_SHOW) console.log(seen);
    if (runs < 60) return;
    expect(Math.min(seen.holds, seen.stops + seen.deadEnds + seen.lassos)).toBeGreaterThan(2);
    if (runs < 300) return;
    expect(Math.min(...Object.values(seen))).toBeGreaterThan(2);
  });
});
