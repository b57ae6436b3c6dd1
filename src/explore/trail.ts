/**
 * The states of all levels that are over, in the order in which they were found: with it a path is found by going back, level by
 * level, and the search can begin anew with other parts, or in another process.
 *
 * A column takes as many bits as were in use when its level was over.
 */
import { type Budget, GrowingInts } from './memory.ts';
import type { Field } from './parts.ts';
import type { Piece, StateList } from './state-list.ts';

interface Level {
  readonly firstPiece: number;
  readonly firstWord: number;
  readonly fields: readonly Field[];
  /** States of the levels before it. */
  readonly before: number;
}

export class Trail {
  /** States of all levels. */
  length = 0;
  readonly #levels: Level[] = [];
  /** By piece: its row, and where its columns end in its level. */
  readonly #rows: GrowingInts;
  readonly #ends: GrowingInts;
  readonly #words: GrowingInts;
  #pieces = 0;
  #wordsUsed = 0;

  constructor(budget: Budget) {
    this.#rows = new GrowingInts(64, budget);
    this.#ends = new GrowingInts(64, budget);
    this.#words = new GrowingInts(64, budget);
  }

  get levels(): number {
    return this.#levels.length;
  }

  /** How many states there are in the levels before one. */
  statesBefore(level: number): number {
    return this.#levels[level]?.before ?? this.length;
  }

  /** Adds a level. @param fields the bits of columns that are in use. @throws StoreFull and adds nothing */
  append(lists: readonly StateList[], fields: readonly Field[]): void {
    const bits = bitsOf(fields);
    const length = lists.reduce((sum, list) => sum + list.length, 0);
    const pieces = lists.reduce((sum, list) => sum + list.pieces, 0);
    const wordCount = Math.ceil((length * bits) / 32);
    this.#rows.reserve(this.#pieces + pieces);
    this.#ends.reserve(this.#pieces + pieces);
    this.#words.reserve(this.#wordsUsed + wordCount);
    this.#levels.push({ firstPiece: this.#pieces, firstWord: this.#wordsUsed, fields, before: this.length });
    let before = 0;
    for (const list of lists) {
      const ends = list.ends.data;
      this.#rows.data.set(list.rows.data.subarray(0, list.pieces), this.#pieces);
      for (let piece = 0; piece < list.pieces; piece++) this.#ends.data[this.#pieces + piece] = before + ends[piece]!;
      pack(list.columns.data, list.length, fields, this.#words.data, this.#wordsUsed, before);
      this.#pieces += list.pieces;
      before += list.length;
    }
    this.#wordsUsed += wordCount;
    this.length += length;
  }

  /** The pieces of a level; the columns of one are good until the next one is asked for. */
  *piecesOf(level: number): Generator<Piece> {
    const { firstPiece, firstWord, fields } = this.#levels[level]!;
    const end = this.#levels[level + 1]?.firstPiece ?? this.#pieces;
    let unpacked = new Int32Array(64);
    let from = 0;
    for (let piece = firstPiece; piece < end; piece++) {
      const to = this.#ends.data[piece]!;
      if (to - from > unpacked.length) unpacked = new Int32Array(2 * (to - from));
      unpack(this.#words.data, firstWord, fields, from, to, unpacked);
      yield { row: this.#rows.data[piece]!, columns: unpacked.subarray(0, to - from) };
      from = to;
    }
  }

  release(): void {
    for (const ints of [this.#rows, this.#ends, this.#words]) ints.release();
  }
}

function bitsOf(fields: readonly Field[]): number {
  return fields.reduce((sum, { bits }) => sum + bits, 0);
}

/** Writes fields of columns one after the other into words that are zero, behind those of so many others. */
function pack(
  columns: Int32Array,
  count: number,
  fields: readonly Field[],
  words: Int32Array,
  firstWord: number,
  before: number,
): void {
  const bits = bitsOf(fields);
  let word = firstWord + Math.floor((before * bits) / 32);
  let used = (before * bits) % 32;
  for (let at = 0; at < count; at++) {
    const column = columns[at]!;
    let number = 0;
    for (let i = 0, place = 0; i < fields.length; i++) {
      const field = fields[i]!;
      number |= ((column >>> field.shift) & ((1 << field.bits) - 1)) << place;
      place += field.bits;
    }
    words[word]! |= number << used;
    used += bits;
    if (used >= 32) {
      used -= 32;
      word++;
      // A shift by 32 would be none.
      if (used > 0) words[word]! |= number >>> (bits - used);
    }
  }
}

/** Reads the columns `from` to `to` of what `pack` has written. */
function unpack(
  words: Int32Array,
  firstWord: number,
  fields: readonly Field[],
  from: number,
  to: number,
  into: Int32Array,
): void {
  const bits = bitsOf(fields);
  const bit = from * bits;
  let word = firstWord + Math.floor(bit / 32);
  let used = bit % 32;
  for (let at = from; at < to; at++) {
    let number = words[word]! >>> used;
    used += bits;
    if (used >= 32) {
      used -= 32;
      word++;
      if (used > 0) number |= words[word]! << (bits - used);
    }
    let column = 0;
    for (let i = 0; i < fields.length; i++) {
      const field = fields[i]!;
      column |= (number & ((1 << field.bits) - 1)) << field.shift;
      number >>>= field.bits;
    }
    into[at - from] = column;
  }
}
