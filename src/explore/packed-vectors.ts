/**
 * A growing list of state vectors, each value in as few bits as the largest one needs: 8, 16 or 32. It ends in what was
 * added last, so it serves as a level and as a stack.
 */
import { type Budget, GrowingInts } from './memory.ts';

export class PackedVectors {
  length = 0;
  readonly #slotCount: number;
  readonly #budget: Budget;
  #bits = 8;
  /** Words per vector. */
  #words: number;
  #data: GrowingInts;

  constructor(slotCount: number, budget: Budget) {
    this.#slotCount = slotCount;
    this.#budget = budget;
    this.#words = wordsOf(slotCount, this.#bits);
    this.#data = new GrowingInts(this.#words, budget);
  }

  push(vector: Int32Array): void {
    let all = 0;
    for (let slot = 0; slot < this.#slotCount; slot++) all |= vector[slot]!;
    while (this.#bits < 32 && all >>> this.#bits !== 0) this.#widen();
    this.#data.reserve((this.length + 1) * this.#words);
    const data = this.#data.data;
    const bits = this.#bits;
    let at = this.length * this.#words;
    let word = 0;
    let shift = 0;
    for (let slot = 0; slot < this.#slotCount; slot++) {
      word |= vector[slot]! << shift;
      shift += bits;
      if (shift < 32) continue;
      data[at++] = word;
      word = 0;
      shift = 0;
    }
    if (shift > 0) data[at] = word;
    this.length++;
  }

  load(index: number, into: Int32Array): void {
    const data = this.#data.data;
    const bits = this.#bits;
    const mask = bits === 32 ? -1 : 2 ** bits - 1;
    let at = index * this.#words;
    let shift = 0;
    for (let slot = 0; slot < this.#slotCount; slot++) {
      into[slot] = (data[at]! >>> shift) & mask;
      shift += bits;
      if (shift < 32) continue;
      at++;
      shift = 0;
    }
  }

  release(): void {
    this.#data.release();
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
  }
}

function wordsOf(slotCount: number, bits: number): number {
  return Math.max(1, Math.ceil((slotCount * bits) / 32));
}
