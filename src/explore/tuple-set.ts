/**
 * A set of tuples of 32-bit words that numbers them in the order of insertion. It holds the values of parts, of which
 * there are few, so it is made for speed: a table of numbers (plus one, 0 is free), a power of two in size and at most half
 * full. A hit is confirmed word by word.
 */
import { type Budget, GrowingInts } from './memory.ts';

const ENTRIES_AT_FIRST = 256;

export class TupleSet {
  readonly words: number;
  /** Tuples in the set; they are numbered 0 to `count` - 1. */
  count = 0;
  /** `words` words per tuple. */
  readonly tuples: GrowingInts;
  #table: GrowingInts;
  #mask = ENTRIES_AT_FIRST - 1;
  readonly #budget: Budget;

  constructor(words: number, budget: Budget) {
    this.words = words;
    this.#budget = budget;
    this.tuples = new GrowingInts(ENTRIES_AT_FIRST * words, budget);
    this.#table = new GrowingInts(ENTRIES_AT_FIRST, budget);
  }

  /**
   * The number of the tuple at `source[from]`, which is added unless it is there.
   *
   * @throws StoreFull and adds nothing when there is no room
   */
  insert(source: Int32Array, from: number): number {
    const { words } = this;
    const table = this.#table.data;
    const mask = this.#mask;
    const tuples = this.tuples.data;
    let at = hashOf(source, from, words) & mask;
    for (;;) {
      const number = table[at]! - 1;
      if (number < 0) break;
      const base = number * words;
      let word = 0;
      while (word < words && tuples[base + word] === source[from + word]) word++;
      if (word === words) return number;
      at = (at + 1) & mask;
    }
    return this.#add(source, from, at);
  }

  /** The number of the tuple at `source[from]`, -1 when it is not in the set. */
  find(source: Int32Array, from: number): number {
    const { words } = this;
    const table = this.#table.data;
    const tuples = this.tuples.data;
    for (let at = hashOf(source, from, words) & this.#mask; ; at = (at + 1) & this.#mask) {
      const number = table[at]! - 1;
      if (number < 0) return -1;
      let word = 0;
      while (word < words && tuples[number * words + word] === source[from + word]) word++;
      if (word === words) return number;
    }
  }

  release(): void {
    this.tuples.release();
    this.#table.release();
  }

  #add(source: Int32Array, from: number, at: number): number {
    const { words } = this;
    const number = this.count;
    this.tuples.reserve((number + 1) * words);
    const crowded = (number + 1) * 2 > this.#mask + 1;
    if (crowded) this.#grow();
    const { data } = this.tuples;
    for (let word = 0; word < words; word++) data[number * words + word] = source[from + word]!;
    this.#table.data[crowded ? this.#free(number) : at] = number + 1;
    this.count++;
    return number;
  }

  #grow(): void {
    const size = (this.#mask + 1) * 2;
    const table = new GrowingInts(size, this.#budget);
    this.#table.release();
    this.#table = table;
    this.#mask = size - 1;
    for (let number = 0; number < this.count; number++) table.data[this.#free(number)] = number + 1;
  }

  /** Where a stored tuple's entry goes. */
  #free(number: number): number {
    const { data } = this.#table;
    let at = hashOf(this.tuples.data, number * this.words, this.words) & this.#mask;
    while (data[at] !== 0) at = (at + 1) & this.#mask;
    return at;
  }
}

/** 32 bits of a tuple, mixed in the manner of MurmurHash3. */
function hashOf(words: Int32Array, from: number, count: number): number {
  let hash = 0x2545f491;
  for (let i = from; i < from + count; i++) {
    hash = Math.imul(hash ^ words[i]!, 0xcc9e2d51);
    hash ^= hash >>> 15;
  }
  hash = Math.imul(hash, 0x85ebca6b);
  return hash ^ (hash >>> 13);
}
