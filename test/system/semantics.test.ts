/**
 * The semantics, rule by rule, for every engine. Each test is built so that it fails when its rule is broken: mostly by
 * counting states and steps, and by monitors that accept exactly one sequence of messages.
 */

import { describe, expect, it } from 'vitest';
import {
  type ActorRef,
  assign,
  cancel,
  createActor,
  createMachine,
  type EventObject,
  enqueueActions,
  raise,
  type Snapshot,
  sendTo,
  setup,
  spawnChild,
} from 'xstate';
import {
  always,
  eventually,
  happens,
  monitor,
  type Observed,
  type Property,
  reachable,
  type Sent,
} from '../../src/system/property.ts';
import { type Actor, actor, type Channel, defineSystem, type SystemDefinition } from '../../src/system/system.ts';
import { type Engine, fastEngine, naiveTwin } from '../engines.ts';

const GO = { type: 'GO' };

function send(to: string, type: string, payload: object = {}) {
  return sendTo(({ system }) => system.get(to), { type, ...payload });
}

/** One state that counts these messages, up to `max`. */
function counter(types: readonly string[], max = 9, refused: readonly string[] = []) {
  const count = assign<{ n: number }, EventObject, undefined, EventObject, never>({
    n: ({ context }) => Math.min(context.n + 1, max),
  });
  return createMachine({
    context: { n: 0 },
    on: Object.fromEntries(types.map((type) => [type, { actions: [count] }])) as object,
    ...(refused.length > 0 && { initial: 'here', states: { here: {}, ...nowhere(...refused) } }),
  });
}

/** Takes these messages and does nothing visible. */
const sink = (...types: string[]) => actor(createMachine({ on: Object.fromEntries(types.map((type) => [type, {}])) }));

/** Runs through these actions, one GO each. */
function script(...steps: (readonly ReturnType<typeof send>[])[]) {
  return actor(
    createMachine({
      initial: 's0',
      states: Object.fromEntries([
        ...steps.map((actions, at) => [`s${at}`, { on: { GO: { target: `s${at + 1}`, actions: [...actions] } } }]),
        [`s${steps.length}`, {}],
      ]),
    }),
    { choices: [GO], rest: [`s${steps.length}`] },
  );
}

/** A monitor that accepts exactly these messages, as `actor.TYPE`, in this order, and wants all of them. */
function exactly(...sequence: string[]): Property {
  const states = sequence.map((entry, at) => {
    const dot = entry.indexOf('.');
    const [to, type] = [entry.slice(0, dot), entry.slice(dot + 1)];
    const expected = ({ event }: { event: EventObject & { to?: string } }) => event.to === to && event.type === type;
    return [`s${at}`, { tags: 'hot', on: { '*': [{ guard: expected, target: `s${at + 1}` }, { target: 'wrong' }] } }];
  });
  const end = [`s${sequence.length}`, { on: { '*': 'wrong' } }];
  return monitor(
    `exactly ${sequence.join(' ')}`,
    createMachine({ initial: 's0', states: { ...Object.fromEntries([...states, end]), wrong: { tags: 'violation' } } }),
  );
}

/** The same of sends as well: `a>b.M` is M from a to b when it is sent, and `b.M` when it is taken. */
function exactlyWithSends(...sequence: string[]): Property {
  const states = sequence.map((entry, at) => {
    const [, from, to, type] = /^(?:(\w+)>)?(\w+)\.(\w+)$/.exec(entry)!;
    const expected = ({ event }: { event: EventObject & { from?: string; to?: string } }) =>
      event.type === (from ? `sent.${type}` : type) && event.from === from && event.to === to;
    const next = [{ guard: expected, target: `s${at + 1}` }, { target: 'wrong' }];
    return [`s${at}`, { tags: 'hot', on: { '*': next, 'sent.*': next } }];
  });
  const end = [`s${sequence.length}`, { on: { '*': 'wrong', 'sent.*': 'wrong' } }];
  return monitor(
    `exactly ${sequence.join(' ')}`,
    createMachine({ initial: 's0', states: { ...Object.fromEntries([...states, end]), wrong: { tags: 'violation' } } }),
  );
}

type Parts = Omit<SystemDefinition<Record<string, Actor>>, 'properties'> & { properties?: readonly Property[] };

/** Whoever may start something does so in the end: what `exactly` wants to see is not left out by a run that stops before it. */
function run(engine: Engine, { properties = [], ...parts }: Parts, maxStates = 1000) {
  const starters = Object.entries(parts.actors).filter(([, { choices }]) => choices.length > 0);
  const fairness = Object.fromEntries(starters.map(([name]) => [name, 'weak' as const]));
  const definition = { deadlock: 'ignore' as const, fairness, ...parts, properties: () => properties };
  return engine.run(defineSystem(definition), { maxStates });
}

/** A sender that puts `items` messages of type ITEM into the channel `link`, which ends at a counter. */
function linked(channel: Partial<Channel>, items: EventObject[], properties: readonly Property[] = []): Parts {
  return {
    actors: {
      sender: script(...items.map(({ type, ...payload }) => [send('receiver', type, payload)])),
      receiver: actor(counter(['ITEM', 'OTHER'])),
    },
    channels: { link: { to: ['receiver'], order: 'fifo', capacity: 2, ...channel } },
    properties,
  };
}
const ITEM = { type: 'ITEM' };

/** States that nothing leads to: their machine knows these messages, and takes none of them. */
const nowhere = (...types: string[]) => ({ nowhere: { on: Object.fromEntries(types.map((type) => [type, {}])) } });
/** Refuses these messages, or does not expect them. */
const stranger = (...types: string[]) =>
  actor(createMachine({ initial: 'here', states: { here: {}, ...nowhere(...types) } }));

describe.each([naiveTwin, fastEngine])('$name: choices and steps', (engine) => {
  it('enables a choice only where a transition does something', async () => {
    const machine = createMachine({
      initial: 'one',
      states: {
        one: { on: { FORBIDDEN: {}, GUARDED: { guard: () => false, target: 'two' }, GO: 'two' } },
        two: {},
        ...nowhere('ELSEWHERE'),
      },
    });
    const choices = [{ type: 'FORBIDDEN' }, { type: 'GUARDED' }, { type: 'ELSEWHERE' }, GO];
    expect(await run(engine, { actors: { a: actor(machine, { choices }) } })).toMatchObject({ states: 2, steps: 1 });
  });

  it('counts a step that changes nothing', async () => {
    const machine = createMachine({
      initial: 'one',
      states: { one: { on: { GO: 'one', ACT: { actions: () => {} } } } },
    });
    const result = await run(engine, { actors: { a: actor(machine, { choices: [GO, { type: 'ACT' }] }) } });
    expect(result).toMatchObject({ verdict: 'holds', states: 1, steps: 2, depth: 0 });
  });

  it('offers the same choice with each declared payload', async () => {
    const machine = createMachine({
      context: { n: 0 },
      on: { SET: { actions: assign({ n: ({ event }) => event.n }) } },
    });
    const choices = [1, 2, 3].map((n) => ({ type: 'SET', n }));
    expect(await run(engine, { actors: { a: actor(machine, { choices }) } })).toMatchObject({ states: 4, steps: 12 });
  });

  it('takes a synchronous message within the step', async () => {
    const actors = { a: script([send('b', 'M')]), b: actor(counter(['M'])) };
    expect(await run(engine, { actors })).toMatchObject({ states: 2, steps: 1, depth: 1 });
  });

  it('follows messages depth-first', async () => {
    const actors = {
      a: script([send('b', 'M'), send('c', 'LAST')]),
      b: actor(createMachine({ on: { M: { actions: send('c', 'FIRST') } } })),
      c: sink('FIRST', 'LAST'),
    };
    const properties = [exactly('a.GO', 'b.M', 'c.FIRST', 'c.LAST')];
    expect(await run(engine, { actors, properties })).toMatchObject({ verdict: 'holds', states: 2 });
  });

  it('queues a message to an actor that is still busy', async () => {
    const asking = createMachine({
      initial: 'idle',
      states: {
        idle: { on: { GO: { target: 'waiting', actions: [send('b', 'ASK'), send('c', 'AFTER_ASK')] } } },
        waiting: { on: { ANSWER: 'done' } },
        done: {},
      },
    });
    const actors = {
      a: actor(asking, { choices: [GO] }),
      b: actor(createMachine({ on: { ASK: { actions: [send('a', 'ANSWER'), send('c', 'NOTE')] } } })),
      c: sink('NOTE', 'AFTER_ASK'),
    };
    const properties = [
      exactly('a.GO', 'b.ASK', 'c.NOTE', 'c.AFTER_ASK', 'a.ANSWER'),
      reachable('answered', (view) => view.get('a').matches('done')),
    ];
    expect(await run(engine, { actors, properties })).toMatchObject({ verdict: 'holds', states: 2, steps: 1 });
  });

  it('queues a message to itself behind what it still sends', async () => {
    const machine = createMachine({ on: { GO: { actions: [send('a', 'SELF'), send('b', 'M')] }, SELF: {} } });
    const actors = { a: actor(machine, { choices: [GO] }), b: sink('M') };
    const once = exactly('a.GO', 'b.M', 'a.SELF', 'a.GO', 'b.M', 'a.SELF', 'a.GO');
    expect(await run(engine, { actors, properties: [once] })).toMatchObject({ verdict: 'violated', length: 3 });
  });

  it('takes queued messages in the order of their sending', async () => {
    const machine = createMachine({
      initial: 's',
      states: {
        s: { on: { GO: { target: 't', actions: send('b', 'M') } } },
        t: { on: { ONE: {}, TWO: {}, THREE: {} } },
      },
    });
    const answers = [send('a', 'ONE'), send('a', 'TWO'), send('a', 'THREE')];
    const actors = {
      a: actor(machine, { choices: [GO] }),
      b: actor(createMachine({ on: { M: { actions: answers } } })),
    };
    const properties = [exactly('a.GO', 'b.M', 'a.ONE', 'a.TWO', 'a.THREE')];
    expect(await run(engine, { actors, properties })).toMatchObject({ verdict: 'holds', states: 2, steps: 1 });
  });

  it('processes a raised event in the same step, unseen by monitors', async () => {
    const machine = createMachine({
      initial: 'one',
      states: {
        one: { on: { GO: { target: 'two', actions: raise({ type: 'INNER' }) } } },
        two: { on: { INNER: 'three' } },
        three: {},
      },
    });
    const properties = [exactly('a.GO'), reachable('three', (view) => view.get('a').matches('three'))];
    const result = await run(engine, { actors: { a: actor(machine, { choices: [GO] }) }, properties });
    expect(result).toMatchObject({ verdict: 'holds', states: 2 });
  });

  it('takes eventless transitions within the step', async () => {
    const machine = createMachine({
      initial: 'one',
      states: { one: { on: { GO: 'two' } }, two: { always: { target: 'three', actions: send('b', 'M') } }, three: {} },
    });
    const actors = { a: actor(machine, { choices: [GO] }), b: sink('M') };
    const result = await run(engine, { actors, properties: [exactly('a.GO', 'b.M')] });
    expect(result).toMatchObject({ verdict: 'holds', states: 2, steps: 1 });
  });

  it('searches breadth-first and gives the shortest trace', async () => {
    const machine = createMachine({
      initial: 's0',
      states: {
        s0: { on: { LONG: 's1', SHORT: 's2' } },
        s1: { on: { LONG: 's3' } },
        s2: { on: { SHORT: 'bad' } },
        s3: { on: { LONG: 'bad' } },
        bad: {},
      },
    });
    const actors = { a: actor(machine, { choices: [{ type: 'LONG' }, { type: 'SHORT' }] }) };
    const properties = [always('never bad', (view) => !view.get('a').matches('bad'))];
    expect(await run(engine, { actors, properties })).toMatchObject({ verdict: 'violated', length: 2, depth: 2 });
  });
});

