import { describe, expect, it } from 'vitest';
import {
  type AnyStateMachine,
  assign,
  cancel,
  createActor,
  createMachine,
  type EventObject,
  enqueueActions,
  raise,
  SimulatedClock,
  sendTo,
  setup,
  spawnChild,
} from 'xstate';
import { type CheckResult, check } from '../../src/explore/check.ts';
import type { ModelError } from '../../src/system/errors.ts';
import { actor, defineSystem, type System } from '../../src/system/system.ts';
import { inertAddresses, type LocalState, Stepper } from '../../src/tabulate/stepper.ts';
import { labelOf, traceOf } from '../../src/trace/trace.ts';

const GO: EventObject = { type: 'GO' };
const child = createMachine({});

/** A machine of a config that XState's types would not let pass. */
function machineOf(config: object): AnyStateMachine {
  return createMachine(config as never) as unknown as AnyStateMachine;
}

/** A system of one actor, `subject`, that may take `GO`; `peer` takes what it is sent. */
function systemOf(machine: AnyStateMachine, more: { input?: unknown; types?: string[] } = {}): System {
  const peer = createMachine({
    on: Object.fromEntries((more.types ?? ['PING']).map((type) => [type, { actions: [] }])),
  });
  return defineSystem({
    actors: {
      // A choice that no state takes is refused when the system is defined.
      subject: actor(machine, {
        input: more.input as never,
        choices: (machine.events as string[]).includes('GO') ? [GO as never] : [],
      }),
      peer: actor(peer),
    },
    deadlock: 'ignore',
  });
}

async function failureOf(system: System): Promise<CheckResult & { error: ModelError }> {
  const result = await check(system, { maxStates: 1000 });
  expect(result.verdict).toBe('model-error');
  return result as CheckResult & { error: ModelError };
}

const steps = (result: CheckResult) => traceOf(result.tables, result.path!).steps.map(labelOf);

