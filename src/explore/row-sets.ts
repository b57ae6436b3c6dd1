/**
 * The states seen so far, exact: of each row a set of columns.
 *
 * A state is a row and a column, made of the numbers of its parts (`parts.ts`). A row's set is small enough to stay in a core's own cache
 * while everything that a level has found for the row is looked up in it, so nothing waits for memory. Its form follows
 * what is in it:
 *
 * | words of a row's block | |
 * |---|---|
 * | 8 | a list, as long as it fits |
 * | a power of two, from 16 on | a hash table, at most three quarters full; entries are columns plus one |
 * | one bit for each column there is | as soon as that is no more than a hash table would take |
 *
 * Blocks lie in one growing array; those that rows have outgrown are used again. All of them can lie in a file instead (`store`): members
 * in as many bits as are in use, maps as they are.
 */
import { type Budget, GrowingInts } from './memory.ts';
import { bitsOf, pack, unpack } from './packing.ts';
import type { Field } from './parts.ts';
import { type Spill, SpillFile, WordReader, WordWriter } from './spill.ts';

/** Words that describe a row: where its block is, its form, and how many columns are in it. */
const ROW_WORDS = 3;
/** Forms: a positive number n is a block of 2^n words; a negative one a map of so many words; 0 is no block at all. */
const LIST = 3;
const LIST_LENGTH = 2 ** LIST;
/** Words of the smallest map; the others are so many eighths of a power of two, so that blocks fit other rows. */
const MAP_WORDS_MIN = 8;
/** A map is given up for a table when it would take so many times as much. */
const MAP_EXCESS = 2;

const CLASSES = 1 + 32 * 8;
/** The head that counts words of blocks that are not free; there is no class of so small sizes. */
const LIVE = 1;
/** More of the memory than this share is not left to free blocks. */
const GARBAGE_MAX = 0.2;

/** What another thread needs to add to the same sets. */
export interface SharedRowSets {
  readonly words: SharedArrayBuffer;
  readonly rows: SharedArrayBuffer;
  readonly heads: Int32Array;
}

/** Sets that are in a file, for another thread as well. */
export interface StoredRowSets {
  readonly fd: number;
  readonly directory: string;
  readonly rows: number;
  readonly words: number;
  readonly fields: readonly Field[];
}

export class RowSets {
  /** Where the next new column goes in the array that `add` is given. */
  end = 0;
  readonly #words: GrowingInts;
  readonly #rows: GrowingInts;
  /** How many words are used, and by class of size where a free block is, whose first word says where the next one is. */
  readonly #heads: Int32Array;
  #members = new Int32Array(64);
  #file: SpillFile | undefined;
  /** Given while the sets are in their file, and nothing can be asked or added. */
  stored: StoredRowSets | undefined;

  /** @param shared those of another thread, which lets this one alone add to them */
  constructor(budget: Budget, shared?: SharedRowSets) {
    this.#words = new GrowingInts(256, budget, shared?.words);
    this.#rows = new GrowingInts(64, budget, shared?.rows);
    this.#heads = shared?.heads ?? new Int32Array(new SharedArrayBuffer(4 * CLASSES));
    // The first word is never used: 0 is no place.
    if (!shared) this.#heads[0] = 1;
  }

