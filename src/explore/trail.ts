/**
 * The states of all levels that are over, in the order in which they were found: with it a path is found by going back, level by
 * level, and the search can begin anew with other parts, or in another process.
 *
 * A column takes as many bits as were in use when its level was over. Where there is a directory for states, levels lie there.
 */
import { type Budget, GrowingInts } from './memory.ts';
import { bitsOf, pack, unpack } from './packing.ts';
import type { Field } from './parts.ts';
import { type Spill, type SpillFile, WordReader } from './spill.ts';
import type { Piece, StateList } from './state-list.ts';

interface Level {
  readonly pieces: number;
  /** In memory, or in the file, where the level has its rows, the ends of its pieces and its columns one after the other. */
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
  readonly #spill: Spill | undefined;
  #file: SpillFile | undefined;
  /** Words of the file. */
  #written = 0;

  /** @param spill where levels go */
  constructor(budget: Budget, spill?: Spill) {
    this.#spill = spill;
    this.#rows = new GrowingInts(64, budget);
    this.#ends = new GrowingInts(64, budget);
    this.#words = new GrowingInts(64, budget);
  }

  get levels(): number {
    return this.#levels.length;
  }

  /** Words of levels on disk. */
  get wordsOnDisk(): number {
    return this.#written;
  }

  /** How many states there are in the levels before one. */
  statesBefore(level: number): number {
    return this.#levels[level]?.before ?? this.length;
  }

  /** Adds a level. @param fields the bits of columns that are in use. @throws StoreFull and adds nothing; SpillError */
  append(lists: readonly StateList[], fields: readonly Field[]): void {
    const bits = bitsOf(fields);
    const length = lists.reduce((sum, list) => sum + list.length, 0);
    const pieces = lists.reduce((sum, list) => sum + list.pieces, 0);
    const wordCount = Math.ceil((length * bits) / 32);
    this.#rows.reserve(this.#pieces + pieces);
    this.#ends.reserve(this.#pieces + pieces);
    this.#words.reserve(this.#wordsUsed + wordCount);
    this.#levels.push({ pieces, firstPiece: this.#pieces, firstWord: this.#wordsUsed, fields, before: this.length });
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
    if (this.#spill) this.#writeLast(this.#spill);
  }

  /** Moves the level that has just been added, the only one in memory, to the file. */
  #writeLast(spill: Spill): void {
    this.#file ??= spill.open();
    const start = this.#written;
    for (const [ints, length] of [
      [this.#rows, this.#pieces],
      [this.#ends, this.#pieces],
      [this.#words, this.#wordsUsed],
    ] as const) {
      const words = ints.data.subarray(0, length);
      this.#file.write(words, this.#written);
      // Columns are packed into zeroes.
      words.fill(0);
      this.#written += length;
    }
    const level = this.#levels.pop()!;
    this.#levels.push({ ...level, firstPiece: start, firstWord: start + 2 * this.#pieces });
    this.#pieces = 0;
    this.#wordsUsed = 0;
  }

  /** The pieces of a level; the columns of one are good until the next one is asked for. */
  *piecesOf(level: number): Generator<Piece> {
    const { pieces, fields } = this.#levels[level]!;
    const { rows, ends, columns } = this.#read(level);
    let unpacked = new Int32Array(64);
    let from = 0;
    for (let piece = 0; piece < pieces; piece++) {
      const to = ends[piece]!;
      if (to - from > unpacked.length) unpacked = new Int32Array(2 * (to - from));
      const { words, first } = columns(from, to);
      unpack(words, first, fields, from, to, unpacked);
      yield { row: rows[piece]!, columns: unpacked.subarray(0, to - from) };
      from = to;
    }
  }

  /** The pieces of a level; `columns` says where the words of some columns are, as if the level's first word were at `first`. */
  #read(level: number) {
    const { pieces, firstPiece, firstWord, fields } = this.#levels[level]!;
    if (!this.#file) {
      const place = { words: this.#words.data, first: firstWord };
      const rows = this.#rows.data.subarray(firstPiece, firstPiece + pieces);
      return { rows, ends: this.#ends.data.subarray(firstPiece, firstPiece + pieces), columns: () => place };
    }
    const [rows, ends] = [new Int32Array(pieces), new Int32Array(pieces)];
    this.#file.read(rows, firstPiece);
    this.#file.read(ends, firstPiece + pieces);
    const bits = bitsOf(fields);
    const reader = new WordReader(this.#file, firstWord, firstWord + Math.ceil((ends.at(-1)! * bits) / 32));
    const columns = (from: number, to: number) => {
      const word = Math.floor((from * bits) / 32);
      const at = reader.at(firstWord + word, Math.ceil((to * bits) / 32) - word);
      return { words: reader.buffer, first: at - word };
    };
    return { rows, ends, columns };
  }

  release(): void {
    for (const ints of [this.#rows, this.#ends, this.#words]) ints.release();
    this.#file?.close();
    this.#file = undefined;
  }
}