describe('what would make a table wrong is refused', () => {
  const onGo = (actions: unknown, context: unknown = {}): AnyStateMachine =>
    machineOf({ context, on: { GO: { actions } } });
  const assigned = (value: () => unknown) => onGo(assign({ x: value } as never));

  class Page {
    readonly number = 1;
  }
  const cycle: Record<string, unknown> = {};
  cycle.self = cycle;
  let calls = 0;

  const refused: [what: string, machine: AnyStateMachine, code: string, message: RegExp][] = [
    ['spawn in assign', onGo(assign(({ spawn }) => ({ x: spawn(child) }))), 'spawned-actor', /spawns or invokes/],
    ['spawnChild', onGo(spawnChild(child, { id: 'kid' })), 'spawned-actor', /spawns or invokes/],
    ['a Map in the context', assigned(() => new Map()), 'not-plain-data', /context .*\.x is an instance of Map/],
    ['a class instance', assigned(() => new Page()), 'not-plain-data', /\.x is an instance of Page/],
    ['a function', assigned(() => () => 1), 'not-plain-data', /\.x is a function/],
    ['a symbol', assigned(() => Symbol('s')), 'not-plain-data', /\.x is a symbol/],
    ['a cycle', assigned(() => cycle), 'not-plain-data', /\.x\.self is a cycle/],
    ['a typed array', assigned(() => new Uint8Array(2)), 'not-plain-data', /\.x is an instance of Uint8Array/],
    ['a regular expression match', assigned(() => /a/.exec('a')), 'not-plain-data', /array with properties of its own/],
    [
      'an accessor',
      assigned(() => ({
        get now() {
          return 1;
        },
      })),
      'not-plain-data',
      /\.x\.now is an accessor/,
    ],
    ['the clock', assigned(() => Date.now()), 'not-repeatable', /reads a clock/],
    ['a date', assigned(() => new Date().getDate()), 'not-repeatable', /reads a clock/],
    ['the performance clock', assigned(() => Math.floor(performance.now())), 'not-repeatable', /reads a clock/],
    ['the hour', assigned(() => (new Date().getHours() === 25 ? 1 : 0)), 'not-repeatable', /reads a clock/],
    ['the time as text', assigned(() => (Date().includes('Nowday') ? 1 : 0)), 'not-repeatable', /reads a clock/],
    ['what lasted long', assigned(() => (process.hrtime.bigint() < 0n ? 1 : 0)), 'not-repeatable', /reads a clock/],
    ['what lasted', assigned(() => (process.hrtime()[0] < 0 ? 1 : 0)), 'not-repeatable', /reads a clock/],
    ['the uptime', assigned(() => (process.uptime() < 0 ? 1 : 0)), 'not-repeatable', /reads a clock/],
    ['a random number', assigned(() => Math.random()), 'not-repeatable', /calls Math\.random/],
    ['a random number without effect', assigned(() => Math.random() < 2), 'not-repeatable', /calls Math\.random/],
    ['a variable outside', assigned(() => ++calls), 'not-repeatable', /two results/],
    [
      'a change of the context in place',
      onGo(
        assign(({ context }) => {
          (context as { x: number }).x++;
          return {};
        }),
        { x: 0 },
      ),
      'not-repeatable',
      /in place/,
    ],
    [
      'a change deep inside the context',
      onGo(
        assign(({ context }) => {
          (context as { list: number[] }).list.push(1);
          return {};
        }),
        { list: [] },
      ),
      'not-repeatable',
      /in place/,
    ],
    [
      'a change of the message in place',
      onGo(
        assign(({ event }) => {
          (event as EventObject & { seen?: boolean }).seen = true;
          return {};
        }),
      ),
      'not-repeatable',
      /in place/,
    ],
    [
      'an endless chain of always',
      createMachine({
        initial: 'idle',
        states: { idle: { on: { GO: 'ping' } }, ping: { always: 'pong' }, pong: { always: 'ping' } },
      }),
      'endless-loop',
      /more than 10000 microsteps/,
    ],
    [
      'an endless chain of raise',
      createMachine({
        on: { GO: { actions: raise({ type: 'AGAIN' }) }, AGAIN: { actions: raise({ type: 'AGAIN' }) } },
      }),
      'endless-loop',
      /more than 10000 microsteps/,
    ],
    [
      'a send to an unknown actor',
      onGo(sendTo(({ system }) => system.get('pear'), { type: 'PING' })),
      'unknown-actor',
      /looks up the actor "pear"/,
    ],
    [
      'a send to a name that is missing',
      onGo(sendTo(({ system, context }) => system.get((context as { peer?: string }).peer!), { type: 'PING' })),
      'unknown-actor',
      /looks up an actor by undefined, not by a name/,
    ],
    ['a send to a name instead of an actor', onGo(sendTo('peer', { type: 'PING' })), 'unknown-actor', /'peer'/],
    [
      'a send to something that is no actor',
      onGo(sendTo((() => ({ send: () => {} })) as never, { type: 'PING' } as never)),
      'unknown-actor',
      /not an actor of the system/,
    ],
    [
      'a look at another actor in an action',
      onGo(assign(({ system }) => ({ x: (system as never as Lookup).get('peer').getSnapshot() }))),
      'unsupported-action',
      /calls getSnapshot\(\) on actor "peer"/,
    ],
    [
      'a look at another actor in a condition',
      onGo(
        enqueueActions(({ system, enqueue }) => {
          if ((system as never as Lookup).get('peer').getSnapshot()) enqueue.raise({ type: 'GO' });
        }),
      ),
      'unsupported-action',
      /getSnapshot\(\) on actor "peer"/,
    ],
    [
      'a message that is not plain data',
      onGo(
        sendTo(
          ({ system }) => system.get('peer'),
          () => ({ type: 'PING', at: new Map() }),
        ),
      ),
      'not-plain-data',
      /message PING of actor "subject"\.at is an instance of Map/,
    ],
    [
      'an output that is not plain data',
      createMachine({
        initial: 'idle',
        states: { idle: { on: { GO: 'over' } }, over: { type: 'final' } },
        output: () => new Map(),
      }),
      'not-plain-data',
      /output of actor "subject"/,
    ],
  ];

  interface Lookup {
    get(name: string): { getSnapshot(): unknown };
  }

  it.each(refused)('%s', async (_, machine, code, message) => {
    const result = await failureOf(systemOf(machine));
    expect(result.error.code).toBe(code);
    expect(result.error.message).toMatch(message);
    expect(result.error.message).toContain('"subject"');
    expect(result.error.hint).not.toBe('');
    expect(steps(result)).toEqual(['subject.GO']);
    expect(result.path!.failed).toBe(true);
  });

  it('an invoked actor, when the system is tabulated', async () => {
    const machine = setup({ actors: { child } }).createMachine({
      id: 'parent',
      initial: 'idle',
      states: { idle: {}, busy: { invoke: { src: 'child' } } },
    });
    await expect(check(systemOf(machine))).rejects.toMatchObject({
      code: 'spawned-actor',
      message: expect.stringMatching(/"subject" spawns or invokes .* in state "parent\.busy"/),
    });
  });

  it.each([
    ['a spawn', ({ spawn }: { spawn: (logic: AnyStateMachine) => unknown }) => ({ x: spawn(child) }), 'spawned-actor'],
    ['the clock', () => ({ x: Date.now() }), 'not-repeatable'],
    ['its own address', ({ self }: { self: unknown }) => ({ x: self }), 'not-plain-data'],
    [
      'an exception',
      () => {
        throw new Error('no input');
      },
      'exception',
    ],
  ])('%s in a context factory, with the initial state as the place', async (_, context, code) => {
    const result = await failureOf(systemOf(machineOf({ context })));
    expect(result.error.code).toBe(code);
    expect(result.error.message).toContain('"subject"');
    expect(result.path).toBeUndefined();
  });

  it('a change of the input in place', async () => {
    const machine = createMachine({
      context: ({ input }) => {
        const { list } = input as { list: number[] };
        list.push(1);
        return { list };
      },
    });
    const result = await failureOf(systemOf(machine, { input: { list: [] } }));
    expect(result.error).toMatchObject({ code: 'not-repeatable', message: expect.stringContaining('"subject"') });
  });

  it('leaves alone what is not ours to freeze', async () => {
    const page = { owner: new Map<string, string>() };
    const result = await failureOf(systemOf(onGo(assign({ page: () => page }))));
    expect(result.error.code).toBe('not-plain-data');
    expect(Object.isFrozen(page)).toBe(false);
    expect(Object.isFrozen(page.owner)).toBe(false);
  });
});