describe.each([naiveTwin, fastEngine])('$name: a constraint', (engine) => {
  const machine = createMachine({
    context: { n: 0 },
    initial: 'on',
    states: {
      on: {
        after: { 10: 'off' },
        on: { GO: { actions: assign({ n: ({ context }) => context.n + 1 }) }, HEAR: 'heard' },
      },
      off: { type: 'final' },
      heard: { type: 'final' },
    },
  });
  const bounded = actor(
    machine as never,
    {
      choices: [GO] as never,
      constraint: ({ context }: { context: { n: number } }) => context.n < 2,
    } as never,
  ) as unknown as Actor;

  it('keeps an actor from choices and timers where it does not hold, and that is no deadlock', async () => {
    // on 0 to 2, and off 0 and 1: at 2 the timer is armed, and does not fire.
    expect(await run(engine, { actors: { a: bounded } })).toMatchObject({ verdict: 'holds', states: 5, steps: 4 });
  });

  it('does not keep it from what others send', async () => {
    const b = actor(
      createMachine({
        initial: 'one',
        states: { one: { on: { GO: { target: 'two', actions: send('a', 'HEAR') } } }, two: {} },
      }),
      {
        choices: [GO],
        rest: () => true,
      },
    );
    const heard = reachable('heard', (view) => {
      const { value, context } = view.get('a');
      return value === 'heard' && (context as { n: number }).n === 2;
    });
    const actors = { a: bounded, b };
    expect(await run(engine, { actors, properties: [heard], unhandled: 'ignore' })).toMatchObject({ verdict: 'holds' });
  });
});

describe.each([naiveTwin, fastEngine])('$name: messages that are not taken', (engine) => {
  const busyLock = actor(createMachine({ initial: 'held', states: { held: { on: { TRY: { guard: () => false } } } } }));

  it('a refused blocking message disables the whole step', async () => {
    const actors = { a: script([send('b', 'M'), send('lock', 'TRY')]), b: actor(counter(['M'])), lock: busyLock };
    const properties = [
      exactly(),
      always('b counts nothing', (view) => view.get('b').context.n === 0),
      always('a stays', (view) => view.get('a').matches('s0')),
    ];
    const result = await run(engine, { actors, blocking: ['TRY'], properties });
    expect(result).toMatchObject({ verdict: 'holds', states: 1, steps: 0 });
  });

  it('what a disabled step did is no witness', async () => {
    const actors = { a: script([send('b', 'M'), send('lock', 'TRY')]), b: sink('M'), lock: busyLock };
    const properties = [happens('M is taken', { type: 'M' })];
    const result = await run(engine, { actors, blocking: ['TRY'], properties });
    expect(result).toMatchObject({ verdict: 'violated', property: 'M is taken', length: undefined });
  });

  it('an unhandled message is a model error, with the failing step in its trace', async () => {
    const actors = { a: script([], [send('b', 'M')]), b: actor(createMachine({})) };
    expect(await run(engine, { actors })).toMatchObject({
      verdict: 'model-error',
      code: 'unhandled-message',
      length: 2,
    });
  });

  it('a message whose guards all fail is unhandled', async () => {
    const b = actor(createMachine({ on: { M: { guard: () => false, actions: () => {} } } }));
    const result = await run(engine, { actors: { a: script([send('b', 'M')]), b } });
    expect(result).toMatchObject({ verdict: 'model-error', code: 'unhandled-message' });
  });

  it('whatever comes first decides between refused and unhandled', async () => {
    const lock = busyLock;
    const refusedFirst = { a: script([send('lock', 'TRY'), send('lock', 'M')]), lock };
    const unhandledFirst = { a: script([send('lock', 'M'), send('lock', 'TRY')]), lock };
    expect(await run(engine, { actors: refusedFirst, blocking: ['TRY'] })).toMatchObject({
      verdict: 'holds',
      steps: 0,
    });
    expect(await run(engine, { actors: unhandledFirst, blocking: ['TRY'] })).toMatchObject({ verdict: 'model-error' });
  });

  it('a forbidden transition ignores a message, even a blocking one', async () => {
    const actors = { a: script([send('b', 'M')]), b: sink('M') };
    const properties = [exactly('a.GO', 'b.M'), happens('M is taken', { type: 'M', to: 'b' })];
    const result = await run(engine, { actors, blocking: ['M'], properties });
    expect(result).toMatchObject({ verdict: 'holds', states: 2, steps: 1 });
  });

  it('an unhandled message comes to nothing where that is declared, and nobody sees it taken', async () => {
    const b = createMachine({ initial: 's', states: { s: { on: { M: 't' } }, t: {}, ...nowhere('N') } });
    const actors = { a: script([send('b', 'M'), send('b', 'M')]), b: actor(b) };
    const properties = [exactly('a.GO', 'b.M')];
    const result = await run(engine, { actors, properties, unhandled: 'ignore' });
    expect(result).toMatchObject({ verdict: 'holds', states: 2, steps: 1 });
    const one = { ...actors, b: actor(b, { unhandled: 'ignore' }) };
    expect(await run(engine, { actors: one, properties })).toMatchObject({ verdict: 'holds', states: 2, steps: 1 });
    const other = { ...actors, b: actor(b, { unhandled: 'error' }) };
    expect(await run(engine, { actors: other, unhandled: 'ignore' })).toMatchObject({ code: 'unhandled-message' });
    const seen = [happens('it is taken', { type: 'N' })];
    const unseen = { a: script([send('b', 'N')]), b: actor(b) };
    expect(await run(engine, { actors: unseen, properties: seen, unhandled: 'ignore' })).toMatchObject({
      verdict: 'violated',
      property: 'it is taken',
    });
    // A sender still waits for what blocks.
    const waiting = await run(engine, { actors: unseen, unhandled: 'ignore', blocking: ['N'] });
    expect(waiting).toMatchObject({ states: 1, steps: 0 });
  });

  it('an unhandled message that is ignored leaves a channel, and lets eventless transitions see it', async () => {
    const b = createMachine({
      initial: 's',
      states: { s: { always: { guard: ({ event }) => event.type === 'ITEM', target: 't' } }, t: {} },
    });
    const link: Channel = { to: ['receiver'], order: 'fifo', capacity: 2 };
    const actors = { sender: script([send('receiver', 'ITEM'), send('receiver', 'OTHER')]), receiver: actor(b) };
    const result = await run(engine, {
      actors,
      channels: { link },
      unhandled: 'ignore',
      properties: [reachable('seen', (view) => view.get('receiver').matches('t' as never))],
    });
    expect(result).toMatchObject({ verdict: 'holds', states: 4, steps: 3 });
  });

  it('a message to an actor that is done comes to nothing where that is declared, also one that waits in its mailbox', async () => {
    const b = createMachine({
      initial: 'one',
      states: {
        one: { on: { END: { target: 'two', actions: [send('a', 'HALF'), send('b', 'LATE')] } } },
        two: { type: 'final' },
      },
    });
    const a = script([send('b', 'END'), send('b', 'M')]);
    const actors = { a: { ...a, unhandled: 'ignore' as const }, b: actor(b) };
    expect(await run(engine, { actors, unhandled: 'ignore' })).toMatchObject({ verdict: 'holds', states: 2, steps: 1 });
    expect(await run(engine, { actors })).toMatchObject({ code: 'unhandled-message' });
  });

  it('a wildcard takes any message', async () => {
    const actors = { a: script([send('b', 'M')]), b: actor(createMachine({ on: { '*': { actions: () => {} } } })) };
    expect(await run(engine, { actors })).toMatchObject({ verdict: 'holds', states: 2 });
  });

  it('in parallel states one region that takes a message is enough', async () => {
    const b = createMachine({
      type: 'parallel',
      states: {
        deaf: {},
        forbids: { on: { M: {} } },
        takes: { initial: 's', states: { s: { on: { M: 't' } }, t: {} } },
      },
    });
    const properties = [reachable('taken', (view) => view.get('b').matches({ takes: 't' }))];
    const actors = { a: script([send('b', 'M')]), b: actor(b) };
    expect(await run(engine, { actors, properties })).toMatchObject({ verdict: 'holds', states: 2 });
  });

  it('an actor that is done takes nothing', async () => {
    const machine = createMachine({
      initial: 'one',
      on: { M: { actions: () => {} }, GO: { actions: () => {} } },
      states: { one: { on: { END: 'two' } }, two: { type: 'final' } },
    });
    const done = { a: script([send('b', 'END')], [send('b', 'M')]), b: actor(machine, { choices: [GO] }) };
    expect(await run(engine, { actors: done })).toMatchObject({ code: 'unhandled-message', length: 2 });
    // GO is possible before the end only: 2 states, GO of b in the first one, END.
    expect(await run(engine, { actors: done, blocking: ['M'] })).toMatchObject({
      verdict: 'holds',
      states: 2,
      steps: 2,
    });
  });
});

