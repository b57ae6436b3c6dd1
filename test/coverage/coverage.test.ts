/** What counts as covered, and what is said of the rest. */
import { describe, expect, test } from 'vitest';
import { assign, raise, sendTo, setup } from 'xstate';
import { coverageOf, unionOf } from '../../src/coverage/coverage.ts';
import { coverageDocument, type FullMachineDocument } from '../../src/coverage/document.ts';
import { premisesOf } from '../../src/coverage/premises.ts';
import { type CheckOptions, check } from '../../src/explore/check.ts';
import type { Checkpoint } from '../../src/explore/checkpoint.ts';
import { actor, defineSystem, type System } from '../../src/system/system.ts';

const RUN = { type: 'RUN' } as const;

async function searched(system: System, options: CheckOptions = {}) {
  const result = await check(system, { ...options, coverage: true });
  const coverage = coverageOf(result.tables, result.occurred!);
  const witnessed = new Set(result.properties.flatMap(({ name, status }) => (status === 'witnessed' ? [name] : [])));
  const premises = premisesOf(system, coverage, witnessed, result.occurred!.triggered);
  return { result, coverage, premises, machines: coverageDocument(coverage).machines };
}

/** Of a system with one actor. */
async function covered(machine: Parameters<typeof actor>[0], choices: readonly { type: string }[] = [RUN]) {
  const { machines } = await searched(
    defineSystem({ actors: { it: actor(machine, { choices }) }, deadlock: 'ignore' }),
  );
  return machines[machine.id]!;
}

const outcomes = ({ guards }: Pick<FullMachineDocument, 'guards'>) =>
  Object.fromEntries(guards.map(({ transition, outcomes }) => [transition, outcomes]));

describe('guards', () => {
  const limited = setup({
    types: { context: {} as { n: number } },
    guards: {
      isBelow: ({ context }, { limit }: { limit: number }) => context.n < limit,
      never: () => false,
    },
    actions: { count: assign({ n: ({ context }) => context.n + 1 }) },
  }).createMachine({
    id: 'limited',
    context: { n: 0 },
    initial: 'counting',
    states: {
      counting: {
        on: {
          RUN: [
            { guard: 'never', target: 'stopped' },
            { guard: { type: 'isBelow', params: { limit: 2 } }, actions: 'count' },
          ],
          LATE: { guard: { type: 'isBelow', params: { limit: 9 } }, target: 'stopped' },
        },
      },
      stopped: {},
    },
  });

  test('are false where they keep a choice from being enabled', async () => {
    const machine = await covered(limited);
    expect(outcomes(machine)).toEqual({ 'counting RUN': [false], 'counting RUN/1': [true, false] });
    expect(outcomes(machine.unreached)).toEqual({ 'counting RUN': [true], 'counting LATE': [true, false] });
    expect(machine.guards[1]!.guard).toBe('isBelow {limit: 2}');
  });

  test('count where a message is refused, but not in the part of the step that is taken back', async () => {
    const door = setup({ guards: { isOpen: () => false } }).createMachine({
      id: 'door',
      initial: 'shut',
      states: { shut: { on: { ENTER: { guard: 'isOpen', target: 'entered' } } }, entered: {} },
    });
    const visitor = setup({
      actions: { enter: sendTo(({ system }) => system.get('door'), { type: 'ENTER' }) },
      guards: { isEager: () => true },
    }).createMachine({
      id: 'visitor',
      initial: 'outside',
      states: {
        outside: { on: { RUN: { target: 'hall', actions: 'enter' } } },
        hall: { always: { guard: 'isEager', target: 'room' } },
        room: {},
      },
    });
    const { machines } = await searched(
      defineSystem({
        actors: { visitor: actor(visitor, { choices: [RUN] }), door: actor(door) },
        blocking: ['ENTER'],
        deadlock: 'ignore',
      }),
    );
    expect(outcomes(machines.door!)).toEqual({ 'shut ENTER': [false] });
    expect(machines.door!.refused).toEqual(['ENTER']);
    expect(machines.door!.messages).toEqual([]);
    expect(machines.visitor!.transitions).toEqual([]);
    expect(machines.visitor!.states).toEqual(['outside']);
    expect(machines.visitor!.guards).toEqual([]);
  });
});

