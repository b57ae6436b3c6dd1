/**
 * One word of memory that threads share. Each message is one atomic access, and all threads see the accesses in one order, as
 * JavaScript promises for `Atomics`.
 */
import { assign, sendTo, setup } from 'xstate';

/** A version, a sequence number, or the name of the transaction that wrote the word. */
export type Value = number | string;

export const isLocked = (version: Value): boolean => typeof version === 'number' && version % 2 === 1;

export const sharedWord = setup({
  types: {
    context: {} as { value: Value },
    input: {} as { value: Value },
    events: {} as
      | { type: 'LOAD'; by: string }
      | { type: 'STORE'; value: Value }
      | { type: 'COMPARE_EXCHANGE'; expected: Value; value: Value; by: string }
      | { type: 'FETCH_ADD'; by: string }
      | { type: 'WAIT'; by: string },
  },
  guards: {
    isExpected: ({ context, event }) => event.type === 'COMPARE_EXCHANGE' && event.expected === context.value,
    isUnlocked: ({ context }) => !isLocked(context.value),
  },
  actions: {
    store: assign({ value: ({ context, event }) => ('value' in event ? event.value : context.value) }),
    addOne: assign({ value: ({ context }) => Number(context.value) + 1 }),
    answerLoaded: sendTo(
      ({ system, event }) => system.get('by' in event ? event.by : ''),
      ({ context }) => ({ type: 'LOADED', value: context.value }),
    ),
    answerExchanged: sendTo(({ system, event }) => system.get('by' in event ? event.by : ''), { type: 'EXCHANGED' }),
    answerDifferent: sendTo(
      ({ system, event }) => system.get('by' in event ? event.by : ''),
      ({ context }) => ({ type: 'DIFFERENT', value: context.value }),
    ),
    // Sent before the word is changed: what a fetch-and-add returns is what it found.
    answerFetched: sendTo(
      ({ system, event }) => system.get('by' in event ? event.by : ''),
      ({ context }) => ({ type: 'FETCHED', value: context.value }),
    ),
    answerWoken: sendTo(({ system, event }) => system.get('by' in event ? event.by : ''), { type: 'WOKEN' }),
  },
}).createMachine({
  id: 'sharedWord',
  context: ({ input }) => input,
  on: {
    LOAD: { actions: 'answerLoaded' },
    STORE: { actions: 'store' },
    COMPARE_EXCHANGE: [{ guard: 'isExpected', actions: ['store', 'answerExchanged'] }, { actions: 'answerDifferent' }],
    FETCH_ADD: { actions: ['answerFetched', 'addOne'] },
    // Refused while the version is locked: to look and to fall asleep is one step, as with Atomics.wait.
    WAIT: { guard: 'isUnlocked', actions: 'answerWoken' },
  },
});
