/**
 * A user-space thread that handles faults (a VMM's): reads a group, does what it takes to make the page present,
 * writes the response. It may be as slow as it likes.
 *
 * Both calls hold `fault->mutex` over the copy to or from user memory, and the copy may fault and sleep until the page
 * is there (iommufd/eventq.c iommufd_fault_fops_read() and _write()).
 *
 * Or the copy fails: then the call ends with -EFAULT, and the user maps its buffer and calls again. The group of a read is put back
 * at the head of the deliver list. So since 172fc8b19825, with 091ab6d70dc4 and 47916a54eeb2 for groups of several requests, which are
 * not here. Kernels before that give the same user other trouble: `reader-v6.11.ts`, `reader-v6.14.ts`.
 *
 * Simplifications: one group for each call; it answers Success always; it never gives up. List 'ACQUIRE' and 'FETCH'
 * as `blocking`.
 */
import { assign, setup } from 'xstate';
import { call, from, send } from '../parts/call.ts';

export type UserReaderEvent =
  /** The scheduler lets the thread run. */
  | { type: 'RUN' }
  | { type: 'FETCHED'; cookie: number }
  /** There is no further group to read. */
  | { type: 'NO_GROUP' }
  /** The copy is done. */
  | { type: 'COPIED' }
  /** There is no memory mapped to copy to. */
  | { type: 'COPY_FAILED' }
  /** The copy faulted; the thread sleeps until the page is there. */
  | { type: 'SLEEP' }
  | { type: 'WAKE' }
  | { type: 'WRITTEN' }
  | { type: 'EINVAL' }
  /** Its process ends. Only with `reader-exits.ts`. */
  | { type: 'EXIT' };

export interface UserReaderInput {
  readonly name: string;
  readonly faultQueue: string;
  readonly mutex: string;
  /** The page of user memory that it reads into and writes from. */
  readonly buffer: string;
}

/** What versions are made of. */
export const userReaderParts = setup({
  types: {
    input: {} as UserReaderInput,
    context: {} as UserReaderInput & {
      /** Of the group in hand; 0 when there is none. */
      readonly cookie: number;
    },
    events: {} as UserReaderEvent,
  },
  actions: {
    lock: call('mutex', 'ACQUIRE'),
    unlock: call('mutex', 'RELEASE'),
    fetch: call('faultQueue', 'FETCH'),
    fetchNext: call('faultQueue', 'FETCH_NEXT'),
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
});

export const userReaderConfig = {
  context: ({ input }: { input: UserReaderInput }) => ({ ...input, cookie: 0 }),
  initial: 'idle',
} as const;

/** Another version replaces what it does when a copy fails. */
export const userReaderStates = {
  idle: userReaderParts.createStateConfig({
    id: 'idle',
    // iommufd_fault_fops_read()
    on: { RUN: { target: 'fetching', actions: ['lock', 'fetch'] } },
  }),
  // Left within the step that entered it, like the other states without RUN; only `asleep` is not.
  fetching: userReaderParts.createStateConfig({
    id: 'fetching',
    on: { FETCHED: { target: 'reading', actions: 'noteCookie' } },
  }),
  reading: userReaderParts.createStateConfig({
    initial: 'awake',
    states: {
      awake: { on: { RUN: { target: 'copying', actions: 'copy' } } },
      copying: {
        on: {
          // copy_to_user() is done.
          COPIED: { target: '#handling', actions: ['finishRead', 'unlock'] },
          SLEEP: 'asleep',
          // xa_erase(), iommufd_fault_deliver_restore(), and out of both loops.
          COPY_FAILED: { target: '#readFailed', actions: ['putBack', 'unlock', 'forgetCookie'] },
        },
      },
      asleep: { on: { WAKE: 'awake' } },
    },
  }),
  // In user space, with -EFAULT.
  readFailed: userReaderParts.createStateConfig({
    id: 'readFailed',
    on: { RUN: { target: 'idle', actions: 'mapBuffer' } },
  }),
  // In user space, with the group in hand and no lock.
  handling: userReaderParts.createStateConfig({
    id: 'handling',
    // iommufd_fault_fops_write()
    on: { RUN: { target: 'writing', actions: 'lock' } },
  }),
  writing: userReaderParts.createStateConfig({
    initial: 'awake',
    states: {
      awake: { on: { RUN: { target: 'copying', actions: 'copy' } } },
      copying: {
        on: {
          // copy_from_user() is done.
          COPIED: { target: '#responding', actions: 'write' },
          SLEEP: 'asleep',
          COPY_FAILED: { target: '#writeFailed', actions: 'unlock' },
        },
      },
      asleep: { on: { WAKE: 'awake' } },
    },
  }),
  // In user space, with -EFAULT and the group in hand.
  writeFailed: userReaderParts.createStateConfig({
    id: 'writeFailed',
    on: { RUN: { target: 'handling', actions: 'mapBuffer' } },
  }),
  responding: userReaderParts.createStateConfig({
    id: 'responding',
    on: {
      WRITTEN: { target: 'idle', actions: ['unlock', 'forgetCookie'] },
      EINVAL: { target: 'idle', actions: ['unlock', 'forgetCookie'] },
    },
  }),
};

export const userReader = userReaderParts.createMachine({
  id: 'userReader',
  ...userReaderConfig,
  states: userReaderStates,
});
