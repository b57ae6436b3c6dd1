/**
 * `struct eventfd_ctx` (fs/eventfd.c): a counter. eventfd_signal() adds 1, a read waits until it is not 0, returns it and sets it to 0. All of
 * that is under the lock of its wait queue. List 'READ_COUNT' and 'POLL_COUNT' as `blocking`: they wait.
 *
 * Simplifications: nobody reads the value, so the counter is whether it is 0; no EFD_SEMAPHORE.
 */
import { setup } from 'xstate';

export type EventfdEvent =
  /** eventfd_signal() */
  | { type: 'SIGNAL' }
  /** eventfd_read() */
  | { type: 'READ_COUNT' }
  /** poll(): returns when the counter is not 0, and leaves it as it is. */
  | { type: 'POLL_COUNT' };

export const eventfd = setup({ types: { events: {} as EventfdEvent } }).createMachine({
  id: 'eventfd',
  initial: 'zero',
  states: {
    zero: { on: { SIGNAL: 'positive' } },
    positive: { on: { SIGNAL: {}, READ_COUNT: 'zero', POLL_COUNT: {} } },
  },
});
