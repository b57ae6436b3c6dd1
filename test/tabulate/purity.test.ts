/** Code that is not a function of what it is given is refused where it can be noticed. */
import { describe, expect, it } from 'vitest';
import { type AnyStateMachine, assign, createMachine, type EventObject, not, sendTo } from 'xstate';
import { check } from '../../src/explore/check.ts';
import type { PropertyBuilders, SystemView } from '../../src/system/property.ts';
import { actor, defineSystem, type System } from '../../src/system/system.ts';

const GO: EventObject = { type: 'GO' };
const choices = (...types: string[]) => types.map((type) => ({ type })) as never;
const machineOf = (config: object): AnyStateMachine => createMachine(config as never) as never;
const twoStates = () =>
  machineOf({ initial: 'a', context: { n: 0 }, states: { a: { on: { GO: 'b' } }, b: { on: { GO: 'a' } } } });

function systemOf(
  machines: Record<string, AnyStateMachine>,
  properties?: (builders: PropertyBuilders<Record<string, never>>) => readonly unknown[],
  types: readonly string[] = ['GO'],
): System {
  return defineSystem({
    actors: Object.fromEntries(
      Object.entries(machines).map(([name, machine]) => [name, actor(machine, { choices: choices(...types) })]),
    ),
    deadlock: 'ignore',
    ...(properties && { properties: properties as never }),
  });
}

async function refused(system: System, message: RegExp): Promise<void> {
  const result = await check(system, { maxStates: 10_000 });
  expect(result.verdict).toBe('model-error');
  expect(result.error!.message).toMatch(message);
  expect(result.error!.hint).not.toBe('');
}

const holds = async (system: System) => expect((await check(system)).verdict).toBe('holds');

