/** Strong fairness in components that are too large to be looked at in one turn. */
import { expect, it } from 'vitest';
import { assign, sendTo, setup } from 'xstate';
import { check } from '../../../src/explore/check.ts';
import { actor, defineSystem, type System } from '../../../src/system/system.ts';

const STATES = 6000;

/** A wheel turns by two choices in turn, so neither is enabled all the time; at one place it lets somebody in. */
function wheelOf(place: number, entering: 'weak' | 'strong'): System {
  const wheel = setup({
    types: { context: {} as { n: number }, events: {} as { type: 'TICK' | 'TOCK' | 'ENTER' } },
    actions: { turn: assign({ n: ({ context }) => (context.n + 1) % STATES }) },
    guards: {
      isEven: ({ context }) => context.n % 2 === 0,
      isOdd: ({ context }) => context.n % 2 === 1,
      isThere: ({ context }) => context.n === place,
    },
  }).createMachine({
    context: { n: 0 },
    on: {
      TICK: { guard: 'isEven', actions: 'turn' },
      TOCK: { guard: 'isOdd', actions: 'turn' },
      ENTER: { guard: 'isThere', actions: [] },
    },
  });
  const visitor = setup({
    actions: { enter: sendTo(({ system }) => system.get('wheel'), { type: 'ENTER' }) },
  }).createMachine({
    initial: 'outside',
    states: { outside: { on: { GO: { target: 'inside', actions: 'enter' } } }, inside: {} },
  });
  return defineSystem({
    actors: {
      wheel: actor(wheel, { choices: [{ type: 'TICK' }, { type: 'TOCK' }] }),
      visitor: actor(visitor, { choices: [{ type: 'GO' }] }),
    },
    blocking: ['ENTER'],
    deadlock: 'ignore',
    fairness: { wheel: { TICK: 'weak', TOCK: 'weak' }, visitor: { GO: entering } },
    properties: ({ eventually }) => [eventually('gets in', (view) => view.get('visitor').matches('inside'))],
  });
}

it.each([1, STATES / 2, STATES - 1])('is seen wherever it is enabled: at %i', async (place) => {
  expect(await check(wheelOf(place, 'strong'))).toMatchObject({ verdict: 'holds', states: 2 * STATES });
});

it('is more than weak fairness', async () => {
  const { verdict, path } = await check(wheelOf(STATES / 2, 'weak'));
  expect([verdict, path?.steps.length, path?.cycleStart]).toEqual(['violated', STATES, 0]);
});
