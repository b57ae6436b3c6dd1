/** What TypeScript refuses: each `@ts-expect-error` fails the type check (`npm test` runs it) when the mistake compiles. */
import { expect, test } from 'vitest';
import { setup } from 'xstate';
import { actor, combineActors, defineSystem, family } from '../../src/index.ts';

const counter = setup({
  types: {
    context: {} as { count: number },
    input: {} as { start: number },
    events: {} as { type: 'ADD'; amount: number } | { type: 'RESET' },
  },
}).createMachine({
  context: ({ input }) => ({ count: input.start }),
  initial: 'open',
  states: { open: { on: { ADD: 'open', RESET: 'closed' } }, closed: {} },
});

const input = { start: 0 };

test('a definition with the right names, types and payloads compiles', () => {
  const system = defineSystem({
    actors: combineActors(
      {
        one: actor(counter, { input, choices: [{ type: 'ADD', amount: 1 }], rest: ({ context }) => context.count > 0 }),
      },
      family('dev', 2, (index) => actor(counter, { input: { start: index } })),
    ),
    channels: { link: { from: ['one'], to: ['dev1'], types: ['ADD'], order: 'fifo', capacity: 1 } },
    blocking: ['RESET'],
    properties: ({ always }) => [
      always('small', (view) => view.get('dev0').context.count < 3 && view.get('one').matches('open')),
    ],
  });
  expect(Object.keys(system.actors)).toEqual(['one', 'dev0', 'dev1']);
});

test('mistakes in a definition do not compile', () => {
  const actors = { one: actor(counter, { input }) };
  const mistakes = [
    // @ts-expect-error no such message type
    () => actor(counter, { input, choices: [{ type: 'SUBTRACT' }] }),
    // @ts-expect-error the payload is missing
    () => actor(counter, { input, choices: [{ type: 'ADD' }] }),
    // @ts-expect-error the input is of another type
    () => actor(counter, { input: { start: 'zero' } }),
    // @ts-expect-error no such actor at the channel's end
    () => defineSystem({ actors, channels: { link: { to: ['two'], order: 'fifo', capacity: 1 } } }),
    () =>
      // @ts-expect-error no such message type in the channel
      defineSystem({ actors, channels: { link: { to: ['one'], types: ['SUBTRACT'], order: 'fifo', capacity: 1 } } }),
    // @ts-expect-error no such order
    () => defineSystem({ actors, channels: { link: { to: ['one'], order: 'lifo', capacity: 1 } } }),
    // @ts-expect-error no such blocking message
    () => defineSystem({ actors, blocking: ['SUBTRACT'] }),
    () =>
      // @ts-expect-error no such actor in a property
      defineSystem({ actors, properties: ({ always }) => [always('p', (view) => view.get('two').matches('open'))] }),
    () =>
      // @ts-expect-error no such state in a property
      defineSystem({ actors, properties: ({ always }) => [always('p', (view) => view.get('one').matches('ajar'))] }),
    () =>
      // @ts-expect-error no such context field in a property
      defineSystem({ actors, properties: ({ always }) => [always('p', (view) => view.get('one').context.total > 0)] }),
    // @ts-expect-error no such state to rest in
    () => actor(counter, { input, rest: ['ajar'] }),
    // @ts-expect-error no such key of an actor
    () => actor(counter, { input, choice: [{ type: 'RESET' }] }),
    // @ts-expect-error no such key of a system
    () => defineSystem({ actors, chanels: {} }),
    // @ts-expect-error no such actor to be fair to
    () => defineSystem({ actors, fairness: { two: 'weak' } }),
    // @ts-expect-error no such fairness
    () => defineSystem({ actors, fairness: { one: 'week' } }),
    // @ts-expect-error no such message type to be fair to
    () => defineSystem({ actors, fairness: { one: { SUBTRACT: 'weak' } } }),
    // @ts-expect-error no such message type to wait for
    () => defineSystem({ actors, properties: ({ happens }) => [happens('p', { type: 'SUBTRACT' })] }),
    // @ts-expect-error no such receiver to wait for
    () => defineSystem({ actors, properties: ({ happens }) => [happens('p', { type: 'ADD', to: 'two' })] }),
  ];
  expect(mistakes).toHaveLength(18);
});
