/**
 * A user-space thread that handles faults in groups of several requests (a VMM's): waits until the fault queue has a group, reads it, a
 * message for each request, makes the pages present, and writes one response for the cookie that all its messages have.
 *
 * `reader.ts` is the same for groups of one request. What is new with several: the buffer may be too small for a group, and a copy may
 * fail when some messages of the group are copied. A read returns whole groups only (iommufd/eventq.c iommufd_fault_fops_read(), since
 * 091ab6d70dc4): with -EINVAL where its buffer is too small (47916a54eeb2), with -EFAULT where a copy fails (172fc8b19825). So does a write
 * (since aaca2aa). Kernels without one of these commits are machines of their own.
 *
 * Simplifications: one group for each call; no copy sleeps; it answers Success always; it reads a message from where it is in one page,
 * and each message is in another page. List 'ACQUIRE' and 'FETCH' as `blocking`.
 */
import { assign, setup } from 'xstate';
import { call, from, send } from '../parts/call.ts';

export type GroupReaderEvent =
  /** The scheduler lets the thread run. */
  | { type: 'RUN' }
  | { type: 'FETCHED'; cookie: number }
  /** The copy is done. */
  | { type: 'COPIED' }
  /** There is no memory mapped to copy to. */
  | { type: 'COPY_FAILED' }
  | { type: 'WRITTEN' }
  | { type: 'EINVAL' };

export interface GroupReaderInput {
  readonly name: string;
  readonly faultQueue: string;
  readonly mutex: string;
  /** The pages of user memory that it reads into, one for each message. */
  readonly messages: readonly string[];
  /** The page that it writes its responses from. */
  readonly responses: string;
  /** How many messages its buffer has room for at first. */
  readonly room: number;
  /** `group->fault_count`, of each group. */
  readonly faults: number;
}

/** What versions are made of. */
export const groupReaderParts = setup({
  types: {
    input: {} as GroupReaderInput,
    context: {} as GroupReaderInput & {
      /** Of the group in hand; 0 when there is none. */
      readonly cookie: number;
      /** How many messages of it are copied. */
      readonly copied: number;
    },
    events: {} as GroupReaderEvent,
  },
  guards: {
    isTooSmall: ({ context }) => context.faults > context.room,
    isLastMessage: ({ context }) => context.copied + 1 === context.faults,
    hasCopiedSome: ({ context }) => context.copied > 0,
  },
  actions: {
    lock: call('mutex', 'ACQUIRE'),
    unlock: call('mutex', 'RELEASE'),
    fetch: call('faultQueue', 'FETCH'),
    noteCookie: assign({ cookie: from('FETCHED', ({ event }) => event.cookie) }),
    refuseFetched: send(
      'faultQueue',
      from('FETCHED', ({ event }) => ({ type: 'RESTORE', cookie: event.cookie })),
    ),
    copyMessage: call(({ context }) => context.messages[context.copied]!, 'COPY'),
    countMessage: assign({ copied: ({ context }) => context.copied + 1 }),
    finishRead: send('faultQueue', ({ context }) => ({ type: 'COPIED_OUT', cookie: context.cookie })),
    putBack: send('faultQueue', ({ context }) => ({ type: 'RESTORE', cookie: context.cookie })),
    growBuffer: assign({ room: ({ context }) => context.faults }),
    mapMessages: send(({ context }) => context.messages[context.copied]!, 'MMAP'),
    copyResponse: call('responses', 'COPY'),
    mapResponses: send('responses', 'MMAP'),
    write: call('faultQueue', ({ context }) => ({ type: 'WRITE', cookie: context.cookie, code: 'success' })),
    forgetGroup: assign({ cookie: 0, copied: 0 }),
  },
});

export const groupReaderConfig = {
  context: ({ input }: { input: GroupReaderInput }) => ({ ...input, cookie: 0, copied: 0 }),
  initial: 'idle',
} as const;

/** Another version replaces what it does when a call fails. */
export const groupReaderStates = {
  // poll(), then iommufd_fault_fops_read()
  idle: groupReaderParts.createStateConfig({
    on: { RUN: { target: 'fetching', actions: ['lock', 'fetch'] } },
  }),
  // Left within the step that entered it, like the other states without RUN.
  fetching: groupReaderParts.createStateConfig({
    on: {
      FETCHED: [
        // iommufd_fault_deliver_restore(), -EINVAL
        { guard: 'isTooSmall', target: 'refused', actions: ['refuseFetched', 'unlock'] },
        { target: 'reading', actions: 'noteCookie' },
      ],
    },
  }),
  // In user space, which takes a larger buffer.
  refused: groupReaderParts.createStateConfig({
    on: { RUN: { target: 'idle', actions: 'growBuffer' } },
  }),
  // copy_to_user() of one message after the other, with the mutex
  reading: groupReaderParts.createStateConfig({
    on: { RUN: { target: 'copyingMessage', actions: 'copyMessage' } },
  }),
  copyingMessage: groupReaderParts.createStateConfig({
    on: {
      COPIED: [
        { guard: 'isLastMessage', target: 'handling', actions: ['countMessage', 'finishRead', 'unlock'] },
        { target: 'reading', actions: 'countMessage' },
      ],
      // xa_erase(), iommufd_fault_deliver_restore(), -EFAULT: of the group nothing counts.
      COPY_FAILED: { target: 'readFailed', actions: ['putBack', 'unlock'] },
    },
  }),
  // In user space, with -EFAULT.
  readFailed: groupReaderParts.createStateConfig({
    on: { RUN: { target: 'idle', actions: ['mapMessages', 'forgetGroup'] } },
  }),
  // In user space, with messages in hand and no lock: then iommufd_fault_fops_write().
  handling: groupReaderParts.createStateConfig({
    on: { RUN: { target: 'writing', actions: 'lock' } },
  }),
  writing: groupReaderParts.createStateConfig({
    on: { RUN: { target: 'copyingResponse', actions: 'copyResponse' } },
  }),
  copyingResponse: groupReaderParts.createStateConfig({
    on: {
      COPIED: { target: 'responding', actions: 'write' },
      COPY_FAILED: { target: 'writeFailed', actions: 'unlock' },
    },
  }),
  // In user space, with -EFAULT and the group in hand.
  writeFailed: groupReaderParts.createStateConfig({
    on: { RUN: { target: 'handling', actions: 'mapResponses' } },
  }),
  responding: groupReaderParts.createStateConfig({
    on: {
      WRITTEN: { target: 'idle', actions: ['unlock', 'forgetGroup'] },
      EINVAL: { target: 'idle', actions: ['unlock', 'forgetGroup'] },
    },
  }),
};

export const groupReader = groupReaderParts.createMachine({
  id: 'groupReader',
  ...groupReaderConfig,
  states: groupReaderStates,
});
