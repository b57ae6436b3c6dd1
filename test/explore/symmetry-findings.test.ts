/** What a search with symmetry finds is what the full one finds, also where only some image of a state shows it. */
import { describe, expect, it } from 'vitest';
import { assign, createMachine, type EventObject, sendTo, setup } from 'xstate';
import { check } from '../../src/explore/check.ts';
import { Search } from '../../src/explore/search.ts';
import { Symmetry } from '../../src/explore/symmetry.ts';
import { monitor } from '../../src/system/property.ts';
import { actor, defineSystem, type System } from '../../src/system/system.ts';
import { Tables } from '../../src/tabulate/tables.ts';

function found(system: System, withSymmetry: boolean) {
  const tables = new Tables(system);
  const limits = { states: 1000, bytes: 2 ** 30 };
  const search = new Search(tables, limits, { symmetry: withSymmetry ? new Symmetry(tables) : undefined });
  while (!search.run(100));
  const { finding, states } = search;
  if (!finding || finding.kind === 'bound') return { states, finding };
  const path = search.pathOf(finding);
  const what = finding.kind === 'violation' ? finding.property : finding.error.code;
  return { states, what, length: path.steps.length, failed: path.failed };
}

/** Agrees with the full search, which looks at each image by itself; says what is found. */
function agreed(system: System) {
  const [full, reduced] = [found(system, false), found(system, true)];
  expect(reduced.states).toBeLessThan(full.states);
  expect({ ...reduced, states: 0 }).toEqual({ ...full, states: 0 });
  return reduced;
}

const key = setup({}).createMachine({ initial: 'free', states: { free: { on: { TAKE: 'taken' } }, taken: {} } });
const GO = { type: 'GO' };

describe('of two of which one can go', () => {
  const one = setup({
    actions: { take: sendTo(({ system }) => system.get('key'), { type: 'TAKE' }) },
  }).createMachine({
    initial: 'here',
    states: { here: { on: { GO: { target: 'gone', actions: 'take' } } }, gone: {} },
  });
  const owed = (name: string) =>
    monitor(
      `${name} comes back`,
      setup({
        types: { events: {} as EventObject & { to: string }, context: {} as { name: string } },
        guards: { isIt: ({ event, context }) => event.to === context.name },
      }).createMachine({
        context: { name },
        initial: 'calm',
        states: { calm: { on: { GO: { guard: 'isIt', target: 'waiting' } } }, waiting: { tags: 'hot' } },
      }),
    );

  it('the obligation is told that the full search tells, whichever image is kept', () => {
    const system = defineSystem({
      actors: { a: actor(one, { choices: [GO] }), b: actor(one, { choices: [GO] }), key: actor(key) },
      blocking: ['TAKE'],
      deadlock: 'ignore',
      properties: () => [owed('a'), owed('b')],
      symmetry: [['a', 'b']],
    });
    expect(agreed(system)).toMatchObject({ what: 'a comes back', length: 1 });
  });

  it.each([
    ['the first', ['a', 'b']],
    ['the second', ['b', 'a']],
  ])('the error of a step is told that the full search tells: %s throws', (_, [thrower]) => {
    const breaking = setup({
      types: { context: {} as { name: string }, input: {} as { name: string } },
      guards: { throws: ({ context }) => context.name === thrower },
      actions: {
        take: sendTo(({ system }) => system.get('key'), { type: 'TAKE' }),
        fail: assign(() => {
          throw new Error('broken');
        }),
        spoil: assign({ name: () => new Map() as never }),
      },
    }).createMachine({
      context: ({ input }) => input,
      initial: 'here',
      states: {
        here: { on: { GO: { target: 'gone', actions: 'take' } } },
        gone: { on: { GO: [{ guard: 'throws', actions: 'fail' }, { actions: 'spoil' }] } },
      },
    });
    const system = defineSystem({
      actors: {
        a: actor(breaking, { input: { name: 'a' }, choices: [GO] }),
        b: actor(breaking, { input: { name: 'b' }, choices: [GO] }),
        key: actor(key),
      },
      blocking: ['TAKE'],
      symmetry: [['a', 'b']],
    });
    // Of the two errors of the level, the other of which is of data that is not plain, the one that comes first by its code.
    expect(agreed(system)).toMatchObject({ what: 'exception', length: 2, failed: true });
  });

  it.each(['a', 'b'])('what only one of them does later is witnessed, whichever image is kept: %s', async (name) => {
    const returning = setup({
      actions: { take: sendTo(({ system }) => system.get('key'), { type: 'TAKE' }) },
    }).createMachine({
      initial: 'here',
      states: {
        here: { on: { GO: { target: 'gone', actions: 'take' } } },
        gone: { on: { BACK: 'home' } },
        home: {},
      },
    });
    const choices = [GO, { type: 'BACK' }];
    const system = defineSystem({
      actors: { a: actor(returning, { choices }), b: actor(returning, { choices }), key: actor(key) },
      blocking: ['TAKE'],
      deadlock: 'ignore',
      properties: ({ happens }) => [happens('comes back', { to: name as 'a', type: 'BACK' })],
      symmetry: [['a', 'b']],
    });
    expect(await check(system)).toMatchObject({ verdict: 'holds', reductions: [{ used: true }] });
  });

  it('an order of sends to one receiver that remembers it is refused', async () => {
    const call = (by: string) => sendTo(({ system }) => system.get('list'), { type: 'CALL', by } as EventObject);
    const hub = createMachine({
      initial: 'fresh',
      states: { fresh: { on: { GO: { target: 'used', actions: [call('a'), call('b')] as never } } }, used: {} },
    });
    const list = setup({
      types: { context: {} as { by: string[] }, events: {} as EventObject & { by: string } },
      actions: { append: assign({ by: ({ context, event }) => [...context.by, event.by] }) },
    }).createMachine({ context: { by: [] }, on: { CALL: { actions: 'append' } } });
    const idle = createMachine({});
    const system = defineSystem({
      actors: { hub: actor(hub, { choices: [GO] }), list: actor(list), a: actor(idle), b: actor(idle) },
      deadlock: 'ignore',
      symmetry: [['a', 'b']],
    });
    expect((await check(system)).error).toMatchObject({ code: 'not-symmetric' });
    expect(await check(system, { symmetry: false })).toMatchObject({ verdict: 'holds', states: 2 });
  });
});