describe.each([naiveTwin, fastEngine])('$name: channels', (engine) => {
  it('delivers later, as a step of its own', async () => {
    expect(await run(engine, linked({}, [ITEM]))).toMatchObject({ states: 3, steps: 2, depth: 2 });
  });

  it('delivers only the oldest message of a FIFO channel', async () => {
    const result = await run(engine, linked({}, [ITEM, { type: 'OTHER' }]));
    expect(result).toMatchObject({ states: 6, steps: 6 });
  });

  it('delivers any message of an unordered channel', async () => {
    const result = await run(engine, linked({ order: 'unordered' }, [ITEM, { type: 'OTHER' }]));
    expect(result).toMatchObject({ states: 7, steps: 8 });
  });

  it('keeps equal messages apart by their number only', async () => {
    const result = await run(engine, linked({ order: 'unordered' }, [ITEM, ITEM]));
    expect(result).toMatchObject({ states: 6, steps: 6 });
    const otherWay = linked({ order: 'unordered' }, [ITEM, { type: 'OTHER' }]);
    const both = await run(engine, {
      ...otherWay,
      actors: { ...otherWay.actors, sender: twoWays([ITEM, { type: 'OTHER' }]) },
    });
    // Whichever was sent first, the full bag is the same: s0, [I]0, [O]0, []1 twice, [IO]0, [I]1, [O]1, []2.
    expect(both).toMatchObject({ states: 9 });
  });

  it('keeps the order of a FIFO channel as part of the state', async () => {
    const parts = linked({}, [ITEM, { type: 'OTHER' }]);
    const both = await run(engine, {
      ...parts,
      actors: { ...parts.actors, sender: twoWays([ITEM, { type: 'OTHER' }]) },
    });
    expect(both).toMatchObject({ states: 10 });
  });

  it('a full channel disables the step that sends, with all its effects', async () => {
    expect(await run(engine, linked({ capacity: 1 }, [ITEM, ITEM]))).toMatchObject({ states: 5, steps: 4 });
    const actors = { sender: script([send('receiver', 'ITEM'), send('receiver', 'ITEM')]), receiver: sink('ITEM') };
    const channels: Parts['channels'] = { link: { to: ['receiver'], order: 'fifo', capacity: 1 } };
    expect(await run(engine, { actors, channels })).toMatchObject({ states: 1, steps: 0 });
  });

  it('a full channel loses the message when it is declared to', async () => {
    const result = await run(engine, linked({ capacity: 1, whenFull: 'drop' }, [ITEM, ITEM]));
    expect(result).toMatchObject({ states: 7, steps: 6 });
  });

  it('loses a message as a step of its own', async () => {
    expect(await run(engine, linked({ lossy: true }, [ITEM]))).toMatchObject({ states: 4, steps: 3 });
  });

  it('loses only the oldest message of a FIFO channel', async () => {
    const result = await run(engine, linked({ lossy: true }, [ITEM, { type: 'OTHER' }]));
    expect(result).toMatchObject({ states: 10, steps: 12 });
  });

  it('loses any message of a FIFO channel where it is declared to', async () => {
    const lossy = 'anywhere' as const;
    const three = [ITEM, { type: 'OTHER' }, ITEM];
    const counts = async (parts: Parts) => {
      const { states, steps } = await run(engine, parts);
      return { states, steps };
    };
    const full = (channel: Partial<Channel>, items: EventObject[]) => ({
      ...linked({ capacity: 3, ...channel }, items),
      actors: { ...linked({}, items).actors, receiver: stranger('ITEM', 'OTHER') },
      blocking: ['ITEM', 'OTHER'],
    });
    // Nothing is delivered. What is left of I, of IO and of IOI: its ends, or all that one can leave out of it.
    expect(await counts(full({ lossy: true }, three))).toEqual({ states: 10, steps: 12 });
    expect(await counts(full({ lossy }, three))).toEqual({ states: 14, steps: 22 });
    // Which of equal neighbours is lost makes no difference, and in a bag any message is lost anyway.
    expect(await counts(full({ lossy }, [ITEM, ITEM]))).toEqual(await counts(full({ lossy: true }, [ITEM, ITEM])));
    const bag = { order: 'unordered' as const };
    expect(await counts(full({ ...bag, lossy }, three))).toEqual(await counts(full({ ...bag, lossy: true }, three)));
  });

  it('delivers a message and yet keeps it', async () => {
    const parts = linked({ duplicating: true }, [ITEM]);
    const actors = { ...parts.actors, receiver: actor(counter(['ITEM'], 2)) };
    expect(await run(engine, { ...parts, actors })).toMatchObject({ states: 6, steps: 7 });
    const lossy = { ...linked({ duplicating: true, lossy: true }, [ITEM]), actors };
    expect(await run(engine, lossy)).toMatchObject({ states: 7, steps: 10 });
  });

  const set: Partial<Channel> = { order: 'set', capacity: Number.POSITIVE_INFINITY };

  it('has a message once in a set, however often it is sent', async () => {
    const OTHER = { type: 'OTHER' };
    const silent = (channel: Partial<Channel>) => {
      const parts = linked(channel, [ITEM, OTHER, ITEM]);
      return {
        ...parts,
        actors: { ...parts.actors, receiver: stranger('ITEM', 'OTHER') },
        blocking: ['ITEM', 'OTHER'],
      };
    };
    // Nothing is delivered, and the last send finds its message there; in a bag there are two of it, which read otherwise.
    const two = reachable('two', (view) => view.channel('link').length === 2);
    const three = reachable('three', (view) => view.channel('link').length === 3);
    const bag = { ...set, order: 'unordered' as const };
    expect(await run(engine, { ...silent(set), properties: [two] })).toMatchObject({
      verdict: 'holds',
      states: 4,
      steps: 3,
    });
    expect(await run(engine, { ...silent(set), properties: [three] })).toMatchObject({ verdict: 'violated' });
    expect(await run(engine, { ...silent(bag), properties: [three] })).toMatchObject({ verdict: 'holds', states: 4 });
    // Sent again after it was taken, it is there again.
    const again = linked(set, [ITEM, ITEM]);
    const taken = reachable('taken twice', (view) => view.get('receiver').context.n === 2);
    expect(await run(engine, { ...again, properties: [taken] })).toMatchObject({
      verdict: 'holds',
      states: 7,
      steps: 6,
    });
  });

  it('delivers any message of a set, and the order of sending is no part of the state', async () => {
    const one = linked(set, [ITEM, { type: 'OTHER' }]);
    // s0; s1 with I or without it, taken; s2 with any of both, and how many were taken.
    expect(await run(engine, one)).toMatchObject({ states: 7, steps: 8 });
  });

  it('delivers a message again and again where it always stays', async () => {
    const parts = linked({ ...set, duplicating: 'always' }, [ITEM]);
    const actors = { ...parts.actors, receiver: actor(counter(['ITEM'], 2)) };
    // s0; s1 with the message for ever, taken not at all, once, or more often, which changes nothing any more.
    expect(await run(engine, { ...parts, actors })).toMatchObject({ states: 4, steps: 4 });
    // It stays in a bag, too, and then sending it again adds one.
    const bag = linked({ ...set, order: 'unordered', duplicating: 'always' }, [ITEM, ITEM]);
    const twice = reachable('two of them', (view) => view.channel('link').length === 2);
    const receiver = actor(counter(['ITEM'], 1));
    expect(await run(engine, { ...bag, actors: { ...bag.actors, receiver }, properties: [twice] })).toMatchObject({
      verdict: 'holds',
      states: 5,
    });
    // And it may still be lost, where the channel is lossy.
    const lossy = { ...linked({ ...set, duplicating: 'always', lossy: true }, [ITEM]), actors };
    expect(await run(engine, lossy)).toMatchObject({ states: 7, steps: 7 });
  });

  it('a lost message is seen by nobody', async () => {
    const parts = linked(
      { capacity: 1, whenFull: 'drop', lossy: true },
      [ITEM, ITEM],
      [exactly('sender.GO', 'sender.GO')],
    );
    const receiver = stranger('ITEM');
    const result = await run(engine, { ...parts, actors: { ...parts.actors, receiver }, blocking: ['ITEM'] });
    // s0, s1[I], s1[], s2[I], s2[]
    expect(result).toMatchObject({ verdict: 'holds', states: 5 });
  });

  it('a refused delivery stays in the channel, and holds up a FIFO channel', async () => {
    const receiver = actor(counter(['OTHER'], 9, ['ITEM']));
    const stuck = (order: Channel['order']) => {
      const parts = linked({ order }, [ITEM, { type: 'OTHER' }]);
      return run(engine, { ...parts, actors: { ...parts.actors, receiver }, blocking: ['ITEM'] });
    };
    expect(await stuck('fifo')).toMatchObject({ states: 3, steps: 2 });
    expect(await stuck('unordered')).toMatchObject({ states: 4, steps: 3 });
  });

  it('a delivery that its receiver does not expect is a model error', async () => {
    const parts = linked({}, [ITEM]);
    const result = await run(engine, { ...parts, actors: { ...parts.actors, receiver: sink('OTHER') } });
    expect(result).toMatchObject({ verdict: 'model-error', code: 'unhandled-message', length: 2 });
  });

  it('takes only the declared types, senders and receivers; all else is synchronous', async () => {
    const three = (channel: Partial<Channel>) => ({
      actors: {
        one: script([send('receiver', 'ITEM'), send('receiver', 'OTHER')]),
        receiver: actor(counter(['ITEM', 'OTHER'])),
        other: actor(counter([])),
      },
      channels: { link: { to: ['receiver'], order: 'fifo', capacity: 2, ...channel } as Channel },
    });
    const sees = async (channel: Partial<Channel>) => (await run(engine, three(channel))).states;
    expect(await sees({})).toBe(4);
    expect(await sees({ types: ['ITEM'] })).toBe(3);
    expect(await sees({ types: ['ITEM', 'OTHER'], from: ['one'] })).toBe(4);
    expect(await sees({ from: ['other', 'receiver'] })).toBe(2);
    expect(await sees({ to: ['other'] })).toBe(2);
  });

  it('a later synchronous message overtakes one in a channel', async () => {
    const parts = linked({ types: ['ITEM'] }, [], [exactly('sender.GO', 'receiver.OTHER', 'receiver.ITEM')]);
    const sender = script([send('receiver', 'ITEM'), send('receiver', 'OTHER')]);
    expect(await run(engine, { ...parts, actors: { ...parts.actors, sender } })).toMatchObject({ verdict: 'holds' });
  });

  it('an actor can send to itself through a channel', async () => {
    const machine = createMachine({
      initial: 's',
      states: { s: { on: { GO: { target: 't', actions: send('a', 'SELF') } } }, t: { on: { SELF: 'u' } }, u: {} },
    });
    const channels: Parts['channels'] = { loop: { to: ['a'], order: 'fifo', capacity: 1 } };
    const result = await run(engine, { actors: { a: actor(machine, { choices: [GO] }) }, channels });
    expect(result).toMatchObject({ states: 3, steps: 2 });
  });

  it('a delivered message leaves its place before the receiver sends', async () => {
    const relay = actor(createMachine({ on: { ITEM: { actions: send('relay', 'ITEM') } } }));
    const actors = { sender: script([send('relay', 'ITEM')]), relay };
    const link = { to: ['relay'], order: 'fifo', capacity: 1 } as const;
    expect(await run(engine, { actors, channels: { link } })).toMatchObject({ states: 2, steps: 2 });
    // Delivered and kept, it still fills the channel: that step is disabled.
    const kept = { ...link, duplicating: true };
    expect(await run(engine, { actors, channels: { link: kept } })).toMatchObject({ states: 2, steps: 2 });
    const roomy = { ...kept, capacity: 2 };
    expect(await run(engine, { actors, channels: { link: roomy } })).toMatchObject({ states: 3, steps: 4 });
  });

  it('two channels for the same message are a model error', async () => {
    const link = { to: ['receiver'], order: 'fifo', capacity: 1 } as const;
    const result = await run(engine, { ...linked({}, [ITEM]), channels: { one: link, two: link } });
    expect(result).toMatchObject({ verdict: 'model-error', code: 'bad-definition', length: 1 });
  });

  it('predicates see the contents, oldest first', async () => {
    const contents = (view: { channel(name: string): readonly { to: string; event: EventObject }[] }) =>
      view.channel('link').map(({ to, event }) => `${to}.${event.type}`);
    const properties = [
      reachable('both', (view) => contents(view).join() === 'receiver.ITEM,receiver.OTHER'),
      always('never the other way', (view) => contents(view).join() !== 'receiver.OTHER,receiver.ITEM'),
    ];
    const result = await run(engine, linked({}, [ITEM, { type: 'OTHER' }], properties));
    expect(result).toMatchObject({ verdict: 'holds' });
  });

  it('a channel without bound makes the space infinite, and the verdict unknown', async () => {
    const sender = actor(createMachine({ on: { GO: { actions: send('receiver', 'ITEM') } } }), { choices: [GO] });
    const parts = linked({ capacity: Number.POSITIVE_INFINITY }, []);
    const result = await run(engine, { ...parts, actors: { ...parts.actors, sender } }, 100);
    expect(result).toMatchObject({ verdict: 'unknown' });
  });
});

