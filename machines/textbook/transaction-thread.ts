/**
 * A thread that runs transactions over slots of shared memory, one after the other. A slot is a version and some words; an
 * odd version is a lock. A transaction is a list of operations; it gives up at the first one that fails and is not tried
 * again, as the next transaction of the thread is as good.
 *
 * Each access to one word is a step. Values are uninterpreted: a transaction writes its own name into all words of a slot.
 * If every transaction has read what those with lower numbers wrote, then so is whatever it would compute from that.
 */
import { assertEvent, assign, sendTo, setup } from 'xstate';
import type { Committed, Gap } from './commit-log.ts';
import { isLocked, type Value } from './shared-word.ts';

export type Slot = 'a' | 'b' | 'c';

export type Operation =
  /** The version, the words one by one, and the version again. */
  | { do: 'read'; slot: Slot }
  /** The version that was read becomes odd, if it is still there. */
  | { do: 'lock'; slot: Slot }
  /** The next sequence number. */
  | { do: 'number' }
  /** Is the version that was read still there? */
  | { do: 'check'; slot: Slot }
  /** Not an access: from here on nothing fails, and the log is told. */
  | { do: 'commit' }
  /** The words one by one, then the next even version. */
  | { do: 'write'; slot: Slot };

/** What a thread has of a slot. */
interface Seen {
  version: number;
  words: readonly Value[];
}

interface Work {
  name: string;
  transactions: readonly (readonly Operation[])[];
  wordsPerSlot: number;
  variant: string;
}

interface Thread extends Work {
  /** Which transaction is under way, and which operation of it. */
  transaction: number;
  at: number;
  word: number;
  seen: Readonly<Partial<Record<Slot, Seen>>>;
  /** The slots that it has locked, in this order. */
  held: readonly Slot[];
  number: number | null;
}

/** What words answer. */
type Answer =
  | { type: 'LOADED'; value: Value }
  | { type: 'EXCHANGED' }
  | { type: 'DIFFERENT'; value: Value }
  | { type: 'FETCHED'; value: number }
  | { type: 'WOKEN' };

const IDLE = { at: 0, word: 0, seen: {}, held: [], number: null } as const;

const operationOf = ({ transactions, transaction, at }: Thread) => transactions[transaction]?.[at];
const slotOf = (context: Thread): Slot => {
  const operation = operationOf(context);
  if (!operation || !('slot' in operation)) throw new Error(`${operation?.do} has no slot`);
  return operation.slot;
};
const seenOf = (context: Thread): Seen => context.seen[slotOf(context)]!;
const stampOf = ({ name, transaction }: Thread) => `${name}.${transaction}`;
const versionOf = (slot: Slot) => `${slot}-version`;
const wordOf = (slot: Slot, word: number) => `${slot}-word${word}`;

/** The slots whose words it takes for those of one moment: those that it has looked at twice. */
export const slotsRead = ({ transactions, transaction, at, seen }: Thread): readonly Seen[] =>
  (transactions[transaction] ?? [])
    .slice(0, at)
    .flatMap((operation) => (operation.do === 'read' ? (seen[operation.slot] ?? []) : []));

