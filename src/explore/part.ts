/**
 * What a worker thread does: it expands chunks of a level by look-ups, and absorbs what all threads have found for its own rows; after the
 * search, for the graph of its states, it links some to those that their steps lead to. It knows no machines and no XState; what it cannot look up it leaves to the coordinator.
 */
import { Ints } from '../tabulate/ints.ts';
import { RowExpander } from './expand-row.ts';
import { FineStates, type JudgeTables } from './judge.ts';
import { Linker, type Links } from './liveness/links.ts';
import { type SharedNumbers, StateNumbers } from './liveness/state-numbers.ts';
import { Budget, StoreFull } from './memory.ts';
import type { StepTables } from './moves.ts';
import { CHUNK_WORDS, type LevelLists } from './orders.ts';
import type { Field } from './parts.ts';
import { absorb, Pending, pendingArrays, type SharedPending } from './pending.ts';
import { KnownRepresentatives, type SharedRepresentatives } from './representatives.ts';
import { RowSets, type SharedRowSets, type StoredRowSets } from './row-sets.ts';
import { type SharedStateList, StateList } from './state-list.ts';
import {
  type AbsorbedVectors,
  type AbsorbVectorsJob,
  absorbLanes,
  type ExpandedVectors,
  type ExpandVectorsJob,
  expandVectors,
} from './vectors/vector-part.ts';

export interface ExpandJob {
  readonly kind: 'expand';
  readonly tables: StepTables;
  readonly level: readonly LevelLists[];
  /** `CHUNK_WORDS` each, and the number of the next one that nobody has taken. */
  readonly chunks: Int32Array;
  readonly cursor: Int32Array;
  /** Given when only representatives are stored. */
  readonly representatives: SharedRepresentatives | undefined;
  readonly rows: number;
  /** Memory for what it finds. */
  readonly pending: SharedPending;
}

export interface Expanded {
  /** States that were expanded, and their steps. */
  readonly states: number;
  readonly steps: number;
  /** What it has found. */
  readonly found: SharedPending;
  /** Rows and columns, in pairs: of states whose steps are not all known yet, none of which is counted; of states without a step. */
  readonly unknown: Int32Array;
  readonly deadEnds: Int32Array;
  /** The same of successors whose representative is not known yet. */
  readonly left: Int32Array;
}

export interface AbsorbJob {
  readonly kind: 'absorb';
  /** The sets of the lane, or where they are in a file; then the fields of columns that are in use are given. */
  readonly sets?: SharedRowSets;
  readonly stored?: StoredRowSets;
  readonly fields?: readonly Field[];
  readonly fresh: SharedStateList;
  /** Which lane it is, of how many. */
  readonly lane: number;
  readonly lanes: number;
  /** What all threads have found. */
  readonly found: readonly SharedPending[];
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
  /** Where the sets are in their file, if that is where they were. */
  readonly stored: StoredRowSets | undefined;
}

/** Loads the thread's code, and no more. */
interface Nothing {
  readonly kind: 'nothing';
}

export interface LinkJob {
  readonly kind: 'link';
  readonly tables: StepTables;
  readonly numbers: SharedNumbers;
  readonly links: Links;
  /** The next state that nobody has taken; they are taken by so many, up to `to`. */
  readonly cursor: Int32Array;
  readonly chunk: number;
  readonly to: number;
}

export interface Linked {
  /** States that were linked. */
  readonly states: number;
  /** States whose steps are not all known. */
  readonly unknown: readonly number[];
}

export type PartJob = Nothing | ExpandJob | AbsorbJob | LinkJob | ExpandVectorsJob | AbsorbVectorsJob;
export type PartResult = undefined | Expanded | Absorbed | Linked | ExpandedVectors | AbsorbedVectors;

export function runPart(job: PartJob): PartResult {
  switch (job.kind) {
    case 'nothing':
      return undefined;
    case 'expand':
      return expandChunks(job);
    case 'absorb':
      return absorbLane(job);
    case 'link':
      return linkChunks(job);
    case 'expand-vectors':
      return expandVectors(job);
    case 'absorb-vectors':
      return absorbLanes(job);
  }
}

const fineStates = new FineStates();

function expandChunks(job: ExpandJob): Expanded {
  const { tables, level, chunks, cursor, representatives } = job;
  const pending = new Pending(new Budget(), job.pending);
  pending.fit(job.rows);
  const known = representatives && new KnownRepresentatives(representatives, pending);
  const deadEnds = new Ints();
  const unknown = new Ints();
  const expander = new RowExpander(known ?? pending, deadEnds);
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
    found: pending.share(),
    unknown: words(unknown),
    deadEnds: words(deadEnds),
    left: words(left),
  };
}

function absorbLane(job: AbsorbJob): Absorbed {
  const { found, expanded, lane, lanes, rows, columns, judge, fields = [] } = job;
  const budget = new Budget(job.bytesMax);
  const fresh = new StateList(budget, job.fresh);
  const { pieces, length } = fresh;
  const suspects = new Ints();
  let isFull = false;
  const sets = new RowSets(budget, job.sets);
  sets.stored = job.stored;
  try {
    if (job.stored) {
      sets.load(job.stored);
      sets.fit(rows);
    }
    absorb(found.map(pendingArrays), expanded, { sets, fresh }, lane, lanes, columns);
  } catch (error) {
    if (!(error instanceof StoreFull)) throw error;
    isFull = true;
  }
  // What could not be loaded is there as it was.
  if (job.stored && !sets.stored) sets.store(fields);
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
    stored: sets.stored,
  };
}

function linkChunks({ tables, numbers, links, cursor, chunk, to }: LinkJob): Linked {
  const linker = new Linker(links, new StateNumbers(numbers));
  const unknown: number[] = [];
  let states = 0;
  for (;;) {
    const from = Atomics.add(cursor, 0, chunk);
    if (from >= to) break;
    const end = Math.min(from + chunk, to);
    for (const state of linker.link(tables, from, end)) unknown.push(state);
    states += end - from;
  }
  return { states: states - unknown.length, unknown };
}