/** Sends these two messages in either order, one GO each. */
function twoWays([one, two]: readonly [EventObject, EventObject]) {
  const to = (target: string, { type }: EventObject) => ({ target, actions: send('receiver', type) });
  const machine = createMachine({
    initial: 's0',
    states: {
      s0: { on: { GO: to('s1', one), BACK: to('s2', two) } },
      s1: { on: { GO: to('s3', two) } },
      s2: { on: { GO: to('s3', one) } },
      s3: {},
    },
  });
  return actor(machine, { choices: [GO, { type: 'BACK' }] });
}

describe.each([naiveTwin, fastEngine])('$name: receivers that compete', (engine) => {
  const OTHER = { type: 'OTHER' };
  /** A sender that puts these messages into the channel `jobs`, which two counters take from. */
  const competing = (channel: Partial<Channel>, items: EventObject[], properties: readonly Property[] = []): Parts => ({
    actors: {
      sender: script(...items.map(({ type, ...payload }) => [send('jobs', type, payload)])),
      one: actor(counter(['ITEM', 'OTHER'])),
      two: actor(counter(['ITEM', 'OTHER'])),
    },
    channels: { jobs: { to: ['one', 'two'], competing: true, order: 'fifo', capacity: 2, ...channel } },
    properties,
  });
  const withTwo = (parts: Parts, two: Actor): Parts => ({ ...parts, actors: { ...parts.actors, two } });

  it('a message to the channel is taken by one of them, whichever is first', async () => {
    expect(await run(engine, competing({}, [ITEM]))).toMatchObject({ verdict: 'holds', states: 4, steps: 3 });
    expect(await run(engine, competing({}, [ITEM, OTHER]))).toMatchObject({ states: 10, steps: 12 });
    const both = always('one of them', (view) => view.get('one').context.n + view.get('two').context.n < 2);
    expect(await run(engine, competing({}, [ITEM], [both]))).toMatchObject({ verdict: 'holds' });
  });

  it('monitors see who took it', async () => {
    const [one, two] = [exactly('sender.GO', 'one.ITEM'), exactly('sender.GO', 'two.ITEM')];
    for (const seen of [one, two]) {
      expect(await run(engine, competing({}, [ITEM], [seen]))).toMatchObject({ verdict: 'violated', length: 2 });
    }
    const witnesses = ['one', 'two'].map((to) => happens(`${to} has it`, { to, type: 'ITEM' }));
    expect(await run(engine, competing({}, [ITEM], witnesses))).toMatchObject({ verdict: 'holds' });
  });

  it('one that refuses it leaves it to the others; where all refuse it, it waits', async () => {
    const blocking = { ...competing({}, [ITEM]), blocking: ['ITEM'], deadlock: 'violation' as const };
    const refusing = withTwo(blocking, stranger('ITEM', 'OTHER'));
    expect(await run(engine, refusing)).toMatchObject({ verdict: 'holds', states: 3, steps: 2 });
    const nobody = { ...refusing, actors: { ...refusing.actors, one: stranger('ITEM', 'OTHER') } };
    expect(await run(engine, nobody)).toMatchObject({ verdict: 'violated', property: 'no deadlock', states: 2 });
  });

  it('one that does not expect it is a model error, although others do', async () => {
    const parts = withTwo(competing({}, [ITEM]), stranger('ITEM', 'OTHER'));
    expect(await run(engine, parts)).toMatchObject({ verdict: 'model-error', code: 'unhandled-message', length: 2 });
  });

  it.each([
    [{ lossy: true }, 5, 4],
    // Each of the four states with the message has two deliveries; where it may leave, two more.
    [{ duplicating: 'always' }, 5, 9],
    [{ duplicating: true }, 8, 17],
  ] as const)('%o goes along', async (channel, states, steps) => {
    const parts = competing(channel, [ITEM]);
    const few = actor(counter(['ITEM', 'OTHER'], 1));
    const actors = { ...parts.actors, one: few, two: few };
    expect(await run(engine, { ...parts, actors })).toMatchObject({ states, steps });
  });

  it('a full channel, a bag and a set are what they are', async () => {
    expect(await run(engine, competing({ capacity: 1 }, [ITEM, ITEM]))).toMatchObject({ states: 9, steps: 9 });
    expect(await run(engine, competing({ order: 'unordered' }, [ITEM, OTHER]))).toMatchObject({
      states: 12,
      steps: 18,
    });
    const set = { order: 'set' as const, capacity: Number.POSITIVE_INFINITY };
    const once = always('one at most', (view) => view.channel('jobs').length < 2);
    expect(await run(engine, competing(set, [ITEM, ITEM], [once]))).toMatchObject({ verdict: 'holds' });
  });

  it('in the channel, a message is for the channel; one for a receiver goes another way', async () => {
    const held = reachable('for all', (view) => {
      const [first] = view.channel('jobs');
      return first?.to === 'jobs' && first.event.type === 'ITEM';
    });
    expect(await run(engine, competing({}, [ITEM], [held]))).toMatchObject({ verdict: 'holds' });
    const direct = competing({}, [], [exactly('sender.GO', 'one.ITEM')]);
    const actors = { ...direct.actors, sender: script([send('one', 'ITEM')]) };
    expect(await run(engine, { ...direct, actors })).toMatchObject({ verdict: 'holds', states: 2 });
  });

  it.each([{ from: ['one'] }, { types: ['OTHER'] }])(
    'what the channel does not take by %o is a model error',
    async (only) => {
      expect(await run(engine, competing(only, [ITEM]))).toMatchObject({
        verdict: 'model-error',
        code: 'bad-definition',
      });
    },
  );

  it('only a channel whose receivers compete has an address', async () => {
    const parts = competing({ competing: false }, [ITEM]);
    expect(await run(engine, parts)).toMatchObject({ verdict: 'model-error', code: 'unknown-actor' });
  });

  it('what has to leave the channel in the end may leave it to anybody', async () => {
    const taken = (who: string) => eventually(`${who} has it`, (view) => view.get(who).context.n > 0);
    const some = eventually('somebody has it', (view) => view.get('one').context.n + view.get('two').context.n > 0);
    expect(await run(engine, competing({}, [ITEM], [some]))).toMatchObject({ verdict: 'holds' });
    // A run in which the other one gets every copy is fair: the message is delivered again and again.
    const ever = competing({ duplicating: 'always' }, [ITEM], [taken('one')]);
    expect(await run(engine, ever)).toMatchObject({ verdict: 'violated', property: 'one has it' });
  });
});

/** What rings is heard, in order. */
const rung = setup({
  types: { context: {} as { heard: string }, events: {} as { type: 'GO' } | { type: 'RING'; at: number } },
});
const hear = rung.assign({
  heard: ({ context, event }) => (event.type === 'RING' ? `${context.heard}${event.at}` : context.heard),
});

