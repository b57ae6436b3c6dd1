/**
 * The states of all levels that are over, in the order in which they were found: with it a path is found by going back, level by
 * level, and the search can begin anew with other halves, or in another process.
 *
 * A column takes as many bits as there are needed for the columns that were known when its level was over.
 */
import { type Budget, GrowingInts } from './memory.ts';
import type { Piece, StateList } from './state-list.ts';

interface Level {
  readonly firstPiece: number;
  readonly firstWord: number;
  readonly bits: number;
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

  /** Adds a level. @param columns how many columns there are. @throws StoreFull and adds nothing */
  append(lists: readonly StateList[], columns: number): void {
    const bits = Math.max(1, 32 - Math.clz32(columns - 1));
    const length = lists.reduce((sum, list) => sum + list.length, 0);
    const pieces = lists.reduce((sum, list) => sum + list.pieces, 0);
    const wordCount = Math.ceil((length * bits) / 32);
    this.#rows.reserve(this.#pieces + pieces);
    this.#ends.reserve(this.#pieces + pieces);
    this.#words.reserve(this.#wordsUsed + wordCount);
    this.#levels.push({ firstPiece: this.#pieces, firstWord: this.#wordsUsed, bits, before: this.length });
    let before = 0;
    for (const list of lists) {
      const ends = list.ends.data;
      this.#rows.data.set(list.rows.data.subarray(0, list.pieces), this.#pieces);
      for (let piece = 0; piece < list.pieces; piece++) this.#ends.data[this.#pieces + piece] = before + ends[piece]!;
      pack(list.columns.data, list.length, bits, this.#words.data, this.#wordsUsed, before);
      this.#pieces += list.pieces;
      before += list.length;
    }
    this.#wordsUsed += wordCount;
    this.length += length;
  }

  /** The pieces of a level; the columns of one are good until the next one is asked for. */
  *piecesOf(level: number): Generator<Piece> {
    const { firstPiece, firstWord, bits } = this.#levels[level]!;
    const end = this.#levels[level + 1]?.firstPiece ?? this.#pieces;
    let unpacked = new Int32Array(64);
    let from = 0;
    for (let piece = firstPiece; piece < end; piece++) {
      const to = this.#ends.data[piece]!;
      if (to - from > unpacked.length) unpacked = new Int32Array(2 * (to - from));
      unpack(this.#words.data, firstWord, bits, from, to, unpacked);
      yield { row: this.#rows.data[piece]!, columns: unpacked.subarray(0, to - from) };
      from = to;
    }
  }

  release(): void {
    for (const ints of [this.#rows, this.#ends, this.#words]) ints.release();
  }
}

/** Writes the lowest bits of numbers one after the other into words that are zero, behind those of so many others. */
function pack(
  numbers: Int32Array,
  count: number,
  bits: number,
  words: Int32Array,
  firstWord: number,
  before: number,
): void {
  let word = firstWord + Math.floor((before * bits) / 32);
  let used = (before * bits) % 32;
  for (let at = 0; at < count; at++) {
    const number = numbers[at]!;
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

/** Reads the numbers `from` to `to` of what `pack` has written. */
function unpack(words: Int32Array, firstWord: number, bits: number, from: number, to: number, into: Int32Array): void {
  const mask = 2 ** bits - 1;
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
    into[at - from] = number & mask;
  }
}
