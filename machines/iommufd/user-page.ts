/**
 * A page of user memory that the kernel copies to and from. It may be swapped out, and then a copy sleeps until the
 * page is brought back, by DMA of another device (a swap device, or a userfaultfd handler that uses an accelerator).
 *
 *   present -EVICT-> absent -COPY-> incoming -PAGE_IN-> present
 *
 * Simplifications: one thread waits at a time (its lock sees to that); the copy starts again from its beginning.
 */
import { assertEvent, assign, sendTo, setup } from 'xstate';

export type UserPageEvent =
  /** `copy_to_user()` or `copy_from_user()`: the reply is COPIED, or SLEEP and later WAKE. */
  | { type: 'COPY'; by: string }
  /** Reclaim takes the page. */
  | { type: 'EVICT' }
  /** The page has its content back. */
  | { type: 'PAGE_IN' };

export const userPage = setup({
  types: {
    /** Who brings the page back. */
    input: {} as { pager: string },
    context: {} as { readonly pager: string; readonly sleeper: string | null },
    events: {} as UserPageEvent,
  },
  actions: {
    tellCopied: sendTo(
      ({ system, event }) => {
        assertEvent(event, 'COPY');
        return system.get(event.by);
      },
      { type: 'COPIED' },
    ),
    putToSleep: sendTo(
      ({ system, event }) => {
        assertEvent(event, 'COPY');
        return system.get(event.by);
      },
      { type: 'SLEEP' },
    ),
    noteSleeper: assign({
      sleeper: ({ event }) => {
        assertEvent(event, 'COPY');
        return event.by;
      },
    }),
    askPager: sendTo(({ system, context }) => system.get(context.pager), { type: 'BRING_PAGE' }),
    wakeSleeper: sendTo(({ system, context }) => system.get(context.sleeper!), { type: 'WAKE' }),
    forgetSleeper: assign({ sleeper: null }),
  },
}).createMachine({
  id: 'userPage',
  context: ({ input }) => ({ ...input, sleeper: null }),
  initial: 'present',
  states: {
    present: {
      on: { COPY: { actions: 'tellCopied' }, EVICT: 'absent' },
    },
    absent: {
      on: { COPY: { target: 'incoming', actions: ['noteSleeper', 'putToSleep', 'askPager'] } },
    },
    incoming: {
      on: { PAGE_IN: { target: 'present', actions: ['wakeSleeper', 'forgetSleeper'] } },
    },
  },
});
