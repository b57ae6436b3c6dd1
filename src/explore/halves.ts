/**
 * States as pairs of numbers: the slots are divided in two halves, and what a half holds gets a number the first time it is
 * seen. Halves are few and states are many, so a state costs two numbers, and what a half does is computed once for all
 * states that share it (`moves.ts`).
 */
import type { Budget } from './memory.ts';
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
