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

/** At most 2^29 states, so that there is a tag. */
const NUMBERS_MAX = 2 ** 29;
const LOAD = 0.8;

/** The pairs, by number. */
export interface Pairs {
  readonly count: number;
  rowOf(state: number): number;
  columnOf(state: number): number;
}

/** Words of a map for so many pairs. */
export function entriesFor(pairs: number): number {
  return Math.ceil((pairs + 1) / LOAD);
}

export class PairNumbers {
  readonly #pairs: Pairs;
  readonly #entries: Int32Array;
  readonly #numberBits: number;
  readonly #isClosed: boolean;

  /** @param entries of all that are to be added, and of those alone; another thread may have added them */
  constructor(pairs: Pairs, entries: Int32Array, isClosed: boolean) {
    if (pairs.count > NUMBERS_MAX) throw new Error(`${pairs.count} states are too many for the map`);
    this.#pairs = pairs;
    this.#entries = entries;
    this.#numberBits = 32 - Math.clz32(pairs.count);
    this.#isClosed = isClosed;
  }

  /** The number of the state that is this pair, which must be one of the pairs; -1 when it is not, in a set that is not closed. */
  numberOf(row: number, column: number): number {
    const entries = this.#entries;
    const capacity = entries.length;
    const bits = this.#numberBits;
    const numberMask = (1 << bits) - 1;
    const hash = hashOf(row, column);
    const wanted = hash << (bits + 1);
    const tagMask = -1 << (bits + 1);
    const isClosed = this.#isClosed;
    let at = placeOf(hash, capacity);
    for (;;) {
      const entry = entries[at]!;
      if (entry === 0 && !isClosed) return -1;
      if (((entry ^ wanted) & tagMask) === 0 && entry !== 0) {
        const state = (entry & numberMask) - 1;
        if ((isClosed && (entry & (1 << bits)) === 0) || this.#is(state, row, column)) return state;
      }
      if (++at === capacity) at = 0;
    }
  }

  add(state: number, row: number, column: number): void {
    const entries = this.#entries;
    const bits = this.#numberBits;
    const hash = hashOf(row, column);
    const tag = hash << (bits + 1);
    const tagMask = -1 << (bits + 1);
    let at = placeOf(hash, entries.length);
    while (entries[at] !== 0) {
      if (((entries[at]! ^ tag) & tagMask) === 0) entries[at]! |= 1 << bits;
      if (++at === entries.length) at = 0;
    }
    entries[at] = tag | (state + 1);
  }

  #is(state: number, row: number, column: number): boolean {
    return this.#pairs.rowOf(state) === row && this.#pairs.columnOf(state) === column;
  }
}

/** The upper bits of the hash; the lower ones are the tag. */
function placeOf(hash: number, capacity: number): number {
  return Math.floor((hash >>> 0) * 2 ** -32 * capacity);
}

function hashOf(row: number, column: number): number {
  let hash = Math.imul(row, 0x9e3779b1) ^ Math.imul(column, 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 16), 0x2c1b3c6d);
  hash = Math.imul(hash ^ (hash >>> 15), 0x297a2d39);
  return hash ^ (hash >>> 16);
}
