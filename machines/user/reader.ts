/**
 * A user-space thread that handles faults (a VMM's): reads a group, does what it takes to make the page present,
 * writes the response. It may be as slow as it likes.
 *
 * Both calls hold `fault->mutex` over the copy to or from user memory, and the copy may fault and sleep until the page
 * is there (iommufd/eventq.c iommufd_fault_fops_read() and _write()).
 *
 * Or the copy fails: then the call ends with -EFAULT, and the user maps its buffer and calls again. What becomes of the group
 * of a read is the input `failedCopy`.
 *
 * Simplifications: one group for each call; it answers Success always; it never gives up. List 'ACQUIRE' and 'FETCH'
 * as `blocking`.
 */
import { assign, setup } from 'xstate';
import { call, from, send } from '../parts/call.ts';

/** What a read does with the group in hand when its copy to user memory fails. */
export type FailedCopy =
  /** Puts it back at the head of the deliver list, and returns (172fc8b19825). */
  | 'return'
  /** Puts it back, leaves only the loop over its faults, and goes on with the first group of the list (from 3d49020a327c). */
  | 'next-group'
  /** Takes it off the list as if it had been read, and returns (v6.11 to v6.13). */
  | 'forget';

export type UserReaderEvent =
  /** The scheduler lets the thread run. */
  | { type: 'RUN' }
  | { type: 'FETCHED'; cookie: number }
  /** The copy is done. */
  | { type: 'COPIED' }
  /** There is no memory mapped to copy to. */
  | { type: 'COPY_FAILED' }
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
      failedCopy?: FailedCopy;
    },
    context: {} as {
      readonly name: string;
      readonly faultQueue: string;
      readonly mutex: string;
      readonly buffer: string;
      readonly failedCopy: FailedCopy;
      /** Of the group in hand; 0 when there is none. */
      readonly cookie: number;
    },
    events: {} as UserReaderEvent,
  },
  guards: {
    forgetsGroup: ({ context }) => context.failedCopy === 'forget',
    goesOnWithNextGroup: ({ context }) => context.failedCopy === 'next-group',
  },
  actions: {
    lock: call('mutex', 'ACQUIRE'),
    unlock: call('mutex', 'RELEASE'),
    fetch: call('faultQueue', 'FETCH'),
    noteCookie: assign({
      cookie: from('FETCHED', ({ event }) => event.cookie),
    }),
    copy: call('buffer', 'COPY'),
    finishRead: send('faultQueue', ({ context }) => ({ type: 'COPIED_OUT', cookie: context.cookie })),
    putBack: send('faultQueue', ({ context }) => ({ type: 'RESTORE', cookie: context.cookie })),
    eraseCookie: send('faultQueue', ({ context }) => ({ type: 'ERASE', cookie: context.cookie })),
    mapBuffer: send('buffer', 'MMAP'),
    write: call('faultQueue', ({ context }) => ({ type: 'WRITE', cookie: context.cookie, code: 'success' })),
    forgetCookie: assign({ cookie: 0 }),
  },
}).createMachine({
  id: 'userReader',
  context: ({ input }) => ({ failedCopy: 'return' as const, ...input, cookie: 0 }),
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
            COPY_FAILED: [
              // The break leaves list_for_each_entry(), and the loop around it goes on, with the mutex held.
              { guard: 'goesOnWithNextGroup', target: 'goingOn', actions: ['putBack', 'forgetCookie'] },
              // xa_erase(), and list_del() after the loop over the faults.
              {
                guard: 'forgetsGroup',
                target: '#userReader.readFailed',
                actions: ['eraseCookie', 'unlock', 'forgetCookie'],
              },
              // xa_erase(), iommufd_fault_deliver_restore(), and out of both loops.
              { target: '#userReader.readFailed', actions: ['putBack', 'unlock', 'forgetCookie'] },
            ],
          },
        },
        asleep: { on: { WAKE: 'awake' } },
        // Only with 'next-group'; the list is not empty, the group was put back.
        goingOn: { on: { RUN: { target: '#userReader.fetching', actions: 'fetch' } } },
      },
    },
    // In user space, with -EFAULT.
    readFailed: {
      on: { RUN: { target: 'idle', actions: 'mapBuffer' } },
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
            COPY_FAILED: { target: '#userReader.writeFailed', actions: 'unlock' },
          },
        },
        asleep: { on: { WAKE: 'awake' } },
      },
    },
    // In user space, with -EFAULT and the group in hand.
    writeFailed: {
      on: { RUN: { target: 'handling', actions: 'mapBuffer' } },
    },
    responding: {
      on: {
        WRITTEN: { target: 'idle', actions: ['unlock', 'forgetCookie'] },
        EINVAL: { target: 'idle', actions: ['unlock', 'forgetCookie'] },
      },
    },
  },
});
