/**
 * A set of pairs of numbers that numbers them in the order of insertion: a state is the pair of its halves.
 *
 * It is made for memory: eight bytes per pair and a table of one word per entry, up to four fifths full. The table is cut
 * into segments that grow one at a time, so that no growth stops the search for long. An entry is
 *
 * | bits | |
 * |---|---|
 * | 0-27 | number of the pair plus one; 0 in a free entry |
 * | 28-31 | four bits of its hash, which spare fifteen of sixteen looks at a pair that is another |
 *
 * A hit is always confirmed: no pair is ever mistaken for another.
 */
import { BATCH_SIZE } from './batch.ts';
import { type Budget, GrowingInts, StoreFull } from './memory.ts';

const NUMBER_MASK = 0x0fffffff;
const SEGMENTS = 16;
const SEGMENT_MASK = SEGMENTS - 1;
/** More than this share of used entries makes a segment grow, to this one. */
const LOAD_MAX = 0.85;
const LOAD_AFTER_GROWTH = 0.53;
const SEGMENT_ENTRIES_AT_FIRST = 64;
const HASHES = 2 ** 32;

export class PairSet {
  /** Pairs in the set; they are numbered 0 to `count` - 1. */
  count = 0;
  /** Two words per pair. */
  readonly pairs: GrowingInts;
  readonly #segments: readonly GrowingInts[];
  /** Per segment: entries per hash, so that a hash times it is a place; and how many pairs are in it. */
  readonly #scales = new Float64Array(SEGMENTS);
  readonly #used = new Int32Array(SEGMENTS);
  readonly #foundHashes = new Int32Array(BATCH_SIZE);
  readonly #foundPlaces = new Int32Array(BATCH_SIZE);
  readonly #foundNumbers = new Int32Array(BATCH_SIZE);
  #growths = 0;
  #growthsAtFind = 0;
  #checksum = 0;

  constructor(budget: Budget) {
    this.pairs = new GrowingInts(SEGMENT_ENTRIES_AT_FIRST * 2, budget);
    this.#segments = Array.from({ length: SEGMENTS }, () => new GrowingInts(SEGMENT_ENTRIES_AT_FIRST, budget));
    this.#segments.forEach(({ data }, segment) => {
      this.#scales[segment] = data.length / HASHES;
    });
  }

  /**
   * Adds a pair; its number when it is new, -1 when it was known.
   *
   * @throws StoreFull and adds nothing when there is no room
   */
  insert(first: number, second: number): number {
    const hash = hashOf(first, second);
    return this.#insertFrom(first, second, hash, this.#home(hash));
  }

  /**
   * Finds out where some pairs are or would go, so that `insertFound` finds all that it reads in the caches: independent
   * reads in a row wait for memory together, where insertions would wait one after the other.
   */
  find(first: Int32Array, second: Int32Array, count: number): void {
    const pairs = this.pairs.data;
    const hashes = this.#foundHashes;
    const places = this.#foundPlaces;
    const numbers = this.#foundNumbers;
    for (let i = 0; i < count; i++) {
      const hash = hashOf(first[i]!, second[i]!);
      const entries = this.#segments[hash & SEGMENT_MASK]!.data;
      let at = this.#home(hash);
      let entry = entries[at]!;
      while (entry !== 0 && ((entry ^ hash) & ~NUMBER_MASK) !== 0) {
        if (++at === entries.length) at = 0;
        entry = entries[at]!;
      }
      hashes[i] = hash;
      places[i] = at;
      numbers[i] = entry & NUMBER_MASK;
    }
    let sum = 0;
    for (let i = 0; i < count; i++) sum ^= pairs[numbers[i]! * 2]!;
    // Kept, so that no compiler leaves the reads out.
    this.#checksum ^= sum;
    this.#growthsAtFind = this.#growths;
  }

  /** `insert`, for the pair that the last `find` was given at `index`. */
  insertFound(index: number, first: number, second: number): number {
    const hash = this.#foundHashes[index]!;
    // Entries never move or go but when a segment grows, so nothing before the place can have become a match.
    const from = this.#growths === this.#growthsAtFind ? this.#foundPlaces[index]! : this.#home(hash);
    return this.#insertFrom(first, second, hash, from);
  }

  #insertFrom(first: number, second: number, hash: number, from: number): number {
    const entries = this.#segments[hash & SEGMENT_MASK]!.data;
    const pairs = this.pairs.data;
    let at = from;
    for (;;) {
      const entry = entries[at]!;
      if (entry === 0) return this.#add(first, second, hash, at);
      if (((entry ^ hash) & ~NUMBER_MASK) === 0) {
        const base = ((entry & NUMBER_MASK) - 1) * 2;
        if (pairs[base] === first && pairs[base + 1] === second) return -1;
      }
      if (++at === entries.length) at = 0;
    }
  }

  /** Where the search for a hash begins: the product spreads it over any size, not only powers of two. */
  #home(hash: number): number {
    return ((hash >>> 0) * this.#scales[hash & SEGMENT_MASK]!) | 0;
  }

  #add(first: number, second: number, hash: number, at: number): number {
    const number = this.count;
    const segment = hash & SEGMENT_MASK;
    if (number === NUMBER_MASK - 1) throw new StoreFull();
    this.pairs.reserve((number + 1) * 2);
    if (this.#used[segment]! + 1 > this.#segments[segment]!.data.length * LOAD_MAX) {
      this.#grow(segment);
      at = this.#free(segment, hash);
    }
    this.#segments[segment]!.data[at] = (hash & ~NUMBER_MASK) | (number + 1);
    this.#used[segment]!++;
    this.pairs.data[number * 2] = first;
    this.pairs.data[number * 2 + 1] = second;
    this.count++;
    return number;
  }

  #grow(segment: number): void {
    this.#growths++;
    const growing = this.#segments[segment]!;
    const old = growing.data.slice();
    growing.resize(Math.ceil((this.#used[segment]! + 1) / LOAD_AFTER_GROWTH));
    this.#scales[segment] = growing.data.length / HASHES;
    growing.data.fill(0);
    const pairs = this.pairs.data;
    for (const entry of old) {
      if (entry === 0) continue;
      const base = ((entry & NUMBER_MASK) - 1) * 2;
      growing.data[this.#free(segment, hashOf(pairs[base]!, pairs[base + 1]!))] = entry;
    }
  }

  #free(segment: number, hash: number): number {
    const entries = this.#segments[segment]!.data;
    let at = this.#home(hash);
    while (entries[at] !== 0) if (++at === entries.length) at = 0;
    return at;
  }

  release(): void {
    this.pairs.release();
    for (const segment of this.#segments) segment.release();
  }
}

/** 32 bits of a pair: the low ones choose the segment, the high ones the tag, all of them the place. */
function hashOf(first: number, second: number): number {
  let hash = Math.imul(first, 0xcc9e2d51) ^ Math.imul((second << 16) | (second >>> 16), 0x1b873593);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
