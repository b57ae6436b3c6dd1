/**
 * A count of the study `hisi-sec` that goes down to nothing, in two digits, so that thousands of steps share a few dozen local states.
 *
 *   owner -COUNT-> counter (low digit) -BORROW-> counter of tens (high digit)
 */
import { assign, setup } from 'xstate';
import { call, reply, send } from '../parts/call.ts';

/** The two digits of a count of at least 1: the low one is from 1 to `base`. */
export function digitsOf(count: number) {
  const base = Math.max(2, Math.ceil(Math.sqrt(count)));
  return { base, low: ((count - 1) % base) + 1, high: Math.floor((count - 1) / base) };
}

/** COUNT is answered by MORE, or by END when the count is down. */
export const lowDigit = setup({
  types: {
    input: {} as { readonly name: string; readonly owner: string; readonly high: string; base: number; low: number },
    context: {} as { readonly name: string; readonly owner: string; readonly high: string; base: number; low: number },
    events: {} as { type: 'COUNT' | 'LENT' | 'NONE' },
  },
  guards: { isAboveOne: ({ context }) => context.low > 1 },
  actions: {
    count: assign({ low: ({ context }) => context.low - 1 }),
    borrow: call('high', 'BORROW'),
    refill: assign({ low: ({ context }) => context.base }),
    replyMore: send('owner', 'MORE'),
    replyEnd: send('owner', 'END'),
  },
}).createMachine({
  id: 'hisiLowDigit',
  context: ({ input }) => input,
  initial: 'counting',
  states: {
    counting: {
      on: {
        COUNT: [
          { guard: 'isAboveOne', actions: ['count', 'replyMore'] },
          { target: 'borrowing', actions: 'borrow' },
        ],
      },
    },
    // Left within the step that entered it.
    borrowing: {
      on: {
        LENT: { target: 'counting', actions: ['refill', 'replyMore'] },
        NONE: { target: 'ended', actions: 'replyEnd' },
      },
    },
    ended: {},
  },
});

export const highDigit = setup({
  types: {
    input: {} as { readonly high: number },
    context: {} as { readonly high: number },
    events: {} as { type: 'BORROW'; by: string },
  },
  guards: { isAboveZero: ({ context }) => context.high > 0 },
  actions: {
    lend: assign({ high: ({ context }) => context.high - 1 }),
    replyLent: reply('LENT'),
    replyNone: reply('NONE'),
  },
}).createMachine({
  id: 'hisiHighDigit',
  context: ({ input }) => input,
  on: { BORROW: [{ guard: 'isAboveZero', actions: ['lend', 'replyLent'] }, { actions: 'replyNone' }] },
});
