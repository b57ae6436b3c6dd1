/**
 * What has been found for each row since the rows were last looked at: single columns, in chunks of one growing array, and whole
 * stretches of the columns that are being expanded, which came to the row as a set.
 */
import { type Budget, GrowingInts } from './memory.ts';
import type { RowSets } from './row-sets.ts';
import type { StateList } from './state-list.ts';

/** Words of a chunk: where the row's chunk before it ends, 0 if there is none, and then columns. */
const CHUNK = 64;
const STRETCH_WORDS = 4;
/** In the place of a list: an array that will not be there any more. */
export const NO_LIST = -1;

/** The rows of one thread: what is known of them, and what is new. */
export interface Lane {
  readonly sets: RowSets;
  readonly fresh: StateList;
}

/** Which of so many threads a row belongs to. */
export function laneOf(row: number, lanes: number): number {
  return lanes === 1 ? 0 : (Math.imul(row, 0x9e3779b1) >>> 16) % lanes;
}

export class Pending {
  readonly #pool: GrowingInts;
  #data: Int32Array;
  /** By row: where its next column goes, 0 when it has none. */
  readonly #tails: GrowingInts;
  /** By row: its last stretch, 0 when it has none; a stretch is `[the one before, list, from, to]`. */
  readonly #stretches: GrowingInts;
  readonly #stretchPool: GrowingInts;
  /** Chunk 0 is never used: 0 is no place. */
  #used = CHUNK;
  #stretchesUsed = STRETCH_WORDS;
  readonly #touched: GrowingInts;
  #touchedCount = 0;

  constructor(budget: Budget) {
    this.#pool = new GrowingInts(4 * CHUNK, budget);
    this.#data = this.#pool.data;
    this.#tails = new GrowingInts(64, budget);
    this.#stretches = new GrowingInts(64, budget);
    this.#stretchPool = new GrowingInts(64, budget);
    this.#touched = new GrowingInts(64, budget);
  }

  /** Makes room for so many rows. @throws StoreFull */
  fit(rows: number): void {
    this.#tails.reserve(rows);
    this.#stretches.reserve(rows);
    this.#touched.reserve(rows);
  }

  /** Words of columns that are waiting, those of stretches not counted. */
  get size(): number {
    return this.#used;
  }

  release(): void {
    for (const ints of [this.#pool, this.#tails, this.#stretches, this.#stretchPool, this.#touched]) ints.release();
  }

  push(row: number, column: number): void {
    const tails = this.#tails.data;
    let at = tails[row]!;
    if ((at & (CHUNK - 1)) === 0) at = this.#chunk(row, at);
    this.#data[at] = column;
    tails[row] = at + 1;
  }

  /** Columns `from` to `to` of an array, which stays as it is if it is one of the lists that are being expanded. */
  pushStretch(row: number, list: number, from: number, to: number, columns: Int32Array): void {
    if (list === NO_LIST) {
      for (let at = from; at < to; at++) this.push(row, columns[at]!);
      return;
    }
    const at = this.#stretchesUsed;
    this.#stretchPool.reserve(at + STRETCH_WORDS);
    const { data } = this.#stretchPool;
    const before = this.#stretches.data[row]!;
    if (before === 0 && this.#tails.data[row] === 0) this.#touched.data[this.#touchedCount++] = row;
    data[at] = before;
    data[at + 1] = list;
    data[at + 2] = from;
    data[at + 3] = to;
    this.#stretches.data[row] = at;
    this.#stretchesUsed = at + STRETCH_WORDS;
  }

  /** A new chunk of a row; the place of its first column. */
  #chunk(row: number, before: number): number {
    const start = this.#used;
    if (start + CHUNK > this.#data.length) {
      this.#pool.reserve(2 * (start + CHUNK));
      this.#data = this.#pool.data;
    }
    if (before === 0 && this.#stretches.data[row] === 0) this.#touched.data[this.#touchedCount++] = row;
    this.#used = start + CHUNK;
    this.#data[start] = before;
    return start + 1;
  }

  /**
   * Adds all that there is to the rows, and what is new to lists.
   *
   * @param expanded the columns of the lists that stretches are of
   * @param lanes where each row is
   * @param columns how many columns there are
   * @throws StoreFull; what was added until then is in the lists
   */
  absorb(expanded: readonly Int32Array[], lanes: readonly Lane[], columns: number): void {
    const { data: pool } = this.#pool;
    const { data: stretches } = this.#stretchPool;
    const tails = this.#tails.data;
    const lastStretches = this.#stretches.data;
    const touched = this.#touched.data;
    for (let i = 0; i < this.#touchedCount; i++) {
      const row = touched[i]!;
      const { sets, fresh: into } = lanes[laneOf(row, lanes.length)]!;
      let tail = tails[row]!;
      let stretch = lastStretches[row]!;
      tails[row] = 0;
      lastStretches[row] = 0;
      try {
        while (tail !== 0) {
          const start = tail - 1 - ((tail - 1) % CHUNK);
          into.add(row, pool, start + 1, tail, sets, columns);
          tail = pool[start]!;
        }
        while (stretch !== 0) {
          const list = expanded[stretches[stretch + 1]!]!;
          into.add(row, list, stretches[stretch + 2]!, stretches[stretch + 3]!, sets, columns);
          stretch = stretches[stretch]!;
        }
      } finally {
        into.close(row);
      }
      if (into.isFull) break;
    }
    this.#touchedCount = 0;
    this.#used = CHUNK;
    this.#stretchesUsed = STRETCH_WORDS;
  }
}
