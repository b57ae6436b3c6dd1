/** The orders in which a search takes states: which ones it expands next, and how it keeps those that it has found. */
import { type Budget, GrowingInts } from './memory.ts';
import { COLUMN_BITS, type Field } from './parts.ts';
import { laneOf } from './pending.ts';
import type { Spill } from './spill.ts';
import { type Piece, StateList } from './state-list.ts';
import { Trail } from './trail.ts';

/** A state as one number: its row and its column. */
const COLUMNS = 2 ** COLUMN_BITS;

export function codeOf(row: number, column: number): number {
  return row * COLUMNS + column;
}

export function rowOf(code: number): number {
  return Math.floor(code / COLUMNS);
}

export function columnOf(code: number): number {
  return code % COLUMNS;
}

/** Words of a chunk of a level: list, piece, and which of the list's columns. */
export const CHUNK_WORDS = 4;

/** A list of the level that is being expanded, for other threads. */
export interface LevelLists {
  readonly rows: Int32Array;
  readonly ends: Int32Array;
  readonly columns: Int32Array;
}

export interface Order {
  /** The states that `take` has given out: columns `from` to `to` of a row. */
  readonly row: number;
  readonly columns: Int32Array;
  readonly from: number;
  readonly to: number;
  /** The number of the list that they are in, and the columns of all lists that states are given out of. */
  readonly list: number;
  readonly expanded: readonly Int32Array[];
  /** Where new states go, by lane. */
  readonly fresh: readonly StateList[];
  /** Gives out some states to be expanded, at most so many; false when new ones must be found first. */
  take(max: number): boolean;
  /** Takes back what `take` has given out, from a column on: it is given out again. */
  giveBack(from: number): void;
  /**
   * All that was given out has been expanded, and what is new is in `fresh`; false when nothing is left.
   *
   * @param fields the bits of columns that are in use
   * @throws StoreFull
   */
  advance(fields: readonly Field[]): boolean;
  /** States still to be expanded. */
  readonly waiting: number;
  /** Itself, when states come level by level. */
  readonly byLevels: BreadthFirst | undefined;
  /** Steps to the farthest state, in the way it was found, when they do not. */
  readonly depth: number | undefined;
  /** The states from an initial one to a state, as codes, when the order keeps that. */
  pathTo?(code: number): number[];
  /** All states, in the order in which they were found, those in `fresh` at the end. */
  states(): Iterable<Piece>;
  /** Of each state in that order, whether it has been given out. */
  isExpanded(): (state: number) => boolean;
  /** The same states with other numbers. @throws StoreFull */
  renumbered(
    budget: Budget,
    insert: (states: Iterable<Piece>, into: readonly StateList[]) => void,
    fields: () => readonly Field[],
  ): Order;
  release(): void;
}

/** Level by level: every path is shortest. */
export class BreadthFirst implements Order {
  readonly byLevels = this;
  readonly depth = undefined;
  row = 0;
  from = 0;
  to = 0;
  list = 0;
  /** The levels that are over. */
  readonly trail: Trail;
  fresh: StateList[];
  /** The level that is being expanded. */
  #now: StateList[];
  /** Where it goes on in the list at hand, and how many of its states come before that. */
  #piece = 0;
  #next = 0;
  #given = 0;
  /** Whether `take` has given out the last of a piece. */
  #isPieceOver = false;
  /** By list: how much of it had been given out before it got its numbers; nothing where it is not told. */
  #starts: readonly { readonly pieces: number; readonly length: number }[] = [];
  readonly #budget: Budget;
  readonly #spill: Spill | undefined;

  /** @param lanes how many there are. @param spill where levels that are over go */
  constructor(budget: Budget, { lanes = 1, spill }: { lanes?: number; spill?: Spill | undefined } = {}) {
    this.#budget = budget;
    this.#spill = spill;
    this.trail = new Trail(budget, spill);
    const lists = () => Array.from({ length: lanes }, () => new StateList(budget));
    this.fresh = lists();
    this.#now = lists();
  }

