/**
 * The log that threads write, and whoever executes it again, one transaction after the other in the order of the sequence
 * numbers. Nobody in the protocol looks at it.
 *
 * It remembers who wrote each slot last, and those entries for which it has not got all lower numbers yet.
 */
import { assign, setup } from 'xstate';
import type { Value } from './shared-word.ts';

export interface Committed {
  type: 'COMMITTED';
  number: number;
  by: string;
  /** The words of each slot that it read, by slot. */
  reads: Readonly<Record<string, readonly Value[]>>;
  /** The slots whose words it changes, all to `by`. */
  changes: readonly string[];
}

/** A number that was taken by a transaction which then gave up. */
export interface Gap {
  type: 'GAP';
  number: number;
}

type Entry = Committed | Gap;

interface Log {
  /** The lowest number of which nothing was heard yet. */
  next: number;
  writers: Readonly<Record<string, Value>>;
  /** In ascending order. */
  early: readonly Entry[];
}

const isNext = ({ early, next }: Log) => early[0]?.number === next;

export const commitLog = setup({
  types: { context: {} as Log, input: {} as { writers: Log['writers'] }, events: {} as Entry },
  guards: {
    nextReadSomethingElse: ({ context }) => {
      const [entry] = context.early;
      if (!isNext(context) || entry?.type !== 'COMMITTED') return false;
      return Object.entries(entry.reads).some(([slot, words]) => words.some((word) => word !== context.writers[slot]));
    },
    nextIsHere: ({ context }) => isNext(context),
  },
  actions: {
    keep: assign({
      early: ({ context, event }) => [...context.early, event].sort((one, other) => one.number - other.number),
    }),
    execute: assign(({ context: { next, writers, early } }) => {
      const entry = early[0]!;
      const changed = entry.type === 'COMMITTED' ? entry.changes.map((slot) => [slot, entry.by] as const) : [];
      return { next: next + 1, writers: { ...writers, ...Object.fromEntries(changed) }, early: early.slice(1) };
    }),
  },
}).createMachine({
  id: 'commitLog',
  context: ({ input }) => ({ ...input, next: 0, early: [] }),
  initial: 'agrees',
  on: { COMMITTED: { actions: 'keep' }, GAP: { actions: 'keep' } },
  states: {
    agrees: {
      always: [
        { guard: 'nextReadSomethingElse', target: 'disagrees' },
        { guard: 'nextIsHere', actions: 'execute' },
      ],
    },
    disagrees: {},
  },
});