describe.each([naiveTwin, fastEngine])('$name: timers', (engine) => {
  it('fire at any moment, whatever their delays', async () => {
    const clock = (delay: number) =>
      actor(createMachine({ initial: 'one', states: { one: { after: { [delay]: 'two' } }, two: {} } }));
    expect(await run(engine, { actors: { a: clock(10), b: clock(1000) } })).toMatchObject({ states: 4, steps: 4 });
  });

  it('that an actor arms in one step fire in the order of their delays', async () => {
    const machine = createMachine({
      initial: 'one',
      states: { one: { after: { 10: 'two', 1000: 'three' } }, two: {}, three: {} },
    });
    expect(await run(engine, { actors: { a: actor(machine) } })).toMatchObject({ states: 2, steps: 1 });
    const rings = rung.createMachine({
      context: { heard: '' },
      entry: [30, 10, 20, 20].map((delay, at) => rung.raise({ type: 'RING', at }, { delay, id: `ring${at}` })),
      on: { RING: { actions: hear } },
    });
    // Those with equal delays in either order.
    expect(await run(engine, { actors: { a: actor(rings) } })).toMatchObject({ states: 8, steps: 7, depth: 4 });
  });

  it('that an actor arms in different steps have no order', async () => {
    const ring = (at: number) => rung.raise({ type: 'RING', at }, { delay: 1000 * at, id: `ring${at}` });
    const machine = rung.createMachine({
      context: { heard: '' },
      initial: 'none',
      states: {
        none: { on: { GO: { target: 'one', actions: ring(2) } } },
        one: { on: { GO: 'two' } },
        two: { entry: ring(1) },
      },
      on: { RING: { actions: hear } },
    });
    const heard = ['12', '21'].map((order) =>
      reachable(order, (view) => (view.get('a').context as { heard: string }).heard === order),
    );
    const actors = { a: actor(machine, { choices: [{ type: 'GO' }], rest: () => true }) };
    expect(await run(engine, { actors, properties: heard })).toMatchObject({ verdict: 'holds' });
  });

  it('armed anew, or after the other has been cancelled, wait for nobody', async () => {
    const machine = createMachine({
      initial: 'one',
      entry: [raise({ type: 'SOON' }, { delay: 10, id: 'soon' }), raise({ type: 'LATE' }, { delay: 20, id: 'late' })],
      states: {
        one: {
          on: {
            GO: { target: 'two', actions: cancel('soon') },
            AGAIN: { target: 'three', actions: raise({ type: 'SOON' }, { delay: 10, id: 'soon' }) },
            LATE: 'wrong',
            SOON: 'first',
          },
        },
        first: { on: { LATE: 'second' } },
        second: {},
        two: { on: { LATE: 'late' } },
        three: { on: { LATE: 'overtaken', SOON: 'first' } },
        overtaken: { on: { SOON: 'both' } },
        late: {},
        both: {},
        wrong: {},
      },
    });
    const choices = [GO, { type: 'AGAIN' }] as never;
    const seen = (state: string) => reachable(state, (view) => view.get('a').matches(state as never));
    const properties = ['second', 'late', 'both'].map(seen);
    const result = await run(engine, { actors: { a: actor(machine, { choices }) }, properties });
    expect(result).toMatchObject({ verdict: 'holds', states: 8, steps: 8 });
  });

  it('end with their state', async () => {
    const machine = createMachine({
      initial: 'one',
      states: { one: { after: { 10: 'two' }, on: { GO: 'three' } }, two: {}, three: {} },
    });
    const result = await run(engine, { actors: { a: actor(machine, { choices: [GO] }) } });
    expect(result).toMatchObject({ states: 3, steps: 2 });
  });

  it('start again when their state is entered again', async () => {
    const machine = createMachine({
      initial: 'one',
      states: { one: { after: { 10: { target: 'one', reenter: true } } } },
    });
    expect(await run(engine, { actors: { a: actor(machine) } })).toMatchObject({ states: 1, steps: 1 });
  });

  it('are spent when there is nothing to do, which is no mistake', async () => {
    const machine = createMachine({
      initial: 'one',
      states: { one: { after: { 10: { guard: () => false, target: 'two' } } }, two: {} },
    });
    expect(await run(engine, { actors: { a: actor(machine) } })).toMatchObject({
      verdict: 'holds',
      states: 2,
      steps: 1,
    });
  });

  it('let eventless transitions see them', async () => {
    const machine = createMachine({
      initial: 'one',
      entry: raise({ type: 'RING' }, { delay: 5 }),
      states: { one: { always: { guard: ({ event }) => event.type === 'RING', target: 'two' } }, two: {} },
    });
    const properties = [reachable('two', (view) => view.get('a').matches('two'))];
    const result = await run(engine, { actors: { a: actor(machine) }, properties });
    expect(result).toMatchObject({ verdict: 'holds', states: 2, steps: 1 });
  });

  it('are seen by monitors', async () => {
    const machine = createMachine({ id: 'm', initial: 'one', states: { one: { after: { 10: 'two' } }, two: {} } });
    const properties = [exactly('a.xstate.after.10.m.one')];
    expect(await run(engine, { actors: { a: actor(machine) }, properties })).toMatchObject({
      verdict: 'holds',
      states: 2,
    });
  });

  it('replace each other under the same name', async () => {
    const machine = createMachine({
      context: { n: 0 },
      on: {
        GO: { actions: raise({ type: 'RING' }, { delay: 5, id: 'bell' }) },
        RING: { actions: assign({ n: ({ context }) => Math.min(context.n + 1, 1) }) },
      },
    });
    const result = await run(engine, { actors: { a: actor(machine, { choices: [GO] }) } });
    expect(result).toMatchObject({ states: 4, steps: 6 });
  });

  it('add up without a name, and carry their payload', async () => {
    type Ring = { type: 'RING'; by: number };
    const loose = setup({ types: { context: {} as { n: number }, events: {} as Ring } });
    const arm = raise<{ n: number }, Ring, Ring, undefined, never, never>({ type: 'RING', by: 2 }, { delay: 5 });
    const machine = loose.createMachine({
      context: { n: 0 },
      entry: [arm, arm],
      on: { RING: { actions: assign({ n: ({ context, event }) => context.n + event.by }) } },
    });
    const properties = [reachable('rang twice', (view) => view.get('a').context.n === 4)];
    const result = await run(engine, { actors: { a: actor(machine) }, properties });
    expect(result).toMatchObject({ verdict: 'holds', depth: 2 });
  });

  it('with a delay of zero are timers all the same', async () => {
    const machine = createMachine({
      initial: 'one',
      entry: raise({ type: 'RING' }, { delay: 0 }),
      states: { one: { on: { RING: 'two' } }, two: {} },
    });
    expect(await run(engine, { actors: { a: actor(machine) } })).toMatchObject({ states: 2, steps: 1 });
  });

  it('send to another actor where a send has a delay, which is nothing that their own actor takes', async () => {
    const late = sendTo(({ system }) => system.get('b'), { type: 'M' }, { delay: 10, id: 'late' });
    const a = createMachine({
      initial: 'one',
      states: {
        one: { on: { GO: { target: 'two', actions: late } } },
        two: { on: { GO: 'three', M: 'wrong' } },
        three: {},
        wrong: {},
      },
    });
    const b = createMachine({ id: 'b', initial: 'waiting', states: { waiting: { on: { M: 'done' } }, done: {} } });
    const actors = { a: actor(a, { choices: [GO], rest: ['three', 'two'] }), b: actor(b) };
    const sent = reachable('sent after all', (view) => view.get('b').matches('done' as never));
    // It is armed in two states of `a`, and sent once.
    expect(await run(engine, { actors, properties: [sent] })).toMatchObject({ verdict: 'holds', states: 5, steps: 5 });
    const taken = happens('a takes it', { type: 'M', to: 'a' } as never);
    expect(await run(engine, { actors, properties: [taken] })).toMatchObject({ verdict: 'violated', states: 5 });
    const blocked = { ...actors, b: actor(createMachine({ id: 'b' })) };
    expect(await run(engine, { actors: blocked, blocking: ['M'], deadlock: 'ignore' })).toMatchObject({
      states: 3,
      steps: 2,
    });
  });

  it('of a delayed send can be cancelled, take their turn, and end with their actor', async () => {
    const late = (n: number, delay: number) =>
      sendTo(({ system }) => system.get('b'), { type: 'M', n } as EventObject, { delay, id: `late${n}` });
    const a = createMachine({
      initial: 'one',
      entry: [late(2, 20), late(1, 10)],
      states: {
        one: { on: { GO: { actions: cancel('late1'), target: 'two' } } },
        two: { on: { GO: 'end' } },
        end: { type: 'final' },
      },
    });
    const b = createMachine({
      context: { heard: '' },
      on: { M: { actions: assign({ heard: ({ context, event }) => `${context.heard}${event.n}` }) } },
    });
    const heard = (order: string) =>
      reachable(order, (view) => (view.get('b').context as { heard: string }).heard === order);
    const actors = { a: actor(a, { choices: [GO], rest: () => true }), b: actor(b) };
    expect(await run(engine, { actors, properties: [heard('12'), heard('2')] })).toMatchObject({ verdict: 'holds' });
    expect(await run(engine, { actors, properties: [heard('21')] })).toMatchObject({ verdict: 'violated' });
  });

  it('of a message that an actor sends itself later are its own', async () => {
    const machine = createMachine({
      initial: 'one',
      entry: sendTo(({ self }) => self, { type: 'RING' }, { delay: 5 }),
      states: { one: { on: { RING: 'two' } }, two: {} },
    });
    expect(await run(engine, { actors: { a: actor(machine) } })).toMatchObject({ states: 2, steps: 1 });
  });

  it('can be cancelled', async () => {
    const machine = createMachine({
      initial: 'off',
      states: {
        off: { on: { GO: { target: 'on', actions: raise({ type: 'RING' }, { delay: 5, id: 'bell' }) } } },
        on: { on: { GO: { target: 'cancelled', actions: cancel('bell') }, RING: 'rung' } },
        cancelled: { on: { RING: 'wrong' } },
        rung: {},
        wrong: {},
      },
    });
    const result = await run(engine, { actors: { a: actor(machine, { choices: [GO] }) } });
    expect(result).toMatchObject({ states: 4, steps: 3 });
  });

  it('stay armed when the step that they start is disabled', async () => {
    const machine = createMachine({
      initial: 'one',
      states: { one: { after: { 10: { target: 'two', actions: send('b', 'M') } } }, two: {} },
    });
    const b = createMachine({ initial: 's', states: { s: { on: { GO: 't' } }, t: { on: { M: {} } } } });
    const actors = { a: actor(machine), b: actor(b, { choices: [GO] }) };
    expect(await run(engine, { actors, blocking: ['M'] })).toMatchObject({ states: 3, steps: 2, depth: 2 });
  });

  it('keep their actor busy like any message', async () => {
    const machine = createMachine({
      id: 'm',
      initial: 'one',
      states: {
        one: { after: { 10: { target: 'two', actions: [send('b', 'ASK'), send('b', 'NOTE')] } } },
        two: { on: { ANSWER: {} } },
      },
    });
    const b = createMachine({ on: { ASK: { actions: send('a', 'ANSWER') }, NOTE: {} } });
    const properties = [exactly('a.xstate.after.10.m.one', 'b.ASK', 'b.NOTE', 'a.ANSWER')];
    const result = await run(engine, { actors: { a: actor(machine), b: actor(b) }, properties });
    expect(result).toMatchObject({ verdict: 'holds', states: 2 });
  });

  it('of an actor that is done are gone', async () => {
    const machine = createMachine({
      initial: 'one',
      entry: raise({ type: 'RING' }, { delay: 5, id: 'bell' }),
      states: { one: { on: { GO: 'two' } }, two: { type: 'final' } },
    });
    // In `one` the bell may ring unheard: one with and without bell, two.
    const result = await run(engine, { actors: { a: actor(machine, { choices: [GO] }) } });
    expect(result).toMatchObject({ states: 3, steps: 3 });
  });
});

