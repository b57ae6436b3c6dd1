/**
 * The lock-free insert of a store of states that threads share: an open-addressing table of entries, and the tuples that
 * they refer to. A thread writes a tuple's words where nobody else looks and publishes them by a compare-and-swap of the
 * entry, from free to the tuple's number. If somebody else was first, it compares with what is there.
 *
 * Each access to one 32-bit word is a step: a load or a compare-and-swap of an entry, a write or a read of a word of a
 * tuple. All threads see the accesses in one order. JavaScript promises that to programs without data races, and this
 * one has none: entries are accessed by Atomics only, and the other words are never read before they are written nor
 * written after they were read. The last property below checks that.
 *
 * Simplified: all tags are equal, so that they never spare a comparison; the table does not grow; each thread has just
 * as many numbers as inserts. Two of the three tuples belong at the last place of the table and one at the first, so
 * that probing collides and wraps around.
 */
import { assign, sendTo, setup } from 'xstate';
import { z } from 'zod';
import { defineScenario } from '../../src/system/scenario.ts';
import { actor, combineActors, defineSystem, family } from '../../src/system/system.ts';

/** The words of the tuples: two that share the first word, and two that share the second. */
const TUPLES = [
  [1, 1],
  [1, 2],
  [2, 1],
] as const;

type TupleName = `tuple${number}`;
type EntryName = `entry${number}`;

interface Insert {
  words: readonly number[];
  /** The entries where the tuple may be, in the order of probing. */
  probes: readonly EntryName[];
}

interface Work {
  inserts: readonly Insert[];
  /** The tuples whose numbers belong to this thread alone. The first one is kept until it is published. */
  numbers: readonly TupleName[];
  /** The variant. */
  fault: string;
}

interface Thread extends Work {
  /** What the inserts so far came to; the next one is under way. */
  answers: readonly ('new' | 'known')[];
  place: number;
  word: number;
  /** The tuple that is compared with, and whether it came in first at a place that had been free. */
  found: TupleName | null;
  beaten: boolean;
}

/** What entries and tuples answer. */
type Answer =
  | { type: 'FREE' }
  | { type: 'TAKEN'; tuple: TupleName }
  | { type: 'SWAPPED' }
  | { type: 'OCCUPIED'; tuple: TupleName }
  | { type: 'WORD'; value: number };

const current = ({ inserts, answers }: Thread) => inserts[answers.length]!;
const entryOf = (context: Thread) => current(context).probes[context.place]!;
const numberOf = ({ numbers }: Thread) => numbers[0]!;
const START = { place: 0, word: 0, found: null, beaten: false };

