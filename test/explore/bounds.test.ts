/** Where exactly a search ends: by its bounds, and by what it finds. */
import { describe, expect, it } from 'vitest';
import { assign, setup } from 'xstate';
import { drainUnderFlood } from '../../machines/races/H-24-drain-under-flood.ts';
import { check } from '../../src/explore/check.ts';
import { DEADLOCK_PROPERTY } from '../../src/system/property.ts';
import { actor, defineSystem } from '../../src/system/system.ts';

const GO = { type: 'GO' };
const toggle = setup({}).createMachine({ initial: 'off', states: { off: { on: { GO: 'on' } }, on: {} } });
const two = defineSystem({
  actors: { a: actor(toggle, { choices: [GO] }), b: actor(toggle, { choices: [GO] }) },
  deadlock: 'ignore',
});
const STORES = ['exact', 'hash-compact'] as const;

it('that is over while a search looks again at what it was told is a bound, unless something was found', async () => {
  let now = 0;
  // Actions that are functions are run at the end only.
  const dawdle = () => {
    now += 60_000;
  };
  const slow = setup({ actions: { dawdle } }).createMachine({
    initial: 'off',
    states: { off: { on: { GO: { target: 'on', actions: 'dawdle' } } }, on: {} },
  });
  const actors = { a: actor(slow, { choices: [GO] }) };
  const options = { maxSeconds: 1, clock: () => now };
  expect(await check(defineSystem({ actors, deadlock: 'ignore' }), options)).toMatchObject({
    verdict: 'unknown',
    bound: 'seconds',
    states: 2,
  });
  now = 0;
  expect(await check(defineSystem({ actors }), options)).toMatchObject({
    verdict: 'violated',
    property: DEADLOCK_PROPERTY,
  });
});

it('takes the same steps, how ever much time there is between two turns of its caller', async () => {
  const system = drainUnderFlood.build(drainUnderFlood.parameters.parse({}), 'shared');
  let now = 0;
  // A clock that stands lets slices grow; one that jumps keeps them short.
  const clocks = [() => 0, () => (now += 1_000)];
  const [long, short] = await Promise.all(clocks.map((clock) => check(system, { clock })));
  const { xstateTransitions, states, steps } = long!;
  expect(short).toMatchObject({ xstateTransitions, states, steps });
});

describe.each(STORES)('a search that keeps states %s', (store) => {
  it('may find as many as its bound says, and no more', async () => {
    expect(await check(two, { store, maxStates: 4 })).toMatchObject({ verdict: 'holds', states: 4 });
    expect(await check(two, { store, maxStates: 3 })).toMatchObject({ verdict: 'unknown', bound: 'states' });
  });

  it('finishes the level in which it finds something', async () => {
    const one = defineSystem({
      actors: { a: actor(toggle, { choices: [GO] }), b: actor(toggle, { choices: [GO] }) },
      properties: ({ always }) => [always('a stays off', (view) => !view.get('a').matches('on'))],
    });
    expect(await check(one, { store })).toMatchObject({ verdict: 'violated', states: 3, steps: 2, depth: 1 });
  });

  it('tells a dead end before what is one step longer', async () => {
    const walk = setup({}).createMachine({
      initial: 'start',
      states: {
        start: { on: { LEFT: 'wall', RIGHT: 'path' } },
        wall: {},
        path: { on: { RIGHT: 'cliff' } },
        cliff: { on: { RIGHT: 'cliff' } },
      },
    });
    const walks = defineSystem({
      actors: { walk: actor(walk, { choices: [{ type: 'RIGHT' }, { type: 'LEFT' }] }) },
      properties: ({ always }) => [always('no cliff', (view) => !view.get('walk').matches('cliff'))],
    });
    const { property, deadEnd, path } = await check(walks, { store });
    expect([property, deadEnd, path?.steps.length]).toEqual([DEADLOCK_PROPERTY, true, 1]);
  });

  it('sees what is only wrong of two actors together, which a property asks one after the other', async () => {
    const names = ['a', 'b', 'c', 'd'];
    const system = defineSystem({
      actors: Object.fromEntries(names.map((name) => [name, actor(toggle, { choices: [GO] })])),
      deadlock: 'ignore',
      properties: ({ always }) => [
        always('not both', (view) => !(view.get('a').matches('on') && view.get('d').matches('on'))),
      ],
    });
    const { verdict, path } = await check(system, { store });
    expect([verdict, path?.steps.length]).toEqual(['violated', 2]);
  });

  it('tells the monitor that minds, not another one', async () => {
    const mindful = (type: string) =>
      setup({}).createMachine({
        initial: 'calm',
        states: { calm: { on: { [type]: 'angry' } }, angry: { tags: 'violation' } },
      });
    const knows = setup({}).createMachine({
      initial: 'here',
      states: { here: {}, nowhere: { on: { NEVER: {} } } },
    });
    const system = defineSystem({
      // Somebody knows the message, where nothing leads to.
      actors: { ...two.actors, knows: actor(knows) } as never,
      deadlock: 'ignore',
      properties: ({ monitor }) => [
        monitor('first', mindful('NEVER')),
        monitor('second', mindful('GO')),
        monitor('third', mindful('NEVER')),
      ],
    });
    expect(await check(system, { store })).toMatchObject({ verdict: 'violated', property: 'second' });
  });

  it('takes all steps of a state, however many', async () => {
    const machine = setup({
      types: { context: {} as { v: number }, events: {} as { type: 'PICK'; v: number } },
      actions: { note: assign({ v: ({ event }) => event.v }) },
    }).createMachine({
      context: { v: -1 },
      initial: 'open',
      states: { open: { on: { PICK: { target: 'picked', actions: 'note' } } }, picked: {} },
    });
    const choices = Array.from({ length: 1500 }, (_, v) => ({ type: 'PICK' as const, v }));
    const system = defineSystem({ actors: { one: actor(machine, { choices }) }, deadlock: 'ignore' });
    expect(await check(system, { store })).toMatchObject({ verdict: 'holds', states: 1501, steps: 1500 });
  });
});
