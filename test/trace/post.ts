/** Two small systems for charts: messages that overtake each other, and a lock that is held within a step. */
import { assign, sendTo, setup } from 'xstate';
import { actor, defineSystem, type System } from '../../src/system/system.ts';

/**
 * Choices, in their order: alice posts a letter, alice calls, bob posts a letter.
 */
export function letters(): System {
  const writer = setup({
    types: { context: {} as { letters: number } },
    actions: {
      post: sendTo(
        ({ system }) => system.get('carol'),
        ({ context }) => ({ type: 'LETTER', number: context.letters }),
      ),
      count: assign({ letters: ({ context }) => context.letters + 1 }),
      call: sendTo(({ system }) => system.get('carol'), { type: 'CALL' }),
    },
  }).createMachine({
    context: { letters: 0 },
    on: { POST: { actions: ['post', 'count'] }, PHONE: { actions: 'call' } },
  });
  const reader = setup({}).createMachine({ on: { LETTER: { actions: [] }, CALL: { actions: [] } } });
  return defineSystem({
    actors: {
      alice: actor(writer, { choices: [{ type: 'POST' }, { type: 'PHONE' }] }),
      bob: actor(writer, { choices: [{ type: 'POST' }] }),
      carol: actor(reader),
    },
    channels: { mail: { to: ['carol'], types: ['LETTER'], order: 'unordered', capacity: 3 } },
  });
}

/** A thread calls a function that takes a lock on its behalf, and gives it back. */
export function locks(): System {
  const lock = setup({}).createMachine({
    initial: 'free',
    states: { free: { on: { ACQUIRE: 'held' } }, held: { on: { RELEASE: 'free' } } },
  });
  const library = setup({
    actions: {
      lock: sendTo(
        ({ system }) => system.get('lock'),
        () => ({ type: 'ACQUIRE', by: 'thread' }),
      ),
      unlock: sendTo(
        ({ system }) => system.get('lock'),
        () => ({ type: 'RELEASE', by: 'thread' }),
      ),
    },
  }).createMachine({ on: { CALL: { actions: ['lock', 'unlock'] } } });
  const thread = setup({
    actions: { call: sendTo(({ system }) => system.get('library'), { type: 'CALL' }) },
  }).createMachine({ on: { RUN: { actions: 'call' } } });
  return defineSystem({
    actors: { thread: actor(thread, { choices: [{ type: 'RUN' }] }), library: actor(library), lock: actor(lock) },
  });
}
