/**
 * What a worker thread does: it expands chunks of a level by look-ups, and absorbs what all threads have found for its own rows.
 * It knows no machines and no XState; what it cannot look up it leaves to the coordinator.
 */
import { Ints } from '../tabulate/ints.ts';
import { RowExpander, type Sink } from './expand-row.ts';
import { FineStates, type JudgeTables } from './judge.ts';
import { Budget, GrowingInts, StoreFull } from './memory.ts';
import type { StepTables } from './moves.ts';
import { CHUNK_WORDS, type LevelLists } from './orders.ts';
import { laneOf, Pending } from './pending.ts';
import { KnownRepresentatives, type SharedRepresentatives } from './representatives.ts';
import { RowSets, type SharedRowSets } from './row-sets.ts';
import { type SharedStateList, StateList } from './state-list.ts';

/** In an outbox: a stretch follows, as row, list, from and to. Other negative words are rows, inverted; the rest are their columns. */
const STRETCH = -(2 ** 31);

export interface ExpandJob {
  readonly kind: 'expand';
  readonly tables: StepTables;
  readonly level: readonly LevelLists[];
  /** `CHUNK_WORDS` each, and the number of the next one that nobody has taken. */
  readonly chunks: Int32Array;
  readonly cursor: Int32Array;
  /** Given when only representatives are stored. */
  readonly representatives: SharedRepresentatives | undefined;
  /** For each lane what this thread finds for it. */
  readonly outboxes: readonly SharedArrayBuffer[];
}

export interface Expanded {
  /** States that were expanded, and their steps. */
  readonly states: number;
  readonly steps: number;
  /** Words in each outbox. */
  readonly lengths: readonly number[];
  /** Rows and columns, in pairs: of states whose steps are not all known yet, none of which is counted; of states without a step. */
  readonly unknown: Int32Array;
  readonly deadEnds: Int32Array;
  /** The same of successors whose representative is not known yet. */
  readonly left: Int32Array;
}

export interface AbsorbJob {
  readonly kind: 'absorb';
  readonly sets: SharedRowSets;
  readonly fresh: SharedStateList;
  /** What each thread has found for the lane. */
  readonly inboxes: readonly { readonly words: SharedArrayBuffer; readonly length: number }[];
  /** The columns of the lists that stretches are of. */
  readonly expanded: readonly Int32Array[];
  readonly rows: number;
  readonly columns: number;
  readonly judge: JudgeTables;
  /** How many bytes more may be taken. */
  readonly bytesMax: number;
}

export interface Absorbed {
  readonly length: number;
  readonly pieces: number;
  /** Rows and columns of new states about which properties have to be asked. */
  readonly suspects: Int32Array;
  /** There was not enough memory. */
  readonly isFull: boolean;
}

export type PartJob = ExpandJob | AbsorbJob;
export type PartResult = Expanded | Absorbed;

export function runPart(job: PartJob): PartResult {
  return job.kind === 'expand' ? expandChunks(job) : absorb(job);
}

class Outbox {
  readonly words: GrowingInts;
  length = 0;
  row = -1;

  constructor(shared: SharedArrayBuffer) {
    this.words = new GrowingInts(1, new Budget(), shared);
  }
}

class Outboxes implements Sink {
  readonly #boxes: readonly Outbox[];

  constructor(shared: readonly SharedArrayBuffer[]) {
    this.#boxes = shared.map((words) => new Outbox(words));
  }

  get lengths(): number[] {
    return this.#boxes.map(({ length }) => length);
  }

  push(row: number, column: number): void {
    const box = this.#boxes[laneOf(row, this.#boxes.length)]!;
    let at = box.length;
    if (at + 2 > box.words.data.length) box.words.reserve(2 * (at + 2));
    const { data } = box.words;
    if (box.row !== row) {
      box.row = row;
      data[at++] = ~row;
    }
    data[at++] = column;
    box.length = at;
  }

  pushStretch(row: number, list: number, from: number, to: number): void {
    const box = this.#boxes[laneOf(row, this.#boxes.length)]!;
    box.words.reserve(box.length + 5);
    const { data } = box.words;
    box.row = -1;
    for (const word of [STRETCH, row, list, from, to]) data[box.length++] = word;
  }
}

function expandChunks({ tables, level, chunks, cursor, representatives, outboxes }: ExpandJob): Expanded {
  const boxes = new Outboxes(outboxes);
  const known = representatives && new KnownRepresentatives(representatives, boxes);
  const deadEnds = new Ints();
  const unknown = new Ints();
  const expander = new RowExpander(known ?? boxes, deadEnds);
  let states = 0;
  for (;;) {
    const chunk = Atomics.add(cursor, 0, 1) * CHUNK_WORDS;
    if (chunk >= chunks.length) break;
    const list = chunks[chunk]!;
    const { rows, ends, columns } = level[list]!;
    const end = chunks[chunk + 3]!;
    let piece = chunks[chunk + 1]!;
    for (let at = chunks[chunk + 2]!; at < end; piece++) {
      const row = rows[piece]!;
      const to = Math.min(ends[piece]!, end);
      states += to - at;
      for (;;) {
        at = expander.expand(tables, row, list, columns, at, to);
        if (at === to) break;
        unknown.push(row);
        unknown.push(columns[at++]!);
        states--;
      }
    }
  }
  const words = ({ data, length }: Ints) => data.slice(0, length);
  const left = known?.left ?? new Ints(1);
  return {
    states,
    steps: expander.steps,
    lengths: boxes.lengths,
    unknown: words(unknown),
    deadEnds: words(deadEnds),
    left: words(left),
  };
}

/** It is empty between two jobs, and keeps its memory. */
let pending: Pending | undefined;
const fineStates = new FineStates();

function absorb(job: AbsorbJob): Absorbed {
  const { inboxes, expanded, judge } = job;
  const budget = new Budget(job.bytesMax);
  const fresh = new StateList(budget, job.fresh);
  const { pieces, length } = fresh;
  const suspects = new Ints();
  let isFull = false;
  try {
    pending ??= new Pending(new Budget());
    pending.fit(job.rows);
    for (const inbox of inboxes) collect(new Int32Array(inbox.words, 0, inbox.length), pending);
    pending.absorb(expanded, [{ sets: new RowSets(budget, job.sets), fresh }], job.columns);
  } catch (error) {
    if (!(error instanceof StoreFull)) throw error;
    isFull = true;
    pending = undefined;
  }
  for (let piece = pieces, at = length; piece < fresh.pieces; piece++) {
    const row = fresh.rows.data[piece]!;
    for (const end = fresh.ends.data[piece]!; at < end; at++) {
      at = fineStates.firstToAsk(judge, row, fresh.columns.data, at, end);
      if (at === end) break;
      suspects.push(row);
      suspects.push(fresh.columns.data[at]!);
    }
  }
  return {
    length: fresh.length,
    pieces: fresh.pieces,
    suspects: suspects.data.slice(0, suspects.length),
    isFull,
  };
}

function collect(words: Int32Array, into: Pending): void {
  let row = 0;
  for (let at = 0; at < words.length; at++) {
    const word = words[at]!;
    if (word >= 0) into.push(row, word);
    else if (word !== STRETCH) row = ~word;
    else {
      into.pushStretch(words[at + 1]!, words[at + 2]!, words[at + 3]!, words[at + 4]!, words);
      at += 4;
    }
  }
}