  share(): SharedRowSets {
    return { words: this.#words.share(), rows: this.#rows.share(), heads: this.#heads };
  }

  /** Moves blocks together, when a good part of the memory is free blocks that nobody may want. */
  tidy(): void {
    const heads = this.#heads;
    if (this.stored || heads[0]! - heads[LIVE]! < heads[0]! * GARBAGE_MAX) return;
    const rows = this.#rows.data;
    const words = this.#words.data;
    const used: number[] = [];
    for (let row = 0; (row + 1) * ROW_WORDS <= rows.length; row++) if (rows[row * ROW_WORDS + 1] !== 0) used.push(row);
    used.sort((one, other) => rows[one * ROW_WORDS]! - rows[other * ROW_WORDS]!);
    let end = 1;
    for (const row of used) {
      const place = rows[row * ROW_WORDS]!;
      const size = sizeOf(rows[row * ROW_WORDS + 1]!);
      if (place > end) words.copyWithin(end, place, place + size);
      rows[row * ROW_WORDS] = end;
      end += size;
    }
    words.fill(0, end, heads[0]);
    heads.fill(0);
    heads[0] = end;
    heads[LIVE] = end;
  }

  /** Makes a file for the sets. @throws SpillError */
  openFile(spill: Spill): void {
    this.#file ??= spill.open();
  }

  /**
   * Moves everything to the file of the sets, and gives the memory back.
   *
   * @param fields the bits of columns that are in use
   * @throws SpillError
   */
  store(fields: readonly Field[]): StoredRowSets {
    const file = this.#file!;
    const [rows, words] = [this.#rows.data, this.#words.data];
    const rowCount = Math.floor(rows.length / ROW_WORDS);
    const writer = new WordWriter(file);
    for (let row = 0; row < rowCount; row++) {
      const at = writer.room(2);
      writer.buffer[at] = rows[row * ROW_WORDS + 1]!;
      writer.buffer[at + 1] = rows[row * ROW_WORDS + 2]!;
    }
    const bits = bitsOf(fields);
    for (let row = 0; row < rowCount; row++) {
      const [place, form, count] = [rows[row * ROW_WORDS]!, rows[row * ROW_WORDS + 1]!, rows[row * ROW_WORDS + 2]!];
      if (form === 0) continue;
      const size = storedSize(form, count, bits);
      const at = writer.room(size);
      if (form < 0) writer.buffer.set(words.subarray(place, place + size), at);
      else pack(this.#membersOf(place, form, count), count, fields, writer.buffer, at, 0);
    }
    writer.flush();
    this.#words.release();
    this.#rows.release();
    this.stored = { fd: file.fd, directory: file.directory, rows: rowCount, words: writer.length, fields };
    return this.stored;
  }

  /** Brings back what has been stored, here or by another thread. @throws StoreFull, and all is still there; SpillError */
  load(stored: StoredRowSets): void {
    this.#file ??= new SpillFile(stored.fd, stored.directory);
    const reader = new WordReader(this.#file, 0, stored.words);
    const at = reader.take(2 * stored.rows);
    const table = reader.buffer.slice(at, at + 2 * stored.rows);
    let end = 1;
    for (let row = 0; row < stored.rows; row++) end += sizeOf(table[2 * row]!);
    try {
      this.#rows.reserve(stored.rows * ROW_WORDS);
      this.#words.reserve(end);
    } catch (error) {
      this.release();
      throw error;
    }
    const [rows, words] = [this.#rows.data, this.#words.data];
    const bits = bitsOf(stored.fields);
    let place = 1;
    for (let row = 0; row < stored.rows; row++) {
      const [form, count] = [table[2 * row]!, table[2 * row + 1]!];
      if (form === 0) continue;
      rows.set([place, form, count], row * ROW_WORDS);
      const size = storedSize(form, count, bits);
      const from = reader.take(size);
      if (form < 0) words.set(reader.buffer.subarray(from, from + size), place);
      else {
        if (count > this.#members.length) this.#members = new Int32Array(2 * count);
        unpack(reader.buffer, from, stored.fields, 0, count, this.#members);
        if (form > LIST) fillTable(words, place, form, this.#members, count);
        else words.set(this.#members.subarray(0, count), place);
      }
      place += sizeOf(form);
    }
    this.#heads.fill(0);
    this.#heads[0] = end;
    this.#heads[LIVE] = end;
    this.stored = undefined;
  }

  /** Another thread has added something. @throws StoreFull */
  refresh(): void {
    this.#words.refresh();
    this.#rows.refresh();
  }

  /**
   * Gives all columns of a row to another set, which has none of them, block and all: added one by one in the order of a hash table, they would
   * crowd the front of a smaller one.
   *
   * @throws StoreFull
   */
  moveRow(row: number, to: RowSets): void {
    const rows = this.#rows.data;
    const base = row * ROW_WORDS;
    const form = rows[base + 1] ?? 0;
    if (form === 0) return;
    const [from, size] = [rows[base]!, sizeOf(form)];
    const place = to.#take(size);
    to.#words.data.set(this.#words.data.subarray(from, from + size), place);
    to.#rows.data.set([place, form, rows[base + 2]!], base);
  }

  /** Makes room for so many rows. @throws StoreFull */
  fit(rows: number): void {
    this.#rows.reserve(rows * ROW_WORDS);
  }

  /** Gives all memory back; nothing can be asked any more. */
  release(): void {
    this.#words.release();
    this.#rows.release();
  }

  /** The same, and the file. */
  close(): void {
    this.release();
    this.#file?.close();
    this.#file = undefined;
    this.stored = undefined;
  }

  /**
   * Adds the columns `from` to `to` of an array to a row, and writes those that are new to `fresh`, from `end` on.
   *
   * @param columns how many columns there are: all are below
   * @param fresh with room for all of them
   * @throws StoreFull; what was added until then is in `fresh`
   */
  add(row: number, source: Int32Array, from: number, to: number, columns: number, fresh: Int32Array): void {
    let at = from;
    while (at < to) {
      const form = this.#rows.data[row * ROW_WORDS + 1]!;
      if (form === 0) this.#reform(row, columns);
      else if (form < 0) at = this.#addToMap(row, source, at, to, columns, fresh);
      else if (form === LIST) at = this.#addToList(row, source, at, to, columns, fresh);
      else at = this.#addToTable(row, source, at, to, columns, fresh);
    }
  }

  #addToList(row: number, source: Int32Array, from: number, to: number, columns: number, fresh: Int32Array): number {
    const rows = this.#rows.data;
    const words = this.#words.data;
    const place = rows[row * ROW_WORDS]!;
    let count = rows[row * ROW_WORDS + 2]!;
    let { end } = this;
    let at = from;
    for (; at < to; at++) {
      const column = source[at]!;
      let i = 0;
      while (i < count && words[place + i] !== column) i++;
      if (i < count) continue;
      if (count === LIST_LENGTH) break;
      words[place + count++] = column;
      fresh[end++] = column;
    }
    rows[row * ROW_WORDS + 2] = count;
    this.end = end;
    if (at < to) this.#reform(row, columns);
    return at;
  }

  #addToTable(row: number, source: Int32Array, from: number, to: number, columns: number, fresh: Int32Array): number {
    const rows = this.#rows.data;
    const words = this.#words.data;
    const place = rows[row * ROW_WORDS]!;
    const bits = rows[row * ROW_WORDS + 1]!;
    const mask = (1 << bits) - 1;
    const shift = 32 - bits;
    let room = 3 * (1 << (bits - 2)) - rows[row * ROW_WORDS + 2]!;
    let { end } = this;
    let at = from;
    for (; at < to; at++) {
      const column = source[at]!;
      let slot = Math.imul(column, 0x9e3779b1) >>> shift;
      let entry = words[place + slot]!;
      while (entry !== 0 && entry !== column + 1) {
        slot = (slot + 1) & mask;
        entry = words[place + slot]!;
      }
      if (entry !== 0) continue;
      if (room === 0) break;
      room--;
      words[place + slot] = column + 1;
      fresh[end++] = column;
    }
    rows[row * ROW_WORDS + 2] = 3 * (1 << (bits - 2)) - room;
    this.end = end;
    if (at < to) this.#reform(row, columns);
    return at;
  }

  #addToMap(row: number, source: Int32Array, from: number, to: number, columns: number, fresh: Int32Array): number {
    const rows = this.#rows.data;
    if (-rows[row * ROW_WORDS + 1]! * 32 < columns) {
      this.#reform(row, columns);
      return from;
    }
    const words = this.#words.data;
    const place = rows[row * ROW_WORDS]!;
    const start = this.end;
    let end = start;
    for (let at = from; at < to; at++) {
      const column = source[at]!;
      const word = place + (column >>> 5);
      const known = words[word]!;
      const bit = 1 << column;
      if ((known & bit) !== 0) continue;
      words[word] = known | bit;
      fresh[end++] = column;
    }
    rows[row * ROW_WORDS + 2]! += end - start;
    this.end = end;
    return to;
  }

  /** Gives a row a larger block, in the form that suits it. */
  #reform(row: number, columns: number): void {
    const rows = this.#rows.data;
    const [place, form, count] = [rows[row * ROW_WORDS]!, rows[row * ROW_WORDS + 1]!, rows[row * ROW_WORDS + 2]!];
    const size = sizeOf(form);
    const mapWords = mapSizeFor(columns);
    const bits = form === 0 ? LIST : form > 0 ? form + 1 : bitsFor(count + 1);
    const isMap = form < 0 ? mapWords <= MAP_EXCESS * 2 ** bits : mapWords <= 2 ** bits;
    const newForm = isMap ? -mapWords : bits;
    const newPlace = this.#take(sizeOf(newForm));
    const words = this.#words.data;
    if (form < 0 && isMap) words.copyWithin(newPlace, place, place + size);
    else if (form !== 0) {
      const members = this.#membersOf(place, form, count);
      if (isMap) for (let at = 0; at < count; at++) words[newPlace + (members[at]! >>> 5)]! |= 1 << members[at]!;
      else if (bits > LIST) fillTable(words, newPlace, bits, members, count);
      else words.set(members.subarray(0, count), newPlace);
    }
    rows[row * ROW_WORDS] = newPlace;
    rows[row * ROW_WORDS + 1] = newForm;
    if (size > 0) this.#giveBack(place, size);
  }

  /** The columns of a row, in an array that is good until the next call. */
  #membersOf(place: number, form: number, count: number): Int32Array {
    if (count > this.#members.length) this.#members = new Int32Array(2 * count);
    const words = this.#words.data;
    const members = this.#members;
    const end = place + sizeOf(form);
    let found = 0;
    if (form < 0) {
      for (let at = place; at < end; at++) {
        const base = 32 * (at - place) + 31;
        for (let left = words[at]!; left !== 0; left &= left - 1) members[found++] = base - Math.clz32(left & -left);
      }
    } else if (form === LIST) for (let at = 0; at < count; at++) members[at] = words[place + at]!;
    else {
      for (let at = place; at < end; at++) {
        const entry = words[at]!;
        if (entry !== 0) members[found++] = entry - 1;
      }
    }
    return members;
  }

  /** A block of zeroes. */
  #take(size: number): number {
    const heads = this.#heads;
    heads[LIVE]! += size;
    const kind = classOf(size);
    const place = heads[kind]!;
    if (place !== 0) {
      const words = this.#words.data;
      heads[kind] = words[place]!;
      words.fill(0, place, place + size);
      return place;
    }
    const used = heads[0]!;
    try {
      this.#words.reserve(used + size);
    } catch (error) {
      heads[LIVE]! -= size;
      throw error;
    }
    heads[0] = used + size;
    return used;
  }

  #giveBack(place: number, size: number): void {
    const kind = classOf(size);
    this.#heads[LIVE]! -= size;
    this.#words.data[place] = this.#heads[kind]!;
    this.#heads[kind] = place;
  }
}

/** Sizes are eighths of powers of two. */
function classOf(size: number): number {
  const log = 31 - Math.clz32(size);
  return 1 + log * 8 + ((size >>> (log - 3)) & 7);
}

function sizeOf(form: number): number {
  if (form === 0) return 0;
  return form < 0 ? -form : 2 ** form;
}

/** Words of a row's set in a file. */
function storedSize(form: number, count: number, bits: number): number {
  return form < 0 ? -form : Math.ceil((count * bits) / 32);
}

function mapSizeFor(columns: number): number {
  const words = Math.max(MAP_WORDS_MIN, Math.ceil(columns / 32));
  const step = Math.max(MAP_WORDS_MIN, 2 ** (29 - Math.clz32(words)));
  return Math.ceil((words + 1) / step) * step;
}

function fillTable(words: Int32Array, place: number, bits: number, columns: Int32Array, count: number): void {
  const mask = (1 << bits) - 1;
  for (let at = 0; at < count; at++) {
    let slot = Math.imul(columns[at]!, 0x9e3779b1) >>> (32 - bits);
    while (words[place + slot] !== 0) slot = (slot + 1) & mask;
    words[place + slot] = columns[at]! + 1;
  }
}

/** Of the smallest table that so many columns fit into. */
function bitsFor(count: number): number {
  let bits = LIST + 1;
  while (3 * 2 ** (bits - 2) < count) bits++;
  return bits;
}
