/** Small scenarios that a stress run finds something in, each of another kind. */
import { assign, sendTo, setup } from 'xstate';
import { z } from 'zod';
import { defineScenario, type Scenario } from '../../src/system/scenario.ts';
import { actor, defineSystem } from '../../src/system/system.ts';

const GO = { type: 'GO' } as const;

/** Greets b each second time; b may not know the greeting. */
const sender = setup({
  types: { events: {} as { type: 'GO' } },
  actions: { greet: sendTo(({ system }) => system.get('b'), { type: 'HELLO' }) },
}).createMachine({
  initial: 'one',
  states: { one: { on: { GO: 'two' } }, two: { on: { GO: { target: 'one', actions: 'greet' } } } },
});

const stranger = setup({ types: { events: {} as { type: 'HELLO' } } }).createMachine({});
const friend = setup({
  types: { events: {} as { type: 'HELLO' } },
  actions: { nod: assign({}) },
}).createMachine({ on: { HELLO: { actions: 'nod' } } });

const variant = { title: 'the only one', expected: { verdict: 'holds' } } as const;
const basics = { sources: [], group: 'textbook', parameters: z.object({}) } as const;

/** Nobody takes the greeting. */
export const rude: Scenario = defineScenario({
  ...basics,
  name: 'rude',
  title: 'A greeting that nobody expects',
  variants: { only: variant },
  stress: { unit: 'pair' },
  build: () =>
    defineSystem({ actors: { a: actor(sender, { choices: [GO], rest: ['one', 'two'] }), b: actor(stranger) } }),
});

/** Some greetings are lost on their way: no property minds, but the books do. */
export const forgetful: Scenario = defineScenario({
  ...basics,
  name: 'forgetful',
  title: 'Greetings that are lost',
  variants: { only: variant },
  stress: {
    unit: 'pair',
    counters: { 'times two': { type: 'GO' }, greetings: { type: 'HELLO' } },
    balances: [{ name: 'each second GO is a greeting', left: ['times two'], right: ['greetings', 'greetings'] }],
  },
  build: () =>
    defineSystem({
      actors: { a: actor(sender, { choices: [GO], rest: ['one'] }), b: actor(friend) },
      channels: { link: { from: ['a'], to: ['b'], order: 'fifo', capacity: 2, lossy: true } },
    }),
});

/** Another system each time that it is built: no trace of the one is one of the other. */
export function fickle(): Scenario {
  let built = 0;
  const scenario = defineScenario({
    ...basics,
    name: 'fickle',
    title: 'Builds something else each time',
    variants: { only: variant },
    stress: { unit: 'pair' },
    build: () =>
      defineSystem({
        actors: {
          a: actor(sender, { choices: [GO], rest: ['one', 'two'] }),
          b: actor(built++ === 0 ? stranger : friend),
        },
      }),
  });
  // The first one is built to check names, and once more to be given.
  scenario.build({}, 'only');
  built = 0;
  return scenario;
}
