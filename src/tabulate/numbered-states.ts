/**
 * A set of states that numbers them in the order in which they come, for what looks at some thousand states and not at millions.
 *
 * A state's hash is the sum of those of its slots, so that of the state after a step is told by the few slots that the step has set:
 * in a system of ten thousand actors it takes ten thousand steps to expand a state, and none may go through all slots.
 */
import type { Walker } from './walker.ts';

const STATES_AT_FIRST = 1024;

export class NumberedStates {
  readonly #width: number;
  #rows: Int32Array;
  /** By number. */
  #hashes: Int32Array = new Int32Array(STATES_AT_FIRST);
  /** Open addressing: a state's number plus one, 0 where there is none; at most half full. */
  #table = new Int32Array(2 * STATES_AT_FIRST);
  size = 0;

  /** @param width the slots of a state */
  constructor(width: number) {
    this.#width = width;
    this.#rows = new Int32Array(width * 16);
  }

  /** The number of a state; an unknown one gets the next. */
  numberOf(state: Int32Array, hash = hashOf(state)): number {
    const place = this.#placeOf(state, hash);
    const known = this.#table[place]!;
    if (known > 0) return known - 1;
    const start = this.size * this.#width;
    if (start + this.#width > this.#rows.length) this.#rows = grown(this.#rows);
    if (this.size === this.#hashes.length) this.#hashes = grown(this.#hashes);
    this.#rows.set(state, start);
    this.#hashes[this.size] = hash;
    this.#table[place] = ++this.size;
    if (this.size * 2 > this.#table.length) this.#rehash();
    return this.size - 1;
  }

  /** The number of a state that is known, or -1. */
  find(state: Int32Array, hash = hashOf(state)): number {
    return this.#table[this.#placeOf(state, hash)]! - 1;
  }

  /** A view that is valid until the next `numberOf`. */
  at(number: number): Int32Array {
    return this.#rows.subarray(number * this.#width, (number + 1) * this.#width);
  }

  #placeOf(state: Int32Array, hash: number): number {
    const mask = this.#table.length - 1;
    for (let place = spread(hash) & mask; ; place = (place + 1) & mask) {
      const number = this.#table[place]! - 1;
      if (number < 0 || (this.#hashes[number] === hash && this.#isAt(number, state))) return place;
    }
  }

  #isAt(number: number, state: Int32Array): boolean {
    const start = number * this.#width;
    for (let i = 0; i < state.length; i++) if (this.#rows[start + i] !== state[i]) return false;
    return true;
  }

  #rehash(): void {
    this.#table = new Int32Array(this.#table.length * 2);
    const mask = this.#table.length - 1;
    for (let number = 0; number < this.size; number++) {
      let place = spread(this.#hashes[number]!) & mask;
      while (this.#table[place] !== 0) place = (place + 1) & mask;
      this.#table[place] = number + 1;
    }
  }
}

export function hashOf(state: Int32Array): number {
  let hash = 0;
  for (let slot = 0; slot < state.length; slot++) hash = (hash + mixed(slot, state[slot]!)) | 0;
  return hash;
}

/** The hash of the state after the step that a walker has just run, by that of the state before it. */
export function hashAfter(before: number, { current, previous, touched, touchedCount }: Walker): number {
  let hash = before;
  for (let i = 0; i < touchedCount; i++) {
    const slot = touched[i]!;
    hash = (hash + mixed(slot, current[slot]!) - mixed(slot, previous[slot]!)) | 0;
  }
  return hash;
}

/** What a slot adds, in the manner of MurmurHash3: sums of numbers that have a pattern would be equal too often. */
function mixed(slot: number, value: number): number {
  let hash = Math.imul(slot + 1, 0x9e3779b1) ^ Math.imul(value + 1, 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return hash ^ (hash >>> 13);
}

function spread(hash: number): number {
  const mixed = Math.imul(hash ^ (hash >>> 16), 0x7feb352d);
  return mixed ^ (mixed >>> 15);
}

function grown(array: Int32Array): Int32Array {
  const larger = new Int32Array(array.length * 2);
  larger.set(array);
  return larger;
}
