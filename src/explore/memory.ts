/**
 * Memory that grows in place: a shared buffer with room reserved in the address space, of which only what is used takes
 * memory. Growing copies nothing, but for one move while the array is still small.
 *
 * The views are of fixed length, made anew after each growth: a view that tracks the length of its buffer is five times slower.
 */

import { bufferFor, growInPlace, RESERVED_BYTES, reserve, roomIn } from '../tabulate/shared-memory.ts';

/** Thrown when a growth would need more memory than allowed; everything stored before is still there. */
export class StoreFull extends Error {}

/** The memory of the process as a whole, as the caller of a search sees it. */
export interface ResidentOptions {
  /** The search stops before the resident set is larger. */
  readonly bytesMax: number;
  /** Bytes of the resident set: `process.memoryUsage.rss()`. It is called up to some hundred times a second. */
  readonly measure: () => number;
  /** Collects garbage at once, where that can be asked for: garbage counts until then. */
  readonly collect?: () => void;
}

/** So much may be taken between two looks at the resident set, which take about 20 microseconds. */
const UNSEEN_BYTES = 2 ** 20;
/** Garbage is collected again when a part of the bound that is so large may be garbage. */
const COLLECT_SHARE = 1 / 16;

/** Keeps the resident set of the process within a bound, so far as it is a search that makes it grow. */
export class Resident {
  readonly #options: ResidentOptions;
  /** What is not arrays of the search. */
  #others: number;
  /** Bytes of arrays, whether they have been written to, and so are resident, or not yet. */
  #taken = 0;
  #unseen = 0;
  /** The resident set when garbage was last collected. */
  #collected = 0;

  constructor(options: ResidentOptions) {
    this.#options = options;
    this.#others = options.measure();
  }

