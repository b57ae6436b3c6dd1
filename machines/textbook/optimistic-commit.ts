/**
 * How threads commit steps that read some slots of shared memory and change others, without a global lock and without
 * waiting. A slot is a version and some words, as in a seqlock. What is changed is locked, then a number is taken from a counter,
 * what was only read is checked, and the words are written: the order of Transactional Locking II.
 *
 * The number says where in the log a commit belongs: executed one by one in that order, the transactions must read what they
 * have read. A number from before the locks lets somebody read what is about to change and get a higher one; a number from
 * after the check lets somebody change what was checked and get a lower one.
 *
 * Other than there, a version counts the changes of its slot and is not a time. So each slot is read as it was at one moment,
 * but several slots need not be of the same moment: what is computed from them, and every mistake found in it, counts only after
 * the check. Nobody waits for a lock, so there is no circle of threads that wait. Nobody is promised success either.
 *
 * All accesses are in one order here, which JavaScript promises for Atomics only. Whoever reads a slot too late reads its words
 * while they are written. A program that accesses the words plainly still commits nothing wrong, as the counter, which everybody
 * changes atomically between what they read and what they check, or between their locks and what they write, puts the accesses of any two
 * transactions in order; but its second look may then miss what only the check finds.
 *
 * Simplified: versions do not wrap around, and a transaction that gives up is not tried again.
 */
import { z } from 'zod';
import { defineScenario } from '../../src/system/scenario.ts';
import { type Actor, actor, combineActors, defineSystem, family } from '../../src/system/system.ts';
import { names } from '../parts/names.ts';
import { commitLog } from './commit-log.ts';
import { isLocked, sharedWord } from './shared-word.ts';
import { type Operation, type Slot, slotsRead, transactionThread } from './transaction-thread.ts';

const SLOTS = ['a', 'b', 'c'] as const;

/** The slots in the order in which a transaction reads them, and those of them that it changes. */
interface Transaction {
  touches: readonly Slot[];
  changes: readonly Slot[];
}

/**
 * What each thread runs, one after the other. The first transactions of the first two threads are a write skew: each reads what
 * the other one changes. That of the third thread changes what the first one only reads, and locks nothing that the first one
 * locks. The second transaction of the second thread touches its slots in another order than the third thread does, and has two
 * locks to give back when the first thread has changed `b`.
 */
const PROGRAMS: readonly (readonly Transaction[])[] = [
  [{ touches: ['a', 'b'], changes: ['b'] }],
  [
    { touches: ['b', 'a'], changes: ['a'] },
    { touches: ['a', 'b', 'c'], changes: ['a', 'c'] },
  ],
  [{ touches: ['c', 'a'], changes: ['c', 'a'] }],
  [{ touches: ['a', 'b', 'c'], changes: [] }],
];

function operationsOf({ touches, changes }: Transaction, variant: string): readonly Operation[] {
  const each = (what: 'read' | 'lock' | 'check' | 'write', slots: readonly Slot[]): Operation[] =>
    slots.map((slot) => ({ do: what, slot }));
  const reads = each('read', touches);
  const locks = each('lock', variant === 'any-order' ? changes : changes.toSorted());
  const checks = each('check', variant === 'no-validation' ? [] : touches.filter((slot) => !changes.includes(slot)));
  const number: Operation = { do: 'number' };
  const decided = [{ do: 'commit' } as const, ...each('write', changes)];
  if (variant === 'number-before-locks') return [...reads, number, ...locks, ...checks, ...decided];
  if (variant === 'number-after-validation') return [...reads, ...locks, ...checks, number, ...decided];
  return [...reads, ...locks, number, ...checks, ...decided];
}

const SERIALIZABLE = 'a commit has read what the commits with lower numbers left';
const WHOLE = 'no transaction goes on with a slot that is half old and half new';
const EXCLUSIVE = 'a slot is locked by one thread at a time';
const NO_LOCK_LEFT = 'a slot that is locked is held by a thread that will unlock it';
const NO_NUMBER_LOST = 'a number that was taken is with its thread or in the log';

