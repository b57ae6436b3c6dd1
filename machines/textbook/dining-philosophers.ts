/**
 * Dijkstra's dining philosophers, one fork operation per step: take left, take right, put down left, put down right.
 *
 * For N philosophers the space is known in closed form: 3^N - 1 states, N(2 * 3^(N-1) - 1) steps, 3N - 2 levels and
 * exactly one dead end, in which everybody holds the left fork. With one left-handed philosopher there are 3^N states
 * and no dead end. BEEM's `phils.1` (N = 4) and `phils.3` (N = 6, one left-handed) report the same numbers.
 */
import { sendTo, setup } from 'xstate';
import { z } from 'zod';
import { defineScenario } from '../../src/system/scenario.ts';
import { actor, defineSystem, family } from '../../src/system/system.ts';

const fork = setup({ types: { events: {} as { type: 'TAKE' } | { type: 'PUT_DOWN' } } }).createMachine({
  id: 'fork',
  initial: 'free',
  states: {
    free: { on: { TAKE: 'taken' } },
    taken: { on: { PUT_DOWN: 'free' } },
  },
});

interface Forks {
  /** The fork that is taken first, and put down first. */
  first: string;
  second: string;
}

const philosopher = setup({
  types: { context: {} as Forks, input: {} as Forks, events: {} as { type: 'RUN' } },
  actions: {
    takeFirst: sendTo(({ system, context }) => system.get(context.first), { type: 'TAKE' }),
    takeSecond: sendTo(({ system, context }) => system.get(context.second), { type: 'TAKE' }),
    putDownFirst: sendTo(({ system, context }) => system.get(context.first), { type: 'PUT_DOWN' }),
    putDownSecond: sendTo(({ system, context }) => system.get(context.second), { type: 'PUT_DOWN' }),
  },
}).createMachine({
  id: 'philosopher',
  context: ({ input }) => input,
  initial: 'thinking',
  states: {
    thinking: { on: { RUN: { target: 'hungry', actions: 'takeFirst' } } },
    hungry: { on: { RUN: { target: 'eating', actions: 'takeSecond' } } },
    eating: { on: { RUN: { target: 'sated', actions: 'putDownFirst' } } },
    sated: { on: { RUN: { target: 'thinking', actions: 'putDownSecond' } } },
  },
});

export const diningPhilosophers = defineScenario({
  name: 'dining-philosophers',
  title: 'Philosophers take two forks each, one after the other',
  sources: ['BEEM phils.1', 'BEEM phils.3'],
  group: 'textbook',
  parameters: z.object({
    philosophers: z.number().int().min(2).max(16).default(7).describe('philosophers at the table, and forks'),
  }),
  variants: {
    'left-handed': {
      title: 'one philosopher takes the right fork first',
      expected: { verdict: 'holds', counts: [2_187, 10_206] },
    },
    'left-right': {
      title: 'everybody takes the left fork first, so that all may wait for each other',
      expected: { verdict: 'violated', property: 'no deadlock', length: 7 },
    },
    'all-states': {
      title: 'like left-right, but the search does not stop at the dead end: for counting',
      expected: { verdict: 'holds', counts: [2_186, 10_199] },
    },
  },
  build({ philosophers: count }, variant) {
    const left = (index: number) => `fork${index}`;
    const right = (index: number) => `fork${(index + 1) % count}`;
    return defineSystem({
      actors: Object.assign(
        family('philosopher', count, (index) => {
          const leftHanded = variant === 'left-handed' && index === 0;
          const [first, second] = leftHanded ? [right(index), left(index)] : [left(index), right(index)];
          return actor(philosopher, { input: { first, second }, choices: [{ type: 'RUN' }] });
        }),
        family('fork', count, () => actor(fork)),
      ),
      blocking: ['TAKE'],
      deadlock: variant === 'all-states' ? 'ignore' : 'violation',
      properties: ({ always, reachable }) => [
        ...Array.from({ length: count }, (_, index) => {
          const [one, other] = [`philosopher${index}`, `philosopher${(index + 1) % count}`] as const;
          return always(`${one} and ${other} never eat at the same time`, (view) => {
            return !(view.get(one).matches('eating') && view.get(other).matches('eating'));
          });
        }),
        reachable('a philosopher eats', (view) => view.get('philosopher0').matches('eating')),
      ],
    });
  },
});