const thread = setup({
  types: { context: {} as Thread, input: {} as Work, events: {} as { type: 'RUN' } | Answer },
  guards: {
    moreInserts: ({ context }) => context.answers.length < context.inserts.length,
    moreWords: ({ context }) => context.word + 1 < current(context).words.length,
    differs: ({ context, event }) => event.type === 'WORD' && event.value !== current(context).words[context.word],
    publishesFirst: ({ context }) => context.fault === 'entry-before-words',
    movesOnWhenBeaten: ({ context }) => context.fault === 'no-recheck',
    stores: ({ context }) => context.fault === 'store-instead-of-swap',
    saysNewWhenBeaten: ({ context }) => context.fault === 'beaten-says-new' && context.beaten,
  },
  actions: {
    loadEntry: sendTo(
      ({ system, context }) => system.get(entryOf(context)),
      ({ self }) => ({ type: 'LOAD', by: self.id }),
    ),
    swapEntry: sendTo(
      ({ system, context }) => system.get(entryOf(context)),
      ({ context, self }) => ({ type: 'SWAP', tuple: numberOf(context), by: self.id }),
    ),
    storeEntry: sendTo(
      ({ system, context }) => system.get(entryOf(context)),
      ({ context }) => ({ type: 'STORE', tuple: numberOf(context) }),
    ),
    writeWord: sendTo(
      ({ system, context }) => system.get(numberOf(context)),
      ({ context }) => ({ type: 'WRITE', word: context.word, value: current(context).words[context.word] }),
    ),
    readWord: sendTo(
      ({ system, context }) => system.get(context.found ?? ''),
      ({ context, self }) => ({ type: 'READ', word: context.word, by: self.id }),
    ),
    nextPlace: assign(({ context }) => ({
      ...START,
      place: (context.place + 1) % current(context).probes.length,
    })),
    firstWord: assign({ word: 0 }),
    nextWord: assign({ word: ({ context }) => context.word + 1 }),
    look: assign(({ event }) => ({
      word: 0,
      found: 'tuple' in event ? event.tuple : null,
      beaten: event.type === 'OCCUPIED',
    })),
    // A number is used up by the tuple that is new; what a beaten thread has written is overwritten by its next insert.
    answerNew: assign(({ context }) => ({
      ...START,
      answers: [...context.answers, 'new' as const],
      numbers: context.numbers.slice(1),
    })),
    answerKnown: assign(({ context }) => ({ ...START, answers: [...context.answers, 'known' as const] })),
  },
}).createMachine({
  id: 'thread',
  context: ({ input }) => ({ ...input, ...START, answers: [] }),
  initial: 'ready',
  states: {
    ready: { always: [{ guard: 'moreInserts', target: 'probing' }, { target: 'done' }] },
    probing: { on: { RUN: { target: 'loading', actions: 'loadEntry' } } },
    // This state, `swapping` and `reading` are left within the step that enters them: the other side answers at once.
    loading: {
      on: {
        FREE: [{ guard: 'publishesFirst', target: 'publishing' }, { target: 'writing' }],
        TAKEN: { target: 'comparing', actions: 'look' },
      },
    },
    writing: {
      on: {
        RUN: [
          { guard: 'moreWords', actions: ['writeWord', 'nextWord'] },
          { guard: 'publishesFirst', target: 'ready', actions: ['writeWord', 'answerNew'] },
          { target: 'publishing', actions: ['writeWord', 'firstWord'] },
        ],
      },
    },
    publishing: {
      on: {
        RUN: [
          { guard: 'stores', target: 'ready', actions: ['storeEntry', 'answerNew'] },
          { target: 'swapping', actions: 'swapEntry' },
        ],
      },
    },
    swapping: {
      on: {
        SWAPPED: [
          { guard: 'publishesFirst', target: 'writing' },
          { target: 'ready', actions: 'answerNew' },
        ],
        OCCUPIED: [
          { guard: 'movesOnWhenBeaten', target: 'probing', actions: 'nextPlace' },
          { target: 'comparing', actions: 'look' },
        ],
      },
    },
    comparing: { on: { RUN: { target: 'reading', actions: 'readWord' } } },
    reading: {
      on: {
        WORD: [
          { guard: 'differs', target: 'probing', actions: 'nextPlace' },
          { guard: 'moreWords', target: 'comparing', actions: 'nextWord' },
          { guard: 'saysNewWhenBeaten', target: 'ready', actions: 'answerNew' },
          { target: 'ready', actions: 'answerKnown' },
        ],
      },
    },
    done: { type: 'final' },
  },
});

/** One word of the table: 0, or a number. */
const entry = setup({
  types: {
    context: {} as { tuple: TupleName | null },
    events: {} as
      | { type: 'LOAD'; by: string }
      | { type: 'SWAP'; tuple: TupleName; by: string }
      | { type: 'STORE'; tuple: TupleName },
  },
  actions: {
    take: assign({ tuple: ({ context, event }) => ('tuple' in event ? event.tuple : context.tuple) }),
    answerFree: sendTo(({ system, event }) => system.get('by' in event ? event.by : ''), { type: 'FREE' }),
    answerTaken: sendTo(
      ({ system, event }) => system.get('by' in event ? event.by : ''),
      ({ context }) => ({ type: 'TAKEN', tuple: context.tuple }),
    ),
    answerSwapped: sendTo(({ system, event }) => system.get('by' in event ? event.by : ''), { type: 'SWAPPED' }),
    // Atomics.compareExchange returns what it found, so that no other load is needed.
    answerOccupied: sendTo(
      ({ system, event }) => system.get('by' in event ? event.by : ''),
      ({ context }) => ({ type: 'OCCUPIED', tuple: context.tuple }),
    ),
  },
}).createMachine({
  id: 'entry',
  context: { tuple: null },
  initial: 'free',
  states: {
    free: {
      on: {
        LOAD: { actions: 'answerFree' },
        SWAP: { target: 'taken', actions: ['take', 'answerSwapped'] },
        STORE: { target: 'taken', actions: 'take' },
      },
    },
    taken: {
      on: {
        LOAD: { actions: 'answerTaken' },
        SWAP: { actions: 'answerOccupied' },
        STORE: { actions: 'take' },
      },
    },
  },
});