describe('an action that is a function', () => {
  const acting = (actions: unknown, context: object = { n: 0 }) =>
    machineOf({ context, initial: 'a', states: { a: { on: { GO: { target: 'b', actions } } }, b: {} } });

  it.each<[string, (info: never) => unknown, RegExp]>([
    ['the context', ({ context }: { context: { n: number } }) => context.n++, /an action changes the context/],
    [
      'the message',
      ({ event }: { event: { seen?: boolean } }) => (event.seen = true),
      /changes the context or message/,
    ],
  ])('may not change %s', async (_, action, message) => {
    await refused(systemOf({ a: acting(action) }), message);
    await refused(systemOf({ a: acting((info: never) => void setTimeout(() => action(info), 5)) }), message);
  });

  it('may not send behind the back of the checker, now or later', async () => {
    await refused(
      systemOf({ a: acting(({ self }: { self: { send(event: object): void } }) => self.send(GO)) }),
      /calls send/,
    );
    const later = ({ self }: { self: { send(event: object): void } }) => void setTimeout(() => self.send(GO), 1000);
    await refused(systemOf({ a: acting(later) }), /calls send/);
  });

  it('may not go on after its step, nor throw', async () => {
    await refused(systemOf({ a: acting(async () => {}) }), /goes on after its step/);
    const fail = () => {
      throw Object.create(null);
    };
    await refused(systemOf({ a: acting(fail) }), /\[object Object\]/);
  });

  it('may not set a variable that a guard of another actor reads, also where it is read late', async () => {
    let open = false;
    const opener = acting(() => {
      open = true;
    });
    const guarded = { GO: { guard: () => open, target: 'c' } };
    await refused(
      systemOf({ o: opener, u: machineOf({ initial: 'a', states: { a: { on: guarded }, c: {} } }) }),
      /actor "o" .* changes something that is in no context, .* actor "u"/,
    );
    open = false;
    const late = machineOf({ initial: 'a', states: { a: { on: { GO: 'b' } }, b: { on: guarded }, c: {} } });
    await refused(systemOf({ o: opener, u: late }), /changes something that is in no context/);
  });

  it('may not set what a predicate reads', async () => {
    let opened = false;
    const opener = acting(() => {
      opened = true;
    });
    await refused(
      systemOf({ o: opener }, ({ always }) => [always('closed', () => !opened)]),
      /and with it the answer of property "closed"/,
    );
  });

  it('may not set what a guard of a monitor or the `where` of a pattern reads', async () => {
    let held = false;
    const hold = () => {
      held = true;
    };
    const holding = machineOf({
      initial: 'a',
      states: {
        a: { on: { GO: { target: 'b', actions: hold } } },
        b: { on: { GO: 'a' } },
      },
    });
    const minding = machineOf({
      initial: 'fine',
      states: { fine: { on: { GO: { guard: () => held, target: 'bad' } } }, bad: { tags: ['violation'] } },
    });
    await refused(
      systemOf({ o: holding }, ({ monitor }) => [monitor('m', minding as never)]),
      /changes something that is in no context, .* actor "m"/,
    );
    held = false;
    await refused(
      systemOf({ o: holding }, ({ happens }) => [happens('w', { type: 'GO', where: () => !held })]),
      /and with it the answer of property "w"/,
    );
  });

  it.each<[string, (set: () => void) => void]>([
    ['a promise', (set) => void Promise.resolve().then(set)],
    ['process.nextTick', (set) => process.nextTick(set)],
    ['setImmediate', (set) => void setImmediate(set)],
  ])('may not put off by %s what a guard reads', async (_, putOff) => {
    let held = false;
    const hold = () => {
      held = true;
    };
    const holding = acting(() => putOff(hold));
    const guarded = machineOf({
      initial: 'a',
      states: { a: { on: { GO: { guard: () => held, target: 'b' } } }, b: {} },
    });
    await refused(systemOf({ o: holding, u: guarded }), /changes something that is in no context/);
  });

  it('is welcome when nobody notices it', async () => {
    let calls = 0;
    await holds(systemOf({ a: acting(() => {}) }));
    await holds(systemOf({ a: acting(({ context }: { context: unknown }) => console.log(context)) }));
    await holds(systemOf({ a: acting(() => void calls++) }));
    expect(calls).toBeGreaterThan(0);
  });

  it('known limit: what matters only to a question that is not asked again goes unnoticed', async () => {
    let runs = 0;
    const counting = acting(() => {
      runs++;
    });
    // It would take more runs than the action is given.
    const guarded = machineOf({
      initial: 'a',
      states: { a: { on: { GO: { guard: () => runs > 1000, target: 'b' } } }, b: {} },
    });
    await holds(systemOf({ o: counting, u: guarded }));
  });
});

