/** Symmetry reduction: it finds what the full search finds, in one state of each orbit, and refuses what is not symmetric. */
import { describe, expect, it } from 'vitest';
import { assign, type EventObject, sendTo, setup } from 'xstate';
import { groupOwners } from '../../machines/races/B-04-group-owners.ts';
import { flushDeadlock } from '../../machines/races/B-06-flush-deadlock.ts';
import { priOverflow } from '../../machines/races/B-09-pri-overflow.ts';
import { atcBeforeTlb } from '../../machines/races/B-16-atc-before-tlb.ts';
import { slowReader } from '../../machines/races/B-49-slow-reader.ts';
import { racingUnmap } from '../../machines/races/B-62-racing-unmap.ts';
import { diningPhilosophers } from '../../machines/textbook/dining-philosophers.ts';
import { twoPhaseCommit } from '../../machines/textbook/two-phase-commit.ts';
import { check } from '../../src/explore/check.ts';
import { RENAMINGS_MAX, renameData, renameText } from '../../src/explore/renaming.ts';
import { Symmetry } from '../../src/explore/symmetry.ts';
import type { Scenario } from '../../src/system/scenario.ts';
import {
  type Actor,
  actor,
  combineActors,
  defineSystem,
  family,
  type Interchangeable,
  type System,
} from '../../src/system/system.ts';
import { Tables } from '../../src/tabulate/tables.ts';
import { expectRealPath, explore, statesInOrbits } from './symmetry-search.ts';

/** `count` things, each with the names that belong to its number. */
function things(count: number, ...prefixes: string[]): string[][] {
  return Array.from({ length: count }, (_, index) => prefixes.map((prefix) => `${prefix}${index}`));
}

function withSymmetry(system: System, symmetry: readonly Interchangeable[]): System {
  return { ...system, symmetry: symmetry as System['symmetry'] };
}

function build(scenario: Scenario, parameters: object, variant: string, symmetry: readonly Interchangeable[]): System {
  return withSymmetry(scenario.build(scenario.parameters.parse(parameters), variant), symmetry);
}

async function expectAgreement(system: System) {
  const full = await check(system, { symmetry: false });
  const checked = await check(system);
  expect([checked.verdict, checked.property, checked.depth]).toEqual([full.verdict, full.property, full.depth]);
  expect(checked.path?.steps.length).toBe(full.path?.steps.length);
  if (checked.path) expectRealPath(checked, checked.path);
  const reduced = explore(system, { symmetry: true });
  if (full.verdict === 'holds') expect([checked.states, checked.steps]).toEqual([reduced.states, reduced.steps]);
  expect(reduced.error).toBeUndefined();
  expect([reduced.verdict, reduced.property]).toEqual([full.verdict, full.property]);
  expect(reduced.path?.steps.length).toBe(full.path?.steps.length);
  if (reduced.path) expectRealPath(reduced, reduced.path);
  if (full.verdict === 'holds') {
    expect(reduced.depth).toBe(full.depth);
    expect(statesInOrbits(reduced)).toEqual({ states: full.states, steps: full.steps });
  }
  return { full, reduced };
}

