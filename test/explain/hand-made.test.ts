/** Systems that are small enough to know by thinking what their explanations must say. */
import { describe, expect, test } from 'vitest';
import { type AnyStateMachine, assign, createMachine, sendTo, setup } from 'xstate';
import { type Explained, type Explanation, explain } from '../../src/explain/explain.ts';
import { explanationText } from '../../src/explain/words.ts';
import { check } from '../../src/explore/check.ts';
import { actor, defineSystem, type System } from '../../src/system/system.ts';
import { enabledSteps, type PathStep } from '../../src/tabulate/path.ts';
import { Tables } from '../../src/tabulate/tables.ts';
import { Walker } from '../../src/tabulate/walker.ts';
import { labelOf, type Trace, traceOf } from '../../src/trace/trace.ts';

interface Told {
  readonly explanation: Explanation;
  readonly trace: Trace;
  /** The needed orders, as `step before step`. */
  readonly races: readonly string[];
  readonly text: string;
}

async function told(system: System): Promise<Told> {
  const { tables, path, property, deadEnd } = await check(system);
  const ending = { ...(property !== undefined && { property }), ...(deadEnd !== undefined && { deadEnd }) };
  return toldOf(tables, explain(tables, path!, ending, { isShortest: true })!);
}

/** Of a run that need not be the shortest: `choosers` makes its steps, each by the only choice that it has there. */
function toldOfRun(system: System, choosers: readonly string[], property: string): Told {
  const tables = new Tables(system);
  const walker = new Walker(tables);
  walker.start();
  const initial = walker.current.slice();
  const steps: PathStep[] = [];
  for (const name of choosers) {
    const isOwn = ({ message }: PathStep) => tables.actors[tables.messages[message]!.to]!.name === name;
    steps.push(enabledSteps(walker, steps.at(-1)?.state ?? initial).find(isOwn)!);
  }
  return toldOf(tables, explain(tables, { initial, steps, failed: false }, { property }, { isShortest: false })!);
}

function toldOf(tables: Tables, found: Explained): Told {
  const trace = traceOf(tables, found.path);
  const name = (step: number) => `${labelOf(trace.steps[step]!)}#${step + 1}`;
  const races = (found.explanation.race?.orders ?? []).map(
    ({ first, second }) => `${name(first.step)} < ${name(second.step)}`,
  );
  const text = explanationText(found.explanation, trace)
    .flatMap(({ head, items }) => [head, ...items])
    .join('\n');
  return { explanation: found.explanation, trace, races, text };
}

/** A thread whose blocks are its states, one after the other; each sends what it is given. */
function thread(blocks: readonly { to: string; type: string }[][]): AnyStateMachine {
  const states = blocks.map((sends, at) => [
    `b${at}`,
    {
      on: {
        RUN: {
          target: `b${at + 1}`,
          actions: sends.map(({ to, type }) => sendTo(({ system }) => system.get(to), { type })),
        },
      },
    },
  ]);
  return createMachine({
    initial: 'b0',
    states: Object.fromEntries([...states, [`b${blocks.length}`, { type: 'final' }]]),
  } as never);
}
const RUN = { type: 'RUN' };

describe('a flag that two raise who both looked before', () => {
  const flag = createMachine({
    initial: 'down',
    states: { down: { on: { RAISE: 'up', LOOK: {} } }, up: { on: { RAISE: 'twice', LOOK: {} } }, twice: {} },
  });
  // Each looks at the flag, and then raises it.
  const user = (name: string) =>
    setup({
      actions: {
        look: sendTo(({ system }) => system.get('lock'), { type: 'ASK', by: name } as { type: string }),
        raise: sendTo(({ system }) => system.get('flag'), { type: 'RAISE' }),
      },
    }).createMachine({
      initial: 'start',
      states: {
        start: { on: { RUN: { actions: 'look' }, FREE: 'seen', TAKEN: 'gone' } },
        seen: { on: { RUN: { target: 'gone', actions: 'raise' } } },
        gone: { type: 'final' },
      },
    });
  const lock = setup({
    actions: {
      answer: sendTo(({ system, event }) => system.get((event as unknown as { by: string }).by), { type: 'FREE' }),
    },
  }).createMachine({ on: { ASK: { actions: 'answer' } } });

  test('is raised twice in every order where nobody looks whether it is', async () => {
    const system = defineSystem({
      actors: {
        one: actor(user('one'), { choices: [RUN] }),
        two: actor(user('two'), { choices: [RUN] }),
        lock: actor(lock),
        flag: actor(flag),
      },
      properties: ({ always }) => [always('raised once', (view) => !view.get('flag').matches('twice'))],
    });
    const { explanation, text } = await told(system);
    // The answer is the same in any order, so no order of these steps is needed.
    expect(explanation.race).toMatchObject({ interleavings: 6, violating: 6, orders: [] });
    expect(text).toContain('No race: all 6 interleavings');
    expect(explanation.switches).toBe(1);
    expect(explanation.predicate).toMatchObject({ falseSince: 3, reason: [{ name: 'flag', since: 3 }] });
    expect(explanation.predicate!.reason[0]!.reads).toEqual([{ question: 'matches(twice)', answer: 'true' }]);
  });
});

