/**
 * Fingerprints of states: 64 bits that stand for a whole vector. Two states with the same one are taken for the same state.
 *
 * A fingerprint is the exclusive or of a mix of each slot's value (Zobrist, "A New Hashing Method with Application for Game
 * Playing", 1970), so that of a step's result costs no more than the slots that the step set. Its two words are independent:
 * they have their own mixes and their own seeds. Numbers of values mean nothing outside one `Tables`, and neither do these.
 */
import type { Walker } from '../tabulate/walker.ts';
import { randomBelow } from './random.ts';

export const FINGERPRINT_BITS = 64;

export class Fingerprints {
  /** The last fingerprint; never 0 in both words. */
  low = 0;
  high = 0;
  /** What each word is cut by. */
  readonly lowMask: number;
  readonly highMask: number;

  readonly #lowSeeds: Int32Array;
  readonly #highSeeds: Int32Array;
  /** Of the state that steps are taken from. */
  #lowFrom = 0;
  #highFrom = 0;

  /** @param bits half of them in each word; fewer than 64 are for tests, which want to see two states taken for one */
  constructor(slotCount: number, seed: number, bits = FINGERPRINT_BITS) {
    const random = randomBelow(seed);
    const seeds = () => Int32Array.from({ length: slotCount }, () => random(2 ** 32));
    this.#lowSeeds = seeds();
    this.#highSeeds = seeds();
    this.lowMask = topBits(Math.ceil(bits / 2));
    this.highMask = topBits(bits >> 1);
  }

  /** The words of a state before they are cut. */
  wordsOf(state: Int32Array): readonly [low: number, high: number] {
    this.begin(state);
    return [this.#lowFrom, this.#highFrom];
  }

  /** Of a state, from which the next steps are taken. */
  begin(state: Int32Array): void {
    let low = 0;
    let high = 0;
    for (let slot = 0; slot < state.length; slot++) {
      const value = state[slot]!;
      low ^= mixLow(value + this.#lowSeeds[slot]!);
      high ^= mixHigh(value + this.#highSeeds[slot]!);
    }
    this.#lowFrom = low;
    this.#highFrom = high;
    this.#set(low, high);
  }

  /** Of the result of the walker's last step, from the state of the last `begin`. */
  after({ touched, touchedCount, previous, current }: Walker): void {
    let low = this.#lowFrom;
    let high = this.#highFrom;
    for (let i = 0; i < touchedCount; i++) {
      const slot = touched[i]!;
      const before = previous[slot]!;
      const value = current[slot]!;
      if (value === before) continue;
      low ^= this.lowFlip(slot, before, value);
      high ^= this.highFlip(slot, before, value);
    }
    this.#set(low, high);
  }

  /** What each word is exclusively ored with, before it is cut, when a slot of a state gets another value. */
  lowFlip(slot: number, before: number, after: number): number {
    const seed = this.#lowSeeds[slot]!;
    return mixLow(before + seed) ^ mixLow(after + seed);
  }

  highFlip(slot: number, before: number, after: number): number {
    const seed = this.#highSeeds[slot]!;
    return mixHigh(before + seed) ^ mixHigh(after + seed);
  }

  #set(low: number, high: number): void {
    this.low = low & this.lowMask;
    this.high = high & this.highMask;
    // Zero marks a free place in tables.
    if (this.low === 0 && this.high === 0) this.high = 1;
  }
}

/**
 * The chance that any two of some states have the same fingerprint, so that one of them was missed: n² / 2^(bits + 1), the
 * birthday bound, which counts on fingerprints being as good as random.
 */
export function missProbability(states: number, bits = FINGERPRINT_BITS): number {
  return Math.min(1, (states * states) / 2 ** (bits + 1));
}

function topBits(bits: number): number {
  return bits === 0 ? 0 : -1 << (32 - bits);
}

/** The finalizer of MurmurHash3 (Austin Appleby). */
export function mixLow(value: number): number {
  let mixed = value ^ (value >>> 16);
  mixed = Math.imul(mixed, 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}

/** `lowbias32` of Chris Wellons' hash-prospector. */
export function mixHigh(value: number): number {
  let mixed = value ^ (value >>> 16);
  mixed = Math.imul(mixed, 0x7feb352d);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x846ca68b);
  return mixed ^ (mixed >>> 16);
}
