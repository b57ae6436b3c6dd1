/**
 * A map from pairs, rows and columns, to the numbers of the states that they are, for a set of pairs that is closed: nobody asks for
 * a pair that is not in it. So an entry need not hold its pair, and a look-up reads the table alone. Where a search was cut short
 * and the set is not closed, every entry that it stops at is compared.
 *
 * | bits of an entry, n of them for the number | |
 * |---|---|
 * | 0 to n-1 | the state's number plus one; 0 in a free entry |
 * | n | another pair with the same tag has gone past this entry: whoever stops here has to compare |
 * | n+1 to 31 | the tag: bits of the pair's hash that do not say where it belongs |
 *
 * Why a stop without the flag is right: pairs are only ever added, so whoever is found behind an entry has gone past it when it
 * was added, and left its mark if the tags were the same.
 */
import { type Budget, GrowingInts } from '../memory.ts';

/** At most 2^29 states, so that there is a tag. */
const NUMBERS_MAX = 2 ** 29;
const LOAD = 0.8;
/** How many pairs to add between two turns of the caller. */
const PAIRS_PER_TURN = 65_536;

/** The pairs, by number. */
export interface Pairs {
  readonly count: number;
  firstOf(state: number): number;
  secondOf(state: number): number;
}

export class PairNumbers {
  readonly #pairs: Pairs;
  readonly #memory: GrowingInts;
  readonly #capacity: number;
  readonly #numberBits: number;

  readonly #isClosed: boolean;

  /** Empty until it is filled. @throws StoreFull */
  constructor(pairs: Pairs, budget: Budget, isClosed = true) {
    if (pairs.count > NUMBERS_MAX) throw new Error(`${pairs.count} states are too many for the map`);
    this.#pairs = pairs;
    this.#capacity = Math.ceil((pairs.count + 1) / LOAD);
    this.#numberBits = 32 - Math.clz32(pairs.count);
    this.#memory = new GrowingInts(this.#capacity, budget);
    this.#isClosed = isClosed;
  }

  /** Yields now and then. */
  *fill(): Generator<void, void> {
    for (let state = 0; state < this.#pairs.count; state++) {
      this.#add(state);
      if (state % PAIRS_PER_TURN === PAIRS_PER_TURN - 1) yield;
    }
  }

  /** The number of the state that is this pair, which must be one of the pairs; -1 when it is not, in a set that is not closed. */
  numberOf(first: number, second: number): number {
    const { data } = this.#memory;
    const capacity = this.#capacity;
    const bits = this.#numberBits;
    const numberMask = (1 << bits) - 1;
    const hash = hashOf(first, second);
    const wanted = hash << (bits + 1);
    const tagMask = -1 << (bits + 1);
    const isClosed = this.#isClosed;
    let at = placeOf(hash, capacity);
    for (;;) {
      const entry = data[at]!;
      if (entry === 0 && !isClosed) return -1;
      if (((entry ^ wanted) & tagMask) === 0 && entry !== 0) {
        const state = (entry & numberMask) - 1;
        if ((isClosed && (entry & (1 << bits)) === 0) || this.#is(state, first, second)) return state;
      }
      if (++at === capacity) at = 0;
    }
  }

  #add(state: number): void {
    const { data } = this.#memory;
    const bits = this.#numberBits;
    const hash = hashOf(this.#pairs.firstOf(state), this.#pairs.secondOf(state));
    const tag = hash << (bits + 1);
    const tagMask = -1 << (bits + 1);
    let at = placeOf(hash, this.#capacity);
    while (data[at] !== 0) {
      if (((data[at]! ^ tag) & tagMask) === 0) data[at]! |= 1 << bits;
      if (++at === this.#capacity) at = 0;
    }
    data[at] = tag | (state + 1);
  }

  #is(state: number, first: number, second: number): boolean {
    return this.#pairs.firstOf(state) === first && this.#pairs.secondOf(state) === second;
  }
}

/** The upper bits of the hash; the lower ones are the tag. */
function placeOf(hash: number, capacity: number): number {
  return Math.floor((hash >>> 0) * 2 ** -32 * capacity);
}

function hashOf(first: number, second: number): number {
  let hash = Math.imul(first, 0x9e3779b1) ^ Math.imul(second, 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 16), 0x2c1b3c6d);
  hash = Math.imul(hash ^ (hash >>> 15), 0x297a2d39);
  return hash ^ (hash >>> 16);
}