describe('a guard', () => {
  const guarded = (guard: unknown) =>
    machineOf({ initial: 'a', states: { a: { on: { GO: { guard, target: 'b' } } }, b: {} } });

  it('may not return a promise', async () => {
    await refused(systemOf({ a: guarded(async () => false) }), /the guard .* returns a promise/);
    await refused(systemOf({ a: guarded(not((async () => false) as never)) }), /returns a promise/);
  });

  it('that never lets anything pass may not draw random numbers either', async () => {
    await refused(systemOf({ a: guarded(() => Math.random() > 2) }), /draws? a random number/);
    await refused(systemOf({ a: guarded(() => crypto.getRandomValues(new Uint8Array(1))[0]! > 300) }), /random number/);
  });

  it.each<[string, () => boolean, RegExp]>([
    ['draw', () => Math.random() > 2, /draws? a random number/],
    ['look at the clock', () => Date.now() < 0, /reads a clock/],
  ])('of a refused message or a monitor may not %s either', async (_, guard, message) => {
    const receiver = machineOf({ initial: 'a', states: { a: { on: { MSG: { guard, target: 'b' } } }, b: {} } });
    const send = sendTo(({ system }) => system.get('r') as never, { type: 'MSG' } as never);
    const sender = machineOf({ initial: 'a', states: { a: { on: { GO: { target: 'b', actions: send } } }, b: {} } });
    const actors = { r: actor(receiver), s: actor(sender, { choices: choices('GO') }) };
    const channels = { c: { to: ['r'], order: 'fifo', capacity: 1 } } as never;
    await refused(defineSystem({ actors, blocking: ['MSG'], deadlock: 'ignore' }), message);
    await refused(defineSystem({ actors, channels, blocking: ['MSG'], deadlock: 'ignore' }), message);
    const minding = machineOf({
      initial: 'fine',
      states: { fine: { on: { GO: { guard, target: 'bad' } } }, bad: { tags: ['violation'] } },
    });
    await refused(
      systemOf({ a: twoStates() }, ({ monitor }) => [monitor('m', minding as never)]),
      message,
    );
  });

  it.each([['p'], ['p', 'q'], ['p', 'q', 'r', 's']])(
    'may not read what is turned over each time that a step is taken (%#)',
    async (...names) => {
      let held = false;
      const turn = assign(() => {
        held = !held;
        return { n: 1 };
      });
      const turning = { GO: { target: 'b', actions: turn } };
      const guarded = { GO: { guard: () => held, target: 'c' } };
      const turners = names.map((name) => [
        name,
        machineOf({ context: { n: 0 }, initial: 'a', states: { a: { on: turning }, b: {} } }),
      ]);
      await refused(
        systemOf(
          {
            ...Object.fromEntries(turners),
            u: machineOf({ initial: 'a', states: { a: { on: guarded }, c: {} } }),
          },
          ({ always }) => [always('fine', () => true)],
        ),
        /answered differently|two results/,
      );
    },
  );

  it('in code that is not strict may not write to the context', async () => {
    const sloppy = new Function('info', 'info.context.n = 1; return true') as never;
    const machine = machineOf({ context: { n: 0 }, on: { GO: { guard: sloppy, actions: assign({}) } } });
    await refused(systemOf({ a: machine }), /in place/);
  });

  it('may not write to the context either where it is asked only once', async () => {
    const lapsing = ({ context }: { context: { n: number } }) => {
      // After so many questions of its kind most are not asked twice.
      if (context.n === 10) context.n = 0;
      return true;
    };
    const count = assign({ n: ({ context }: { context: { n: number } }) => context.n + 1 } as never);
    const machine = machineOf({ context: { n: 0 }, on: { GO: { guard: lapsing, actions: count } } });
    await refused(systemOf({ a: machine }), /"n":10\}.*'n'.* in place$/);
  });

  it('may not remember a question, also one that is not the first of its kind', async () => {
    let isLate = false;
    const forgetful = ({ context }: { context: { n: number } }) => {
      isLate ||= context.n === 5;
      return !(context.n === 3 && isLate);
    };
    const count = assign({ n: ({ context }: { context: { n: number } }) => Math.min(context.n + 1, 7) } as never);
    const machine = machineOf({ context: { n: 0 }, on: { GO: { guard: forgetful, actions: count } } });
    await refused(systemOf({ a: machine }), /asked again at the end/);
  });

  it('may not depend on which object it is, among those with the same data', async () => {
    const shared = { page: 1 };
    const machine = machineOf({
      context: { list: [shared], one: shared },
      initial: 'a',
      states: {
        a: {
          on: {
            GO: {
              guard: ({ context }: { context: { list: object[]; one: object } }) => context.list[0] === context.one,
              target: 'b',
            },
          },
        },
        b: {},
      },
    });
    await refused(systemOf({ a: machine }), /two results/);
  });
});