describe.each([naiveTwin, fastEngine])('$name: the initial state', (engine) => {
  const sender = (to: string, type: string) => actor(createMachine({ entry: send(to, type) }));

  it('starts the actors in order; a message waits in the mailbox for the start of its receiver', async () => {
    const actors = {
      c: sink('N'),
      a: sender('b', 'M'),
      b: actor(createMachine({ entry: send('c', 'N'), on: { M: {} } })),
    };
    const result = await run(engine, { actors, properties: [exactly('c.N', 'b.M')] });
    expect(result).toMatchObject({ verdict: 'holds', states: 1, steps: 0 });
  });

  it('has what was sent at the start in its channels', async () => {
    const actors = { a: sender('b', 'M'), b: sink('M') };
    const channels: Parts['channels'] = { link: { to: ['b'], order: 'fifo', capacity: 1 } };
    const properties = [exactly('b.M')];
    expect(await run(engine, { actors, channels, properties })).toMatchObject({
      verdict: 'holds',
      states: 2,
      steps: 1,
    });
  });

  it('gives each actor its input', async () => {
    const machine = createMachine({ context: ({ input }) => ({ n: (input as { n: number }).n }) });
    const actors = { a: actor(machine, { input: { n: 1 } }), b: actor(machine, { input: { n: 2 } }) };
    const properties = [always('inputs', (view) => view.get('a').context.n === 1 && view.get('b').context.n === 2)];
    expect(await run(engine, { actors, properties })).toMatchObject({ verdict: 'holds', states: 1 });
  });

  it('is one for each way to start, with the inputs that it names', async () => {
    const machine = createMachine({ context: ({ input }) => ({ n: (input as { n: number }).n }), on: { GO: {} } });
    const actors = { a: actor(machine, { input: { n: 1 } }), b: actor(machine, { input: { n: 2 } }) };
    const starts = [{}, { a: { n: 3 }, b: { n: 4 } }, { b: { n: 2 } }];
    const pairs = ([a, b]: [number, number]) =>
      reachable(`${a} and ${b}`, (view) => view.get('a').context.n === a && view.get('b').context.n === b);
    // The third one is the first one again.
    const properties = [pairs([1, 2]), pairs([3, 4])];
    expect(await run(engine, { actors, starts, properties })).toMatchObject({ verdict: 'holds', states: 2, depth: 0 });
    const mixed = await run(engine, { actors, starts, properties: [pairs([3, 2])] });
    expect(mixed).toMatchObject({ verdict: 'violated', states: 2 });
  });

  it('begins every run with one of the ways to start, and the shortest trace with the nearest', async () => {
    const machine = setup({
      types: { context: {} as { n: number }, input: {} as { n: number } },
      actions: { count: assign({ n: ({ context }) => context.n + 1 }) },
    }).createMachine({
      context: ({ input }) => input,
      on: { GO: { guard: ({ context }) => context.n < 5, actions: 'count' } },
    });
    const actors = { a: actor(machine, { input: { n: 0 }, choices: [GO] }) };
    const starts = [{}, { a: { n: 3 } }];
    const never = always('never 5', (view) => view.get('a').context.n < 5);
    const violated = await run(engine, { actors, starts, properties: [never] });
    expect(violated).toMatchObject({ verdict: 'violated', states: 6, depth: 2, length: 2 });
    expect(await run(engine, { actors, starts })).toMatchObject({ verdict: 'holds', states: 6, steps: 5, depth: 2 });
  });

  it('what has to happen in the end has to happen from all of them', async () => {
    const machine = createMachine({ context: ({ input }) => ({ n: (input as { n: number }).n }) });
    const actors = { a: actor(machine, { input: { n: 0 } }) };
    const zero = eventually('zero', (view) => view.get('a').context.n === 0);
    expect(await run(engine, { actors, properties: [zero] })).toMatchObject({ verdict: 'holds' });
    const starts = [{}, { a: { n: 3 } }];
    expect(await run(engine, { actors, starts, properties: [zero] })).toMatchObject({ verdict: 'violated' });
  });

  it('is an error when one way to start is', async () => {
    const machine = createMachine({
      context: ({ input }) => ({ n: (input as { n: number }).n }),
      entry: enqueueActions(({ context, enqueue }) => {
        if (context.n > 0) enqueue.sendTo(({ system }) => system.get('b'), { type: 'M' });
      }),
    });
    const actors = { a: actor(machine, { input: { n: 0 } }), b: stranger('M') };
    expect(await run(engine, { actors })).toMatchObject({ verdict: 'holds', states: 1 });
    const starts = [{}, { a: { n: 1 } }];
    const result = await run(engine, { actors, starts });
    expect(result).toMatchObject({ verdict: 'model-error', code: 'unhandled-message' });
  });

  it('is checked like any other state', async () => {
    const result = await run(engine, { actors: { a: script([]) }, properties: [always('never', () => false)] });
    expect(result).toMatchObject({ verdict: 'violated', property: 'never', states: 1, steps: 0, depth: 0, length: 0 });
  });

  it('lets its messages witness and violate', async () => {
    const actors = { a: sender('b', 'M'), b: sink('M') };
    expect(await run(engine, { actors, properties: [happens('M', { type: 'M' })] })).toMatchObject({
      verdict: 'holds',
    });
    expect(await run(engine, { actors, properties: [exactly()] })).toMatchObject({ verdict: 'violated', length: 0 });
  });

  it('cannot be refused', async () => {
    const actors = { a: sender('b', 'M'), b: stranger('M') };
    expect(await run(engine, { actors })).toMatchObject({ verdict: 'model-error', code: 'unhandled-message' });
    const blocked = await run(engine, { actors, blocking: ['M'] });
    expect(blocked).toMatchObject({ verdict: 'model-error', code: 'unhandled-message' });
  });
});

describe.each([naiveTwin, fastEngine])('$name: what makes a state', (engine) => {
  it('the order of keys does not', async () => {
    const machine = createMachine({
      context: {} as Record<string, number>,
      on: {
        GO: { guard: ({ context }) => context.a === undefined, actions: [assign({ a: 1 }), assign({ b: 2 })] },
        BACK: { guard: ({ context }) => context.a === undefined, actions: [assign({ b: 2 }), assign({ a: 1 })] },
      },
    });
    const actors = { a: actor(machine, { choices: [GO, { type: 'BACK' }] }) };
    expect(await run(engine, { actors })).toMatchObject({ states: 2, steps: 2 });
  });

  it('history does', async () => {
    const machine = createMachine({
      initial: 'work',
      states: {
        work: {
          initial: 'one',
          states: { one: { on: { GO: 'two' } }, two: {}, before: { type: 'history' } },
          on: { LEAVE: 'away' },
        },
        away: { on: { GO: 'work.before' } },
      },
    });
    const actors = { a: actor(machine, { choices: [GO, { type: 'LEAVE' }] }) };
    // Before any absence `one` and `two`; `away` from each of them; and `one`, `two` and `two` with what they remember.
    expect(await run(engine, { actors })).toMatchObject({ states: 7, steps: 9 });
  });

  it('the state of a monitor does', async () => {
    const odd = createMachine({
      initial: 'even',
      states: { even: { on: { GO: 'odd' } }, odd: { on: { GO: 'even' } } },
    });
    const actors = { a: actor(createMachine({ on: { GO: { actions: () => {} } } }), { choices: [GO] }) };
    expect(await run(engine, { actors, properties: [monitor('odd', odd)] })).toMatchObject({ states: 2, steps: 2 });
  });
});