describe('the reduced search agrees with the full one', () => {
  // Stateright's representative, which sorts by the managers' states alone, leaves 665 for 5; orbits are fewer.
  it.each([
    { managers: 3, states: 80 },
    { managers: 5, states: 314 },
    { managers: 6, states: 553 },
  ])('two-phase commit of $managers has $states orbits', async ({ managers, states }) => {
    const system = build(twoPhaseCommit, { managers }, 'fixed', [things(managers, 'rm', 'vote')]);
    const { reduced } = await expectAgreement(system);
    expect(reduced.states).toBe(states);
    expect(orbitsByHand(explore(system, { symmetry: false }), managers)).toBe(states);
  });

  it('two-phase commit of 8 has 1,461 orbits of 40,320 renamings', async () => {
    // Counted in the states of the full search, of which each had its pairs of a manager and its vote sorted by hand.
    const system = build(twoPhaseCommit, { managers: 8 }, 'fixed', [things(8, 'rm', 'vote')]);
    const { verdict, states, steps, depth, reductions } = await check(system);
    expect({ verdict, states, steps, depth }).toEqual({ verdict: 'holds', states: 1461, steps: 9772, depth: 25 });
    expect(reductions).toMatchObject([{ name: 'symmetry', used: true, renamings: 40_320 }]);
  });

  it('two-phase commit of 8 is violated in some image of a state, by as short a path', async () => {
    // The predicate tells one manager from another.
    const all = build(twoPhaseCommit, { managers: 8 }, 'fixed', [things(8, 'rm', 'vote')]);
    const system: System = {
      ...all,
      properties: [
        {
          kind: 'always',
          name: 'the last one is not the only one that aborts',
          holds: (view) =>
            !view.get('rm7').matches('aborted') ||
            Array.from({ length: 7 }, (_, index) => view.get(`rm${index}`)).some(({ value }) => value !== 'prepared'),
        },
      ],
    };
    const { verdict, path, tables } = await check(system);
    expect([verdict, path?.steps.length]).toEqual(['violated', 8]);
    expectRealPath({ tables }, path!);
    const last = path!.steps.at(-1)!.state;
    expect(tables.actors[tables.slotOf('rm7')!]!.locals[last[tables.slotOf('rm7')!]!]!.snapshot.value).toBe('aborted');
  });

  const devices = things(2, 'dev', 'core');
  const workers = things(2, 'worker');
  const pages = things(2, 'page', 'iopte', 'tlb', 'mapped');
  const owners = things(2, 'dev', 'param', 'handle', 'detach', 'group');
  const pri = { devices: 2, workers: 1, queueEntries: 2 };
  const owner = { devices: 2, groups: 1, readers: 1 };
  const readers = { devices: 1, groups: 2, readers: 2 };
  const flush = { groups: 1, pages: 1, workers: 1 };
  const cases: [Scenario, object, string[], Interchangeable[], states: number | undefined][] = [
    [twoPhaseCommit, { managers: 5 }, ['hasty', 'no-abort'], [things(5, 'rm', 'vote')], undefined],
    [diningPhilosophers, { philosophers: 2 }, ['all-states', 'left-right'], [things(2, 'philosopher', 'fork')], 5],
    [priOverflow, { devices: 1 }, ['fixed', 'no-discard'], [workers], 5760],
    [priOverflow, { devices: 1, workers: 1, bothOrders: true }, ['fixed'], [things(2, 'page')], 4976],
    [priOverflow, pri, ['no-discard', 'discard-first', 'split-cons', 'one-pass', 'ack-early'], [devices], undefined],
    [priOverflow, { ...pri, workers: 2 }, ['no-discard', 'one-pass'], [devices, workers], undefined],
    [
      racingUnmap,
      {},
      ['fixed', 'lock-over-gup', 'no-lock-over-gup', 'late-seq'],
      [things(2, 'dev', 'core', 'paramLock'), pages],
      7450,
    ],
    [groupOwners, owner, ['fixed', 'two-owners', 'removal-leaves-groups'], [owners], 428],
    [groupOwners, readers, ['fixed', 'two-owners'], [things(2, 'reader')], 1058],
    [groupOwners, { ...readers, readers: 1 }, ['fixed', 'two-owners'], [things(2, 'prg', 'group')], 138],
    [flushDeadlock, flush, ['fixed', 'flush-under-lock'], [things(2, 'dev', 'iopf', 'lock', 'unbind')], 169],
    [slowReader, { entries: 2 }, ['fixed', 'mutex-held'], [things(2, 'reader')], 2640],
  ];
  const rows = cases.flatMap(([scenario, parameters, variants, symmetry, states]) =>
    variants.map((variant) => ({
      name: `${scenario.name} ${JSON.stringify(parameters)} ${variant}, ${symmetry.map((list) => list[0]).join(' and ')}`,
      system: build(scenario, parameters, variant, symmetry),
      states,
    })),
  );
  it.each(rows)('on $name', async ({ system, states }) => {
    const { full, reduced } = await expectAgreement(system);
    if (full.verdict === 'holds') expect(reduced.states).toBe(states);
  });
});