describe('transitions and states', () => {
  test('that are passed within a step or at the start are covered', async () => {
    const machine = setup({ guards: { isLong: () => false, isShort: () => true } }).createMachine({
      id: 'passing',
      initial: 'first',
      states: {
        first: { always: 'second' },
        second: { on: { RUN: 'third' } },
        third: { always: [{ guard: 'isLong', target: 'never' }, { guard: 'isShort', target: 'fourth' }, 'never'] },
        fourth: { type: 'final' },
        never: {},
      },
    });
    const { states, transitions, guards, unreached } = await covered(machine);
    expect(states).toEqual(['first', 'second', 'third', 'fourth']);
    expect(transitions).toEqual(['first always', 'second RUN', 'third always/1']);
    expect(outcomes({ guards })).toEqual({ 'third always': [false], 'third always/1': [true] });
    expect(unreached).toEqual({
      proven: true,
      states: ['never'],
      transitions: ['third always', 'third always/2'],
      guards: [
        { transition: 'third always', guard: 'isLong', outcomes: [true] },
        { transition: 'third always/1', guard: 'isShort', outcomes: [false] },
      ],
      messages: [],
    });
  });

  test('of parallel regions, of raised events, of `onDone` and of timers are covered', async () => {
    const machine = setup({ actions: { ring: raise({ type: 'RING' }) } }).createMachine({
      id: 'parts',
      type: 'parallel',
      states: {
        left: {
          initial: 'a',
          states: { a: { on: { RUN: { target: 'b', actions: 'ring' } } }, b: { type: 'final' } },
          onDone: { actions: 'ring' },
        },
        right: { initial: 'c', states: { c: { on: { RING: 'd' } }, d: { after: { 100: 'e' } }, e: {} } },
      },
    });
    const { states, transitions, messages, unreached } = await covered(machine);
    expect(states).toEqual(['left', 'left.a', 'left.b', 'right', 'right.c', 'right.d', 'right.e']);
    expect(transitions).toEqual(['left onDone', 'left.a RUN', 'right.c RING', 'right.d after 100 ms']);
    expect(messages).toEqual(['RUN', 'RING']);
    expect(unreached).toEqual({ proven: true, states: [], transitions: [], guards: [], messages: [] });
  });

  test('that only forbid are covered where they keep a choice or a message from doing anything', async () => {
    const machine = setup({}).createMachine({
      id: 'deaf',
      initial: 'deaf',
      on: { RUN: '.deaf', OTHER: '.deaf' },
      states: { deaf: { on: { RUN: {}, OTHER: {} } }, hearing: { on: { RUN: {} } } },
    });
    const { transitions, unreached } = await covered(machine);
    expect(transitions).toEqual(['deaf RUN']);
    expect(unreached.transitions).toEqual(['(root) RUN', '(root) OTHER', 'deaf OTHER', 'hearing RUN']);
  });

  test('a machine without states is its root', async () => {
    const machine = setup({}).createMachine({ id: 'bare', on: { '*': { actions: [] } } });
    expect((await covered(machine)).states).toEqual(['(root)']);
  });
});

/** Counts to three, and from two on may also break. */
const counter = setup({
  types: { context: {} as { n: number } },
  guards: { isThree: ({ context }) => context.n === 3 },
  actions: { count: assign({ n: ({ context }) => context.n + 1 }) },
}).createMachine({
  id: 'counter',
  context: { n: 0 },
  initial: 'low',
  states: {
    low: { on: { RUN: [{ guard: 'isThree', target: 'high' }, { actions: 'count' }] } },
    high: {},
    lost: {},
  },
});

/** Knows what nobody ever says. */
const garage = setup({}).createMachine({ id: 'garage', on: { HORN: {}, STOP: {} } });

