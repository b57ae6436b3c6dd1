/**
 * IORING_OP_POLL_ADD with IORING_POLL_ADD_MULTI on a fault queue (io_uring/poll.c io_poll_wake(), io_poll_check_events()): armed once, and for all
 * wake-ups that came since its task work ran last there is one completion. It is edge-triggered, but for IORING_POLL_ADD_LEVEL.
 *
 * Simplifications: of more than two completions those beyond are not kept; only a user that reads until there is nothing leaves that many, and
 * to it one is as good as three. The look at the list when it is armed is that of its task work, if it was woken before.
 */
import { setup } from 'xstate';
import { call } from '../../parts/call.ts';

export type MultishotPollEvent =
  | { type: 'RUN' }
  | { type: 'WAKE' }
  | { type: 'READABLE' }
  | { type: 'EMPTY' }
  /** The user takes a completion: io_uring_wait_cqe(). List it as `blocking`. */
  | { type: 'READ_COUNT' };

interface Input {
  readonly name: string;
  readonly list: string;
  readonly waiters: string;
}

export const multishotPoll = setup({
  types: { input: {} as Input, context: {} as Input, events: {} as MultishotPollEvent },
  actions: { addWait: call('waiters', 'ADD_WAIT'), check: call('list', 'CHECK') },
}).createMachine({
  id: 'multishotPoll',
  context: ({ input }) => input,
  type: 'parallel',
  states: {
    request: {
      initial: 'posted',
      states: {
        posted: { on: { RUN: { target: 'arming', actions: 'addWait' } } },
        arming: { on: { RUN: { target: 'checking', actions: 'check' }, WAKE: 'woken' } },
        armed: { on: { WAKE: 'woken' } },
        woken: { on: { RUN: { target: 'checking', actions: 'check' }, WAKE: {} } },
        // Left within the step that entered it.
        checking: { on: { READABLE: 'armed', EMPTY: 'armed' } },
      },
    },
    completions: {
      initial: 'none',
      states: {
        none: { on: { READABLE: 'one' } },
        one: { on: { READABLE: 'two', READ_COUNT: 'none' } },
        two: { on: { READABLE: {}, READ_COUNT: 'one' } },
      },
    },
  },
});