describe('what is not symmetric is refused', () => {
  const refused = async (system: System) => {
    const checked = await check(system);
    expect([checked.verdict, checked.error?.code, checked.path]).toEqual(['model-error', 'not-symmetric', undefined]);
    expect((await check(system, { symmetry: false })).error?.code).not.toBe('not-symmetric');
    const { verdict, code, error } = explore(system, { symmetry: true });
    expect({ verdict, code }).toEqual({ verdict: 'model-error', code: 'not-symmetric' });
    return error;
  };

  it('a free list that hands out the first frame', async () => {
    const error = await refused(build(racingUnmap, {}, 'fixed', [things(2, 'frame')]));
    expect(error).toContain('after frame0 <-> frame1, "freeList" and its own image react differently');
  });

  it('commands for two devices that always go into one queue in the same order', async () => {
    expect(await refused(build(atcBeforeTlb, { pages: 1 }, 'fixed', [things(2, 'dev')]))).toContain('"unmap0"');
  });

  it('answers to one device in the order of the names of its groups', async () => {
    const parameters = { devices: 1, groups: 2, readers: 1 };
    const symmetry = [things(2, 'prg', 'group')];
    expect(await refused(build(groupOwners, parameters, 'removal-leaves-groups', symmetry))).toContain('"param0"');
  });

  it('a ring of philosophers, whose neighbours are not everybody', async () => {
    await refused(build(diningPhilosophers, { philosophers: 3 }, 'all-states', [things(3, 'philosopher', 'fork')]));
  });

  it('two that greet everybody at the start in the order of names, as their messages show', async () => {
    const greeter = setup({ types: { events: {} as { type: 'HELLO' } } }).createMachine({
      entry: ['a', 'b'].map((name) => sendTo(({ system }) => system.get(name), { type: 'HELLO' })),
      on: { HELLO: {} },
    });
    const system = defineSystem({
      actors: { a: actor(greeter), b: actor(greeter) },
      channels: { air: { to: ['a', 'b'], order: 'fifo', capacity: 4 } },
      symmetry: [['a', 'b']],
    });
    await expect(check(system)).rejects.toMatchObject({
      code: 'not-symmetric',
      message: expect.stringMatching(
        /start differently:\n {2}expected .*, sends b <- .*, a <- .*\n {2}got .*, sends a <- .*, b <- /,
      ),
    });
  });

  it('one of two whose input makes it behave differently', async () => {
    const machine = toggle();
    const choices = [{ type: 'GO' as const }];
    const [on, off] = [true, false].map((input) => actor(machine, { input: { on: input }, choices }));
    const error = await refused(defineSystem({ actors: { a: on!, b: off! }, symmetry: [['a', 'b']] }));
    expect(error).toContain('may start different steps');
  });

  it('one of two that may not rest where the other may', async () => {
    const machine = toggle();
    const actors = { a: actor(machine, { rest: ['one'] }), b: actor(machine, { rest: ['two'] }) };
    expect(await refused(defineSystem({ actors, symmetry: [['a', 'b']] }))).toContain('may start different steps');
  });

  it('a monitor that minds one of two only', async () => {
    const machine = toggle();
    const choices = [{ type: 'GO' as const }];
    const picky = setup({
      types: { events: {} as { type: 'GO'; to: string } },
      guards: { isA: ({ event }) => event.to === 'a' },
    }).createMachine({
      initial: 'none',
      states: { none: { on: { GO: [{ guard: 'isA', target: 'a' }, { target: 'b' }] } }, a: { tags: 'hot' }, b: {} },
    });
    const system = defineSystem({
      actors: { a: actor(machine, { choices }), b: actor(machine, { choices }) },
      properties: ({ monitor }) => [monitor('who comes first', picky)],
      symmetry: [['a', 'b']],
    });
    expect(explore(system, { symmetry: true }).code).toBe('not-symmetric');
    // Where there is an obligation no search makes use of symmetry.
    expect((await check(system)).reductions).toMatchObject([{ used: false, reason: 'progress' }]);
  });

  /** Two that call a server, which knows one of them by name. */
  function favourite(on: (guarded: object) => object): System {
    const server = setup({
      types: { events: {} as { type: 'CALL'; by: string } },
      guards: { isFavourite: ({ event }) => event.by === 'a' },
    }).createMachine({
      initial: 'one',
      states: {
        one: { on: { CALL: on({ guard: 'isFavourite', target: 'two' }) as never } },
        two: { on: { CALL: {} } },
      },
    });
    const caller = setup({
      types: { events: {} as { type: 'GO' } },
      actions: {
        call: sendTo(
          ({ system }) => system.get('server'),
          ({ self }) => ({ type: 'CALL', by: self.id }),
        ),
      },
    }).createMachine({ on: { GO: { actions: 'call' } } });
    const choices = [{ type: 'GO' as const }];
    return defineSystem({
      actors: { a: actor(caller, { choices }), b: actor(caller, { choices }), server: actor(server) },
      blocking: ['CALL'],
      symmetry: [['a', 'b']],
    });
  }

  it.each<[string, (guarded: object) => object]>([
    ['takes calls of one of two only', (guarded) => guarded],
    ['goes elsewhere for one of two only', (guarded) => [guarded, {}]],
  ])('a server that %s', async (_, on) => {
    expect(await refused(favourite(on))).toContain('"server" and its own image react differently');
  });

  it('two that start one after the other, when somebody remembers who was first', async () => {
    const eager = setup({
      actions: {
        call: sendTo(
          ({ system }) => system.get('list'),
          ({ self }) => ({ type: 'CALL', by: self.id }),
        ),
      },
    }).createMachine({ entry: 'call' });
    const list = setup({
      types: { context: {} as { by: string[] }, events: {} as { type: 'CALL'; by: string } },
      actions: { append: assign({ by: ({ context, event }) => [...context.by, event.by] }) },
    }).createMachine({ context: { by: [] }, on: { CALL: { actions: 'append' } } });
    const system = defineSystem({
      actors: { list: actor(list), a: actor(eager), b: actor(eager) },
      symmetry: [['a', 'b']],
    });
    expect(await refused(system)).toContain('the initial state is not the same after a <-> b');
  });

  /** A machine for each actor, with the names of others closed over. */
  const ringOf = (count: number, machineOf: (own: string, next: string) => Actor['machine']) => {
    const names = Array.from({ length: count }, (_, at) => `n${at}`);
    const next = (at: number) => names[(at + 1) % count]!;
    const actors = Object.fromEntries(
      names.map((name, at) => [name, actor(machineOf(name, next(at)), { choices: [{ type: 'GO' }] })]),
    );
    return { names, actors };
  };
  const caller = (own: string, callee: string, limit = 2) =>
    setup({
      types: { context: {} as { calls: number } },
      guards: { mayCall: ({ context }) => context.calls < limit },
      actions: {
        count: assign({ calls: ({ context }) => context.calls + 1 }),
        call: sendTo(({ system }) => system.get('hub'), { type: 'CALL', by: own, for: callee } as EventObject),
      },
    }).createMachine({
      id: own,
      context: { calls: 0 },
      on: { GO: { guard: 'mayCall', actions: ['count', 'call'] } },
    });
  const hub = setup({
    types: { context: {} as { last: string }, events: {} as { type: 'CALL'; by: string } },
    actions: { note: assign({ last: ({ event }) => event.by }) },
  }).createMachine({ context: { last: 'nobody' }, on: { CALL: { actions: 'note' } } });
  const around = (limits: readonly number[], callee: (next: string) => string) => {
    const { names, actors } = ringOf(limits.length, (own, next) =>
      caller(own, callee(next), limits[Number(own.slice(1))]),
    );
    return defineSystem({ actors: { ...actors, hub: actor(hub) }, symmetry: [names], deadlock: 'ignore' });
  };

  it('accepts machines that one factory makes for each actor', async () => {
    const { full, reduced } = await expectAgreement(around([2, 2, 2], () => 'nobody'));
    expect(reduced.states).toBeLessThan(full.states / 2);
  });

  it('refuses such machines when what they close over tells them apart', async () => {
    // One may call once more: its code is the same.
    expect(await refused(around([2, 2, 3], () => 'nobody'))).toContain('may start different steps');
    // Three in a ring may be turned round, but two of them may not change places, as their machines say.
    await expect(check(around([2, 2, 2], (next) => next))).rejects.toThrow('which has another machine');
  });

  const broken: [string, Record<string, ReturnType<typeof actor>>, object, string][] = [
    ['a name that does not exist', { a: actor(toggle(), { input: 'b' as never }) }, {}, 'which does not exist'],
    ['other machines', { a: actor(toggle()), b: actor(setup({}).createMachine({})) }, {}, 'which has another machine'],
  ];
  it.each(broken)('%s', (_, actors, more, message) => {
    const system = defineSystem({ actors, ...more, symmetry: [['a', 'b']] } as never);
    expect(() => explore(system, { symmetry: true })).toThrow(message);
  });

  it('other choices, other channels', () => {
    const machine = toggle();
    const one = { a: actor(machine, { choices: [{ type: 'GO' }] }), b: actor(machine) };
    expect(() => explore(defineSystem({ actors: one, symmetry: [['a', 'b']] }), { symmetry: true })).toThrow(
      'which has other choices',
    );
    const two = { a: actor(machine), b: actor(machine) };
    const channels = {
      'a-in': { to: ['a' as const], order: 'fifo' as const, capacity: 1 },
      'b-in': { to: ['b' as const], order: 'fifo' as const, capacity: 2 },
    };
    expect(() => explore(defineSystem({ actors: two, channels, symmetry: [['a', 'b']] }), { symmetry: true })).toThrow(
      'which is another kind of channel',
    );
  });

  it('more renamings than are worth their time', () => {
    const machine = toggle();
    const actors = family('a', 9, () => actor(machine));
    const system = defineSystem({ actors, symmetry: [Object.keys(actors)] });
    expect(() => new Symmetry(new Tables(system))).toThrow(`more than ${RENAMINGS_MAX} renamings`);
  });

  it.each<[string, Interchangeable, string]>([
    ['a name of several words', ['a-b', 'b'], 'is not one word'],
    [
      'a name twice',
      [
        ['a', 'b'],
        ['b', 'c'],
      ],
      'names something twice',
    ],
    ['things of different sizes', [['a', 'b'], ['c']], 'different numbers of names'],
  ])('a declaration with %s', (_, symmetry, message) => {
    expect(() => defineSystem({ actors: { a: actor(toggle()) }, symmetry: [symmetry] })).toThrow(message);
  });
});

