/** A thread that is written as a list does what the states written out would. */
import { expect, test } from 'vitest';
import { setup } from 'xstate';
import { send } from '../../../machines/parts/call.ts';
import { straightLine } from '../../../machines/parts/straight-line.ts';

const flusher = setup({
  types: { context: {} as { queue: string }, input: {} as { queue: string }, events: {} as { type: 'RUN' | 'GO' } },
  actions: { lock: send('queue', 'LOCK'), flush: send('queue', 'FLUSH'), unlock: send('queue', 'UNLOCK') },
});

test('each line is a state, and the last one leads to where the thread goes then', () => {
  const machine = flusher.createMachine({
    context: ({ input }) => input,
    initial: 'idle',
    states: {
      idle: { on: { GO: 'started' } },
      ...straightLine({ started: ['lock', 'flush'], flushed: 'unlock' }, 'idle'),
    },
  });
  expect(machine.config.states).toEqual({
    idle: { on: { GO: 'started' } },
    started: { on: { RUN: { target: 'flushed', actions: ['lock', 'flush'] } } },
    flushed: { on: { RUN: { target: 'idle', actions: 'unlock' } } },
  });
});

test('an action that the machine does not have is a type error', () => {
  flusher.createMachine({
    context: ({ input }) => input,
    initial: 'started',
    // @ts-expect-error there is no such action
    states: straightLine({ started: 'flsh' }, 'started'),
  });
});
