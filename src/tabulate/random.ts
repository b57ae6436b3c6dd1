/** A seeded source of numbers, fast and good enough to choose by: xorshift128 (Marsaglia, 2003). */
export class Random {
  readonly #state = new Int32Array(4);

  constructor(...seeds: readonly number[]) {
    let hash = 0x9e3779b9;
    for (const seed of seeds) hash = mixed(hash ^ seed);
    for (let i = 0; i < 4; i++) {
      hash = mixed(hash + i);
      this.#state[i] = hash | 1;
    }
  }

  /** Any 32 bits. */
  next(): number {
    const state = this.#state;
    let word = state[3]!;
    const first = state[0]!;
    state[3] = state[2]!;
    state[2] = state[1]!;
    state[1] = first;
    word ^= word << 11;
    word ^= word >>> 8;
    state[0] = word ^ first ^ (first >>> 19);
    return state[0]!;
  }

  /** A whole number from 0 to below `count`, which is at most 2^24. */
  below(count: number): number {
    return Math.floor(((this.next() >>> 8) * count) / 2 ** 24);
  }
}

/**
 * Puts a list into another order, in place.
 *
 * @param below gives a whole number from 0 to below what it is given
 */
export function shuffle<T>(list: T[], below: (count: number) => number): T[] {
  for (let at = list.length - 1; at > 0; at--) {
    const other = below(at + 1);
    [list[at], list[other]] = [list[other]!, list[at]!];
  }
  return list;
}

/** One value for all threads that ask the same question. */
export function mixed(value: number): number {
  let hash = value | 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
