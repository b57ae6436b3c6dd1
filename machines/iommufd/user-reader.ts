/**
 * A user-space thread that handles faults (a VMM's): reads a group, does what it takes to make the page present,
 * writes the response. It may be as slow as it likes.
 *
 * Both calls hold `fault->mutex` over the copy to or from user memory, and the copy may fault and sleep until the page
 * is there (iommufd/eventq.c iommufd_fault_fops_read() and _write()).
 *
 * Simplifications: one group for each call; it answers Success always; it never gives up. List 'ACQUIRE' and 'FETCH'
 * as `blocking`.
 */
import { assertEvent, assign, sendTo, setup } from 'xstate';

export type UserReaderEvent =
  /** The scheduler lets the thread run. */
  | { type: 'RUN' }
  | { type: 'FETCHED'; cookie: number }
  /** The copy is done. */
  | { type: 'COPIED' }
  /** The copy faulted; the thread sleeps until the page is there. */
  | { type: 'SLEEP' }
  | { type: 'WAKE' }
  | { type: 'WRITTEN' }
  | { type: 'EINVAL' };

export const userReader = setup({
  types: {
    input: {} as {
      name: string;
      faultQueue: string;
      mutex: string;
      /** The page of user memory that it reads into and writes from. */
      buffer: string;
    },
    context: {} as {
      readonly name: string;
      readonly faultQueue: string;
      readonly mutex: string;
      readonly buffer: string;
      /** Of the group in hand; 0 when there is none. */
      readonly cookie: number;
    },
    events: {} as UserReaderEvent,
  },
  actions: {
    lock: sendTo(
      ({ system, context }) => system.get(context.mutex),
      ({ context }) => ({ type: 'ACQUIRE', by: context.name }),
    ),
    unlock: sendTo(
      ({ system, context }) => system.get(context.mutex),
      ({ context }) => ({ type: 'RELEASE', by: context.name }),
    ),
    fetch: sendTo(
      ({ system, context }) => system.get(context.faultQueue),
      ({ context }) => ({ type: 'FETCH', by: context.name }),
    ),
    noteCookie: assign({
      cookie: ({ event }) => {
        assertEvent(event, 'FETCHED');
        return event.cookie;
      },
    }),
    copy: sendTo(
      ({ system, context }) => system.get(context.buffer),
      ({ context }) => ({ type: 'COPY', by: context.name }),
    ),
    finishRead: sendTo(
      ({ system, context }) => system.get(context.faultQueue),
      ({ context }) => ({ type: 'COPIED_OUT', cookie: context.cookie }),
    ),
    write: sendTo(
      ({ system, context }) => system.get(context.faultQueue),
      ({ context }) => ({ type: 'WRITE', cookie: context.cookie, code: 'success', by: context.name }),
    ),
    forgetCookie: assign({ cookie: 0 }),
  },
}).createMachine({
  id: 'userReader',
  context: ({ input }) => ({ ...input, cookie: 0 }),
  initial: 'idle',
  states: {
    idle: {
      // iommufd_fault_fops_read()
      on: { RUN: { target: 'fetching', actions: ['lock', 'fetch'] } },
    },
    // Left within the step that entered it, like the other states without RUN; only `asleep` is not.
    fetching: {
      on: { FETCHED: { target: 'reading', actions: 'noteCookie' } },
    },
    reading: {
      initial: 'awake',
      states: {
        awake: { on: { RUN: { target: 'copying', actions: 'copy' } } },
        copying: {
          on: {
            // copy_to_user() is done.
            COPIED: { target: '#userReader.handling', actions: ['finishRead', 'unlock'] },
            SLEEP: 'asleep',
          },
        },
        asleep: { on: { WAKE: 'awake' } },
      },
    },
    // In user space, with the group in hand and no lock.
    handling: {
      // iommufd_fault_fops_write()
      on: { RUN: { target: 'writing', actions: 'lock' } },
    },
    writing: {
      initial: 'awake',
      states: {
        awake: { on: { RUN: { target: 'copying', actions: 'copy' } } },
        copying: {
          on: {
            // copy_from_user() is done.
            COPIED: { target: '#userReader.responding', actions: 'write' },
            SLEEP: 'asleep',
          },
        },
        asleep: { on: { WAKE: 'awake' } },
      },
    },
    responding: {
      on: {
        WRITTEN: { target: 'idle', actions: ['unlock', 'forgetCookie'] },
        EINVAL: { target: 'idle', actions: ['unlock', 'forgetCookie'] },
      },
    },
  },
});