describe('exceptions', () => {
  const thrower = (): never => {
    throw new Error('page table is gone');
  };
  /** Counts two steps, and throws in the third. */
  const guarded = setup({
    guards: { breaks: ({ context }) => context.n === 2 && thrower() },
    actions: { count: assign({ n: ({ context }) => context.n + 1 }) },
    types: { context: {} as { n: number } },
  }).createMachine({ context: { n: 0 }, on: { GO: [{ guard: 'breaks' }, { actions: 'count' }] } });
  const acting = setup({
    actions: { count: assign({ n: ({ context }) => (context.n === 2 ? thrower() : context.n + 1) }) },
    types: { context: {} as { n: number } },
  }).createMachine({ context: { n: 0 }, on: { GO: { actions: 'count' } } });

  it.each([
    ['a guard', guarded],
    ['an action', acting],
  ])('in %s have the path that leads there', async (_, machine) => {
    const result = await failureOf(systemOf(machine));
    expect(result.error.code).toBe('exception');
    expect(result.error.message).toMatch(/actor "subject" .*"n":2.*message GO.*page table is gone/s);
    expect(steps(result)).toEqual(['subject.GO', 'subject.GO', 'subject.GO']);
  });

  it('in a receiver have the messages that lead there', async () => {
    const asker = createMachine({
      on: { GO: { actions: sendTo(({ system }) => system.get('peer'), { type: 'ASK' }) } },
    });
    const peer = createMachine({ context: {}, on: { ASK: { actions: assign(thrower) } } });
    const system = defineSystem({
      actors: { other: actor(child), asker: actor(asker, { choices: [GO] }), peer: actor(peer) },
    });
    const result = await failureOf(system);
    expect(result.error.message).toContain('"peer"');
    const [step] = traceOf(result.tables, result.path!).steps;
    expect(step!.messages).toEqual([
      { fate: 'taken', to: 'asker', event: GO },
      { fate: 'refused', from: 'asker', to: 'peer', event: { type: 'ASK' } },
    ]);
  });

  it('in a predicate have the path to the state that it cannot judge', async () => {
    const machine = createMachine({
      initial: 'one',
      states: { one: { on: { GO: 'two' } }, two: { on: { GO: 'one' } } },
    });
    const system = defineSystem({
      actors: { subject: actor(machine, { choices: [GO] }) },
      properties: ({ always }) => [always('breaks', (view) => (view.get('subject').matches('two') ? thrower() : true))],
    });
    const result = await failureOf(system);
    expect(result.error).toMatchObject({ code: 'exception', message: expect.stringContaining('"breaks"') });
    expect(steps(result)).toEqual(['subject.GO']);
    expect(result.path!.failed).toBe(false);
  });

  it('in a `rest` predicate name the actor', async () => {
    const system = defineSystem({ actors: { subject: actor(child, { rest: thrower }) } });
    const result = await failureOf(system);
    expect(result.error).toMatchObject({ code: 'exception', message: expect.stringContaining('"subject"') });
  });
});

