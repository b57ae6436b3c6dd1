/**
 * States one after the other, row by row: *pieces*, each of them some columns of a row. A level that is being made or expanded is
 * one of these.
 */
import { type Budget, GrowingInts } from './memory.ts';
import type { RowSets } from './row-sets.ts';

/** Some states of one row. */
export interface Piece {
  readonly row: number;
  readonly columns: Int32Array;
}

/** What another thread needs to add to the same list. */
export interface SharedStateList {
  readonly rows: SharedArrayBuffer;
  readonly ends: SharedArrayBuffer;
  readonly columns: SharedArrayBuffer;
  readonly length: number;
  readonly pieces: number;
}

export class StateList {
  /** States in the list. */
  length = 0;
  /** Its pieces: rows, and where the columns of each end. */
  pieces = 0;
  readonly rows: GrowingInts;
  readonly ends: GrowingInts;
  readonly columns: GrowingInts;
  /** The list takes no more states than this. */
  max = Number.POSITIVE_INFINITY;
  /** Where the columns of the piece that is being made end. */
  #end = 0;

  /** @param shared one of another thread, which lets this one alone add to it */
  constructor(budget: Budget, shared?: SharedStateList) {
    this.rows = new GrowingInts(64, budget, shared?.rows);
    this.ends = new GrowingInts(64, budget, shared?.ends);
    this.columns = new GrowingInts(256, budget, shared?.columns);
    this.length = shared?.length ?? 0;
    this.pieces = shared?.pieces ?? 0;
    this.#end = this.length;
  }

  share(): SharedStateList {
    const { rows, ends, columns, length, pieces } = this;
    return { rows: rows.share(), ends: ends.share(), columns: columns.share(), length, pieces };
  }

  /** Another thread has added something. @throws StoreFull */
  adopt({ length, pieces }: { readonly length: number; readonly pieces: number }): void {
    for (const ints of [this.rows, this.ends, this.columns]) ints.refresh();
    this.length = length;
    this.pieces = pieces;
    this.#end = length;
  }

  get isFull(): boolean {
    return this.length >= this.max;
  }

  /** Adds those columns of an array to the piece that are new to a row. @throws StoreFull */
  add(row: number, source: Int32Array, from: number, to: number, sets: RowSets, columns: number): void {
    const room = this.max - this.#end;
    if (to - from > room) {
      // The last ones that there is room for are found one by one.
      for (let at = from; at < to && this.#end < this.max; at++) this.#add(row, source, at, at + 1, sets, columns);
    } else this.#add(row, source, from, to, sets, columns);
  }

  #add(row: number, source: Int32Array, from: number, to: number, sets: RowSets, columns: number): void {
    this.columns.reserve(this.#end + to - from);
    sets.end = this.#end;
    try {
      sets.add(row, source, from, to, columns, this.columns.data);
    } finally {
      this.#end = sets.end;
    }
  }

  /** Ends a piece, if there is anything in it. */
  close(row: number): void {
    if (this.#end === this.length) return;
    this.rows.reserve(this.pieces + 1);
    this.ends.reserve(this.pieces + 1);
    this.rows.data[this.pieces] = row;
    this.ends.data[this.pieces++] = this.#end;
    this.length = this.#end;
  }

  /** A piece that is known to be new. @throws StoreFull */
  append(row: number, columns: Int32Array): void {
    this.columns.reserve(this.#end + columns.length);
    this.columns.data.set(columns, this.#end);
    this.#end += columns.length;
    this.close(row);
  }

  *[Symbol.iterator](): Generator<Piece> {
    let from = 0;
    for (let piece = 0; piece < this.pieces; piece++) {
      const to = this.ends.data[piece]!;
      yield { row: this.rows.data[piece]!, columns: this.columns.data.subarray(from, to) };
      from = to;
    }
  }

  clear(): void {
    this.length = 0;
    this.pieces = 0;
    this.#end = 0;
  }

  release(): void {
    this.rows.release();
    this.ends.release();
    this.columns.release();
  }
}