describe('the order of sends', () => {
  /** A caller that tells everybody, in the order of its list, two that listen, and a log of what these answer. */
  function callers(listener: Actor['machine'], order: 'caller first' | 'caller last'): System {
    const log = setup({
      types: { context: {} as { by: string[] }, events: {} as { type: 'HEARD'; by: string } },
      actions: { write: assign({ by: ({ context, event }) => [...context.by, event.by].slice(-2) }) },
    }).createMachine({ context: { by: [] }, on: { HEARD: { actions: 'write' } } });
    const teller = setup({
      types: { events: {} as { type: 'GO' } },
      actions: {
        tellA: sendTo(({ system }) => system.get('a'), { type: 'TELL' }),
        tellB: sendTo(({ system }) => system.get('b'), { type: 'TELL' }),
      },
    }).createMachine({ on: { GO: { actions: ['tellA', 'tellB'] } } });
    const choices = [{ type: 'GO' as const }];
    const caller: Record<string, Actor> = { caller: actor(teller, { choices }) };
    const listeners: Record<string, Actor> = { a: actor(listener, { choices }), b: actor(listener, { choices }) };
    return defineSystem({
      actors: {
        ...(order === 'caller first' ? { ...caller, ...listeners } : { ...listeners, ...caller }),
        log: actor(log),
      },
      symmetry: [['a', 'b']],
    });
  }

  const parts = setup({
    types: { events: {} as { type: 'TELL' } | { type: 'GO' } },
    actions: {
      answer: sendTo(
        ({ system }) => system.get('log'),
        ({ self }) => ({ type: 'HEARD', by: self.id }),
      ),
      tellMyself: sendTo(({ self }) => self, { type: 'TELL' }),
    },
  });
  const quiet = parts.createMachine({ on: { TELL: {}, GO: {} } });
  const loud = parts.createMachine({ on: { TELL: { actions: 'answer' }, GO: { actions: 'tellMyself' } } });
  const loudLater = parts.createMachine({
    initial: 'quiet',
    states: { quiet: { on: { TELL: {}, GO: 'loud' } }, loud: { on: { TELL: { actions: 'answer' } } } },
  });

  it('does not matter to receivers that stay silent', () => {
    expect(explore(callers(quiet, 'caller first'), { symmetry: true }).verdict).toBe('holds');
  });

  it.each([
    ['answer', loud, 'caller first'],
    ['are known to answer when several are told for the first time', loud, 'caller last'],
    ['answer only later', loudLater, 'caller first'],
  ] as const)('matters to receivers that %s', (_, listener, order) => {
    expect(explore(callers(listener, order), { symmetry: true }).code).toBe('not-symmetric');
  });
});