describe('messages', () => {
  it('without a transition are an error that names receiver, state and message', async () => {
    const asker = createMachine({
      on: {
        GO: {
          actions: sendTo(
            ({ system }) => system.get('peer'),
            () => ({ type: 'UNMAP', page: 'p0' }),
          ),
        },
      },
    });
    const result = await failureOf(systemOf(asker));
    expect(result.error.code).toBe('unhandled-message');
    expect(result.error.message).toMatch(/actor "peer" .*has no transition for .*p0.*UNMAP/);
    expect(steps(result)).toEqual(['subject.GO']);
  });

  it('to an actor that is done are an error, too', async () => {
    const asker = createMachine({
      on: { GO: { actions: sendTo(({ system }) => system.get('peer'), { type: 'PING' }) } },
    });
    const peer = createMachine({
      initial: 'waiting',
      states: { waiting: { on: { PING: 'over' } }, over: { type: 'final', on: { PING: {} } } },
    });
    const system = defineSystem({ actors: { asker: actor(asker, { choices: [GO] }), peer: actor(peer) } });
    const result = await failureOf(system);
    expect(result.error).toMatchObject({ code: 'unhandled-message', message: expect.stringContaining('"peer"') });
    expect(steps(result)).toEqual(['asker.GO', 'asker.GO']);
  });

  it('back and forth without end are an error', async () => {
    const player = (other: string) =>
      createMachine({
        on: {
          GO: { actions: sendTo(({ system }) => system.get(other), { type: 'BALL' }) },
          BALL: { actions: sendTo(({ system }) => system.get(other), { type: 'BALL' }) },
        },
      });
    const system = defineSystem({
      actors: { left: actor(player('right'), { choices: [GO] }), right: actor(player('left')) },
    });
    const result = await failureOf(system);
    expect(result.error.code).toBe('endless-loop');
    expect(result.error.message).toMatch(
      /more than 10000 messages in one step; the last one was BALL to "(left|right)"/,
    );
    expect(steps(result)).toEqual(['left.GO']);
  });

  it.each([
    [
      'sends',
      createMachine({ on: { GO: { actions: sendTo(({ system }) => system.get('subject'), { type: 'GO' }) } } }),
    ],
    ['arms a timer', createMachine({ on: { GO: { actions: raise({ type: 'LATE' }, { delay: 10 }) } } })],
    ['arms a timer at its start', createMachine({ after: { 10: { actions: [] } } })],
  ])('that a monitor %s are refused', async (_, machine) => {
    const subject = createMachine({
      on: { GO: { actions: [] } },
      initial: 'a',
      states: { a: { on: { GO: 'b' } }, b: {} },
    });
    const system = defineSystem({
      actors: { subject: actor(subject, { choices: [GO] }) },
      properties: ({ monitor }) => [monitor('every page is answered', machine)],
    });
    const result = await failureOf(system);
    expect(result.error.code).toBe('unsupported-action');
    expect(result.error.message).toContain('monitor "every page is answered"');
  });
});

