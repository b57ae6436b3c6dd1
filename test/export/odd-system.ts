/** A system with everything that is awkward to export: timers, full channels, odd names and values, an obligation. */
import { assign, type EventObject, sendTo, setup } from 'xstate';
import { z } from 'zod';
import { always, type Fairness } from '../../src/system/property.ts';
import { defineScenario, type Scenario } from '../../src/system/scenario.ts';
import { actor, defineSystem, type System } from '../../src/system/system.ts';

const ringing = (note: unknown): EventObject => ({ type: 'RING', note }) as EventObject;

const clock = setup({
  types: { context: {} as { rings: number }, events: {} as { type: 'STOP' } | { type: 'GO "on", 100 % \\ é' } },
  actions: {
    ring: sendTo(({ system }) => system.get('end'), ringing("it's 5 o'clock\n*/")),
    again: sendTo(({ system }) => system.get('end'), ringing(5)),
    asText: sendTo(({ system }) => system.get('end'), ringing('5')),
    count: assign({ rings: ({ context }) => context.rings + 1 }),
  },
}).createMachine({
  context: { rings: 0 },
  initial: 'ticking',
  entry: 'ring',
  states: {
    ticking: { after: { 1000: { target: 'rang', actions: ['again', 'asText', 'count'] } }, on: { STOP: 'stopped' } },
    rang: { on: { 'GO "on", 100 % \\ é': 'stopped', STOP: {} } },
    stopped: {},
  },
});

const listener = setup({}).createMachine({
  initial: 'a',
  states: { a: { on: { RING: 'b' } }, b: { on: { RING: { target: 'a' } } } },
});

const observer = setup({}).createMachine({
  initial: 'quiet',
  states: { quiet: { on: { RING: 'noisy' } }, noisy: { tags: 'hot', on: { RING: 'quiet' } } },
});

/** @param whenFull a full channel holds the clock back, or drops: then a ring can be left over at the end */
export function oddSystem(whenFull: 'block' | 'drop', order: 'fifo' | 'unordered' = 'fifo'): System {
  return defineSystem({
    actors: {
      // A word of all the languages, and one that differs from it in case only.
      init: actor(clock, {
        choices: [{ type: 'STOP' }, { type: 'STOP' }, { type: 'GO "on", 100 % \\ é' }],
        rest: ['stopped'],
      }),
      end: actor(listener),
      End: actor(listener),
    },
    channels: { do: { to: ['end'], order, capacity: 2, whenFull, lossy: true, duplicating: order === 'unordered' } },
    properties: ({ always, happens, monitor, reachable }) => [
      always('at most two "rings" wait */', (view) => view.channel('do').length <= 2),
      always('it ends', (view) =>
        view.channel('do').every(({ event }) => (event as unknown as { note: unknown }).note !== 'x'),
      ),
      reachable('the listener hears', (view) => view.get('end').matches('b')),
      happens('it rings', { to: 'end', type: 'RING' }),
      monitor('every noise ends', observer),
    ],
    deadlock: 'ignore',
  });
}

const counter = setup({
  types: { context: {} as { n: number }, events: {} as { type: 'GO' } },
  actions: { increment: assign({ n: ({ context }) => context.n + 1 }) },
}).createMachine({ context: { n: 0 }, on: { GO: { actions: 'increment' } } });

/** Sends what nobody takes, in its second step. */
const careless = setup({
  types: { events: {} as { type: 'GO' } },
  actions: { greet: sendTo(({ system }) => system.get('other'), { type: 'HELLO' }) },
}).createMachine({
  initial: 'one',
  states: { one: { on: { GO: 'two' } }, two: { on: { GO: { target: 'one', actions: 'greet' } } } },
});

function single(name: string, build: () => System): Scenario {
  return defineScenario({
    name,
    title: name,
    sources: [],
    group: 'textbook',
    parameters: z.object({}),
    variants: { only: { title: name, expected: { verdict: 'holds' } } },
    build,
  });
}

export const ENDLESS = single('endless', () =>
  defineSystem({ actors: { counter: actor(counter, { choices: [{ type: 'GO' }] }) } }),
);

/** Counts to a number, in as many local states, and has nothing to be checked. */
export function countingTo(last: number): System {
  const bounded = setup({
    types: { context: {} as { n: number }, events: {} as { type: 'GO' } },
    guards: { isLess: ({ context }) => context.n < last },
    actions: { increment: assign({ n: ({ context }) => context.n + 1 }) },
  }).createMachine({ context: { n: 0 }, on: { GO: { guard: 'isLess', actions: 'increment' } } });
  return defineSystem({ actors: { counter: actor(bounded, { choices: [{ type: 'GO' }] }) }, deadlock: 'ignore' });
}

export const WRONG = single('wrong', () =>
  defineSystem({
    actors: { one: actor(careless, { choices: [{ type: 'GO' }] }), other: actor(setup({}).createMachine({})) },
  }),
);

/** Its third step violates a property; behind that there is no end. */
export const BEHIND = single('behind', () =>
  defineSystem({
    actors: { counter: actor(counter, { choices: [{ type: 'GO' }] }) },
    properties: ({ always }) => [always('short', (view) => view.get('counter').context.n < 3)],
  }),
);

const lamp = setup({ types: { events: {} as { type: 'SWITCH' } } }).createMachine({
  initial: 'off',
  states: { off: { on: { SWITCH: 'on' } }, on: { on: { SWITCH: 'off' } } },
});

const notForLong = setup({}).createMachine({
  initial: 'on',
  states: { off: { on: { SWITCH: 'on' } }, on: { tags: 'hot', on: { SWITCH: 'off' } } },
});

/** Of each kind of property of progress one, about a lamp that is switched on and off. */
export function lampWith(fairness: Fairness): System {
  return defineSystem({
    actors: { lamp: actor(lamp, { choices: [{ type: 'SWITCH' }] }) },
    fairness: { lamp: fairness },
    properties: ({ eventually, leadsTo, infinitelyOften, monitor, happens }) => [
      eventually('it is on', (view) => view.get('lamp').matches('on')),
      leadsTo(
        'it goes off again',
        (view) => view.get('lamp').matches('on'),
        (view) => view.get('lamp').matches('off'),
      ),
      infinitelyOften('it is on again', (view) => view.get('lamp').matches('on')),
      monitor('not for long', notForLong),
      happens('switched', { type: 'SWITCH' }),
    ],
  });
}

export const PROGRESS = single('progress', () => lampWith('weak'));

const gate = setup({ types: { events: {} as { type: 'TICK' } | { type: 'PASS' } } }).createMachine({
  initial: 'closed',
  states: {
    closed: { on: { TICK: 'open' } },
    open: { on: { TICK: 'closed', PASS: 'passed' } },
    passed: {},
  },
});

/** Somebody wants to pass a gate that opens and closes; only who is treated strongly fairly does. */
export function gateWith(fairness: Fairness): System {
  return defineSystem({
    actors: { gate: actor(gate, { choices: [{ type: 'TICK' }, { type: 'PASS' }], rest: ['passed'] }) },
    fairness: { gate: { TICK: 'weak', PASS: fairness } },
    properties: ({ eventually }) => [eventually('somebody passes', (view) => view.get('gate').matches('passed'))],
  });
}

export const GATE = single('gate', () => gateWith('strong'));

/** The same behind a property that is violated as soon as the gate is open. */
export function gateThatMustNotOpen(): System {
  const system = gateWith('strong');
  return {
    ...system,
    properties: [always('closed', (view) => !view.get('gate').matches('open')), ...system.properties],
  };
}
