/** A population may have any size, and is refused where its things are not interchangeable. */

import { describe, expect, it } from 'vitest';
import { type AnyStateMachine, assign, createMachine, type EventObject, sendTo, setup } from 'xstate';
import type { LiftedTables } from '../../src/stress/lifted-tables.ts';
import { placesOf } from '../../src/stress/shared-tables.ts';
import { ModelError } from '../../src/system/errors.ts';
import { type Actor, actor, family, type System } from '../../src/system/system.ts';
import { canonicalKey } from '../../src/tabulate/plain.ts';
import { planOf, runOf, scaled, scenarioOf } from './harness.ts';
import { paging } from './paging.ts';

describe('the size of a population', () => {
  /** What actors do, in names of things by their places: (state, message, places) to effect. */
  function reactionsOf(tables: LiftedTables): Map<string, string> {
    const { reactions, pool, stateThings } = tables.buffers;
    const places = (from: number, count: number) => Array.from(pool.subarray(from, from + count));
    const stateKey = (state: number, things: readonly number[]) =>
      canonicalKey(tables.stateOf(state, things, {}), 'state');
    const messageKey = (message: number, things: readonly number[]) =>
      canonicalKey(tables.describe(message, things), 'message');
    const all = new Map<string, string>();
    for (let at = 0; at < reactions.length; at += 4) {
      const [state, message, packed, effect] = reactions.subarray(at, at + 4) as unknown as [
        number,
        number,
        number,
        number,
      ];
      if (effect === 0) continue;
      const own = Array.from({ length: stateThings[state]! }, (_, thing) => thing);
      const named = placesOf(packed, tables.buffers.messageThings[message]!);
      const key = `${stateKey(state, own)} takes ${messageKey(message, named)}`;
      if (effect < 0) {
        all.set(key, String(effect));
        continue;
      }
      let read = effect;
      const next = stateKey(pool[read]!, places(read + 2, pool[read + 1]!));
      read += 2 + pool[read + 1]!;
      const sends: string[] = [];
      for (let count = pool[read++]!; count > 0; count--) {
        const [channel, sent, things] = places(read, 3) as [number, number, number];
        sends.push(`${channel} ${messageKey(sent, places(read + 3, things))}`);
        read += 3 + things;
      }
      all.set(key, [next, ...sends].join('\n'));
    }
    return all;
  }

  it.each([
    ['the small system', (pages: number) => paging(pages), undefined],
    [
      'racing-unmap',
      (pages: number) => scaled(scenarioOf('racing-unmap'), 'fixed', 0, { pages }).template,
      'racing-unmap',
    ],
  ] as const)('does not change what %s does, nor does that of the template', (_, build, name) => {
    const definition = name && scenarioOf(name).stress!;
    const [few, many] = [
      { pages: 4, population: 4 },
      { pages: 9, population: 3000 },
    ].map(({ pages, population }) => {
      const plan = planOf(build(pages), { units: 2, population }, definition);
      expect(runOf(plan, { steps: 30_000 }).runHere()).toBeUndefined();
      return reactionsOf(plan.tables);
    }) as [Map<string, string>, Map<string, string>];
    const common = [...few.keys()].filter((key) => many.has(key));
    expect(common.length).toBeGreaterThan(few.size / 2);
    expect(common.length).toBeGreaterThan(25);
    for (const key of common) expect(many.get(key)).toBe(few.get(key));
  });

  it('may be a million', () => {
    const plan = planOf(paging(4), { units: 1, population: 1_000_000 });
    const run = runOf(plan, { steps: 20_000 });
    expect(run.runHere()).toBeUndefined();
    expect(run.tally.episodes).toBeGreaterThan(1);
  });
});

const unscalable = (why: string) => `not-liftable: the population cannot be scaled: ${why}`;

