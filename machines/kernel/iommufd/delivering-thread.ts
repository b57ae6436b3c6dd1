/**
 * A thread that reports faults, in iommufd_fault_iopf_handler() (iommufd/eventq.c): list_add_tail() under the spinlock, and then, with no lock
 * held, wake_up_interruptible(). `delivering-thread-eventfd.ts` signals an eventfd in its place.
 */
import { setup } from 'xstate';
import { from, send } from '../../parts/call.ts';

export type DeliveringThreadEvent =
  /** A device faults, and its group is complete. */
  | { type: 'FAULT'; group: string }
  /** The scheduler lets the thread run. */
  | { type: 'RUN' };

export interface DeliveringThreadInput {
  readonly list: string;
  /** The wait queue, or the eventfd. */
  readonly waiters: string;
}

/** What versions are made of. */
export const deliveringParts = setup({
  types: {
    input: {} as DeliveringThreadInput,
    context: {} as DeliveringThreadInput,
    events: {} as DeliveringThreadEvent,
  },
  actions: {
    append: send(
      'list',
      from('FAULT', ({ event }) => ({ type: 'APPEND', group: event.group })),
    ),
    wakeUp: send('waiters', 'WAKE_UP'),
    signal: send('waiters', 'SIGNAL'),
  },
});

export const deliveringThread = deliveringParts.createMachine({
  id: 'deliveringThread',
  context: ({ input }) => input,
  initial: 'idle',
  states: {
    idle: { on: { FAULT: { target: 'appended', actions: 'append' } } },
    appended: { on: { RUN: { target: 'idle', actions: 'wakeUp' } } },
  },
});