describe('the order of keys in a context', () => {
  const pending = (actions: object) =>
    setup({
      types: { context: {} as { pending: Record<string, boolean> }, events: {} as { type: string } },
    }).createMachine({
      context: { pending: {} },
      on: {
        ADD_0: { actions: assign({ pending: ({ context }) => ({ ...context.pending, p0: true }) }) },
        ADD_1: { actions: assign({ pending: ({ context }) => ({ ...context.pending, p1: true }) }) },
        FLUSH: { actions: actions as never },
      },
    });
  const flush = (keysOf: (pending: Record<string, boolean>) => string[]) =>
    enqueueActions(({ context, enqueue }) => {
      for (const page of keysOf((context as { pending: Record<string, boolean> }).pending)) {
        enqueue.sendTo(({ system }) => system.get('peer'), { type: 'PING', page } as EventObject);
      }
    });
  const system = (actions: object) =>
    defineSystem({
      actors: {
        subject: actor(pending(actions), { choices: [{ type: 'ADD_0' }, { type: 'ADD_1' }, { type: 'FLUSH' }] }),
        peer: actor(createMachine({ on: { PING: { actions: [] } } })),
      },
      deadlock: 'ignore',
    });

  it('may not decide what a machine does, because the tables merge such states', async () => {
    const result = await failureOf(system(flush((pages) => Object.keys(pages))));
    expect(result.error.code).toBe('not-repeatable');
    expect(result.error.message).toMatch(
      /actor "subject" .*order of the keys.*"p0":true,"p1":true.*"p1":true,"p0":true/,
    );
  });

  it('may not decide what a machine did long before the second order turns up', () => {
    const restless = setup({
      types: { context: {} as { pending: Record<string, boolean> }, events: {} as { type: string } },
    }).createMachine({
      context: { pending: { p0: true, p1: true } },
      initial: 'full',
      states: {
        full: { on: { FLUSH: { actions: flush((pages) => Object.keys(pages)) as never }, CLEAR: 'empty' } },
        empty: { entry: assign({ pending: {} }), on: { WAIT: 'waiting' } },
        waiting: { on: { FILL: { target: 'full', actions: assign({ pending: { p1: true, p0: true } }) } } },
      },
    });
    const stepper = new Stepper('subject', restless, undefined, inertAddresses(['subject', 'peer']));
    const next = (local: LocalState, type: string) => stepper.react(local, { type })!.next;
    const full = stepper.initial().next;
    expect(next(full, 'FLUSH').key).toBe(full.key);
    const waiting = next(next(full, 'CLEAR'), 'WAIT');
    expect(() => next(waiting, 'FILL')).toThrow(/order of the keys/);
  });

  it('is left out of the states of a machine that sorts them', async () => {
    const result = await check(system(flush((pages) => Object.keys(pages).sort())));
    expect(result).toMatchObject({ verdict: 'holds', states: 4 });
  });
});