describe('a lost wake-up', () => {
  const sleeper = setup({
    actions: { look: sendTo(({ system }) => system.get('queue'), { type: 'LOOK' }) },
  }).createMachine({
    initial: 'running',
    states: {
      running: { on: { RUN: { actions: 'look' }, EMPTY: 'deciding', FULL: 'done', WAKE: {} } },
      // Here it has seen that there is nothing, and does not sleep yet: a wake-up is lost.
      deciding: { on: { RUN: 'asleep', WAKE: {} } },
      asleep: { on: { WAKE: 'done' } },
      done: { type: 'final' },
    },
  });
  const queue = setup({
    actions: {
      empty: sendTo(({ system }) => system.get('sleeper'), { type: 'EMPTY' }),
      full: sendTo(({ system }) => system.get('sleeper'), { type: 'FULL' }),
    },
  }).createMachine({
    initial: 'empty',
    states: {
      empty: { on: { LOOK: { actions: 'empty' }, PUT: 'full' } },
      full: { on: { LOOK: { actions: 'full' } } },
    },
  });
  const system = defineSystem({
    actors: {
      sleeper: actor(sleeper, { choices: [RUN] }),
      waker: actor(
        thread([
          [
            { to: 'queue', type: 'PUT' },
            { to: 'sleeper', type: 'WAKE' },
          ],
        ]),
        { choices: [RUN] },
      ),
      queue: actor(queue),
    },
  });

  test('needs the wake-up between the look and the sleep', async () => {
    const { explanation, races, text } = await told(system);
    expect(races).toEqual(['sleeper.RUN#1 < waker.RUN#2', 'waker.RUN#2 < sleeper.RUN#3']);
    expect(explanation.race).toMatchObject({ interleavings: 3, violating: 1, areEnough: true });
    const [, second] = explanation.race!.orders;
    expect(second).toMatchObject({ isNeeded: true, window: { after: { step: 0 }, between: [1] } });
    expect(text).toContain(
      'waker.RUN (step 2: WAKE to sleeper) after sleeper.RUN (step 1: EMPTY to sleeper) and before sleeper.RUN (step 3)',
    );
  });

  test('tells who waits for what', async () => {
    const { explanation, text } = await told(system);
    expect(explanation.waits).toEqual([
      { name: 'sleeper', state: 'asleep', for: [{ event: 'WAKE', hindrance: null }] },
    ]);
    expect(text).toContain('sleeper (asleep) waits for WAKE, which nobody sends any more');
  });
});