describe('a predicate', () => {
  const always = (test: (view: SystemView) => unknown) =>
    systemOf({ a: twoStates(), b: twoStates() }, (builders) => [builders.always('p', test as never)]);

  it.each<[string, (view: SystemView) => unknown, RegExp]>([
    ['return a promise', async () => true, /property "p" returns a promise/],
    ['return a function', (view) => () => view, /returns a function, which counts as true/],
    ['return an object', () => ({ ok: false }), /returns an object/],
    ['draw a random number', () => Math.random() < 2, /draws a random number/],
    [
      'write to a snapshot',
      (view) => ((view.get('a') as { status: string }).status = 'done'),
      /changes what it is shown/,
    ],
    ['write to a context', (view) => view.get('a').context.n++ === 0, /changes what it is shown/],
    ['add a tag', (view) => view.get('a').tags.add('x') !== undefined && true, /changes what it is shown/],
    [
      'write where the code is not strict',
      new Function('view', 'view.get("a").status = "done"; return true') as never,
      /changes a snapshot/,
    ],
    [
      'write to a context where the code is not strict',
      new Function('view', 'view.get("a").context.n = 1; return true') as never,
      /changes a snapshot/,
    ],
    [
      'ask for a state that is not there',
      (view) => view.get('a').matches('aa' as never),
      /property "p".* names the state "aa"/,
    ],
    [
      'ask for a tag that is not there',
      (view) => view.get('a').hasTag('brocken' as never),
      /property "p".* names the tag "brocken", which no state of its machine has/,
    ],
    [
      'ask for a message that is not there',
      (view) => view.get('a').can({ type: 'GOO' } as never),
      /property "p".* names the message "GOO", for which its machine has no transition/,
    ],
    [
      'throw null',
      () => {
        throw null;
      },
      /property "p" threw: null/,
    ],
    [
      'throw what has no text',
      () => {
        throw Object.create(null);
      },
      /threw: \[object Object\]/,
    ],
  ])('may not %s', async (_, test, message) => {
    await refused(always(test), message);
  });

  it('may not remember what it was asked before', async () => {
    let last = false;
    const noTwice = (view: SystemView) => {
      const now = view.get('a').matches('b' as never);
      const isFine = !(last && now);
      last = now;
      return isFine;
    };
    await refused(always(noTwice), /two answers|answered differently/);
    let asked = 0;
    await refused(
      always(() => asked++ < 3),
      /two answers|answered differently/,
    );
  });

  it('may not depend on the order of keys', async () => {
    const add = (key: string) => ({
      guard: ({ context }: { context: { w: object } }) => !(key in context.w),
      actions: assign({ w: ({ context }: { context: { w: object } }) => ({ ...context.w, [key]: 1 }) } as never),
    });
    const machine = machineOf({ context: { w: {} }, on: { A: add('a'), B: add('b') } });
    const system = (first: (keys: string[]) => string | undefined) =>
      systemOf(
        { u: machine },
        (builders) => [
          builders.always('p', ((view: SystemView) => {
            const keys = Object.keys(view.get('u').context.w);
            return keys.length < 2 || first(keys) === 'a';
          }) as never),
        ],
        ['A', 'B'],
      );
    await refused(
      system((keys) => keys[0]),
      /property "p" depends on the order of the keys/,
    );
    await holds(system((keys) => keys.sort()[0]));
  });
});

describe('`rest` and `where`', () => {
  it('may not return a promise, write, or draw', async () => {
    const resting = (rest: unknown) => defineSystem({ actors: { a: actor(machineOf({}), { rest: rest as never }) } });
    await refused(
      resting(async () => false),
      /`rest` of actor "a" returns a promise/,
    );
    await refused(
      resting((snapshot: { status: string }) => (snapshot.status = 'x')),
      /`rest` of actor "a" changes/,
    );
    const where = (test: unknown) =>
      systemOf({ a: twoStates() }, ({ happens }) => [happens('x', { type: 'GO', where: test as never })]);
    // The message is declared, so this is known before the first step.
    await expect(check(where(async () => false))).rejects.toThrow(/property "x" returns a promise/);
    await expect(check(where((event: { seen?: boolean }) => (event.seen = true)))).rejects.toThrow(
      /property "x" changes/,
    );
    await expect(check(where(() => Math.random() < 2))).rejects.toThrow(/property "x" draws/);
  });
});

