/**
 * Growing arrays of 32-bit integers over shared memory: what the tables and the state store are made of.
 *
 * Growth allocates a new buffer and copies, so hot loops may keep `data` in a local only between calls that can grow it.
 */

/** Arrays of this length are not doubled any more: copying them costs less than room that is never used. */
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
    const grown = sharedInts(Math.max(length, Math.ceil(this.data.length * factor)));
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

function enough(size: number, wanted: number): number {
  let doubled = size;
  while (doubled < wanted) doubled *= 2;
  return doubled;
}

export function sharedInts(length: number): Int32Array {
  return new Int32Array(new SharedArrayBuffer(length * Int32Array.BYTES_PER_ELEMENT));
}