function counting(goal: number, property = 'does not get there'): System {
  return defineSystem({
    actors: { it: actor(counter, { choices: [RUN] }), garage: actor(garage) },
    deadlock: 'ignore',
    properties: ({ always, happens, reachable, leadsTo, monitor }) => [
      always(property, (view) => view.get('it').context.n < goal),
      reachable('counts to two', (view) => view.get('it').context.n === 2),
      happens('somebody stops', { type: 'STOP' }),
      leadsTo(
        'three is the end',
        (view) => view.get('it').context.n === 3,
        (view) => view.get('it').matches('high'),
      ),
      leadsTo(
        'nine is the end',
        (view) => view.get('it').context.n === 9,
        (view) => view.get('it').matches('high'),
      ),
      monitor(
        'hears of steps',
        setup({}).createMachine({ id: 'ears', initial: 'a', states: { a: { on: { RUN: 'b' } }, b: {} } }),
      ),
      monitor(
        'hears of nothing',
        setup({}).createMachine({ id: 'cars', initial: 'a', states: { a: { on: { HORN: 'b' } }, b: {} } }),
      ),
    ],
  });
}

describe('what was not seen', () => {
  test('is unreachable when the whole space was searched', async () => {
    const { machines } = await searched(counting(9));
    expect(machines.counter!.unreached).toMatchObject({ proven: true, states: ['lost'], transitions: [] });
  });

  test.each([
    ['a violation', counting(1), {}],
    ['a bound', counting(9), { maxStates: 2 }],
  ] as const)('is only not reached when %s ended the search before that', async (_, system, options) => {
    const { machines } = await searched(system, options);
    expect(machines.counter!.unreached).toMatchObject({ proven: false, states: ['high', 'lost'] });
    expect(machines.counter!.transitions).toEqual(['low RUN/1']);
  });

  test('a step that a model error breaks off covers nothing', async () => {
    const caller = setup({
      actions: { call: sendTo(({ system }) => system.get('mute'), { type: 'CALL' }) },
    }).createMachine({
      id: 'caller',
      on: { RUN: { actions: 'call' } },
    });
    const mute = setup({}).createMachine({ id: 'mute', on: { OTHER: {} } });
    const { result, machines } = await searched(
      defineSystem({ actors: { caller: actor(caller, { choices: [RUN] }), mute: actor(mute) } }),
    );
    expect(result.error?.code).toBe('unhandled-message');
    expect(machines.caller!.transitions).toEqual([]);
    expect(machines.mute!.unreached.proven).toBe(false);
  });
});

describe('several searches', () => {
  test('cover together what one of them covers, and prove what all of them prove', async () => {
    const [whole, stopped] = [await searched(counting(9)), await searched(counting(1))];
    const union = coverageDocument(unionOf([stopped.coverage, whole.coverage])).machines.counter!;
    expect(union.states).toEqual(['low', 'high']);
    expect(union.unreached).toMatchObject({ proven: false, states: ['lost'] });
    expect(union.actors).toBeUndefined();
    expect(coverageDocument(unionOf([whole.coverage, whole.coverage])).machines.counter!.unreached.proven).toBe(true);
    expect(unionOf([whole.coverage])).toBe(whole.coverage);
  });

  test('keep different machines of the same name apart, and join those that are alike', async () => {
    const small = () => setup({}).createMachine({ id: 'same', initial: 'a', states: { a: {} } });
    const large = setup({}).createMachine({ id: 'same', initial: 'a', states: { a: {}, b: {} } });
    const of = async (machine: Parameters<typeof actor>[0]) =>
      (await searched(defineSystem({ actors: { it: actor(machine) } }))).coverage;
    const [one, alike, other] = [await of(small()), await of(small()), await of(large)];
    expect([...unionOf([one, alike, other]).keys()]).toEqual(['same', 'same#2']);
  });
});