interface Words {
  words: number[];
  /** Which words somebody has read. */
  read: boolean[];
}

/** The words of one number, 0 while they were never written. Each message is for one word. */
const tuple = setup({
  types: {
    context: {} as Words,
    input: {} as { words: number },
    events: {} as { type: 'WRITE'; word: number; value: number } | { type: 'READ'; word: number; by: string },
  },
  guards: {
    wasRead: ({ context, event }) => context.read[event.word] === true,
    isUnwritten: ({ context, event }) => context.words[event.word] === 0,
  },
  actions: {
    write: assign({
      words: ({ context, event }) =>
        event.type === 'WRITE' ? context.words.with(event.word, event.value) : context.words,
    }),
    remember: assign({ read: ({ context, event }) => context.read.with(event.word, true) }),
    answer: sendTo(
      ({ system, event }) => system.get('by' in event ? event.by : ''),
      ({ context, event }) => ({ type: 'WORD', value: context.words[event.word] }),
    ),
  },
}).createMachine({
  id: 'tuple',
  context: ({ input }) => ({ words: Array(input.words).fill(0), read: Array(input.words).fill(false) }),
  initial: 'sound',
  states: {
    sound: {},
    // Somebody has read what was there before.
    readTooEarly: {},
  },
  on: {
    WRITE: [{ guard: 'wasRead', target: '.readTooEarly', actions: 'write' }, { actions: 'write' }],
    READ: [{ guard: 'isUnwritten', target: '.readTooEarly', actions: 'answer' }, { actions: ['remember', 'answer'] }],
  },
});

