/**
 * What a worker thread does: expands states of one level by look-ups, and inserts their successors into the set that all
 * threads share. It knows no machines and no XState; what it cannot look up it leaves to the coordinator.
 */
import { Batch } from './batch.ts';
import { isFine, type JudgeTables } from './properties.ts';
import { ADDED, NO_ROOM, type SharedStateSet, StateSet } from './state-set.ts';
import { type SharedStates, statesOf, WORDS_FOUND } from './store.ts';
import { collectSuccessors, type StepTables } from './successors.ts';

/** States that a thread takes at a time. */
const CHUNK = 256;
/** With less room left than this, in states, no more states are taken. */
const OUTBOX_RESERVE = 2 ** 14;

/** A part of a level, for one thread. */
export interface PartJob {
  /** One word, shared by all threads: the next state that nobody has taken. */
  readonly cursor: Int32Array;
  /** The first state that is not part of it. */
  readonly end: number;
  readonly states: SharedStates;
  readonly tables: StepTables;
  readonly set: SharedStateSet;
  readonly judge: JudgeTables;
  /** Where its new states go. */
  readonly outbox: Int32Array;
}

export interface PartResult {
  /** States that were expanded, and their steps. */
  readonly expanded: number;
  readonly steps: number;
  /** New states in the outbox. */
  readonly found: number;
  /** Those of them that may violate a property, by their place there. */
  readonly suspects: Int32Array;
  /** Successors for which the set had no room: the words of each. */
  readonly left: Int32Array;
  /** States whose steps are not all known yet; none of them is counted. */
  readonly unknown: Int32Array;
  /** States without a step. */
  readonly deadEnds: Int32Array;
}

export function expandPart({ cursor, end, states, tables, set: shared, judge, outbox }: PartJob): PartResult {
  const { firstOf, secondOf } = statesOf(states);
  const set = new StateSet(shared);
  const batch = new Batch();
  const suspects: number[] = [];
  const left: number[] = [];
  const unknown: number[] = [];
  const deadEnds: number[] = [];
  const capacity = Math.floor(outbox.length / WORDS_FOUND);
  let expanded = 0;
  let steps = 0;
  let found = 0;

  const flush = () => {
    batch.dropRecent();
    set.find(batch.first, batch.second, batch.length);
    for (let i = 0; i < batch.length; i++) {
      const answer = found < capacity ? set.insertFound(i) : NO_ROOM;
      if (answer === ADDED) {
        outbox[found * WORDS_FOUND] = batch.first[i]!;
        outbox[found * WORDS_FOUND + 1] = batch.second[i]!;
        outbox[found * WORDS_FOUND + 2] = batch.parent[i]!;
        if (!isFine(judge, batch.first[i]!, batch.second[i]!)) suspects.push(found);
        found++;
      } else if (answer === NO_ROOM) left.push(batch.first[i]!, batch.second[i]!, batch.parent[i]!);
    }
    batch.length = 0;
  };

  while (capacity - found > OUTBOX_RESERVE) {
    const from = Atomics.add(cursor, 0, CHUNK);
    if (from >= end) break;
    for (let state = from; state < Math.min(from + CHUNK, end); state++) {
      const mark = batch.length;
      const count = collectSuccessors(tables, firstOf(state), secondOf(state), state, batch);
      if (count < 0) {
        batch.length = mark;
        unknown.push(state);
        continue;
      }
      expanded++;
      steps += count;
      if (count === 0) deadEnds.push(state);
      if (batch.isFull) flush();
    }
  }
  flush();
  const words = (list: readonly number[]) => Int32Array.from(list);
  return {
    expanded,
    steps,
    found,
    suspects: words(suspects),
    left: words(left),
    unknown: words(unknown),
    deadEnds: words(deadEnds),
  };
}