describe('a population is refused', () => {
  const refusal = (system: () => System, population = 5): string => {
    try {
      const plan = planOf(system(), { population });
      runOf(plan, { steps: 20_000 }).runHere();
    } catch (error) {
      if (!(error instanceof ModelError)) throw error;
      return `${error.code}: ${error.message}`;
    }
    return 'accepted';
  };

  const tell = (to: string, event: (page: string) => EventObject) =>
    sendTo(
      ({ system }) => system.get(to),
      ({ event: { page } }: { event: EventObject & { page: string } }) => event(page),
    );
  /** A page that is asked for, and tells a clerk. */
  const pageLike = (config: object = {}) =>
    createMachine({ on: { MAP: {}, FLUSH: {}, TAKE_BACK: {} }, ...config } as never) as unknown as AnyStateMachine;
  const clerkLike = (context: object, onTouch: object) =>
    actor(
      setup({ types: { context: {} as object } }).createMachine({
        context,
        on: { TOUCH: onTouch },
      } as never) as unknown as AnyStateMachine,
      {
        choices: Array.from({ length: 4 }, (_, index) => ({ type: 'TOUCH', page: `page${index}` })),
      },
    );
  const withClerk = (clerk: Actor) => () => paging(4, { actors: { clerk } });

  it('when a context has a dictionary over all of it that changes', () => {
    const used = Object.fromEntries(Array.from({ length: 4 }, (_, index) => [`page${index}`, false]));
    const mark = assign(({ context, event }) => ({
      used: { ...context.used, [event.page]: true },
    }));
    expect(refusal(withClerk(clerkLike({ used }, { actions: mark })))).toBe(
      unscalable('"clerk" comes up with page1, which neither its state nor the message names'),
    );
  });

  it('when a machine remembers more and more of it', () => {
    const note = assign(({ context, event }) => ({
      seen: context.seen.includes(event.page) ? context.seen : [...context.seen, event.page],
    }));
    const clerk = (pages: number) =>
      actor(
        setup({}).createMachine({
          context: { seen: [] },
          on: { TOUCH: { actions: note } },
        } as never) as unknown as AnyStateMachine,
        {
          choices: Array.from({ length: pages }, (_, index) => ({ type: 'TOUCH', page: `page${index}` })),
        },
      );
    // A template with as many things as a state may name, and one with more.
    expect(refusal(() => paging(4, { actors: { clerk: clerk(4) } }), 50)).toBe(
      unscalable('"clerk" names all 4 things of the template in one state, and could choose more'),
    );
    expect(refusal(() => paging(28, { actors: { clerk: clerk(28) } }), 50)).toMatch(
      /^not-liftable: .* "clerk" names 25 things of the population in one state, more than 24: /,
    );
  });

  it('when an actor treats one of it differently', () => {
    const clerk = clerkLike({}, [
      {
        guard: ({ event }: { event: { page: string } }) => event.page === 'page3',
        actions: tell('host', (page) => ({ type: 'HINT', page })),
      },
      {},
    ]);
    expect(refusal(withClerk(clerk))).toBe(
      unscalable('"clerk" does not do the same for all things of the population when it takes TOUCH'),
    );
  });

  it('when an actor names one that nobody has told it', () => {
    const clerk = clerkLike({}, { actions: tell('host', () => ({ type: 'HINT', page: 'page2' })) });
    expect(refusal(withClerk(clerk))).toBe(
      unscalable('"clerk" does not do the same for all things of the population when it takes TOUCH'),
    );
  });

  it('when its members start differently', () => {
    const members = family('page', 4, (index) =>
      actor(
        createMachine({
          context: { first: index === 0 },
          on: { MAP: {}, FLUSH: {}, TAKE_BACK: {} },
        }) as AnyStateMachine,
      ),
    );
    expect(refusal(() => paging(4, { actors: members }))).toBe(
      unscalable('"page0" and "page1" start from different contexts'),
    );
    const states = family('page', 4, (index) =>
      actor(pageLike({ initial: index === 2 ? 'a' : 'b', states: { a: {}, b: {} } })),
    );
    expect(refusal(() => paging(4, { actors: states }))).toBe(
      unscalable('the members of "page#" start in different states'),
    );
  });

  it('when the names of actors are not those of its things', () => {
    const more = { 'page0-page1': actor(pageLike()) };
    expect(refusal(() => paging(4, { actors: more }))).toBe(
      unscalable('the name of actor "page0-page1" is of several things'),
    );
    const fewer = { 'page0-lock': actor(pageLike()) };
    expect(refusal(() => paging(4, { actors: fewer }))).toBe(
      unscalable('the population has 4 things, and "page#-lock" fewer'),
    );
  });

  it('when a property is about all of it', () => {
    const system = () =>
      paging(4, {
        properties: (p) => [
          p.always('some page is absent', (view) =>
            ['page0', 'page1', 'page2', 'page3'].some((page) => view.get(page).matches('absent')),
          ),
        ],
      });
    expect(refusal(system)).toBe(
      unscalable('"some page is absent" looks at page0, whatever the state: it is about all things of the population'),
    );
  });

  it('when its members may do different things', () => {
    const members = family('page', 4, (index) =>
      actor(pageLike(), { choices: index === 3 ? [] : [{ type: 'MAP' }], rest: () => true }),
    );
    expect(refusal(() => paging(4, { actors: members }))).toBe(
      unscalable('"page2" may choose for one thing what it may not choose for another, or others may'),
    );
  });

  it('when its members have different machines', () => {
    const members = family('page', 4, (index) =>
      actor(
        pageLike({
          on: {
            MAP: index === 3 ? {} : { actions: sendTo(({ system }) => system.get('handler'), { type: 'MAPPED' }) },
            FLUSH: {},
            TAKE_BACK: {},
          },
        }),
        {
          choices: [{ type: 'TAKE_BACK' }],
          rest: () => true,
        },
      ),
    );
    expect(refusal(() => paging(4, { actors: members }))).toBe(
      unscalable('"page#" does not do the same for all things of the population when it takes MAP'),
    );
  });

  it('when only some of its members are at the end of a channel', () => {
    const clerk = clerkLike({}, {});
    expect(
      refusal(() => ({
        ...paging(4, { actors: { clerk } }),
        channels: { ...paging(4).channels, odd: { ...paging(4).channels.requests!, to: ['page2'] } },
      })),
    ).toBe(unscalable('channel "odd" is there for some of its things and not for others'));
  });

  it('when a monitor treats one of it differently', () => {
    const monitor = setup({ guards: { isThird: ({ event }) => event.message.page === 'page3' } }).createMachine({
      initial: 'fine',
      states: { fine: { on: { REQUEST: { guard: 'isThird', target: 'odd' } } }, odd: {} },
    });
    expect(refusal(() => paging(4, { properties: (p) => [p.monitor('odd', monitor as AnyStateMachine)] }))).toBe(
      unscalable('"odd" does not do the same for all things of the population when it takes REQUEST'),
    );
  });

  it('known limit: not when a property treats one of it differently', () => {
    const system = () =>
      paging(4, {
        properties: (p) => [
          p.always('the device never wants page3', (view) => view.get('device').context.wants !== 'page3'),
        ],
      });
    expect(refusal(system)).toBe('accepted');
  });

  it('when there is none of it', () => {
    expect(refusal(() => paging(4), 0)).toBe('bad-definition: a unit has nothing of the population');
  });
});
