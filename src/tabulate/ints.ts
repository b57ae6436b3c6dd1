/**
 * Growing arrays of 32-bit integers over shared memory: what the tables and the state store are made of.
 *
 * Growth makes a new view, of the same memory where that is large, so hot loops may keep `data` in a local only between calls that can
 * grow it.
 */
import { bufferFor, growInPlace, roomIn } from './shared-memory.ts';

/** Arrays of this length are not doubled any more: they grow in place, and room that is never used is lost. */
const LARGE = 2 ** 19;

export class Ints {
  data: Int32Array;
  length = 0;

  constructor(capacity = 64) {
    this.data = sharedInts(capacity);
  }

  push(value: number): number {
    if (this.length === this.data.length) this.reserve(this.length + 1);
    this.data[this.length] = value;
    return this.length++;
  }

  /** Appends `count` zeros. */
  extend(count: number): void {
    this.reserve(this.length + count);
    this.length += count;
  }

  /** Makes room for `length` elements; new ones are 0. */
  reserve(length: number): void {
    if (length <= this.data.length) return;
    const factor = this.data.length < LARGE ? 2 : 1.2;
    const wanted = Math.max(length, Math.ceil(this.data.length * factor));
    const { buffer } = this.data as Int32Array<SharedArrayBuffer>;
    const bytes = wanted * Int32Array.BYTES_PER_ELEMENT;
    if (bytes <= roomIn(buffer)) {
      growInPlace(buffer, bytes);
      this.data = new Int32Array(buffer, 0, wanted);
      return;
    }
    const larger = bufferFor(bytes);
    if (larger.byteLength < bytes) growInPlace(larger, bytes);
    const grown = new Int32Array(larger, 0, wanted);
    grown.set(this.data.subarray(0, this.length));
    this.data = grown;
  }

  /** Sets one element, growing the array with zeros up to it. */
  set(index: number, value: number): void {
    if (index >= this.length) {
      this.reserve(index + 1);
      this.length = index + 1;
    }
    this.data[index] = value;
  }

  get bytes(): number {
    return this.data.byteLength;
  }
}

/** A zero-filled table of `columns` per row that grows in both directions. */
export class IntGrid {
  data: Int32Array;
  /** Elements per row, a power of two and at least the number of columns in use. */
  width = 4;
  /** Called before so many bytes are needed at once; what it throws leaves the table as it is. */
  onGrowth: (bytes: number) => void = () => {};
  #rows = 8;

  constructor() {
    this.data = sharedInts(this.#rows * this.width);
  }

  reserve(rows: number, columns: number): void {
    if (rows <= this.#rows && columns <= this.width) return;
    const [oldRows, oldWidth] = [this.#rows, this.width];
    const newRows = enough(oldRows, rows);
    const newWidth = enough(oldWidth, columns);
    this.onGrowth(newRows * newWidth * Int32Array.BYTES_PER_ELEMENT);
    const grown = sharedInts(newRows * newWidth);
    for (let row = 0; row < oldRows; row++) {
      grown.set(this.data.subarray(row * oldWidth, (row + 1) * oldWidth), row * newWidth);
    }
    this.data = grown;
    this.#rows = newRows;
    this.width = newWidth;
  }

  get bytes(): number {
    return this.data.byteLength;
  }
}

/** Three integers each: a row, a column, and their value, which is 0 where there is no entry. */
const ENTRY = 3;

/** A table of which few entries are set, for what would be a grid of mostly zeros: a hash table with linear probing, at most half full. */
export class SparseGrid {
  /** Called before so many bytes are needed at once; what it throws leaves the table as it is. */
  onGrowth: (bytes: number) => void = () => {};
  #data = new Int32Array(ENTRY * 8);
  #mask = 7;
  #count = 0;

  /** 0 where nothing has been set. */
  get(row: number, column: number): number {
    return this.#data[this.#find(row, column) + 2]!;
  }

  /** @param value not 0 */
  set(row: number, column: number, value: number): void {
    let at = this.#find(row, column);
    if (this.#data[at + 2] === 0) {
      if (2 * (this.#count + 1) > this.#mask) {
        this.#grow();
        at = this.#find(row, column);
      }
      this.#count++;
    }
    this.#data[at] = row;
    this.#data[at + 1] = column;
    this.#data[at + 2] = value;
  }

  /** Where an entry is, or would be. */
  #find(row: number, column: number): number {
    const data = this.#data;
    const hash = Math.imul(Math.imul(row, 0x9e3779b1) ^ column, 0x85ebca6b);
    let at = ((hash ^ (hash >>> 15)) & this.#mask) * ENTRY;
    while (data[at + 2] !== 0 && (data[at] !== row || data[at + 1] !== column)) {
      at += ENTRY;
      if (at === data.length) at = 0;
    }
    return at;
  }

  #grow(): void {
    const old = this.#data;
    this.onGrowth(2 * old.byteLength);
    this.#data = new Int32Array(2 * old.length);
    this.#mask = 2 * this.#mask + 1;
    for (let at = 0; at < old.length; at += ENTRY) {
      if (old[at + 2] !== 0) this.#data.set(old.subarray(at, at + ENTRY), this.#find(old[at]!, old[at + 1]!));
    }
  }

  get bytes(): number {
    return this.#data.byteLength;
  }
}

function enough(size: number, wanted: number): number {
  let doubled = size;
  while (doubled < wanted) doubled *= 2;
  return doubled;
}

export function sharedInts(length: number): Int32Array {
  return new Int32Array(new SharedArrayBuffer(length * Int32Array.BYTES_PER_ELEMENT));
}

/** Whether two arrays hold the same. */
export function isSame(some: ArrayLike<number>, others: ArrayLike<number>): boolean {
  if (some.length !== others.length) return false;
  for (let at = 0; at < some.length; at++) if (some[at] !== others[at]) return false;
  return true;
}
