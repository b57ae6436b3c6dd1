/**
 * What steps have led to since it was last looked at, by lane: where a fingerprint is known is told by its lane, so each waits for its own.
 *
 * A lane's entries lie in chunks of one growing array, in the order in which they were found. A chunk begins with where the next one is,
 * 0 when there is none; an entry is
 *
 * | word | |
 * |---|---|
 * | 0, 1 | the lower and the upper word of the fingerprint, before it is cut |
 * | 2 | the place in its level of the state that the step is from |
 * | 3 | the delta of the step |
 */
import { type Budget, GrowingInts } from '../memory.ts';

export const ENTRY = 4;
/** Words of a chunk. The first entry's place is taken by the link. Chunk 0 is never used: 0 is no place. */
const CHUNK = 256 * ENTRY;
/** Into how many a large search is divided, whatever the number of threads. */
export const LANES = 16;

/** Which of so many lanes, a power of two, a fingerprint belongs to; its upper bits tell its place there. */
export function laneOf(low: number, lanes: number): number {
  return low & (lanes - 1);
}

/** For other threads. */
export interface SharedFoundSteps {
  readonly pool: SharedArrayBuffer;
  readonly heads: Int32Array;
  readonly tails: Int32Array;
}

export class FoundSteps {
  readonly #pool: GrowingInts;
  #data: Int32Array;
  /** By lane: its first chunk, 0 when it has none, and where its next entry goes. */
  readonly #heads: Int32Array;
  readonly #tails: Int32Array;
  #used = CHUNK;

  /** @param shared of another thread, which lets this one alone add to it; what it held is forgotten */
  constructor(budget: Budget, shared?: SharedFoundSteps) {
    this.#pool = new GrowingInts(2 * CHUNK, budget, shared?.pool);
    this.#data = this.#pool.data;
    this.#heads = shared?.heads ?? sharedWords();
    this.#tails = shared?.tails ?? sharedWords();
    this.clear();
  }

  /** Words that it takes. */
  get size(): number {
    return this.#used;
  }

  /** @throws StoreFull */
  push(lane: number, low: number, high: number, parent: number, delta: number): void {
    let at = this.#tails[lane]!;
    if ((at & (CHUNK - 1)) === 0) at = this.#chunk(lane, at);
    const data = this.#data;
    data[at] = low;
    data[at + 1] = high;
    data[at + 2] = parent;
    data[at + 3] = delta;
    this.#tails[lane] = at + ENTRY;
  }

  /** A new chunk of a lane; the place of its first entry. */
  #chunk(lane: number, end: number): number {
    const start = this.#used;
    this.#pool.reserve(start + CHUNK);
    this.#data = this.#pool.data;
    this.#used = start + CHUNK;
    this.#data[start] = 0;
    if (end === 0) this.#heads[lane] = start;
    else this.#data[end - CHUNK] = start;
    return start + ENTRY;
  }

  /** Where the entries of a lane are. */
  read(): FoundReader {
    return new FoundReader(this.#data, this.#heads, this.#tails);
  }

  clear(): void {
    this.#heads.fill(0);
    this.#tails.fill(0);
    this.#used = CHUNK;
  }

  share(): SharedFoundSteps {
    const pool = this.#pool.share();
    this.#data = this.#pool.data;
    return { pool, heads: this.#heads, tails: this.#tails };
  }

  /** Another thread has added to it. @throws StoreFull */
  adopt(): void {
    this.#pool.refresh();
    this.#data = this.#pool.data;
  }
}

/** The chunks of one lane after the other. */
export class FoundReader {
  readonly data: Int32Array;
  /** Where the entries of the chunk begin and end. */
  from = 0;
  to = 0;
  readonly #heads: Int32Array;
  readonly #tails: Int32Array;
  #tail = 0;
  #next = 0;

  constructor(data: Int32Array, heads: Int32Array, tails: Int32Array) {
    this.data = data;
    this.#heads = heads;
    this.#tails = tails;
  }

  static of({ pool, heads, tails }: SharedFoundSteps): FoundReader {
    // A view without a length of its own would follow that of its buffer, and be slow.
    return new FoundReader(new Int32Array(pool, 0, pool.byteLength / Int32Array.BYTES_PER_ELEMENT), heads, tails);
  }

  begin(lane: number): void {
    this.#next = this.#heads[lane]!;
    this.#tail = this.#tails[lane]!;
  }

  /** Goes to the next chunk of the lane; false when there is none. */
  next(): boolean {
    const start = this.#next;
    if (start === 0) return false;
    this.#next = this.data[start]!;
    this.from = start + ENTRY;
    this.to = this.#next === 0 ? this.#tail : start + CHUNK;
    return true;
  }
}

function sharedWords(): Int32Array {
  return new Int32Array(new SharedArrayBuffer(LANES * Int32Array.BYTES_PER_ELEMENT));
}
