/**
 * A growing list of state vectors, each value in as few bits as the largest one needs: 8, 16 or 32. It ends in what was
 * added last, so it serves as a level and as a stack.
 */
import { type Budget, GrowingInts } from './memory.ts';

type Values = Uint8Array | Uint16Array | Int32Array;

/** By bytes of a value. */
const VALUES: Readonly<Record<number, (...memory: readonly [ArrayBufferLike, number, number]) => Values>> = {
  1: (...memory) => new Uint8Array(...memory),
  2: (...memory) => new Uint16Array(...memory),
  4: (...memory) => new Int32Array(...memory),
};

/** For other threads. */
export interface SharedVectors {
  readonly data: SharedArrayBuffer;
  readonly bits: number;
  readonly length: number;
}

export class PackedVectors {
  length = 0;
  readonly #slotCount: number;
  readonly #budget: Budget;
  #bits: number;
  /** Words per vector. */
  #words: number;
  #data: GrowingInts;
  /** The same as values, and how many a vector takes. */
  #values!: Values;
  #stride!: number;

  /** @param shared one of another thread, which lets this one alone add to it, and has made it wide enough */
  constructor(slotCount: number, budget: Budget, shared?: SharedVectors) {
    this.#slotCount = slotCount;
    this.#budget = budget;
    this.length = shared?.length ?? 0;
    this.#bits = shared?.bits ?? 8;
    this.#words = wordsOf(slotCount, this.#bits);
    this.#data = new GrowingInts(this.#words, budget, shared?.data);
    this.#look();
  }

  share(): SharedVectors {
    const data = this.#data.share();
    this.#look();
    return { data, bits: this.#bits, length: this.length };
  }

  /** Another thread has added vectors, which now are so many. @throws StoreFull */
  adopt(length: number): void {
    this.#data.refresh();
    this.#look();
    this.length = length;
  }

  /** Makes it wide enough for values below. @throws StoreFull */
  fit(values: number): void {
    while (this.#bits < 32 && values > 2 ** this.#bits) this.#widen();
  }

  push(vector: Int32Array): void {
    let all = 0;
    for (let slot = 0; slot < this.#slotCount; slot++) all |= vector[slot]!;
    while (this.#bits < 32 && all >>> this.#bits !== 0) this.#widen();
    if ((this.length + 1) * this.#words > this.#data.data.length) {
      this.#data.reserve((this.length + 1) * this.#words);
      this.#look();
    }
    const values = this.#values;
    const base = this.length * this.#stride;
    for (let slot = 0; slot < this.#slotCount; slot++) values[base + slot] = vector[slot]!;
    this.length++;
  }

  load(index: number, into: Int32Array): void {
    const values = this.#values;
    const base = index * this.#stride;
    for (let slot = 0; slot < this.#slotCount; slot++) into[slot] = values[base + slot]!;
  }

  release(): void {
    this.#data.release();
    this.#look();
  }

  /** The memory is another one, or values have another width. */
  #look(): void {
    const { buffer, byteOffset, byteLength } = this.#data.data;
    const bytes = this.#bits / 8;
    this.#values = VALUES[bytes]!(buffer, byteOffset, byteLength / bytes);
    this.#stride = (this.#words * Int32Array.BYTES_PER_ELEMENT) / bytes;
  }

  #widen(): void {
    const wider = new PackedVectors(this.#slotCount, this.#budget);
    wider.#setBits(this.#bits * 2);
    const vector = new Int32Array(this.#slotCount);
    for (let index = 0; index < this.length; index++) {
      this.load(index, vector);
      wider.push(vector);
    }
    this.#data.release();
    this.#data = wider.#data;
    this.#setBits(wider.#bits);
  }

  #setBits(bits: number): void {
    this.#bits = bits;
    this.#words = wordsOf(this.#slotCount, bits);
    this.#look();
  }
}

function wordsOf(slotCount: number, bits: number): number {
  return Math.max(1, Math.ceil((slotCount * bits) / 32));
}
