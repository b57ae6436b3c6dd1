/**
 * A set that is a bit array (Bloom, "Space/time trade-offs in hash coding with allowable errors", 1970; for states: Holzmann,
 * "An Analysis of Bitstate Hashing", 1998): each fingerprint sets three bits, and one whose bits are all set counts as known.
 */
import { mixHigh, mixLow } from './fingerprints.ts';
import { type Budget, GrowingInts } from './memory.ts';

/** Bits per fingerprint. */
const HASHES = 3;
/** The largest array, in bytes. */
export const BIT_SET_BYTES_MAX = 2 ** 31;

export class BitSet {
  /** How many bits are set. */
  ones = 0;
  /** Added fingerprints, and how many new ones were probably taken for known on the way. */
  count = 0;
  missed = 0;
  readonly #words: number;
  readonly #bits: GrowingInts;

  /** @throws StoreFull */
  constructor(bytes: number, budget: Budget) {
    this.#words = Math.max(1, Math.floor(Math.min(bytes, BIT_SET_BYTES_MAX) / 4));
    this.#bits = new GrowingInts(this.#words, budget);
  }

  /** The part of the bits that are set. */
  get fill(): number {
    return this.ones / (this.#words * 32);
  }

  /**
   * The expected part of the states met that were taken for known ones. What only they lead to was never met, and is not
   * counted.
   */
  get missedShare(): number {
    return this.missed / Math.max(1, this.missed + this.count);
  }

  has(low: number, high: number): boolean {
    const bits = this.#bits.data;
    const scale = this.#words / 2 ** 32;
    let hash = low;
    let places = mixHigh(low ^ high);
    for (let i = 0; i < HASHES; i++) {
      hash = mixLow((hash + high) | 0);
      if ((bits[Math.floor((hash >>> 0) * scale)]! & (1 << (places & 31))) === 0) return false;
      places >>>= 5;
    }
    return true;
  }

  /** True when it was new. */
  add(low: number, high: number): boolean {
    const bits = this.#bits.data;
    const scale = this.#words / 2 ** 32;
    const chance = this.fill ** HASHES;
    const before = this.ones;
    let hash = low;
    let places = mixHigh(low ^ high);
    for (let i = 0; i < HASHES; i++) {
      hash = mixLow((hash + high) | 0);
      const word = Math.floor((hash >>> 0) * scale);
      const bit = 1 << (places & 31);
      places >>>= 5;
      if ((bits[word]! & bit) !== 0) continue;
      bits[word]! |= bit;
      this.ones++;
    }
    if (this.ones === before) return false;
    this.count++;
    // For each new one that is seen to be new, so many are not.
    this.missed += chance / (1 - chance);
    return true;
  }

  clear(): void {
    this.#bits.data.fill(0);
    this.ones = 0;
    this.count = 0;
    this.missed = 0;
  }
}