describe('the order of keys', () => {
  it('that shows up late is a model error, and stays one', async () => {
    const has = ({ context }: { context: { has: object } }) => context.has;
    const machine = machineOf({
      context: { has: {}, picked: null },
      initial: 'a',
      states: {
        a: {
          on: {
            BOTH: {
              guard: (info: never) => Object.keys(has(info)).length === 0,
              actions: assign({ has: { p0: 1, p1: 1 } } as never),
            },
            P1: { actions: assign({ has: (info: never) => ({ ...has(info), p1: 1 }) } as never) },
            P0: { actions: assign({ has: (info: never) => ({ ...has(info), p0: 1 }) } as never) },
            PICK: {
              target: 'b',
              actions: assign({ picked: (info: never) => Object.keys(has(info))[0] ?? null } as never),
            },
          },
        },
        b: {},
      },
    });
    await refused(
      systemOf({ m: machine }, undefined, ['BOTH', 'P1', 'P0', 'PICK']),
      /order of the keys in its context/,
    );
  });

  it('of a guard of a choice counts, too', async () => {
    const machine = machineOf({
      context: { w: {} },
      initial: 'a',
      states: {
        a: {
          on: {
            A: {
              actions: assign({ w: ({ context }: { context: { w: object } }) => ({ ...context.w, a: 1 }) } as never),
            },
            B: {
              actions: assign({ w: ({ context }: { context: { w: object } }) => ({ ...context.w, b: 1 }) } as never),
            },
            GO: { guard: ({ context }: { context: { w: object } }) => Object.keys(context.w)[0] === 'b', target: 'c' },
          },
        },
        c: {},
      },
    });
    await refused(systemOf({ m: machine }, undefined, ['A', 'B', 'GO']), /order of the keys in its context/);
  });
});

describe('the order of keys of messages', () => {
  const sends = (event: object) => ({ actions: sendTo(({ system }) => system.get('to'), event as EventObject) });
  const sender = machineOf({ on: { ONE: sends({ type: 'M', a: 1, b: 2 }), OTHER: sends({ type: 'M', b: 2, a: 1 }) } });
  const firstKey = (event: object) => Object.keys(event).find((key) => key !== 'type');
  const receiver = (reads: boolean) =>
    machineOf({
      context: { seen: null },
      on: {
        M: { actions: assign({ seen: ({ event }: { event: object }) => (reads ? firstKey(event) : 1) } as never) },
      },
    });
  const systemWith = (reads: boolean, more: object = {}) =>
    defineSystem({
      actors: {
        from: actor(sender, { choices: [{ type: 'ONE' }, { type: 'OTHER' }] as never }),
        to: actor(receiver(reads)),
      },
      deadlock: 'ignore',
      ...more,
    });

  it('may not matter to who takes them', async () => {
    await holds(systemWith(false));
    await refused(systemWith(true), /order of the keys/);
  });
  it('may not matter to a monitor', async () => {
    const monitor = machineOf({
      context: { seen: null },
      on: {
        M: {
          actions: assign({ seen: ({ event }: { event: { message: object } }) => firstKey(event.message) } as never),
        },
      },
    });
    await refused(
      systemWith(false, {
        properties: (build: { monitor(name: string, machine: never): never }) => [
          build.monitor('watches', monitor as never),
        ],
      }),
      /order of the keys/,
    );
  });
});

it('events may be called like what every object has', async () => {
  const machine = machineOf({ on: { ['__proto__']: {}, constructor: { actions: () => {} }, toString: {} } });
  await holds(systemOf({ a: machine }, undefined, ['__proto__', 'constructor', 'toString']));
});

it('a context that nests too deep is one model error', async () => {
  let deep: object = {};
  for (let level = 0; level < 20_000; level++) deep = { d: deep };
  await refused(
    systemOf({ a: machineOf({ context: { n: 0, deep }, on: { GO: { actions: assign({ n: 1 } as never) } } }) }),
    /nests more than 256 levels/,
  );
});
