/**
 * Peterson's mutual exclusion for two processes: raise the own flag, give the turn away, wait until the other flag is
 * down or the turn is one's own.
 *
 * Each assignment is a step; the test of the waiting condition is one step, too: the other's flag lets the process pass
 * when it is down, and leaves the answer to the turn when it is up.
 */
import { sendTo, setup } from 'xstate';
import { z } from 'zod';
import { defineScenario } from '../../src/system/scenario.ts';
import { actor, defineSystem } from '../../src/system/system.ts';

interface Process {
  own: string;
  other: string;
  /** The first two statements in the wrong order. */
  turnFirst: boolean;
}

const process = setup({
  types: { context: {} as Process, input: {} as Process, events: {} as { type: 'RUN' } | { type: 'PASS' } },
  guards: { turnFirst: ({ context }) => context.turnFirst },
  actions: {
    raiseFlag: sendTo(({ system, context }) => system.get(context.own), { type: 'RAISE' }),
    lowerFlag: sendTo(({ system, context }) => system.get(context.own), { type: 'LOWER' }),
    giveTurnAway: sendTo(
      ({ system }) => system.get('turn'),
      ({ self }) => ({ type: 'YIELD', by: self.id }),
    ),
    askToPass: sendTo(
      ({ system, context }) => system.get(context.other),
      ({ self }) => ({ type: 'ASK', by: self.id }),
    ),
  },
}).createMachine({
  id: 'process',
  context: ({ input }) => input,
  initial: 'idle',
  states: {
    idle: {
      on: {
        RUN: [
          { guard: 'turnFirst', target: 'halfway', actions: 'giveTurnAway' },
          { target: 'halfway', actions: 'raiseFlag' },
        ],
      },
    },
    halfway: {
      on: {
        RUN: [
          { guard: 'turnFirst', target: 'waiting', actions: 'raiseFlag' },
          { target: 'waiting', actions: 'giveTurnAway' },
        ],
      },
    },
    waiting: { on: { RUN: { target: 'passing', actions: 'askToPass' } } },
    // Left within the same step, or the step is disabled.
    passing: { on: { PASS: 'critical' } },
    critical: { on: { RUN: { target: 'idle', actions: 'lowerFlag' } } },
  },
});

type Ask = { type: 'ASK'; by: string };

const flag = setup({
  types: {
    context: {} as { asksTurn: boolean },
    input: {} as { asksTurn: boolean },
    events: {} as { type: 'RAISE' } | { type: 'LOWER' } | Ask,
  },
  guards: { asksTurn: ({ context }) => context.asksTurn },
  actions: {
    letPass: sendTo(({ system, event }) => system.get((event as Ask).by), { type: 'PASS' }),
    leaveItToTurn: sendTo(
      ({ system }) => system.get('turn'),
      ({ event }) => event,
    ),
  },
}).createMachine({
  id: 'flag',
  context: ({ input }) => input,
  initial: 'down',
  states: {
    down: { on: { RAISE: 'up', ASK: { actions: 'letPass' } } },
    up: { on: { LOWER: 'down', ASK: { guard: 'asksTurn', actions: 'leaveItToTurn' } } },
  },
});

const turn = setup({
  types: {
    events: {} as { type: 'YIELD'; by: string } | Ask,
  },
  guards: {
    byOne: ({ event }) => event.by === 'one',
    byTwo: ({ event }) => event.by === 'two',
  },
  actions: { letPass: sendTo(({ system, event }) => system.get(event.by), { type: 'PASS' }) },
}).createMachine({
  id: 'turn',
  initial: 'one',
  // The states are the process whose turn it is.
  states: {
    one: { on: { ASK: { guard: 'byOne', actions: 'letPass' } } },
    two: { on: { ASK: { guard: 'byTwo', actions: 'letPass' } } },
  },
  on: {
    YIELD: [
      { guard: 'byOne', target: '.two' },
      { guard: 'byTwo', target: '.one' },
    ],
  },
});

export const peterson = defineScenario({
  name: 'peterson',
  title: 'Mutual exclusion of two processes by two flags and a turn',
  sources: ['Peterson, Myths About the Mutual Exclusion Problem (IPL 12, 1981)'],
  group: 'textbook',
  parameters: z.object({}),
  variants: {
    fixed: { title: 'flag, then turn, then wait', expected: { verdict: 'holds', counts: [20, 34] } },
    'turn-first': {
      title: 'the turn is given away before the flag is raised',
      expected: { verdict: 'violated', property: 'never both in the critical section', length: 6 },
    },
    'flags-only': {
      title: 'waits for the other flag alone, whoever has the turn',
      expected: { verdict: 'violated', property: 'no deadlock', length: 4 },
    },
  },
  build(_, variant) {
    const turnFirst = variant === 'turn-first';
    const asksTurn = variant !== 'flags-only';
    return defineSystem({
      actors: {
        one: actor(process, { input: { own: 'flag1', other: 'flag2', turnFirst }, choices: [{ type: 'RUN' }] }),
        two: actor(process, { input: { own: 'flag2', other: 'flag1', turnFirst }, choices: [{ type: 'RUN' }] }),
        flag1: actor(flag, { input: { asksTurn } }),
        flag2: actor(flag, { input: { asksTurn } }),
        turn: actor(turn),
      },
      blocking: ['ASK'],
      properties: ({ always, reachable }) => [
        always('never both in the critical section', (view) => {
          return !(view.get('one').matches('critical') && view.get('two').matches('critical'));
        }),
        reachable('one enters', (view) => view.get('one').matches('critical')),
        reachable('two enters', (view) => view.get('two').matches('critical')),
      ],
    });
  },
});