describe.each([naiveTwin, fastEngine])('$name: properties', (engine) => {
  const twoSteps = () => ({ a: script([], []) });
  const notAt = (name: string, state: string) => always(name, (view) => !view.get('a').matches(state));
  const tagged = (tag: string) =>
    createMachine({ initial: 'before', states: { before: { on: { GO: 'after' } }, after: { tags: tag } } });

  it('are reported in the order of declaration', async () => {
    const [first, second] = [notAt('first', 's1'), notAt('second', 's1')];
    const actors = twoSteps();
    expect(await run(engine, { actors, properties: [first, second] })).toMatchObject({ property: 'first', length: 1 });
    expect(await run(engine, { actors, properties: [second, first] })).toMatchObject({ property: 'second', length: 1 });
  });

  it('a monitor counts where it is declared', async () => {
    const [predicate, machine] = [notAt('predicate', 's1'), monitor('machine', tagged('violation'))];
    const actors = twoSteps();
    expect(await run(engine, { actors, properties: [predicate, machine] })).toMatchObject({ property: 'predicate' });
    expect(await run(engine, { actors, properties: [machine, predicate] })).toMatchObject({ property: 'machine' });
  });

  it('the state of a monitor after all of the step counts', async () => {
    const passing = createMachine({
      initial: 's',
      states: { s: { on: { GO: 'bad' } }, bad: { tags: 'violation', on: { M: 's' } } },
    });
    const actors = { a: script([send('b', 'M')]), b: sink('M') };
    expect(await run(engine, { actors, properties: [monitor('m', passing)] })).toMatchObject({ verdict: 'holds' });
  });

  it('a monitor gets the receiver and the message, and its own input', async () => {
    const machine = createMachine({
      context: ({ input }) => ({ wanted: (input as { wanted: number }).wanted }),
      initial: 'waiting',
      states: {
        waiting: {
          on: {
            M: {
              guard: ({ context, event }) => event.to === 'b' && event.message.v === context.wanted,
              target: 'seen',
            },
          },
        },
        seen: { tags: 'violation' },
      },
    });
    const actors = { a: script([send('b', 'M', { v: 7 })]), b: sink('M') };
    const sees = (wanted: number) => run(engine, { actors, properties: [monitor('m', machine, { wanted })] });
    expect(await sees(7)).toMatchObject({ verdict: 'violated' });
    expect(await sees(8)).toMatchObject({ verdict: 'holds' });
  });

  it('a monitor that is done ignores the rest', async () => {
    const machine = createMachine({
      initial: 's',
      on: { GO: '.bad' },
      states: { s: { on: { GO: 'end' } }, end: { type: 'final' }, bad: { tags: 'violation' } },
    });
    expect(await run(engine, { actors: twoSteps(), properties: [monitor('m', machine)] })).toMatchObject({
      verdict: 'holds',
    });
  });

  it('an obligation is violated where nothing happens any more, or only what does not fulfil it', async () => {
    const hot = monitor('hot', tagged('hot'));
    const ends = await run(engine, { actors: twoSteps(), properties: [hot] });
    expect(ends).toMatchObject({ verdict: 'violated', property: 'hot', length: 2 });
    const endless = { a: actor(createMachine({ on: { GO: { actions: () => {} } } }), { choices: [GO] }) };
    const stays = { verdict: 'violated', property: 'hot', states: 2 };
    expect(await run(engine, { actors: endless, properties: [hot] })).toMatchObject(stays);
  });

  it('a deadlock comes before an obligation', async () => {
    const a = actor(createMachine({ initial: 's', states: { s: { on: { GO: 't' } }, t: {} } }), { choices: [GO] });
    const parts = { actors: { a }, properties: [monitor('hot', tagged('hot'))] };
    expect(await run(engine, { ...parts, deadlock: 'violation' })).toMatchObject({ property: 'no deadlock' });
    expect(await run(engine, parts)).toMatchObject({ property: 'hot' });
  });

  it('what is to be reachable must be seen, the initial state included', async () => {
    const at = (state: string) => reachable(state, (view) => view.get('a').matches(state));
    const actors = twoSteps();
    expect(await run(engine, { actors, properties: [at('s0'), at('s1'), at('s2')] })).toMatchObject({
      verdict: 'holds',
    });
    const never = [at('s1'), reachable('never', () => false), reachable('never either', () => false)];
    expect(await run(engine, { actors, properties: never })).toMatchObject({
      verdict: 'violated',
      property: 'never',
      states: 3,
      length: undefined,
    });
  });

  it('a violated `always` comes before a missing witness', async () => {
    const properties = [reachable('never', () => false), notAt('not at the end', 's2')];
    const result = await run(engine, { actors: twoSteps(), properties });
    expect(result).toMatchObject({ property: 'not at the end', length: 2 });
  });

  it('a message is awaited by receiver, type and payload', async () => {
    const b = actor(createMachine({ on: { M: {}, N: {} } }));
    const actors = { a: script([send('b', 'M', { v: 1 })]), b, c: b };
    const wants = async (pattern: Parameters<typeof happens>[1]) =>
      (await run(engine, { actors, properties: [happens('wanted', pattern)] })).verdict;
    expect(await wants({ type: 'M' })).toBe('holds');
    expect(await wants({ type: 'M', to: 'b', where: (event) => event.v === 1 })).toBe('holds');
    expect(await wants({ type: 'M', to: 'c' })).toBe('violated');
    expect(await wants({ type: 'N' })).toBe('violated');
    expect(await wants({ type: 'M', where: (event) => event.v === 2 })).toBe('violated');
  });

  it('a step to a known state can be the witness', async () => {
    const machine = createMachine({ on: { GO: { actions: () => {} } } });
    const result = await run(engine, {
      actors: { a: actor(machine, { choices: [GO] }) },
      properties: [happens('GO', GO)],
    });
    expect(result).toMatchObject({ verdict: 'holds', states: 1 });
  });

  it('a bounded search holds nothing, but finds what it meets', async () => {
    const actors = { a: actor(counter(['GO'], 50), { choices: [GO] }) };
    const below = (limit: number) => [always('small', (view) => view.get('a').context.n < limit)];
    expect(await run(engine, { actors, properties: below(99) }, 10)).toMatchObject({
      verdict: 'unknown',
      length: undefined,
    });
    expect(await run(engine, { actors, properties: below(5) }, 10)).toMatchObject({ verdict: 'violated', length: 5 });
    expect(await run(engine, { actors, properties: below(99) }, 51)).toMatchObject({ verdict: 'holds', states: 51 });
  });
});

describe.each([naiveTwin, fastEngine])('$name: monitors that see sends', (engine) => {
  it('see a message when it is sent, and again when it is taken', async () => {
    const actors = { a: script([send('b', 'M')]), b: sink('M') };
    const seen = (...sequence: string[]) => run(engine, { actors, properties: [exactlyWithSends(...sequence)] });
    expect(await seen('a.GO', 'a>b.M', 'b.M')).toMatchObject({ verdict: 'holds', states: 2 });
    expect(await seen('a.GO', 'b.M')).toMatchObject({ verdict: 'violated' });
    // Who does not ask for sends sees none, whatever else it sees.
    expect(await run(engine, { actors, properties: [exactly('a.GO', 'b.M')] })).toMatchObject({ verdict: 'holds' });
  });

  it('see what is on its way in a channel, and what is lost there', async () => {
    const sequence = ['sender.GO', 'sender>receiver.ITEM', 'sender.GO', 'sender>receiver.ITEM'];
    const full = { capacity: 1, whenFull: 'drop' as const };
    const parts = linked(full, [ITEM, ITEM], [exactlyWithSends(...sequence, 'receiver.ITEM')]);
    // Of three runs only the one in which the second is dropped shows just that.
    expect(await run(engine, parts)).toMatchObject({ verdict: 'violated', length: 2 });
    const never = { ...parts.actors, receiver: stranger('ITEM', 'OTHER') };
    const waiting = linked(full, [], [exactlyWithSends(...sequence)]);
    const both = { ...waiting, actors: never, blocking: ['ITEM'] };
    expect(await run(engine, both)).toMatchObject({ verdict: 'holds', states: 3 });
    const set = { order: 'set' as const, capacity: Number.POSITIVE_INFINITY };
    const merged = { ...both, channels: { link: { to: ['receiver'], ...set } } };
    expect(await run(engine, merged)).toMatchObject({ verdict: 'holds', states: 3 });
  });

  it('see each send just before what comes of it', async () => {
    const answering = actor(createMachine({ on: { M: { actions: [send('a', 'X')] } } }));
    const a = createMachine({
      initial: 'one',
      states: { one: { on: { GO: { target: 'two', actions: [send('b', 'M'), send('c', 'N')] } } }, two: {} },
      on: { X: {} },
    });
    const actors = { a: actor(a, { choices: [GO], rest: ['two'] }), b: answering, c: sink('N') };
    // The answer waits in the mailbox of a, which is busy; that it was sent is seen at once.
    const sequence = ['a.GO', 'a>b.M', 'b.M', 'b>a.X', 'a>c.N', 'c.N', 'a.X'];
    expect(await run(engine, { actors, properties: [exactlyWithSends(...sequence)] })).toMatchObject({
      verdict: 'holds',
    });
  });

  it('see what is sent at the start, and from whom, to whom, with what', async () => {
    const seen = setup({
      types: {
        context: {} as { seen: readonly unknown[] },
        events: {} as Sent<{ type: 'M'; n: number }> | Observed<{ type: 'M'; n: number }>,
      },
    }).createMachine({
      context: { seen: [] },
      on: {
        'sent.M': {
          actions: assign({ seen: ({ context, event }) => [...context.seen, [event.from, event.to, event.message.n]] }),
        },
      },
      always: { guard: ({ context }) => context.seen.join() === 'a,b,7,b,b,8', target: '.there' },
      initial: 'here',
      states: { here: {}, there: { tags: ['violation'] } },
    });
    const starter = actor(createMachine({ entry: [send('b', 'M', { n: 7 })] }));
    const echo = actor(
      createMachine({
        initial: 'one',
        states: { one: { on: { M: { target: 'two', actions: [send('b', 'M', { n: 8 })] } } }, two: { on: { M: {} } } },
      }),
    );
    const parts = { actors: { a: starter, b: echo }, properties: [monitor('seen', seen)] };
    expect(await run(engine, parts)).toMatchObject({ verdict: 'violated', property: 'seen', length: 0 });
  });

  it('see nothing of a step that does not happen', async () => {
    const parts = {
      actors: { a: script([send('b', 'M'), send('c', 'N')]), b: sink('M'), c: stranger('N') },
      blocking: ['N'],
      properties: [exactlyWithSends()],
    };
    expect(await run(engine, parts)).toMatchObject({ verdict: 'holds', states: 1 });
  });

  it('choices, timers, raised events and deliveries are no sends', async () => {
    const a = createMachine({
      initial: 'one',
      states: {
        one: {
          on: { GO: { target: 'two', actions: [raise({ type: 'TICK' }), raise({ type: 'LATE' }, { delay: 9 })] } },
        },
        two: { on: { TICK: {}, LATE: 'three' } },
        three: {},
      },
    });
    const actors = { a: actor(a, { choices: [GO], rest: ['three'] }) };
    const properties = [exactlyWithSends('a.GO', 'a.LATE')];
    expect(await run(engine, { actors, properties })).toMatchObject({ verdict: 'holds' });
    const delivered = linked({}, [ITEM], [exactlyWithSends('sender.GO', 'sender>receiver.ITEM', 'receiver.ITEM')]);
    expect(await run(engine, delivered)).toMatchObject({ verdict: 'holds' });
  });

  it('of what is sent to receivers that compete they see the channel', async () => {
    const sent = exactlyWithSends('sender.GO', 'sender>jobs.ITEM', 'one.ITEM');
    const actors = { ...linked({}, [], []).actors, sender: script([send('jobs', 'ITEM')]), one: sink('ITEM') };
    const jobs = { to: ['one'], competing: true, order: 'fifo' as const, capacity: 1 };
    expect(await run(engine, { actors, channels: { jobs }, properties: [sent] })).toMatchObject({ verdict: 'holds' });
  });

  it('name the types whose sends they see: all, some or one', async () => {
    const actors = { a: script([send('b', 'M'), send('b', 'N.x'), send('b', 'N.y')]), b: sink('M', 'N.x', 'N.y') };
    const counts = (type: string, n: number) => {
      const count = assign<{ n: number }, EventObject, undefined, EventObject, never>({
        n: ({ context }) => context.n + 1,
      });
      const machine = createMachine({ context: { n: 0 }, on: { [type]: { actions: [count] } } as object });
      const wrong = { guard: ({ context }: { context: { n: number } }) => context.n === n, target: '.there' };
      const states = { here: {}, there: { tags: ['violation'] } };
      return monitor(type, createMachine({ ...machine.config, initial: 'here', states, always: wrong } as object));
    };
    const found = async (type: string, n: number) =>
      (await run(engine, { actors, properties: [counts(type, n)] })).verdict === 'violated';
    expect(await found('sent.*', 3)).toBe(true);
    expect(await found('sent.N.*', 2)).toBe(true);
    expect(await found('sent.M', 1)).toBe(true);
    expect(await found('sent.M', 2)).toBe(false);
    const called = { a: sink('sent.M'), b: script([send('a', 'sent.M')]) };
    const clash = () => defineSystem({ actors: called, properties: () => [counts('sent.M', 1)] });
    expect(clash).toThrow('asks for what is sent, and a message of the system is called sent.M');
    // A monitor that has no word for sends gets none.
    expect(await found('*', 4)).toBe(true);
    expect(await found('*', 5)).toBe(false);
  });
});