describe('two locks in two orders', () => {
  const lock = createMachine({
    initial: 'free',
    states: { free: { on: { ACQUIRE: 'held' } }, held: { on: { RELEASE: 'free' } } },
  });
  const taker = (first: string, second: string) =>
    thread([
      [{ to: first, type: 'ACQUIRE' }],
      [{ to: second, type: 'ACQUIRE' }],
      [
        { to: second, type: 'RELEASE' },
        { to: first, type: 'RELEASE' },
      ],
    ]);
  const system = defineSystem({
    actors: {
      one: actor(taker('a', 'b'), { choices: [RUN] }),
      two: actor(taker('b', 'a'), { choices: [RUN] }),
      a: actor(lock, { rest: ['free'] }),
      b: actor(lock, { rest: ['free'] }),
    },
    blocking: ['ACQUIRE'],
  });

  test('whoever is at rest waits for nothing, and whoever only may go on otherwise does not wait for that', async () => {
    const idle = setup({}).createMachine({ initial: 'idle', states: { idle: { on: { RUN: 'busy' } }, busy: {} } });
    const stuck = setup({}).createMachine({
      initial: 'off',
      states: { off: { on: { RUN: 'on' } }, on: { on: { WAKE: 'off' } }, nowhere: { on: { STOP: 'off' } } },
    });
    const { explanation, text } = await told(
      defineSystem({
        actors: {
          idle: actor(idle, { choices: [RUN], rest: ['busy'] }),
          stuck: actor(stuck, { choices: [RUN, { type: 'STOP' }], rest: ['off'] }),
        },
      }),
    );
    // It has no transition for its own choices there: what it waits for is the message.
    expect(explanation.waits).toEqual([{ name: 'stuck', state: 'on', for: [{ event: 'WAKE', hindrance: null }] }]);
    expect(text).toContain('stuck (on) waits for WAKE, which nobody sends any more');
  });

  test('a message on its way waits, too', async () => {
    const source = thread([[{ to: 'sink', type: 'PING' }]]);
    const deaf = setup({}).createMachine({
      initial: 'deaf',
      states: { deaf: { on: { HELLO: {} } }, nowhere: { on: { PING: {} } } },
    });
    const { explanation } = await told(
      defineSystem({
        actors: { source: actor(source, { choices: [RUN] }), sink: actor(deaf) },
        channels: { wire: { to: ['sink'], types: ['PING'], order: 'fifo', capacity: 1 } },
        blocking: ['PING'] as never[],
      }),
    );
    expect(explanation.waits).toMatchObject([
      { name: 'wire', state: 'PING for sink', for: [{ event: 'PING', hindrance: { kind: 'refused' } }] },
    ]);
  });

  test('whoever has only a choice that a guard is against waits for that', async () => {
    const box = setup({ guards: { hasRoom: () => false } }).createMachine({
      initial: 'empty',
      states: { empty: { on: { PUT: 'full' } }, full: { on: { PUT: { guard: 'hasRoom', target: 'full' } } } },
    });
    const { explanation } = await told(
      defineSystem({ actors: { box: actor(box, { choices: [{ type: 'PUT' }], rest: ['empty'] }) } }),
    );
    expect(explanation.waits).toMatchObject([
      { name: 'box', state: 'full', for: [{ event: 'PUT', hindrance: { kind: 'guard' } }] },
    ]);
  });

  test('no order of the two steps that lead there matters, and each waits for the other', async () => {
    const { explanation, text } = await told(system);
    expect(explanation.race).toMatchObject({ interleavings: 2, violating: 2 });
    const refused = explanation.waits!.filter(({ name }) => name === 'one' || name === 'two');
    expect(refused.map(({ for: [wanted] }) => wanted!.hindrance!.kind)).toEqual(['refused', 'refused']);
    expect(text).toContain('one (b1) waits for RUN: b refuses ACQUIRE: state `held` has no transition for ACQUIRE');
  });
});

describe('messages that overtake each other', () => {
  const source = thread([[{ to: 'sink', type: 'FIRST' }], [{ to: 'sink', type: 'SECOND' }]]);
  const sink = createMachine({
    initial: 'none',
    states: {
      none: { on: { FIRST: 'first', SECOND: 'wrong' } },
      first: { on: { SECOND: 'both' } },
      both: {},
      wrong: { on: { FIRST: {} } },
    },
  });

  test('the race is between the deliveries, where both are under way', async () => {
    const system = defineSystem({
      actors: { source: actor(source, { choices: [RUN] }), sink: actor(sink, { rest: () => true }) },
      channels: { bag: { to: ['sink'], order: 'unordered', capacity: 2 } },
      properties: ({ always }) => [
        always('in order', (view) => !(view.get('sink').matches('wrong') && view.channel('bag').length === 0)),
      ],
    });
    const { races, explanation } = await told(system);
    expect(races).toEqual(['bag: SECOND -> sink#3 < bag: FIRST -> sink#4']);
    expect(explanation.race).toMatchObject({ interleavings: 3, violating: 1 });
    // Whatever the sink was: the channel was empty at the start, too.
    expect(explanation.predicate!.reason.map(({ name }) => name)).toEqual(['sink', 'bag']);
  });
});