  /** Whether an array may have so many bytes more. */
  take(bytes: number): boolean {
    if (this.#unseen + bytes > UNSEEN_BYTES && !this.hasRoomFor(bytes)) return false;
    this.#unseen += bytes;
    this.#taken += bytes;
    return true;
  }

  giveBack(bytes: number): void {
    this.#taken -= bytes;
  }

  /** Which part of the bound is taken, garbage left out. */
  get share(): number {
    return (this.#others + this.#taken) / this.#options.bytesMax;
  }

  /** Looks at the resident set, and collects garbage if there is no room otherwise. */
  hasRoomFor(bytes: number): boolean {
    const { bytesMax, measure, collect } = this.#options;
    this.#unseen = 0;
    const before = measure();
    if (Math.max(before, this.#others + this.#taken) + bytes <= bytesMax) return true;
    if (!collect || before - this.#collected < bytesMax * COLLECT_SHARE) return false;
    collect();
    this.#collected = measure();
    // Arrays of earlier searches may have gone.
    this.#others = Math.min(this.#others, Math.max(0, this.#collected - this.#taken));
    return Math.max(this.#collected, this.#others + this.#taken) + bytes <= bytesMax;
  }
}

/** What all parts of one store may take together. */
export class Budget {
  bytes = 0;
  readonly bytesMax: number;
  readonly #resident: Resident | undefined;

  constructor(bytesMax = Number.POSITIVE_INFINITY, resident?: Resident) {
    this.bytesMax = bytesMax;
    this.#resident = resident;
  }

  /** Which part of what may be taken is taken. */
  get share(): number {
    return Math.max(this.bytes / this.bytesMax, this.#resident?.share ?? 0);
  }

  /** @throws StoreFull, and takes nothing, when it would be too much */
  take(bytes: number): void {
    if (this.bytes + bytes > this.bytesMax || this.#resident?.take(bytes) === false) throw new StoreFull();
    this.bytes += bytes;
  }

  giveBack(bytes: number): void {
    this.bytes -= bytes;
    this.#resident?.giveBack(bytes);
  }
}

/** Growing in place is cheap, so hardly more is taken than is needed. */
const GROWTH = 1.06;
const PAGE_BYTES = 4096;

/** The bytes of one array. */
class GrowingBuffer {
  buffer: SharedArrayBuffer;
  readonly #budget: Budget;
  /** What the budget knows of. */
  #taken = 0;

  constructor(budget: Budget, buffer = new SharedArrayBuffer(0)) {
    this.#budget = budget;
    this.buffer = buffer;
    this.#taken = buffer.byteLength;
  }

  /** Another thread may have made it larger. @throws StoreFull */
  refresh(): void {
    const more = this.buffer.byteLength - this.#taken;
    if (more === 0) return;
    this.#budget.take(more);
    this.#taken += more;
  }

  /** To where all of it can grow in place. */
  move(): void {
    const { buffer } = this;
    this.buffer = reserve(RESERVED_BYTES);
    growInPlace(this.buffer, buffer.byteLength);
    new Uint8Array(this.buffer).set(new Uint8Array(buffer));
  }

  /** @throws StoreFull, and changes nothing, when there is no room */
  grow(bytes: number): SharedArrayBuffer {
    const wanted = Math.ceil(bytes / PAGE_BYTES) * PAGE_BYTES;
    const more = wanted - this.buffer.byteLength;
    if (wanted > RESERVED_BYTES) throw new StoreFull();
    this.#budget.take(more);
    try {
      const old = this.buffer;
      const buffer = wanted > roomIn(old) ? bufferFor(wanted) : old;
      if (wanted > buffer.byteLength) growInPlace(buffer, wanted);
      if (buffer !== old) new Uint8Array(buffer).set(new Uint8Array(old));
      this.buffer = buffer;
      this.#taken = buffer.byteLength;
    } catch (error) {
      // What the system cannot give is the same to a search as what it may not take.
      this.#budget.giveBack(more);
      if (error instanceof RangeError) throw new StoreFull();
      throw error;
    }
    return this.buffer;
  }

  release(): void {
    this.#budget.giveBack(this.#taken);
    this.#taken = 0;
    this.buffer = new SharedArrayBuffer(0);
  }
}

/** A zero-filled array of 32-bit words. */
export class GrowingInts {
  data: Int32Array;
  readonly #memory: GrowingBuffer;

  /** @param shared the memory of another one, which from then on only this one may make larger */
  constructor(length: number, budget: Budget, shared?: SharedArrayBuffer) {
    this.#memory = new GrowingBuffer(budget, shared);
    this.data = this.#view();
    if (length > this.data.length) this.data = this.#grown(length);
  }

  /** For another thread, which may make it larger. */
  share(): SharedArrayBuffer {
    // Memory that has not been reserved yet would move.
    if (roomIn(this.#memory.buffer) < RESERVED_BYTES) {
      this.#memory.move();
      this.data = this.#view();
    }
    return this.#memory.buffer;
  }

  /** Another thread may have made it larger. @throws StoreFull */
  refresh(): void {
    this.#memory.refresh();
    this.data = this.#view();
  }

  /** Makes room for `length` elements, and for as many again as are worth growing seldom. */
  reserve(length: number): void {
    if (length > this.data.length) this.data = this.#grown(Math.ceil(length * GROWTH));
  }

  /** Makes room for `length` elements and hardly more. */
  resize(length: number): void {
    this.data = this.#grown(length);
  }

  /** Gives the memory back: nothing is in it any more. */
  release(): void {
    this.#memory.release();
    this.data = this.#view();
  }

  #grown(length: number): Int32Array {
    this.#memory.grow(length * Int32Array.BYTES_PER_ELEMENT);
    return this.#view();
  }

  #view(): Int32Array {
    const { buffer } = this.#memory;
    return new Int32Array(buffer, 0, buffer.byteLength / Int32Array.BYTES_PER_ELEMENT);
  }
}

/** The same for bytes. */
export class GrowingBytes {
  data: Uint8Array;
  readonly #memory: GrowingBuffer;

  constructor(length: number, budget: Budget) {
    this.#memory = new GrowingBuffer(budget);
    this.data = this.#grown(length);
  }

  reserve(length: number): void {
    if (length > this.data.length) this.data = this.#grown(Math.ceil(length * GROWTH));
  }

  /** Gives the memory back: nothing is in it any more. */
  release(): void {
    this.#memory.release();
    this.data = new Uint8Array(this.#memory.buffer);
  }

  #grown(length: number): Uint8Array {
    const buffer = this.#memory.grow(length);
    return new Uint8Array(buffer, 0, buffer.byteLength);
  }
}
