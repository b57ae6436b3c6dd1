/**
 * What threads that read faults by one way or another have in common: they read a group, handle it and write its response.
 * `poll-reader.ts`, `blocking-reader.ts`, `eventfd-reader.ts` and `posted-read.ts` say how they come to know that there is one.
 */
import { assign, setup } from 'xstate';
import { call, from, send } from '../parts/call.ts';

export type FaultReaderEvent =
  /** The scheduler lets the thread run. */
  | { type: 'RUN' }
  /** The wait queue in which it has an entry. */
  | { type: 'WAKE' }
  /** Replies of the list. */
  | { type: 'READABLE' }
  | { type: 'EMPTY' }
  | { type: 'GROUP'; group: string }
  | { type: 'NO_GROUP' };

export interface FaultReaderInput {
  readonly name: string;
  readonly list: string;
  /** A wait queue, or an eventfd. */
  readonly waiters: string;
}

export const faultReaderParts = setup({
  types: {
    input: {} as FaultReaderInput,
    context: {} as FaultReaderInput & {
      /** In hand; '' when there is none. */
      readonly group: string;
      /** Its entry was woken since it looked last: `pwq->triggered`, or TASK_RUNNING. */
      readonly isWoken: boolean;
    },
    events: {} as FaultReaderEvent,
  },
  guards: { isWoken: ({ context }) => context.isWoken },
  actions: {
    addWait: call('waiters', 'ADD_WAIT'),
    removeWait: call('waiters', 'REMOVE_WAIT'),
    check: call('list', 'CHECK'),
    noteWake: assign({ isWoken: true }),
    forgetWake: assign({ isWoken: false }),
    read: call('list', 'READ_GROUP'),
    noteGroup: assign({ group: from('GROUP', ({ event }) => event.group) }),
    write: send('list', ({ context }) => ({ type: 'WRITE_RESPONSE', group: context.group })),
    forgetGroup: assign({ group: '' }),
    readCount: call('waiters', 'READ_COUNT'),
    pollCount: call('waiters', 'POLL_COUNT'),
  },
});

export const faultReaderConfig = {
  context: ({ input }: { input: FaultReaderInput }) => ({ ...input, group: '', isWoken: false }),
  initial: 'idle',
} as const;