describe('properties need not be symmetric', () => {
  const machine = setup({ types: { events: {} as { type: 'GO' } } }).createMachine({
    initial: 'off',
    states: { off: { on: { GO: 'on' } }, on: {} },
  });
  const actors = family('a', 3, () => actor(machine, { choices: [{ type: 'GO' }], rest: ['off', 'on'] }));

  it.each([0, 1, 2])('an always that names only a%i is violated, by a path that violates it', (index) => {
    const system = defineSystem({
      actors,
      symmetry: [Object.keys(actors)],
      properties: ({ always }) => [always('stays off', (view) => !view.get(`a${index}`).matches('on'))],
    });
    const reduced = explore(system, { symmetry: true });
    expect([reduced.verdict, reduced.path?.steps.length]).toEqual(['violated', 1]);
    const { path, tables } = reduced;
    expect(tables.actors[index]!.locals[path!.steps[0]!.state[index]!]!.snapshot.value).toBe('on');
  });

  it.each([0, 1, 2])('a reachable and a happens that name only a%i are witnessed', (index) => {
    const system = defineSystem({
      actors,
      symmetry: [Object.keys(actors)],
      properties: ({ reachable, happens }) => [
        reachable('goes on', (view) => view.get(`a${index}`).matches('on')),
        happens('is told', { to: `a${index}`, type: 'GO' }),
      ],
    });
    const { verdict, states } = explore(system, { symmetry: true });
    expect({ verdict, states }).toEqual({ verdict: 'holds', states: 4 });
  });

  it.each([0, 1, 2])('a happens that names a%i is witnessed where each orbit keeps one of them', (index) => {
    const lock = setup({ types: { events: {} as { type: 'TAKE' } } }).createMachine({
      initial: 'free',
      states: { free: { on: { TAKE: 'taken' } }, taken: {} },
    });
    const taker = setup({
      types: { events: {} as { type: 'GO' } | { type: 'USE' } },
      actions: { take: sendTo(({ system }) => system.get('lock'), { type: 'TAKE' }) },
    }).createMachine({
      initial: 'off',
      states: { off: { on: { GO: { target: 'on', actions: 'take' } } }, on: { on: { USE: 'used' } }, used: {} },
    });
    const takers = family('a', 3, () => actor(taker, { choices: [{ type: 'GO' }, { type: 'USE' }], rest: () => true }));
    const system = defineSystem({
      actors: combineActors(takers, { lock: actor(lock) }),
      blocking: ['TAKE'],
      symmetry: [Object.keys(takers)],
      properties: ({ happens }) => [happens('is used', { to: `a${index}`, type: 'USE' })],
    });
    const { verdict, states } = explore(system, { symmetry: true });
    expect({ verdict, states }).toEqual({ verdict: 'holds', states: 3 });
  });
});

