/**
 * States as pairs of numbers: the slots are divided in two halves, and what a half holds gets a number the first time it is
 * seen. Halves are few and states are many, so a state costs two numbers, and what a half does is computed once for all
 * states that share it (`moves.ts`).
 */
import { type Budget, GrowingInts } from './memory.ts';
import { TupleSet } from './tuple-set.ts';

/** 0 or 1: which half. */
export type Side = 0 | 1;
export const SIDES: readonly Side[] = [0, 1];

export interface Half {
  /** The slots that it holds, in ascending order. */
  readonly slots: Int32Array;
  /** Their values, by the half's number. */
  readonly set: TupleSet;
}

export class Halves {
  readonly sides: readonly [Half, Half];
  /** By slot: its side, and its place in that half. */
  readonly sideOf: Uint8Array;
  readonly placeOf: Int32Array;
  readonly #scratch: Int32Array;

  constructor(partition: readonly [readonly number[], readonly number[]], budget: Budget) {
    const slotCount = partition[0].length + partition[1].length;
    this.sideOf = new Uint8Array(slotCount);
    this.placeOf = new Int32Array(slotCount);
    this.#scratch = new Int32Array(slotCount);
    const half = (side: Side): Half => {
      partition[side].forEach((slot, place) => {
        this.sideOf[slot] = side;
        this.placeOf[slot] = place;
      });
      return { slots: Int32Array.from(partition[side]), set: new TupleSet(partition[side].length, budget) };
    };
    this.sides = [half(0), half(1)];
  }

  /** The number of what a state holds in a half. @throws StoreFull */
  numberOf(side: Side, state: Int32Array): number {
    const { slots, set } = this.sides[side];
    const scratch = this.#scratch;
    for (let place = 0; place < slots.length; place++) scratch[place] = state[slots[place]!]!;
    return set.insert(scratch, 0);
  }

  /** Writes what a half holds into a state. */
  load(side: Side, number: number, into: Int32Array): void {
    const { slots, set } = this.sides[side];
    const values = set.tuples.data;
    const base = number * set.words;
    for (let place = 0; place < slots.length; place++) into[slots[place]!] = values[base + place]!;
  }

  release(): void {
    for (const { set } of this.sides) set.release();
  }
}

/** A map from pairs of numbers to numbers, in flat shared memory; (0, 0) is no key. */
export class PairMap {
  /** Per entry: the two parts of the key, and the value plus one (0: free). */
  entries: GrowingInts;
  count = 0;
  readonly #budget: Budget;

  constructor(budget: Budget) {
    this.#budget = budget;
    this.entries = new GrowingInts(ENTRY_WORDS * 1024, budget);
  }

  set(one: number, other: number, value: number): void {
    const capacity = this.entries.data.length / ENTRY_WORDS;
    if ((this.count + 1) * 2 > capacity) this.#grow(capacity * 2);
    this.#put(one, other, value);
    this.count++;
  }

  clear(): void {
    this.entries.data.fill(0);
    this.count = 0;
  }

  release(): void {
    this.entries.release();
  }

  #put(one: number, other: number, value: number): void {
    const { data } = this.entries;
    const mask = data.length / ENTRY_WORDS - 1;
    let at = hashOfPair(one, other) & mask;
    while (data[at * ENTRY_WORDS + 2] !== 0) at = (at + 1) & mask;
    data[at * ENTRY_WORDS] = one;
    data[at * ENTRY_WORDS + 1] = other;
    data[at * ENTRY_WORDS + 2] = value + 1;
  }

  #grow(capacity: number): void {
    const old = this.entries;
    this.entries = new GrowingInts(ENTRY_WORDS * capacity, this.#budget);
    for (let at = 0; at < old.data.length; at += ENTRY_WORDS) {
      if (old.data[at + 2] !== 0) this.#put(old.data[at]!, old.data[at + 1]!, old.data[at + 2]! - 1);
    }
    old.release();
  }
}

/** Four words, so that no entry straddles two cache lines. */
const ENTRY_WORDS = 4;

/** What a `PairMap` with these entries says; -1 for an unknown key. */
export function lookUp(entries: Int32Array, one: number, other: number): number {
  const mask = (entries.length >>> 2) - 1;
  let at = (hashOfPair(one, other) & mask) << 2;
  for (;;) {
    const value = entries[at + 2]!;
    if (value === 0) return -1;
    if (entries[at] === one && entries[at + 1] === other) return value - 1;
    at = (at + ENTRY_WORDS) & ((mask << 2) | 3);
  }
}

function hashOfPair(one: number, other: number): number {
  let hash = Math.imul(one, 0xcc9e2d51) ^ Math.imul(other, 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return hash ^ (hash >>> 13);
}