describe('actors', () => {
  test('of one machine are told together and one by one', async () => {
    const { machines } = await searched(
      defineSystem({
        actors: { busy: actor(counter, { choices: [RUN], input: {} }), idle: actor(counter) },
        deadlock: 'ignore',
      }),
    );
    expect(machines.counter!.states).toEqual(['low', 'high']);
    expect(machines.counter!.actors!.busy!.states).toEqual(['low', 'high']);
    expect(machines.counter!.actors!.idle).toEqual({ states: ['low'], transitions: [] });
  });

  test('of machines that one function makes are told together', async () => {
    const make = () =>
      setup({}).createMachine({ id: 'made', initial: 'a', states: { a: { on: { RUN: 'b' } }, b: {} } });
    const { machines } = await searched(
      defineSystem({ actors: { one: actor(make(), { choices: [RUN] }), other: actor(make()) }, deadlock: 'ignore' }),
    );
    expect(Object.keys(machines)).toEqual(['made']);
    expect(machines.made!.transitions).toEqual(['a RUN']);
    expect(Object.keys(machines.made!.actors!)).toEqual(['one', 'other']);
  });

  test('of different machines with the same id are told by their own names', async () => {
    const anonymous = () => setup({}).createMachine({ initial: 'a', states: { a: {} } });
    const { machines } = await searched(
      defineSystem({ actors: { one: actor(anonymous()), other: actor(anonymous()) } }),
    );
    expect(Object.keys(machines)).toEqual(['one', 'other']);
  });

  test('that stand for each other cover what their images cover', async () => {
    // Only one device ever gets the key, so the search follows one of three. That is then seen by coverage alone: wherever a
    // name decides, both ways do the same.
    const names = ['dev0', 'dev1', 'dev2'];
    const key = setup({}).createMachine({
      id: 'key',
      initial: 'there',
      states: { there: { on: { GRAB: 'gone' } }, gone: {} },
    });
    const clerk = setup({
      types: { context: {} as { served: boolean }, events: {} as { type: 'ASK'; by: string } },
      guards: { isBy: ({ event }, { name }: { name: string }) => event.by === name },
      actions: { serve: assign({ served: true }) },
    }).createMachine({
      id: 'clerk',
      context: { served: false },
      on: {
        ASK: names.map((name) => ({ guard: { type: 'isBy', params: { name } } as const, actions: 'serve' as const })),
      },
    });
    const device = setup({
      types: { context: {} as { name: string }, input: {} as { name: string } },
      guards: { isFirst: ({ context }) => context.name === 'dev0', isLast: ({ context }) => context.name === 'dev2' },
      actions: {
        grab: sendTo(({ system }) => system.get('key'), { type: 'GRAB' }),
        ask: sendTo(
          ({ system }) => system.get('clerk'),
          ({ context }) => ({ type: 'ASK', by: context.name }),
        ),
      },
    }).createMachine({
      id: 'device',
      context: ({ input }) => input,
      initial: 'new',
      states: {
        new: { on: { RUN: { target: 'holding', actions: 'grab' } } },
        holding: { on: { RUN: { target: 'done', actions: 'ask' }, WAIT: [{ guard: 'isFirst' }, { guard: 'isLast' }] } },
        done: { type: 'final' },
      },
    });
    const system = defineSystem({
      actors: {
        ...Object.fromEntries(
          names.map((name) => [name, actor(device, { choices: [RUN, { type: 'WAIT' }], input: { name } })]),
        ),
        key: actor(key),
        clerk: actor(clerk),
      },
      blocking: ['GRAB'],
      deadlock: 'ignore',
      symmetry: [names],
    });
    const [reduced, full] = [await searched(system), await searched(system, { symmetry: false })];
    expect(reduced.result.states).toBeLessThan(full.result.states);
    expect(full.machines.clerk!.transitions).toHaveLength(3);
    expect(outcomes(full.machines.device!)).toEqual({ 'holding WAIT': [true, false], 'holding WAIT/1': [true, false] });
    expect(reduced.machines).toEqual(full.machines);
  });
});

describe('premises', () => {
  const wanted = (system: System, options?: CheckOptions) =>
    searched(system, options).then(({ premises }) =>
      Object.fromEntries(premises.map(({ property, reached }) => [property, reached])),
    );

  test('are witnesses, triggers, and what makes a monitor move', async () => {
    expect(await wanted(counting(9))).toEqual({
      'counts to two': true,
      'somebody stops': false,
      'three is the end': true,
      'nine is the end': false,
      'hears of steps': true,
      'hears of nothing': false,
    });
  });

  test('triggers are not known where no states are kept', async () => {
    const premises = await wanted(counting(9), { search: 'random', walks: 1 });
    expect(premises['three is the end']).toBeUndefined();
    expect(premises['counts to two']).toBe(true);
  });
});

test('costs nothing and says nothing unless it is asked for', async () => {
  expect((await check(counting(9))).occurred).toBeUndefined();
});

test('does not go with a checkpoint, which does not know what has occurred', async () => {
  // It is refused before anybody looks at the checkpoint.
  const resume = { identity: {}, snapshot: {} } as Checkpoint;
  await expect(check(counting(9), { resume, coverage: true })).rejects.toThrow('does not go with resume');
});