export const lockFreeSet = defineScenario({
  name: 'lock-free-set',
  title: 'Threads insert tuples into a shared hash table without locks',
  sources: [
    'Laarman, van de Pol and Weber, Boosting Multi-Core Reachability Performance with Shared Hash Tables (FMCAD 2010)',
  ],
  group: 'textbook',
  parameters: z.object({
    threads: z.number().int().min(2).max(3).default(2).describe('threads that insert'),
    inserts: z.number().int().min(3).max(4).default(3).describe('inserts of each thread; three tuples take turns'),
  }),
  variants: {
    fixed: {
      title: 'writes the words, swaps the entry, and looks at what is there when the swap fails',
      expected: { verdict: 'holds', counts: [1_375, 2_474] },
    },
    'entry-before-words': {
      title: 'swaps the entry before it writes the words',
      expected: {
        verdict: 'violated',
        property: 'nobody reads a word of a published tuple that is not written yet',
        length: 4,
      },
    },
    'no-recheck': {
      title: 'moves on to the next place when the swap fails',
      expected: { verdict: 'violated', property: 'each tuple is in the table at most once', length: 22 },
    },
    'store-instead-of-swap': {
      title: 'stores its number in the entry that was free when it looked',
      expected: { verdict: 'violated', property: 'a tuple that was inserted is found by probing', length: 8 },
    },
    'beaten-says-new': {
      title: 'takes the tuple for new, having written it, although somebody else has published it',
      expected: { verdict: 'violated', property: 'exactly one thread is told that a tuple is new', length: 20 },
    },
  },
  build({ threads: threadCount, inserts: insertCount }, variant) {
    // As few as the tuples fit into, so that the table ends up full.
    const entryCount = TUPLES.length;
    const range = (count: number) => Array.from({ length: count }, (_, index) => index);
    const insertions = TUPLES.map((words, index): Insert => {
      const home = index === TUPLES.length - 1 ? 0 : entryCount - 1;
      return { words, probes: range(entryCount).map((step) => `entry${(home + step) % entryCount}` as const) };
    });
    // Each thread starts with another tuple.
    const insertsOf = (index: number) => range(insertCount).map((at) => insertions[(index + at) % insertions.length]!);
    const numbersOf = (index: number) => range(insertCount).map((at) => `tuple${index * insertCount + at}` as const);
    const threads = range(threadCount).map((index) => `thread${index}` as const);
    const entries = range(entryCount).map((index) => `entry${index}` as const);
    const tuples = range(threadCount * insertCount).map((index) => `tuple${index}` as const);
    const same = (one: readonly number[], other: readonly number[]) => one.every((word, at) => word === other[at]);

    return defineSystem({
      unsent: 'ignore',
      actors: combineActors(
        family('thread', threadCount, (index) =>
          actor(thread, {
            input: { inserts: insertsOf(index), numbers: numbersOf(index), fault: variant },
            choices: [{ type: 'RUN' }],
          }),
        ),
        family('entry', entryCount, () => actor(entry)),
        family('tuple', threadCount * insertCount, () => actor(tuple, { input: { words: TUPLES[0].length } })),
      ),
      properties: ({ always, reachable, happens }) => [
        always('each tuple is in the table at most once', (view) => {
          const stored = entries.flatMap((name) => {
            const number = view.get(name).context.tuple;
            return number ? [view.get(number).context.words] : [];
          });
          return TUPLES.every((words) => stored.filter((others) => same(words, others)).length <= 1);
        }),
        always('exactly one thread is told that a tuple is new', (view) => {
          const snapshots = threads.map((name) => view.get(name));
          const news = snapshots.flatMap(({ context: { inserts, answers } }) =>
            inserts.filter((_, at) => answers[at] === 'new').map(({ words }) => words),
          );
          const allDone = snapshots.every(({ status }) => status === 'done');
          return TUPLES.every((words) => {
            const count = news.filter((others) => same(words, others)).length;
            return count === 1 || (count === 0 && !allDone);
          });
        }),
        // At any time, not only when all threads are done.
        always('a tuple that was inserted is found by probing', (view) =>
          threads.every((name) => {
            const { inserts, answers } = view.get(name).context;
            return inserts.slice(0, answers.length).every(({ words, probes }) => {
              for (const probe of probes) {
                const number = view.get(probe).context.tuple;
                if (!number) return false;
                if (same(words, view.get(number).context.words)) return true;
              }
              return false;
            });
          }),
        ),
        always('nobody reads a word of a published tuple that is not written yet', (view) =>
          tuples.every((name) => view.get(name).matches('sound')),
        ),
        happens('a compare-and-swap fails', { type: 'OCCUPIED' }),
        reachable('two threads insert the same tuple at the same time', (view) => {
          const [one, other] = [view.get('thread0'), view.get('thread1')];
          if (!one.matches('publishing') || !other.matches('publishing')) return false;
          return same(current(one.context).words, current(other.context).words);
        }),
        reachable('two threads insert different tuples at the same place', (view) => {
          const [one, other] = [view.get('thread0'), view.get('thread1')];
          if (!one.matches('publishing') || !other.matches('publishing')) return false;
          const differ = !same(current(one.context).words, current(other.context).words);
          return differ && entryOf(one.context) === entryOf(other.context);
        }),
        reachable('probing goes past a foreign tuple', (view) => view.get('thread0').context.place > 0),
        reachable('probing wraps around', (view) => {
          const { context, status } = view.get('thread0');
          if (status === 'done') return false;
          const [home, at] = [current(context).probes[0], entryOf(context)];
          return home !== 'entry0' && at === 'entry0';
        }),
        reachable('a number that a beaten thread kept is there for its next insert', (view) => {
          const { context, value } = view.get('thread0');
          const [number] = context.numbers;
          return (
            value === 'probing' && context.place === 0 && view.get(number!).context.words.some((word) => word !== 0)
          );
        }),
      ],
    });
  },
});
