/**
 * A user-space thread that polls a fault queue and reads it when it is readable, as one of several. When its copy fails it takes that
 * for the end and polls no more; the others are there still.
 *
 * List 'ACQUIRE' and 'POLL' as `blocking`.
 *
 * Simplifications: one group for each read; what it does with a group is left out.
 */
import { setup } from 'xstate';
import { call, send } from '../parts/call.ts';

export type PollingReaderEvent =
  /** The scheduler lets the thread run. */
  | { type: 'RUN' }
  /** The replies of poll(). */
  | { type: 'READABLE' }
  | { type: 'ASLEEP' }
  | { type: 'WAKE' }
  /** The replies of the list. */
  | { type: 'FETCHED' }
  | { type: 'NO_GROUP' }
  /** The replies of its buffer. */
  | { type: 'COPIED' }
  | { type: 'COPY_FAILED' };

export interface PollingReaderInput {
  readonly name: string;
  /** A `../kernel/iommufd/eventq-polled.ts`. */
  readonly faultQueue: string;
  readonly mutex: string;
  readonly buffer: string;
}

export const pollingReader = setup({
  types: { input: {} as PollingReaderInput, context: {} as PollingReaderInput, events: {} as PollingReaderEvent },
  actions: {
    poll: call('faultQueue', 'POLL'),
    lock: call('mutex', 'ACQUIRE'),
    fetch: call('faultQueue', 'FETCH'),
    copy: call('buffer', 'COPY'),
    finish: send('faultQueue', 'COPIED_OUT'),
    putBack: send('faultQueue', 'RESTORE'),
    unlock: call('mutex', 'RELEASE'),
  },
}).createMachine({
  id: 'pollingReader',
  context: ({ input }) => input,
  initial: 'idle',
  states: {
    idle: { on: { RUN: { target: 'polling', actions: 'poll' } } },
    // Left within the step that entered it, as are `fetching` and `copying`.
    polling: { on: { READABLE: 'readable', ASLEEP: 'asleep' } },
    asleep: { on: { WAKE: 'idle' } },
    // iommufd_fault_fops_read()
    readable: { on: { RUN: { target: 'fetching', actions: ['lock', 'fetch'] } } },
    fetching: { on: { FETCHED: 'reading', NO_GROUP: { target: 'idle', actions: 'unlock' } } },
    reading: { on: { RUN: { target: 'copying', actions: 'copy' } } },
    copying: {
      on: {
        COPIED: { target: 'idle', actions: ['finish', 'unlock'] },
        // iommufd_fault_deliver_restore(), -EFAULT
        COPY_FAILED: { target: 'gaveUp', actions: ['putBack', 'unlock'] },
      },
    },
    gaveUp: {},
  },
});