describe('a stepper', () => {
  const addresses = inertAddresses(['peer']);

  it('gives timers without an id one of their own, and lets them come to nothing', () => {
    const machine = createMachine({
      on: { ARM: { actions: raise({ type: 'TICK' }, { delay: 5 }) }, STOP: { actions: cancel('named') } },
    });
    const stepper = new Stepper('subject', machine, undefined, addresses);
    const armed = stepper.react(stepper.initial().next, { type: 'ARM' })!.next;
    const twice = stepper.react(armed, { type: 'ARM' })!.next;
    expect(twice.timers.map(({ event }) => event.type)).toEqual(['TICK', 'TICK']);
    expect(new Set(twice.timers.map(({ id }) => id)).size).toBe(2);
    const { next, sends } = stepper.fire(twice, twice.timers[1]!);
    expect(sends).toEqual([]);
    expect(next.key).toBe(armed.key);
  });

  it('takes an event that a machine raises with a delay of undefined at once, as XState does', () => {
    const machine = setup({ delays: { never: undefined as never } }).createMachine({
      initial: 'idle',
      states: {
        idle: { on: { GO: { actions: raise({ type: 'NOW' }, { delay: 'never' }) }, NOW: 'there' } },
        there: {},
      },
    });
    const stepper = new Stepper('subject', machine, undefined, addresses);
    const { next } = stepper.react(stepper.initial().next, GO)!;
    expect(next.snapshot.value).toBe('there');
    expect(next.timers).toEqual([]);
  });

  it('looks for `always` transitions when a timer fires that no transition waits for, as XState does', () => {
    const machine = createMachine({
      initial: 'idle',
      states: {
        idle: {
          on: { GO: { actions: raise({ type: 'TICK' }, { delay: 1, id: 'tick' }) } },
          always: { guard: ({ event }) => event.type === 'TICK', target: 'woken' },
        },
        woken: {},
      },
    });
    const stepper = new Stepper('subject', machine, undefined, addresses);
    const armed = stepper.react(stepper.initial().next, GO)!.next;
    const { next } = stepper.fire(armed, armed.timers[0]!);
    expect(next.snapshot.value).toBe('woken');
  });

  it('known limit: a timer armed again under its id replaces the one before, where XState lets both fire', () => {
    const machine = setup({
      types: { context: {} as { ticks: number } },
      actions: { count: assign({ ticks: ({ context }) => context.ticks + 1 }) },
    }).createMachine({
      context: { ticks: 0 },
      on: { GO: { actions: raise({ type: 'TICK' }, { delay: 1, id: 'tick' }) }, TICK: { actions: 'count' } },
    });
    const clock = new SimulatedClock();
    const live = createActor(machine, { clock }).start();
    live.send(GO);
    live.send(GO);
    clock.increment(10);
    expect(live.getSnapshot().context.ticks).toBe(2);

    const stepper = new Stepper('subject', machine, undefined, addresses);
    const once = stepper.react(stepper.initial().next, GO)!.next;
    const twice = stepper.react(once, GO)!.next;
    expect(twice.timers.map(({ id }) => id)).toEqual(['tick']);
  });

  it('disarms the timers of an actor that is done', () => {
    const machine = createMachine({
      initial: 'waiting',
      states: {
        waiting: { on: { GO: 'over' } },
        over: { type: 'final', entry: raise({ type: 'LATE' }, { delay: 1 }) },
      },
    });
    const stepper = new Stepper('subject', machine, undefined, addresses);
    const { next } = stepper.react(stepper.initial().next, GO)!;
    expect(next.snapshot.status).toBe('done');
    expect(next.timers).toEqual([]);
    expect(stepper.react(next, GO)).toBeUndefined();
  });

  it('tells local states apart by their history', () => {
    const machine = createMachine({
      initial: 'on',
      states: {
        on: {
          initial: 'one',
          states: { one: { on: { NEXT: 'two' } }, two: {}, memory: { type: 'history' } },
          on: { OFF: 'off' },
        },
        off: { on: { ON: 'on.memory' } },
      },
    });
    const stepper = new Stepper('subject', machine, undefined, addresses);
    const one = stepper.initial().next;
    const two = stepper.react(one, { type: 'NEXT' })!.next;
    const [offFromOne, offFromTwo] = [one, two].map((local) => stepper.react(local, { type: 'OFF' })!.next);
    expect(offFromOne!.snapshot.value).toEqual(offFromTwo!.snapshot.value);
    expect(offFromOne!.key).not.toBe(offFromTwo!.key);
  });
});

it('takes steps of a kind twice at first, and then now and then, so that late changes of mind are found, too', () => {
  const machine = createMachine({
    context: { n: 0, x: 0 },
    on: {
      GO: { actions: assign(({ context: { n } }) => ({ n: n + 1, x: n < 20 ? 0 : Date.now() })) },
    },
  } as never) as unknown as AnyStateMachine;
  const stepper = new Stepper('subject', machine, undefined, inertAddresses(['subject']));
  let { next } = stepper.initial();
  const react = () => {
    next = stepper.react(next, { type: 'GO' })!.next;
  };
  const before = stepper.calls;
  for (let step = 0; step < 17; step++) react();
  // Eight twice, and the seventeenth.
  expect(stepper.calls - before).toBe(17 + 8 + 1);
  expect(() => {
    for (let step = 17; step < 40; step++) react();
  }).toThrow(/reads a clock/);
});