describe('somebody between two others', () => {
  // It goes wrong when one or the other of b and d comes between a and c, and all have been there.
  const judge = setup({
    types: { context: {} as { seen: string }, events: {} as { type: 'a' | 'b' | 'c' | 'd' } },
    actions: { note: assign({ seen: ({ context, event }) => context.seen + event.type }) },
  }).createMachine({ context: { seen: '' }, on: { '*': { actions: 'note' } } });
  const comes = (type: string) => actor(thread([[{ to: 'judge', type }]]), { choices: [RUN], rest: () => true });
  const system = defineSystem({
    actors: { a: comes('a'), b: comes('b'), c: comes('c'), d: comes('d'), judge: actor(judge) },
    properties: ({ always }) => [
      always('nobody between', (view) => {
        const { seen } = view.get('judge').context;
        return seen.length < 4 || !/a.*[bd].*c/.test(seen);
      }),
    ],
  });

  test('is a race in which no order follows from the others', async () => {
    const { explanation, races } = await told(system);
    expect(explanation.race).toMatchObject({ interleavings: 24, areEnough: true });
    const [[first, middle], [, last]] = races.map((race) => race.replaceAll(/\.RUN#\d/g, '').split(' < ')) as [
      [string, string],
      [string, string],
    ];
    // That a comes before c is needed, and follows.
    expect(races).toHaveLength(2);
    expect([first, last]).toEqual(['a', 'c']);
    expect(['b', 'd']).toContain(middle);
  });
});

describe('orders that are there anyway', () => {
  test('two that take a lock in turn: not that one takes it first, but that it is free again before the other takes it', async () => {
    const lock = createMachine({
      initial: 'free',
      states: {
        free: { on: { ACQUIRE: 'held' } },
        held: { on: { RELEASE: 'used' } },
        used: { on: { ACQUIRE: 'again' } },
        again: {},
      },
    });
    const system = defineSystem({
      actors: {
        one: actor(thread([[{ to: 'lock', type: 'ACQUIRE' }], [{ to: 'lock', type: 'RELEASE' }]]), { choices: [RUN] }),
        two: actor(thread([[{ to: 'lock', type: 'ACQUIRE' }]]), { choices: [RUN], rest: () => true }),
        lock: actor(lock),
      },
      blocking: ['ACQUIRE'],
      deadlock: 'ignore',
      properties: ({ always }) => [always('held once', (view) => !view.get('lock').matches('again'))],
    });
    const { races, explanation } = await told(system);
    expect(explanation.race).toMatchObject({ interleavings: 2, violating: 1, areEnough: true });
    expect(races).toEqual(['one.RUN#2 < two.RUN#3']);
  });

  test('a thread of many steps adds none, and the few that race are found all the same', async () => {
    const judge = setup({
      types: { context: {} as { here: number; all: boolean } },
      actions: {
        count: assign({ here: ({ context }) => context.here + 1 }),
        look: assign({ all: ({ context }) => context.here === 4 }),
      },
    }).createMachine({
      context: { here: 0, all: false },
      on: { HERE: { actions: 'count' }, LOOK: { actions: 'look' } },
    });
    const guest = () => actor(thread([[{ to: 'judge', type: 'HERE' }]]), { choices: [RUN], rest: () => true });
    const walk = Array.from({ length: 30 }, () => []);
    const system = defineSystem({
      actors: {
        ...{ a: guest(), b: guest(), c: guest(), d: guest() },
        host: actor(thread([...walk, [{ to: 'judge', type: 'LOOK' }]]), { choices: [RUN], rest: () => true }),
        judge: actor(judge),
      },
      properties: ({ always }) => [always('never all', (view) => !view.get('judge').context.all)],
    });
    const { races, explanation } = await told(system);
    expect(explanation.race!.areEnough).toBe(true);
    expect(races).toEqual(['a', 'b', 'c', 'd'].map((name, at) => `${name}.RUN#${at + 1} < host.RUN#35`));
  });

  test('somebody who may do two things in either order has done them in this one', async () => {
    const user = createMachine({
      on: {
        WRITE: { actions: sendTo(({ system }) => system.get('letter'), { type: 'WRITE' }) },
        SEND: { actions: sendTo(({ system }) => system.get('letter'), { type: 'SEND' }) },
      },
    });
    const letter = createMachine({
      initial: 'blank',
      states: {
        blank: { on: { WRITE: 'written', SEND: 'wasted' } },
        written: { on: { SEND: 'sent', WRITE: {} } },
        wasted: { on: { SEND: {}, WRITE: {} } },
        sent: {},
      },
    });
    const system = defineSystem({
      actors: { user: actor(user, { choices: [{ type: 'SEND' }, { type: 'WRITE' }] }), letter: actor(letter) },
      properties: ({ always }) => [always('never sent', (view) => !view.get('letter').matches('sent'))],
    });
    const { explanation, text } = await told(system);
    expect(explanation.race).toMatchObject({ interleavings: 1, violating: 1, orders: [] });
    expect(text).toContain('No race: these steps can come in no other order.');
  });
});

describe('where the orders that decide are not found in time', () => {
  // It goes wrong when ten come in one order, or in the reverse one, before the others: no two orders among the ten are enough.
  const names = [...'abcdefghij'];
  const end = names.length - 1;
  const toldWith = (others: readonly string[]) => {
    const steps = names.flatMap((name, at): [string, object][] => [
      [`up${at}`, { on: { [name]: at === end ? 'all' : `up${at + 1}`, '*': 'fine' } }],
      [`down${at}`, { on: { [name]: at === 0 ? 'all' : `down${at - 1}`, '*': 'fine' } }],
    ]);
    const states = {
      start: { on: { a: 'up1', j: `down${end - 1}`, '*': 'fine' } },
      ...Object.fromEntries(steps),
      all: others.length === 0 ? { tags: 'wrong' } : { on: { '*': 'more' } },
      more: { tags: 'wrong' },
      fine: { on: { '*': {} } },
    };
    const judge = createMachine({ initial: 'start', states } as never) as AnyStateMachine;
    const comes = (type: string) => actor(thread([[{ to: 'judge', type }]]), { choices: [RUN], rest: () => true });
    return told(
      defineSystem({
        actors: {
          ...Object.fromEntries([...names, ...others].map((name) => [name, comes(name)])),
          judge: actor(judge),
        },
        properties: ({ always }) => [always('in no order', (view) => !view.get('judge').hasTag('wrong'))],
      }),
    );
  };

  test('the explanation says so', async () => {
    const { explanation, text } = await toldWith([]);
    expect(explanation.race).toMatchObject({ violating: 2, orders: [], areEnough: false });
    expect(text).toContain(
      'The race: 2 of 3,628,800 interleavings of these steps come to the violation; which orders decide was not found in time.',
    );
  });

  test('it tells those that are needed, and that there are more', async () => {
    const { explanation, races, text } = await toldWith(['z']);
    expect(explanation.race!.areEnough).toBe(false);
    expect(races).toHaveLength(names.length);
    expect(races).toContain('a.RUN#1 < z.RUN#11');
    expect(text).toMatch(/come to the violation, which needs these orders, and more that was not found in time$/m);
  });
});

describe('a run that has more steps than it needs', () => {
  // Each takes two steps, and the judge writes them down.
  const judge = setup({
    types: { context: {} as { seen: string }, events: {} as { type: 'a' | 'A' | 'b' | 'B' } },
    actions: { note: assign({ seen: ({ context, event }) => context.seen + event.type }) },
  }).createMachine({ context: { seen: '' }, on: { '*': { actions: 'note' } } });
  const walker = (first: string, second: string) =>
    actor(thread([[{ to: 'judge', type: first }], [{ to: 'judge', type: second }]]), {
      choices: [RUN],
      rest: () => true,
    });
  const systemWith = (wrong: readonly string[]) =>
    defineSystem({
      actors: { a: walker('a', 'A'), b: walker('b', 'B'), judge: actor(judge) },
      properties: ({ always }) => [always('fine', (view) => !wrong.includes(view.get('judge').context.seen))],
    });

  test("is shown without those that are somebody else's and lead nowhere", () => {
    const { trace } = toldOfRun(systemWith(['aA', 'baA']), ['b', 'a', 'a'], 'fine');
    expect(trace.steps.map(labelOf)).toEqual(['a.RUN', 'a.RUN']);
  });

  test('has interleavings that end before all steps are taken', () => {
    const { explanation } = toldOfRun(systemWith(['aAbB', 'abA']), ['a', 'a', 'b', 'b'], 'fine');
    expect(explanation.switches).toBe(1);
    expect(explanation.race).toMatchObject({ interleavings: 6, violating: 2 });
  });

  test('needs no order of a step that it does not need', () => {
    // Where all four are taken, A comes before B; but b's second step may be left out.
    const { explanation, races } = toldOfRun(systemWith(['aAbB', 'abA']), ['a', 'a', 'b', 'b'], 'fine');
    expect(races).toEqual(['a.RUN#2 < b.RUN#3']);
    expect(explanation.race!.orders).toMatchObject([{ isNeeded: false }]);
    expect(explanation.race!.areEnough).toBe(true);
  });

  test('has been wrong since its first wrong step, where its interleavings are too many to find a shorter one', () => {
    const others = Array.from({ length: 15 }, (_, at) => `other${at}`);
    const system = defineSystem({
      actors: {
        a: walker('a', 'A'),
        judge: actor(judge),
        ...Object.fromEntries(others.map((name) => [name, actor(thread([[]]), { choices: [RUN], rest: () => true })])),
      },
      properties: ({ always }) => [always('no a', (view) => !view.get('judge').context.seen.includes('a'))],
    });
    const { explanation, text } = toldOfRun(system, ['other0', 'a', ...others.slice(1), 'a'], 'no a');
    expect(explanation).toMatchObject({ calmestOf: 'none', race: null });
    expect(explanation.predicate).toMatchObject({ falseSince: 1, reason: [{ name: 'judge', since: 16 }] });
    expect(text).toContain('It is false since step 2');
  });
});

describe('a message that comes too early', () => {
  const late = createMachine({ initial: 'off', states: { off: { on: { RUN: 'on' } }, on: { on: { PING: {} } } } });

  test('is a model error with a race of its own', async () => {
    const system = defineSystem({
      actors: {
        late: actor(late, { choices: [RUN], rest: ['on'] }),
        early: actor(thread([[], [{ to: 'late', type: 'PING' }]]), { choices: [RUN] }),
      },
    });
    const { tables, path, error } = await check(system);
    expect(error).toMatchObject({ code: 'unhandled-message' });
    const found = explain(tables, path!, {}, { isShortest: true })!;
    const trace = traceOf(tables, found.path);
    // The step that would take away the error is not among those that lead to it.
    expect(trace.steps.map(labelOf)).toEqual(['early.RUN', 'early.RUN']);
    expect(found.explanation.race).toMatchObject({ interleavings: 1, orders: [] });
  });

  test('names what has to come before it', async () => {
    // It is taken while on, and again after the switch was turned off.
    const lamp = createMachine({
      initial: 'on',
      states: { on: { on: { PING: {}, RUN: 'off' } }, off: {} },
    });
    const system = defineSystem({
      actors: {
        lamp: actor(lamp, { choices: [RUN], rest: () => true }),
        early: actor(thread([[{ to: 'lamp', type: 'PING' }]]), { choices: [RUN] }),
      },
    });
    const { tables, path } = await check(system);
    const found = explain(tables, path!, {}, { isShortest: true })!;
    expect(found.explanation.race).toMatchObject({ interleavings: 2, violating: 1 });
    expect(found.explanation.race!.orders).toMatchObject([{ first: { step: 0 }, second: { step: 1 }, isNeeded: true }]);
  });
});

describe('two messages of which only one is taken', () => {
  test('are two errors: in the other order it is the other one that nobody takes', async () => {
    const seat = createMachine({
      initial: 'free',
      states: { free: { on: { ONE: 'one', TWO: 'two' } }, one: {}, two: {} },
    });
    const comes = (type: string) => actor(thread([[{ to: 'seat', type }]]), { choices: [RUN] });
    const { explanation, races } = await told(
      defineSystem({ actors: { one: comes('ONE'), two: comes('TWO'), seat: actor(seat) } }),
    );
    expect(explanation.race).toMatchObject({ interleavings: 2, violating: 1 });
    expect(races).toEqual(['one.RUN#1 < two.RUN#2']);
  });
});

describe('a false predicate', () => {
  const counter = (name: string) =>
    setup({
      types: { context: {} as { n: number; name: string } },
      actions: { count: assign({ n: ({ context }) => context.n + 1 }) },
      guards: { fits: ({ context }) => context.n < 3 },
    }).createMachine({ context: { n: 0, name }, on: { RUN: { guard: 'fits', actions: 'count' } } });
  const actors = {
    a: actor(counter('a'), { choices: [RUN], rest: () => true }),
    b: actor(counter('b'), { choices: [RUN], rest: () => true }),
  };

  test('of a chain of parts is false by the one that is', async () => {
    const system = defineSystem({
      actors,
      properties: ({ always }) => [
        always('both small', (view) => view.get('a').context.n < 5 && view.get('b').context.n < 2),
      ],
    });
    const { explanation } = await told(system);
    expect(explanation.predicate).toMatchObject({
      falseSince: 1,
      reason: [{ name: 'b', since: 1, reads: [{ question: 'context.n', answer: '2' }] }],
      others: [{ name: 'a', since: null }],
    });
  });

  test('of two parts that must not be true together is false by both, each since its own step', async () => {
    const system = defineSystem({
      actors,
      properties: ({ always }) => [
        always('not both', (view) => !(view.get('a').context.n === 1 && view.get('b').context.n === 1)),
      ],
    });
    const { explanation } = await told(system);
    const { reason, falseSince } = explanation.predicate!;
    expect(reason.map(({ name }) => name).sort()).toEqual(['a', 'b']);
    expect(reason.map(({ since }) => since).sort()).toEqual([0, 1]);
    expect(falseSince).toBe(1);
  });
});

describe('a monitor', () => {
  test('is driven by the messages that changed it, with their steps', async () => {
    const twice = createMachine({
      initial: 'none',
      states: {
        none: { on: { PING: 'one' } },
        one: { on: { PING: 'two' } },
        two: { tags: ['violation'] },
      },
    });
    const system = defineSystem({
      actors: {
        source: actor(
          thread([[{ to: 'sink', type: 'PING' }], [{ to: 'sink', type: 'NOISE' }], [{ to: 'sink', type: 'PING' }]]),
          { choices: [RUN] },
        ),
        sink: actor(createMachine({ on: { PING: { actions: [] }, NOISE: { actions: [] } } })),
      },
      properties: ({ monitor }) => [monitor('one ping', twice)],
    });
    const { explanation } = await told(system);
    expect(explanation.drives!.map(({ step, to, event, after }) => [step, to, event.type, after.value])).toEqual([
      [0, 'sink', 'PING', 'one'],
      [2, 'sink', 'PING', 'two'],
    ]);
  });

  test('that sees sends is driven by them, in the order in which they came', async () => {
    const waiting = createMachine({
      initial: 'none',
      states: {
        none: { on: { 'sent.PING': 'sent' } },
        sent: { on: { PING: 'taken' } },
        taken: { on: { 'sent.PING': 'again' } },
        again: { tags: 'violation' },
      },
    });
    const ping = sendTo(
      ({ system }) => system.get('sink'),
      () => ({ type: 'PING', n: 7 }),
    );
    const sender = createMachine({ on: { GO: { actions: [ping, ping] } } });
    const sink = createMachine({ on: { PING: {} } });
    const system = defineSystem({
      actors: { sender: actor(sender, { choices: [{ type: 'GO' }] }), sink: actor(sink) },
      properties: ({ monitor }) => [monitor('one at a time', waiting)],
    });
    const { explanation, text } = await told(system);
    expect(explanation.drives!.map(({ step, to, event, after }) => [step, to, event.type, after.value])).toEqual([
      [0, 'sink', 'sent.PING', 'sent'],
      [0, 'sink', 'PING', 'taken'],
      [0, 'sink', 'sent.PING', 'again'],
    ]);
    expect(text).toContain('sent.PING(n=7)');
  });
});