describe.each([naiveTwin, fastEngine])('$name: dead ends', (engine) => {
  const one = (options: { choices?: EventObject[]; rest?: Parameters<typeof actor>[1] } = {}, config = {}) =>
    actor(
      createMachine({
        initial: 's',
        states: { s: { initial: 'inner', states: { inner: {} } }, t: { on: { GO: 's' } } },
        ...config,
      }),
      {
        choices: options.choices ?? [GO],
        ...options.rest,
      } as never,
    );
  const ends = async (parts: Parts) => (await run(engine, { deadlock: 'violation', ...parts })).property;

  it('an actor that could do something on its own is not at rest', async () => {
    expect(await ends({ actors: { a: one() } })).toBe('no deadlock');
    expect(await ends({ actors: { a: one() }, deadlock: 'ignore' })).toBeUndefined();
  });

  it('an actor without choices is at rest', async () => {
    expect(await ends({ actors: { a: one({ choices: [] }) } })).toBeUndefined();
  });

  it('all actors must be at rest', async () => {
    expect(await ends({ actors: { a: one({ choices: [] }), b: one() } })).toBe('no deadlock');
  });

  it('`rest` names the states where an actor may stay', async () => {
    const rests = (...rest: string[]) => ends({ actors: { a: one({ rest: { rest } }) } });
    expect(await rests('s')).toBeUndefined();
    expect(await rests('s.inner')).toBeUndefined();
    expect(await rests('t', 's')).toBeUndefined();
    expect(await rests('t')).toBe('no deadlock');
    expect(await rests()).toBe('no deadlock');
    expect(await ends({ actors: { a: one({ choices: [], rest: { rest: ['t'] } }) } })).toBe('no deadlock');
  });

  it('`rest` can be a predicate', async () => {
    const rests = (rest: boolean) => ends({ actors: { a: one({ rest: { rest: () => rest } }) } });
    expect(await rests(true)).toBeUndefined();
    expect(await rests(false)).toBe('no deadlock');
  });

  it('an actor that is done waits for nothing', async () => {
    const final = { states: { s: { type: 'final' }, t: { on: { GO: 's' } } } };
    expect(await ends({ actors: { a: one({}, final) } })).toBeUndefined();
    expect(await ends({ actors: { a: one({ rest: { rest: ['t'] } }, final) } })).toBeUndefined();
  });

  it('a message that stays in a channel is a deadlock', async () => {
    const parts = linked({}, [ITEM]);
    const actors = { ...parts.actors, receiver: stranger('ITEM') };
    expect(await ends({ ...parts, actors, blocking: ['ITEM'] })).toBe('no deadlock');
    expect(
      await ends({
        ...parts,
        actors,
        blocking: ['ITEM'],
        channels: { link: { to: ['receiver'], order: 'fifo', capacity: 2, lossy: true } },
      }),
    ).toBeUndefined();
  });

  it('a message that would stay when it is delivered is none', async () => {
    const channel = { order: 'set' as const, capacity: Number.POSITIVE_INFINITY };
    const stuck = (duplicating: Channel['duplicating']): Parts => ({
      ...linked({ ...channel, duplicating: duplicating! }, [ITEM]),
      blocking: ['ITEM'],
      deadlock: 'violation',
    });
    const refusing = (parts: Parts) => ({ ...parts, actors: { ...parts.actors, receiver: stranger('ITEM') } });
    expect(await run(engine, refusing(stuck('always')))).toMatchObject({ verdict: 'holds', states: 2 });
    expect(await run(engine, refusing(stuck(true)))).toMatchObject({ verdict: 'violated', property: 'no deadlock' });
  });

  it('a state with a step is none, even if the step leads nowhere', async () => {
    const a = actor(createMachine({ on: { GO: { actions: () => {} } } }), { choices: [GO], rest: [] });
    expect(await ends({ actors: { a } })).toBeUndefined();
  });

  it('the trace ends in the dead end', async () => {
    const a = actor(createMachine({ initial: 's', states: { s: { on: { GO: 't' } }, t: {} } }), { choices: [GO] });
    const result = await run(engine, { actors: { a }, deadlock: 'violation' });
    expect(result).toMatchObject({ property: 'no deadlock', states: 2, steps: 1, depth: 1, length: 1 });
  });
});

describe.each([naiveTwin, fastEngine])('$name: the mistakes of a model', (engine) => {
  /** An actor whose GO does this. */
  const doing = (actions: object, implementations = {}) =>
    actor(createMachine({ on: { GO: { actions: actions as never } }, ...implementations }), { choices: [GO] });
  const fails = async (actors: Record<string, Actor>, properties: readonly Property[] = []) => {
    const { verdict, code, length } = await run(engine, { actors, properties });
    expect(verdict).toBe('model-error');
    return { code, length };
  };
  const fail = () => {
    throw new Error('a mistake');
  };

  it('an endless exchange of messages', async () => {
    const a = actor(createMachine({ on: { GO: { actions: send('b', 'M') }, M: { actions: send('b', 'M') } } }), {
      choices: [GO],
    });
    const b = actor(createMachine({ on: { M: { actions: send('a', 'M') } } }));
    expect(await fails({ a, b })).toEqual({ code: 'endless-loop', length: 1 });
  });

  it('endless eventless transitions, in a step and at the start', async () => {
    const states = { s: { on: { GO: 'one' } }, one: { always: 'two' }, two: { always: 'one' } };
    const a = actor(createMachine({ initial: 's', states }), { choices: [GO] });
    expect(await fails({ a })).toEqual({ code: 'endless-loop', length: 1 });
    expect(await fails({ a: actor(createMachine({ initial: 'one', states })) })).toMatchObject({
      code: 'endless-loop',
    });
  });

  it('an unknown actor', async () => {
    expect(await fails({ a: doing(send('nobody', 'M')) })).toEqual({ code: 'unknown-actor', length: 1 });
  });

  it('a guard or an action that throws', async () => {
    expect(await fails({ a: doing(assign(fail)) })).toEqual({ code: 'exception', length: 1 });
    const a = actor(createMachine({ on: { GO: { guard: fail, actions: () => {} } } }), { choices: [GO] });
    expect(await fails({ a })).toMatchObject({ code: 'exception' });
    expect(await fails({ a: actor(createMachine({ context: fail })) })).toMatchObject({ code: 'exception' });
  });

  it('a predicate that throws', async () => {
    const actors = { a: script([]) };
    expect(await fails(actors, [always('p', fail)])).toMatchObject({ code: 'exception' });
    expect(await fails(actors, [reachable('p', fail)])).toMatchObject({ code: 'exception' });
    expect(await fails(actors, [happens('p', { type: 'GO', where: fail })])).toMatchObject({ code: 'exception' });
    expect(await fails(actors, [always('p', (view) => view.get('nobody').matches('s'))])).toMatchObject({
      code: 'unknown-actor',
    });
  });

  it('a child', async () => {
    expect(await fails({ a: doing(spawnChild(createMachine({}), { id: 'child' })) })).toEqual({
      code: 'spawned-actor',
      length: 1,
    });
  });

  it('comes with the shortest trace', async () => {
    const actors = { a: script([], [], [send('b', 'M')]), b: actor(createMachine({})) };
    expect(await fails(actors)).toEqual({ code: 'unhandled-message', length: 3 });
  });
});

/** Messages in the order in which actors of one live system take them, after its start and one GO to `a`. */
function takenLive(actors: Record<string, Actor>, go: boolean): string[] {
  const names = Object.keys(actors);
  const root = createMachine({
    invoke: names.map((name) => ({ src: actors[name]!.machine, id: name, systemId: name })),
  });
  const taken: string[] = [];
  const live = createActor(root, {
    inspect(event) {
      if (event.type !== '@xstate.microstep' || event.event.type.startsWith('xstate.')) return;
      const { system } = event.actorRef as ActorRef<Snapshot<unknown>, EventObject>;
      const name = names.find((other) => system.get(other) === event.actorRef);
      taken.push(`${name}.${event.event.type}`);
    },
  }).start();
  if (go) live.system.get('a').send(GO);
  live.stop();
  return taken;
}

describe.each([naiveTwin, fastEngine])('$name: takes messages as live actors do', (engine) => {
  const answering = (...sends: ReturnType<typeof send>[]) =>
    createMachine({ on: { M: { actions: sends }, N: {}, O: {} } });
  const once = (...sends: ReturnType<typeof send>[]) =>
    actor(
      createMachine({
        initial: 's',
        states: { s: { on: { GO: { target: 't', actions: sends } } }, t: {} },
        on: { M: { actions: [send('b', 'N'), send('c', 'O')] }, N: {}, O: {} },
      }),
      { choices: [GO] },
    );
  const starting = (...sends: ReturnType<typeof send>[]) =>
    actor(createMachine({ entry: sends, on: { M: { actions: [send('c', 'N'), send('a', 'O')] }, N: {}, O: {} } }));

  const systems: [string, Record<string, Actor>, boolean][] = [
    [
      'in a chain with answers',
      {
        a: once(send('b', 'M'), send('c', 'M'), send('a', 'M')),
        b: actor(answering(send('a', 'M'), send('c', 'N'))),
        c: actor(answering(send('b', 'M'), send('a', 'O'), send('c', 'N'))),
      },
      true,
    ],
    [
      'in a ring',
      {
        c: actor(answering(send('a', 'M'), send('b', 'O'))),
        a: once(send('b', 'M'), send('b', 'O')),
        b: actor(answering(send('b', 'N'), send('c', 'M'), send('a', 'O'))),
      },
      true,
    ],
    // A live actor can address only those that exist already when it is made: the ones before it.
    [
      'at the start',
      {
        c: starting(),
        b: starting(send('c', 'M'), send('c', 'N')),
        a: starting(send('b', 'M'), send('c', 'M'), send('b', 'N')),
      },
      false,
    ],
  ];

  it.each(systems)('%s', async (_, actors, go) => {
    const taken = takenLive(actors, go);
    expect(taken.length).toBeGreaterThan(8);
    const result = await run(engine, { actors, properties: [exactly(...taken)] });
    expect(result).toMatchObject({ verdict: 'holds', states: go ? 2 : 1 });
  });
});