export const transactionThread = setup({
  types: { context: {} as Thread, input: {} as Work, events: {} as { type: 'RUN' } | Answer },
  guards: {
    moreTransactions: ({ context }) => context.transaction < context.transactions.length,
    moreWords: ({ context }) => context.word + 1 < context.wordsPerSlot,
    reads: ({ context }) => operationOf(context)?.do === 'read',
    locks: ({ context }) => operationOf(context)?.do === 'lock',
    takesNumber: ({ context }) => operationOf(context)?.do === 'number',
    checks: ({ context }) => operationOf(context)?.do === 'check',
    commits: ({ context }) => operationOf(context)?.do === 'commit',
    writes: ({ context }) => operationOf(context)?.do === 'write',
    foundLocked: ({ event }) => 'value' in event && isLocked(event.value),
    foundAnother: ({ context, event }) => 'value' in event && event.value !== seenOf(context).version,
    holdsLocks: ({ context }) => context.held.length > 0,
    owesNumber: ({ context }) => context.number !== null && context.variant !== 'silent-gap',
    waits: ({ context, event }) =>
      (context.variant === 'waiting' || context.variant === 'any-order') && 'value' in event && isLocked(event.value),
    looksOnce: ({ context }) => context.variant === 'no-second-look',
    storesLocks: ({ context }) => context.variant === 'plain-store-lock',
    keepsLocks: ({ context }) => context.variant === 'keeps-locks',
    unlocksFirst: ({ context }) => context.variant === 'unlock-first',
    writesAfterUnlock: ({ context }) => context.variant === 'unlock-first' && operationOf(context)?.do === 'write',
  },
  actions: {
    loadVersion: sendTo(
      ({ system, context }) => system.get(versionOf(slotOf(context))),
      ({ self }) => ({ type: 'LOAD', by: self.id }),
    ),
    loadWord: sendTo(
      ({ system, context }) => system.get(wordOf(slotOf(context), context.word)),
      ({ self }) => ({ type: 'LOAD', by: self.id }),
    ),
    exchangeVersion: sendTo(
      ({ system, context }) => system.get(versionOf(slotOf(context))),
      ({ context, self }) => ({
        type: 'COMPARE_EXCHANGE',
        expected: seenOf(context).version,
        value: seenOf(context).version + 1,
        by: self.id,
      }),
    ),
    storeLocked: sendTo(
      ({ system, context }) => system.get(versionOf(slotOf(context))),
      ({ context }) => ({ type: 'STORE', value: seenOf(context).version + 1 }),
    ),
    waitForVersion: sendTo(
      ({ system, context }) => system.get(versionOf(slotOf(context))),
      ({ self }) => ({ type: 'WAIT', by: self.id }),
    ),
    fetchNumber: sendTo(
      ({ system }) => system.get('counter'),
      ({ self }) => ({ type: 'FETCH_ADD', by: self.id }),
    ),
    storeWord: sendTo(
      ({ system, context }) => system.get(wordOf(slotOf(context), context.word)),
      ({ context }) => ({ type: 'STORE', value: stampOf(context) }),
    ),
    storeNextVersion: sendTo(
      ({ system, context }) => system.get(versionOf(slotOf(context))),
      ({ context }) => ({ type: 'STORE', value: seenOf(context).version + 2 }),
    ),
    restoreVersion: sendTo(
      ({ system, context }) => system.get(versionOf(context.held[0]!)),
      ({ context }) => ({ type: 'STORE', value: context.seen[context.held[0]!]!.version }),
    ),
    logCommit: sendTo(
      ({ system }) => system.get('log'),
      ({ context }): Committed => ({
        type: 'COMMITTED',
        number: context.number!,
        by: stampOf(context),
        reads: Object.fromEntries(Object.entries(context.seen).map(([slot, { words }]) => [slot, words])),
        changes: context.held,
      }),
    ),
    logGap: sendTo(
      ({ system }) => system.get('log'),
      ({ context }): Gap => ({ type: 'GAP', number: context.number! }),
    ),
    noteVersion: assign(({ context, event }) => {
      assertEvent(event, 'LOADED');
      return { seen: { ...context.seen, [slotOf(context)]: { version: Number(event.value), words: [] } } };
    }),
    noteWord: assign(({ context, event }) => {
      assertEvent(event, 'LOADED');
      const { version, words } = seenOf(context);
      return { seen: { ...context.seen, [slotOf(context)]: { version, words: [...words, event.value] } } };
    }),
    noteLocked: assign({ held: ({ context }) => [...context.held, slotOf(context)] }),
    noteUnlocked: assign({ held: ({ context }) => context.held.filter((slot) => slot !== slotOf(context)) }),
    noteRestored: assign({ held: ({ context }) => context.held.slice(1) }),
    noteNumber: assign({ number: ({ event }) => (event.type === 'FETCHED' ? event.value : null) }),
    forgetNumber: assign({ number: null }),
    nextWord: assign({ word: ({ context }) => context.word + 1 }),
    nextOperation: assign({ at: ({ context }) => context.at + 1, word: 0 }),
    nextTransaction: assign(({ context }) => ({ ...IDLE, transaction: context.transaction + 1 })),
  },
}).createMachine({
  id: 'transactionThread',
  context: ({ input }) => ({ ...input, ...IDLE, transaction: 0 }),
  initial: 'ready',
  states: {
    ready: { always: [{ guard: 'moreTransactions', target: 'choosing' }, { target: 'done' }] },
    choosing: {
      always: [
        { guard: 'reads', target: 'looking' },
        { guard: 'locks', target: 'locking' },
        { guard: 'takesNumber', target: 'numbering' },
        { guard: 'checks', target: 'checking' },
        { guard: 'commits', actions: ['logCommit', 'nextOperation'] },
        { guard: 'writesAfterUnlock', target: 'unlocking' },
        { guard: 'writes', target: 'writing' },
        { target: 'ready', actions: 'nextTransaction' },
      ],
    },
    // Where a state takes an answer, it comes within the step in which RUN asks for it.
    looking: {
      on: {
        RUN: { actions: 'loadVersion' },
        LOADED: [
          { guard: 'foundLocked', target: 'givingUp' },
          { target: 'reading', actions: 'noteVersion' },
        ],
      },
    },
    reading: {
      on: {
        RUN: { actions: 'loadWord' },
        LOADED: [
          { guard: 'moreWords', actions: ['noteWord', 'nextWord'] },
          { guard: 'looksOnce', target: 'choosing', actions: ['noteWord', 'nextOperation'] },
          { target: 'lookingAgain', actions: 'noteWord' },
        ],
      },
    },
    lookingAgain: {
      on: {
        RUN: { actions: 'loadVersion' },
        LOADED: [
          { guard: 'foundAnother', target: 'givingUp' },
          { target: 'choosing', actions: 'nextOperation' },
        ],
      },
    },
    locking: {
      on: {
        RUN: [{ guard: 'storesLocks', actions: 'loadVersion' }, { actions: 'exchangeVersion' }],
        EXCHANGED: { target: 'choosing', actions: ['noteLocked', 'nextOperation'] },
        DIFFERENT: [{ guard: 'waits', target: 'waiting' }, { target: 'givingUp' }],
        LOADED: [{ guard: 'foundAnother', target: 'givingUp' }, { target: 'storingLock' }],
      },
    },
    storingLock: {
      on: { RUN: { target: 'choosing', actions: ['storeLocked', 'noteLocked', 'nextOperation'] } },
    },
    waiting: { on: { RUN: { actions: 'waitForVersion' }, WOKEN: 'locking' } },
    numbering: {
      on: {
        RUN: { actions: 'fetchNumber' },
        FETCHED: { target: 'choosing', actions: ['noteNumber', 'nextOperation'] },
      },
    },
    checking: {
      on: {
        RUN: { actions: 'loadVersion' },
        LOADED: [
          { guard: 'foundAnother', target: 'givingUp' },
          { target: 'choosing', actions: 'nextOperation' },
        ],
      },
    },
    writing: {
      on: {
        RUN: [
          { guard: 'moreWords', actions: ['storeWord', 'nextWord'] },
          { guard: 'unlocksFirst', target: 'choosing', actions: ['storeWord', 'nextOperation'] },
          { target: 'unlocking', actions: 'storeWord' },
        ],
      },
    },
    unlocking: {
      on: {
        RUN: [
          { guard: 'unlocksFirst', target: 'writing', actions: ['storeNextVersion', 'noteUnlocked'] },
          { target: 'choosing', actions: ['storeNextVersion', 'noteUnlocked', 'nextOperation'] },
        ],
      },
    },
    givingUp: {
      always: [
        { guard: 'owesNumber', actions: ['logGap', 'forgetNumber'] },
        { guard: 'keepsLocks', target: 'ready', actions: 'nextTransaction' },
        { guard: 'holdsLocks', target: 'restoring' },
        { target: 'ready', actions: 'nextTransaction' },
      ],
    },
    restoring: { on: { RUN: { target: 'givingUp', actions: ['restoreVersion', 'noteRestored'] } } },
    done: { type: 'final' },
  },
});