export const optimisticCommit = defineScenario({
  name: 'optimistic-commit',
  title: 'Threads commit what they have read and changed in shared memory, in the order of a log',
  sources: [
    'Dice, Shalev and Shavit, Transactional Locking II (DISC 2006)',
    'Kung and Robinson, On Optimistic Methods for Concurrency Control (TODS 6, 1981)',
  ],
  group: 'textbook',
  parameters: z.object({
    threads: z.number().int().min(3).max(4).default(3).describe('threads; the fourth one only reads'),
    words: z.number().int().min(2).max(3).default(2).describe('words of a slot, besides its version'),
  }),
  variants: {
    fixed: {
      title: 'locks in ascending order or gives up, takes its number, checks what it only read, writes',
      expected: { verdict: 'holds', counts: [42_505, 108_878] },
    },
    waiting: {
      title: 'waits for a lock that is held, instead of giving up',
      expected: { verdict: 'holds', counts: [45_000, 114_154] },
    },
    'any-order': {
      title: 'waits for locks too, and takes them in the order in which it reads the slots',
      expected: { verdict: 'violated', property: 'no deadlock', length: 39 },
    },
    'number-before-locks': {
      title: 'takes its number before it locks',
      expected: { verdict: 'violated', property: SERIALIZABLE, length: 22 },
    },
    'number-after-validation': {
      title: 'takes its number after it has checked what it only read',
      expected: { verdict: 'violated', property: SERIALIZABLE, length: 22 },
    },
    'no-validation': {
      title: 'does not check what it only read, so that two write what the other one should have read',
      expected: { verdict: 'violated', property: SERIALIZABLE, length: 20 },
    },
    'no-second-look': {
      title: 'does not look at the version again when it has read the words',
      expected: { verdict: 'violated', property: WHOLE, length: 13 },
    },
    'unlock-first': {
      title: 'stores the new version before it writes the words',
      expected: { verdict: 'violated', property: WHOLE, length: 17 },
    },
    'plain-store-lock': {
      title: 'locks by a store, after a look whether the version is still there',
      expected: { verdict: 'violated', property: EXCLUSIVE, length: 20 },
    },
    'keeps-locks': {
      title: 'gives up without unlocking what it has locked',
      expected: { verdict: 'violated', property: NO_LOCK_LEFT, length: 20 },
    },
    'silent-gap': {
      title: 'gives up its number without telling the log',
      expected: { verdict: 'violated', property: NO_NUMBER_LOST, length: 21 },
    },
  },
  build({ threads: threadCount, words: wordCount }, variant) {
    const threads = names('thread', threadCount);
    const programs = PROGRAMS.slice(0, threadCount);
    const changesOf = (slot: Slot) => programs.flat().filter(({ changes }) => changes.includes(slot)).length;
    const memory = Object.fromEntries(
      SLOTS.flatMap((slot) => [
        [`${slot}-version`, actor(sharedWord, { input: { value: 0 } })],
        ...names(`${slot}-word`, wordCount).map((name) => [name, actor(sharedWord, { input: { value: 'initial' } })]),
      ]),
    ) as Record<`${Slot}-version` | `${Slot}-word${number}`, Actor<typeof sharedWord>>;

    return defineSystem({
      unsent: 'ignore',
      actors: combineActors(
        family('thread', threadCount, (index) =>
          actor(transactionThread, {
            input: {
              name: `thread${index}`,
              transactions: programs[index]!.map((transaction) => operationsOf(transaction, variant)),
              wordsPerSlot: wordCount,
              variant,
            },
            choices: [{ type: 'RUN' }],
          }),
        ),
        memory,
        {
          counter: actor(sharedWord, { input: { value: 0 } }),
          log: actor(commitLog, { input: { writers: { a: 'initial', b: 'initial', c: 'initial' } } }),
        },
      ),
      blocking: ['WAIT'],
      properties: ({ always, reachable, happens }) => [
        always(SERIALIZABLE, (view) => view.get('log').matches('agrees')),
        always(WHOLE, (view) =>
          threads.every((name) =>
            slotsRead(view.get(name).context).every(({ words }) => words.every((word) => word === words[0])),
          ),
        ),
        always(EXCLUSIVE, (view) => {
          const held = threads.flatMap((name) => view.get(name).context.held);
          return new Set(held).size === held.length;
        }),
        always(NO_LOCK_LEFT, (view) => {
          const held = threads.flatMap((name) => view.get(name).context.held);
          return SLOTS.every((slot) => held.includes(slot) || !isLocked(view.get(`${slot}-version`).context.value));
        }),
        always(NO_NUMBER_LOST, (view) => {
          const { next, early } = view.get('log').context;
          const known = [...early, ...threads.map((name) => view.get(name).context)].map(({ number }) => number);
          const taken = Array.from({ length: Number(view.get('counter').context.value) }, (_, number) => number);
          return taken.every((number) => number < next || known.includes(number));
        }),
        happens('a slot is locked when somebody looks at it', {
          type: 'LOADED',
          where: ({ value }) => typeof value === 'number' && isLocked(value),
        }),
        reachable('a slot changes while it is read', (view) => {
          const { value, context } = view.get('thread0');
          const version = context.seen.a?.version;
          return value === 'lookingAgain' && context.at === 0 && version !== view.get('a-version').context.value;
        }),
        // The third thread changes `a` and `c` together.
        reachable('a transaction has slots of different moments, and has not noticed yet', (view) => {
          const { value, context } = view.get('thread1');
          const { a, c } = context.seen;
          return value === 'locking' && c?.words[0] === 'thread2.0' && a?.words[0] === 'initial';
        }),
        happens('a version is not there any more when it is to be locked', { type: 'DIFFERENT' }),
        happens('a number is given up', { type: 'GAP' }),
        reachable('two transactions make each other give up', (view) =>
          threads.slice(0, 2).every((name) => {
            const { value, context } = view.get(name);
            return value === 'restoring' && context.transaction === 0;
          }),
        ),
        reachable('a transaction gives back two locks', (view) => {
          const { value, context } = view.get('thread1');
          return value === 'restoring' && context.held.length === 2;
        }),
        reachable('all changes are committed', (view) =>
          SLOTS.every((slot) => view.get(`${slot}-version`).context.value === 2 * changesOf(slot)),
        ),
      ],
    });
  },
});
