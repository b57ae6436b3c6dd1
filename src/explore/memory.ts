/**
 * Memory that grows in place: a shared buffer with room reserved in the address space, of which only what is used takes
 * memory. Growing copies nothing, but for one move while the array is still small.
 *
 * The views are of fixed length, made anew after each growth: a view that tracks the length of its buffer is five times slower.
 */

/** Thrown when a growth would need more memory than allowed; everything stored before is still there. */
export class StoreFull extends Error {}

/** What all parts of one store may take together. */
export class Budget {
  bytes = 0;
  readonly bytesMax: number;

  constructor(bytesMax = Number.POSITIVE_INFINITY) {
    this.bytesMax = bytesMax;
  }

  /** @throws StoreFull, and takes nothing, when it would be too much */
  take(bytes: number): void {
    if (this.bytes + bytes > this.bytesMax) throw new StoreFull();
    this.bytes += bytes;
  }

  giveBack(bytes: number): void {
    this.bytes -= bytes;
  }
}

/** Address space, not memory: what a large array may grow to in place. */
const RESERVED_BYTES = 2 ** 32 - 2 ** 16;
/** An array starts with this much room, so that many small searches do not use up the address space; it moves once. */
const RESERVED_AT_FIRST_BYTES = 2 ** 20;
/** Growing in place is cheap, so hardly more is taken than is needed. */
const GROWTH = 1.06;
const PAGE_BYTES = 4096;

/** The bytes of one array. */
class GrowingBuffer {
  buffer = reserve(RESERVED_AT_FIRST_BYTES);
  readonly #budget: Budget;

  constructor(budget: Budget) {
    this.#budget = budget;
  }

  /** @throws StoreFull, and changes nothing, when there is no room */
  grow(bytes: number): SharedArrayBuffer {
    const wanted = Math.ceil(bytes / PAGE_BYTES) * PAGE_BYTES;
    const more = wanted - this.buffer.byteLength;
    if (wanted > RESERVED_BYTES) throw new StoreFull();
    this.#budget.take(more);
    try {
      const old = this.buffer;
      const buffer =
        wanted > RESERVED_AT_FIRST_BYTES && old.byteLength <= RESERVED_AT_FIRST_BYTES ? reserve(RESERVED_BYTES) : old;
      growInPlace(buffer, wanted);
      if (buffer !== old) new Uint8Array(buffer).set(new Uint8Array(old));
      this.buffer = buffer;
    } catch (error) {
      // What the system cannot give is the same to a search as what it may not take.
      this.#budget.giveBack(more);
      if (error instanceof RangeError) throw new StoreFull();
      throw error;
    }
    return this.buffer;
  }

  release(): void {
    this.#budget.giveBack(this.buffer.byteLength);
  }
}

/** A zero-filled array of 32-bit words. */
export class GrowingInts {
  data: Int32Array;
  readonly #memory: GrowingBuffer;

  constructor(length: number, budget: Budget) {
    this.#memory = new GrowingBuffer(budget);
    this.data = this.#grown(length);
  }

  /** Makes room for `length` elements, and for as many again as are worth growing seldom. */
  reserve(length: number): void {
    if (length > this.data.length) this.data = this.#grown(Math.ceil(length * GROWTH));
  }

  /** Makes room for `length` elements and hardly more. */
  resize(length: number): void {
    this.data = this.#grown(length);
  }

  release(): void {
    this.#memory.release();
  }

  #grown(length: number): Int32Array {
    const buffer = this.#memory.grow(length * Int32Array.BYTES_PER_ELEMENT);
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

  release(): void {
    this.#memory.release();
  }

  #grown(length: number): Uint8Array {
    const buffer = this.#memory.grow(length);
    return new Uint8Array(buffer, 0, buffer.byteLength);
  }
}

function reserve(bytesMax: number): SharedArrayBuffer {
  // The types of this TypeScript target do not know the second argument yet.
  const Growable = SharedArrayBuffer as unknown as new (
    bytes: number,
    options: { maxByteLength: number },
  ) => SharedArrayBuffer;
  return new Growable(0, { maxByteLength: bytesMax });
}

function growInPlace(buffer: SharedArrayBuffer, bytes: number): void {
  (buffer as unknown as { grow(bytes: number): void }).grow(bytes);
}