  get columns(): Int32Array {
    return this.#now[this.list]!.columns.data;
  }

  get expanded(): Int32Array[] {
    return this.#now.map(({ columns }) => columns.data);
  }

  /** How many steps the states that are being expanded are from an initial one. */
  get level(): number {
    return this.trail.levels;
  }

  /** The level that new states belong to. */
  get nextLevel(): number {
    return this.trail.levels + (lengthOf(this.#now) > 0 ? 1 : 0);
  }

  get waiting(): number {
    return this.leftOfLevel + lengthOf(this.fresh);
  }

  /** States of the level that is being expanded that have not been given out. */
  get leftOfLevel(): number {
    return lengthOf(this.#now) - this.#given;
  }

  take(max: number): boolean {
    let now = this.#now[this.list]!;
    while (this.#piece === now.pieces) {
      if (this.list === this.#now.length - 1) return false;
      now = this.#now[++this.list]!;
      this.#piece = this.#starts[this.list]?.pieces ?? 0;
      this.#next = this.#starts[this.list]?.length ?? 0;
    }
    this.row = now.rows.data[this.#piece]!;
    this.from = this.#next;
    const end = now.ends.data[this.#piece]!;
    this.to = Math.min(end, this.from + max);
    this.#next = this.to;
    this.#given += this.to - this.from;
    this.#isPieceOver = this.to === end;
    if (this.#isPieceOver) this.#piece++;
    return true;
  }

  giveBack(from: number): void {
    if (this.#isPieceOver && from < this.to) this.#piece--;
    this.#given -= this.to - from;
    this.#next = from;
    this.to = from;
  }

  /** Gives out up to about so many states at once, in chunks for other threads: list, piece, and which of the list's columns, each. */
  takeChunks(max: number, size: number): Int32Array {
    const chunks: number[] = [];
    const end = this.#given + max;
    while (this.#given < end && this.take(size)) {
      const at = chunks.length - CHUNK_WORDS;
      const isMore = at >= 0 && chunks[at] === this.list && this.to - chunks[at + 2]! <= size;
      if (isMore) chunks[at + 3] = this.to;
      else chunks.push(this.list, this.#pieceOf(this.to), this.from, this.to);
    }
    const shared = new Int32Array(new SharedArrayBuffer(4 * chunks.length));
    shared.set(chunks);
    return shared;
  }

  /** The piece that has just been given out a part of. */
  #pieceOf(to: number): number {
    return this.#now[this.list]!.ends.data[this.#piece - 1] === to ? this.#piece - 1 : this.#piece;
  }

  shareLevel(): LevelLists[] {
    return this.#now.map(({ rows, ends, columns }) => ({ rows: rows.data, ends: ends.data, columns: columns.data }));
  }

  advance(fields: readonly Field[]): boolean {
    if (lengthOf(this.#now) > 0) this.trail.append(this.#now, fields);
    for (const list of this.#now) list.clear();
    [this.#now, this.fresh] = [this.fresh, this.#now];
    // There may be more lanes than at the beginning of the level.
    while (this.fresh.length < this.#now.length) this.fresh.push(new StateList(this.#budget));
    this.#beginAt([]);
    return lengthOf(this.#now) > 0;
  }

  /** Of each list so much has been given out. */
  #beginAt(starts: readonly { readonly pieces: number; readonly length: number }[]): void {
    this.#starts = starts;
    this.list = 0;
    this.#piece = starts[0]?.pieces ?? 0;
    this.#next = starts[0]?.length ?? 0;
    this.#given = starts.reduce((sum, { length }) => sum + length, 0);
  }

  /** How many states of a list of the level have been given out. */
  #givenOf(list: number): number {
    if (list === this.list) return this.#next;
    return list < this.list ? this.#now[list]!.length : (this.#starts[list]?.length ?? 0);
  }

  /** The states that are as many steps away. */
  *statesOf(level: number): Generator<Piece> {
    if (level < this.trail.levels) yield* this.trail.piecesOf(level);
    else for (const list of level === this.nextLevel ? this.fresh : this.#now) yield* list;
  }

  /** Where each level begins, with the number of all states at the end. */
  get levelStarts(): number[] {
    const { levels, length } = this.trail;
    const starts = Array.from({ length: levels }, (_, level) => this.trail.statesBefore(level));
    const [now, fresh] = [lengthOf(this.#now), lengthOf(this.fresh)];
    if (now > 0) starts.push(length);
    if (fresh > 0) starts.push(length + now);
    return [...starts, length + now + fresh];
  }

  *states(): Generator<Piece> {
    for (let level = 0; level < this.trail.levels; level++) yield* this.trail.piecesOf(level);
    for (const list of [...this.#now, ...this.fresh]) yield* list;
  }

  isExpanded(): (state: number) => boolean {
    const { length } = this.trail;
    let from = length;
    const given = this.#now.map((list, at) => {
      const range = { from, to: from + this.#givenOf(at) };
      from += list.length;
      return range;
    });
    return (state) => state < length || given.some(({ from, to }) => state >= from && state < to);
  }

  renumbered(
    budget: Budget,
    insert: (states: Iterable<Piece>, into: readonly StateList[]) => void,
    fields: () => readonly Field[],
  ): BreadthFirst {
    const other = new BreadthFirst(budget, { lanes: this.fresh.length, spill: this.#spill });
    try {
      for (let level = 0; level < this.trail.levels; level++) {
        insert(this.trail.piecesOf(level), other.fresh);
        other.advance(fields());
      }
      insert(this.#levelStates(true), other.fresh);
      const starts = other.fresh.map(({ pieces, length }) => ({ pieces, length }));
      insert(this.#levelStates(false), other.fresh);
      other.advance(fields());
      other.#beginAt(starts);
      for (const list of this.fresh) insert(list, other.fresh);
      return other;
    } catch (error) {
      // Its trail may have a file.
      other.release();
      throw error;
    }
  }

  /** The states of the level at hand that have been given out, or the others. */
  *#levelStates(isGiven: boolean): Generator<Piece> {
    for (const [at, list] of this.#now.entries()) {
      const given = this.#givenOf(at);
      let from = 0;
      for (const { row, columns } of list) {
        const middle = Math.min(Math.max(given - from, 0), columns.length);
        from += columns.length;
        const some = isGiven ? columns.subarray(0, middle) : columns.subarray(middle);
        if (some.length > 0) yield { row, columns: some };
      }
    }
  }

  /** From now on new states go to so many lanes. @throws StoreFull */
  deal(lanes: number): void {
    const dealt = Array.from({ length: lanes }, () => new StateList(this.#budget));
    for (const list of this.fresh) {
      for (const { row, columns } of list) dealt[laneOf(row, lanes)]!.append(row, columns);
      list.release();
    }
    this.fresh = dealt;
  }

  release(): void {
    this.trail.release();
    for (const list of [...this.#now, ...this.fresh]) list.release();
  }
}

function lengthOf(lists: readonly StateList[]): number {
  return lists.reduce((sum, { length }) => sum + length, 0);
}

/**
 * The youngest state first: goes deep at once, and finds violations far from the initial state early. Its paths are as long
 * as they happen to be, and the parent of a state may be any, so it keeps all parents.
 */
export class DepthFirst implements Order {
  readonly byLevels = undefined;
  row = 0;
  readonly from = 0;
  readonly to = 1;
  readonly columns = new Int32Array(1);
  readonly list = 0;
  readonly expanded: readonly Int32Array[] = [this.columns];
  readonly fresh: readonly [StateList];
  /** Steps to the farthest state so far, in the way it was found. */
  depth = 0;
  /** In the order in which they were found: rows, columns and parents. */
  readonly #rows: GrowingInts;
  readonly #columns: GrowingInts;
  readonly #parents: GrowingInts;
  #count = 0;
  /** The waiting states, each with its depth. */
  readonly #stack: GrowingInts;
  #top = 0;
  #expanding = -1;
  #depthOfNew = 0;
  #isOut = false;

  constructor(budget: Budget) {
    this.fresh = [new StateList(budget)];
    this.#rows = new GrowingInts(256, budget);
    this.#columns = new GrowingInts(256, budget);
    this.#parents = new GrowingInts(256, budget);
    this.#stack = new GrowingInts(256, budget);
  }

  get waiting(): number {
    return this.#top / 2;
  }

  take(): boolean {
    if (this.#isOut || this.#top === 0) return false;
    this.#isOut = true;
    this.#top -= 2;
    this.#expanding = this.#stack.data[this.#top]!;
    this.#depthOfNew = this.#stack.data[this.#top + 1]! + 1;
    this.row = this.#rows.data[this.#expanding]!;
    this.columns[0] = this.#columns.data[this.#expanding]!;
    return true;
  }

  giveBack(): void {
    this.#isOut = false;
    this.#top += 2;
  }

  advance(): boolean {
    const [fresh] = this.fresh;
    this.#isOut = false;
    this.#stack.reserve(this.#top + 2 * fresh.length);
    for (const array of [this.#rows, this.#columns, this.#parents]) array.reserve(this.#count + fresh.length);
    const stack = this.#stack.data;
    for (const { row, columns } of fresh) {
      for (const column of columns) {
        this.#rows.data[this.#count] = row;
        this.#columns.data[this.#count] = column;
        this.#parents.data[this.#count] = this.#expanding;
        stack[this.#top++] = this.#count++;
        stack[this.#top++] = this.#depthOfNew;
      }
    }
    if (fresh.length > 0 && this.#depthOfNew > this.depth) this.depth = this.#depthOfNew;
    fresh.clear();
    return this.#top > 0;
  }

  *states(): Generator<Piece> {
    for (let state = 0; state < this.#count; state++) {
      yield { row: this.#rows.data[state]!, columns: this.#columns.data.subarray(state, state + 1) };
    }
    yield* this.fresh[0];
  }

  isExpanded(): (state: number) => boolean {
    const waits = new Uint8Array(this.#count);
    for (let at = 0; at < this.#top; at += 2) waits[this.#stack.data[at]!] = 1;
    return (state) => waits[state] === 0;
  }

  renumbered(budget: Budget, insert: (states: Iterable<Piece>, into: readonly StateList[]) => void): DepthFirst {
    const other = new DepthFirst(budget);
    const list = new StateList(budget);
    for (const piece of this.states()) {
      insert([piece], [list]);
      other.#append(list.rows.data[list.pieces - 1]!, list.columns.data[list.length - 1]!);
      list.clear();
    }
    list.release();
    other.#parents.reserve(this.#count);
    other.#parents.data.set(this.#parents.data.subarray(0, this.#count));
    other.#stack.reserve(this.#top);
    other.#stack.data.set(this.#stack.data.subarray(0, this.#top));
    other.#top = this.#top;
    other.depth = this.depth;
    return other;
  }

  #append(row: number, column: number): void {
    this.#rows.reserve(this.#count + 1);
    this.#columns.reserve(this.#count + 1);
    this.#rows.data[this.#count] = row;
    this.#columns.data[this.#count++] = column;
  }

  pathTo(code: number): number[] {
    const codeAt = (state: number) => codeOf(this.#rows.data[state]!, this.#columns.data[state]!);
    const path: number[] = [];
    let at = this.#count - 1;
    while (at >= 0 && codeAt(at) !== code) at--;
    if (at < 0) {
      // It is new, and has not been taken over yet.
      path.push(code);
      at = this.#expanding;
    }
    for (; at >= 0; at = this.#parents.data[at]!) path.push(codeAt(at));
    return path.reverse();
  }

  release(): void {
    for (const array of [this.#rows, this.#columns, this.#parents, this.#stack]) array.release();
    this.fresh[0].release();
  }
}
