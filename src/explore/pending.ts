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

/** What a `Pending` holds, for other threads, which may absorb it. */
export interface SharedPending {
  readonly pool: SharedArrayBuffer;
  readonly tails: SharedArrayBuffer;
  readonly stretches: SharedArrayBuffer;
  readonly stretchPool: SharedArrayBuffer;
  readonly touched: SharedArrayBuffer;
  readonly touchedCount: number;
}

/** The same as arrays. */
export interface PendingArrays {
  /** Chunks of columns. Chunk 0 is never used: 0 is no place. */
  readonly pool: Int32Array;
  /** By row: where its next column goes, 0 when it has none. */
  readonly tails: Int32Array;
  /** By row: its last stretch, 0 when it has none; a stretch is `[the one before, list, from, to]`. */
  readonly stretches: Int32Array;
  readonly stretchPool: Int32Array;
  /** The rows that something is waiting for. */
  readonly touched: Int32Array;
  readonly touchedCount: number;
}

export function pendingArrays({ touchedCount, ...shared }: SharedPending): PendingArrays {
  // A view without a length of its own would follow that of its buffer, and be slow.
  const viewOf = (buffer: SharedArrayBuffer) =>
    new Int32Array(buffer, 0, buffer.byteLength / Int32Array.BYTES_PER_ELEMENT);
  return {
    pool: viewOf(shared.pool),
    tails: viewOf(shared.tails),
    stretches: viewOf(shared.stretches),
    stretchPool: viewOf(shared.stretchPool),
    touched: viewOf(shared.touched),
    touchedCount,
  };
}

export class Pending {
  readonly #pool: GrowingInts;
  #data!: Int32Array;
  readonly #tails: GrowingInts;
  readonly #stretches: GrowingInts;
  readonly #stretchPool: GrowingInts;
  #used = CHUNK;
  #stretchesUsed = STRETCH_WORDS;
  readonly #touched: GrowingInts;
  #touchedCount = 0;

  /** @param shared the memory of another one, which from then on only this one may make larger; what it held is forgotten */
  constructor(budget: Budget, shared?: SharedPending) {
    this.#pool = new GrowingInts(4 * CHUNK, budget, shared?.pool);
    this.#tails = new GrowingInts(64, budget, shared?.tails);
    this.#stretches = new GrowingInts(64, budget, shared?.stretches);
    this.#stretchPool = new GrowingInts(64, budget, shared?.stretchPool);
    this.#touched = new GrowingInts(64, budget, shared?.touched);
    this.#touchedCount = shared?.touchedCount ?? 0;
    this.clear();
    this.#data = this.#pool.data;
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

  share(): SharedPending {
    const shared = {
      pool: this.#pool.share(),
      tails: this.#tails.share(),
      stretches: this.#stretches.share(),
      stretchPool: this.#stretchPool.share(),
      touched: this.#touched.share(),
      touchedCount: this.#touchedCount,
    };
    this.#data = this.#pool.data;
    return shared;
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

  get arrays(): PendingArrays {
    return {
      pool: this.#pool.data,
      tails: this.#tails.data,
      stretches: this.#stretches.data,
      stretchPool: this.#stretchPool.data,
      touched: this.#touched.data,
      touchedCount: this.#touchedCount,
    };
  }

  /** By lane, of so many: 1 when something is waiting for it. */
  lanes(count: number): Uint8Array {
    const lanes = new Uint8Array(count);
    const touched = this.#touched.data;
    for (let i = 0; i < this.#touchedCount; i++) lanes[laneOf(touched[i]!, count)] = 1;
    return lanes;
  }

  /** All that it held has been absorbed, or is to be forgotten. */
  clear(): void {
    const tails = this.#tails.data;
    const stretches = this.#stretches.data;
    const touched = this.#touched.data;
    for (let i = 0; i < this.#touchedCount; i++) {
      tails[touched[i]!] = 0;
      stretches[touched[i]!] = 0;
    }
    this.#touchedCount = 0;
    this.#used = CHUNK;
    this.#stretchesUsed = STRETCH_WORDS;
  }
}

/**
 * Adds what is waiting for the rows of a lane to them, and what is new to its list.
 *
 * @param sources what one or more threads have found; what is taken from them is not there any more
 * @param expanded the columns of the lists that stretches are of
 * @param number, lanes which lane it is, of how many
 * @param columns all columns are below
 * @throws StoreFull; what was added until then is in the list
 */
export function absorb(
  sources: readonly PendingArrays[],
  expanded: readonly Int32Array[],
  { sets, fresh }: Lane,
  number: number,
  lanes: number,
  columns: number,
): void {
  for (const { touched, touchedCount, tails, stretches } of sources) {
    for (let i = 0; i < touchedCount; i++) {
      const row = touched[i]!;
      if (lanes > 1 && laneOf(row, lanes) !== number) continue;
      // It may have gone with what another one has found for the row.
      if (tails[row] === 0 && stretches[row] === 0) continue;
      try {
        for (const source of sources) absorbRow(source, row, expanded, sets, fresh, columns);
      } finally {
        fresh.close(row);
      }
      if (fresh.isFull) return;
    }
  }
}

function absorbRow(
  { pool, tails, stretches, stretchPool }: PendingArrays,
  row: number,
  expanded: readonly Int32Array[],
  sets: RowSets,
  into: StateList,
  columns: number,
): void {
  let tail = row < tails.length ? tails[row]! : 0;
  let stretch = row < stretches.length ? stretches[row]! : 0;
  if (tail !== 0) tails[row] = 0;
  if (stretch !== 0) stretches[row] = 0;
  while (tail !== 0) {
    const start = tail - 1 - ((tail - 1) % CHUNK);
    into.add(row, pool, start + 1, tail, sets, columns);
    tail = pool[start]!;
  }
  while (stretch !== 0) {
    const list = expanded[stretchPool[stretch + 1]!]!;
    into.add(row, list, stretchPool[stretch + 2]!, stretchPool[stretch + 3]!, sets, columns);
    stretch = stretchPool[stretch]!;
  }
}