describe('renaming', () => {
  const swap = new Map([
    ['dev0', 'dev1'],
    ['dev1', 'dev0'],
  ]);

  it('replaces whole words only', () => {
    expect(renameText('dev0-prg0 and dev1, not dev10 or dev0_x', swap)).toBe('dev1-prg0 and dev0, not dev10 or dev0_x');
  });

  it('goes through values and keys', () => {
    const event = { type: 'GO', of: ['dev0', { dev1: 1, other: null }] } as EventObject;
    expect(renameData(event, swap)).toEqual({ type: 'GO', of: ['dev1', { dev0: 1, other: null }] });
  });
});

function toggle() {
  return setup({
    types: { context: {} as { on: boolean }, input: {} as { on: boolean } | undefined, events: {} as { type: 'GO' } },
    guards: { isOn: ({ context }) => context.on },
  }).createMachine({
    context: ({ input }) => ({ on: input?.on ?? false }),
    initial: 'one',
    states: { one: { always: { guard: 'isOn', target: 'two' }, on: { GO: 'two' } }, two: { tags: 'two' } },
  });
}

describe('check', () => {
  const machine = setup({ types: { events: {} as { type: 'GO' } } }).createMachine({
    initial: 'off',
    states: { off: { on: { GO: 'on' } }, on: {} },
  });
  const actors = family('a', 3, () => actor(machine, { choices: [{ type: 'GO' }], rest: ['off', 'on'] }));
  const classes = [[['a0'], ['a1'], ['a2']]];
  const system = defineSystem({ actors, symmetry: [Object.keys(actors)] });

  it('says what it made use of', async () => {
    const { states, reductions } = await check(system);
    expect({ states, reductions }).toEqual({
      states: 4,
      reductions: [{ name: 'symmetry', used: true, renamings: 6, classes }],
    });
  });

  it.each([
    [{ symmetry: false }, 'off'],
    [{ search: 'depth-first' }, 'search'],
    [{ search: 'random', walks: 1 }, 'search'],
  ] as const)('says that it does without, and why: %j', async (options, reason) => {
    const { reductions } = await check(system, options);
    expect(reductions).toEqual([{ name: 'symmetry', used: false, reason, renamings: 1, classes }]);
  });

  it('has nothing to say of a system without symmetry, or of a single thing', async () => {
    expect((await check(defineSystem({ actors }))).reductions).toEqual([]);
    expect((await check(defineSystem({ actors, symmetry: [['a0']] }))).reductions).toEqual([]);
  });

  it('refuses a declaration that cannot be true', async () => {
    const different = { a: actor(machine), b: actor(toggle()) };
    const untrue = defineSystem({ actors: different, symmetry: [['a', 'b']] });
    await expect(check(untrue)).rejects.toMatchObject({ code: 'not-symmetric' });
    expect((await check(untrue, { symmetry: false })).verdict).toBe('holds');
  });

  it.each([0, 1, 2])('judges what names only a%i, and shows it in that one', async (index) => {
    const one = `a${index}` as const;
    const properties = { actors, symmetry: [Object.keys(actors)] };
    const violated = await check(
      defineSystem({
        ...properties,
        properties: ({ always }) => [always('stays off', (view) => !view.get(one).matches('on'))],
      }),
    );
    expect([violated.property, violated.path?.steps.length]).toEqual(['stays off', 1]);
    const { tables, path } = violated;
    expect(tables.actors[index]!.locals[path!.steps[0]!.state[index]!]!.snapshot.value).toBe('on');
    const witnessed = defineSystem({
      ...properties,
      properties: ({ reachable, happens }) => [
        reachable('goes on', (view) => view.get(one).matches('on')),
        happens('is told', { to: one, type: 'GO' }),
      ],
    });
    expect(await check(witnessed)).toMatchObject({ verdict: 'holds', states: 4 });
  });

  it('finds the error of one of them, in a step or in a property', async () => {
    const failing = setup({
      types: { context: {} as { name: string }, input: {} as { name: string }, events: {} as { type: 'GO' } },
      actions: {
        fail: assign(({ context }) => {
          throw new Error(`no ${context.name}`);
        }),
      },
    }).createMachine({
      context: ({ input }) => input,
      initial: 'off',
      states: { off: { on: { GO: 'on' } }, on: { on: { GO: { actions: 'fail' } } } },
    });
    const those = family('b', 2, (index) =>
      actor(failing, { input: { name: `b${index}` }, choices: [{ type: 'GO' }] }),
    );
    for (const symmetry of [true, false]) {
      const { verdict, error, path, tables } = await check(defineSystem({ actors: those, symmetry: [['b0', 'b1']] }), {
        symmetry,
      });
      expect([verdict, error?.code, path?.steps.length, path?.failed]).toEqual(['model-error', 'exception', 2, true]);
      expect(error?.message).toContain(`no b${tables.messages[path!.steps[1]!.message]!.to}`);
    }
    const throwing = defineSystem({
      actors,
      symmetry: [Object.keys(actors)],
      properties: ({ always }) => [
        always('is asked', (view) => {
          if (view.get('a2').matches('on')) throw new Error('do not ask');
          return true;
        }),
      ],
    });
    const { error, path } = await check(throwing);
    expect([error?.code, path?.steps.length, path?.failed]).toEqual(['exception', 1, false]);
    expect(path!.steps[0]!.state[2]).not.toBe(path!.initial[2]);
  });
});

/** Without any renaming: the managers' states with their votes' as a sorted list, and the rest. */
function orbitsByHand({ vectors, tables }: ReturnType<typeof explore>, managers: number): number {
  const stateOf = (name: string, vector: Int32Array) => {
    const slot = tables.slotOf(name)!;
    return tables.actors[slot]!.locals[vector[slot]!]!.snapshot.value as string;
  };
  const orbits = vectors.map((vector) => {
    const pairs = Array.from(
      { length: managers },
      (_, index) => `${stateOf(`rm${index}`, vector)}/${stateOf(`vote${index}`, vector)}`,
    );
    return [...pairs.sort(), stateOf('tm', vector), stateOf('decision', vector)].join();
  });
  return new Set(orbits).size;
}
