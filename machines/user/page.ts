/**
 * A page of user memory that the kernel copies to and from. It may be swapped out, and then a copy sleeps until the
 * page is brought back, by DMA of another device (a swap device, or a userfaultfd handler that uses an accelerator).
 *
 *   present -EVICT-> absent -COPY-> incoming -PAGE_IN-> present
 *           -MUNMAP-> unmapped -MMAP-> present
 *
 * Where nothing is mapped a copy fails at once, with -EFAULT for the caller.
 *
 * Simplifications: one thread waits at a time (its lock sees to that); the copy starts again from its beginning.
 */
import { assign, setup } from 'xstate';
import { from, reply, send } from '../parts/call.ts';

export type UserPageEvent =
  /** `copy_to_user()` or `copy_from_user()`: the reply is COPIED, or SLEEP and later WAKE, or COPY_FAILED. */
  | { type: 'COPY'; by: string }
  /** Reclaim takes the page. */
  | { type: 'EVICT' }
  /** The page has its content back. */
  | { type: 'PAGE_IN' }
  /** Another thread of the process takes the mapping away. */
  | { type: 'MUNMAP' }
  /** The process maps memory there again. */
  | { type: 'MMAP' };

export const userPage = setup({
  types: {
    /** Who brings the page back. */
    input: {} as { pager: string },
    context: {} as { readonly pager: string; readonly sleeper: string | null },
    events: {} as UserPageEvent,
  },
  actions: {
    tellCopied: reply('COPIED'),
    tellFailed: reply('COPY_FAILED'),
    putToSleep: reply('SLEEP'),
    noteSleeper: assign({
      sleeper: from('COPY', ({ event }) => event.by),
    }),
    askPager: send('pager', 'BRING_PAGE'),
    wakeSleeper: send('sleeper', 'WAKE'),
    forgetSleeper: assign({ sleeper: null }),
  },
}).createMachine({
  id: 'userPage',
  context: ({ input }) => ({ ...input, sleeper: null }),
  initial: 'present',
  states: {
    present: {
      on: { COPY: { actions: 'tellCopied' }, EVICT: 'absent', MUNMAP: 'unmapped' },
    },
    absent: {
      on: { COPY: { target: 'incoming', actions: ['noteSleeper', 'putToSleep', 'askPager'] } },
    },
    incoming: {
      on: { PAGE_IN: { target: 'present', actions: ['wakeSleeper', 'forgetSleeper'] } },
    },
    unmapped: {
      on: { COPY: { actions: 'tellFailed' }, MMAP: 'present' },
    },
  },
});
