/**
 * States as a few numbers: the slots are divided in *parts*, and what a part holds gets a number the first time it is seen. Such values
 * of parts are few and states are many, so a state costs little, and what a part does is computed once for all states that share
 * it (`moves.ts`).
 *
 * The number of the first part is a state's *row*. Those of the others are its *column*, a word:
 *
 * | parts | bits of a column |
 * |---|---|
 * | 2 | the number of the second one, so that columns are dense |
 * | 3, 4 | the number of each in bits of its own, the second part's in the lowest ones |
 */
import type { Budget } from './memory.ts';
import { TupleSet } from './tuple-set.ts';

/** Of each part its slots. */
export type Partition = readonly (readonly number[])[];

/** More would make the look-ups for a state more expensive than what they save. */
export const PARTS_MAX = 4;
/** Bits of a column. With those of rows they must fit into a whole number that is exact. */
export const COLUMN_BITS = 30;
export const ROW_BITS = 22;

/** Some bits of a column: those that the number of one part needs. */
export interface Field {
  readonly shift: number;
  readonly bits: number;
}

export interface Part {
  /** The slots that it holds, in ascending order. */
  readonly slots: Int32Array;
  /** Their values, by the number of the part's value. */
  readonly set: TupleSet;
  /** Where its number stands in a column: the lowest bit, and all of them as a mask after the shift; of the row its own. */
  readonly shift: number;
  readonly mask: number;
}

export class Parts {
  readonly all: readonly Part[];
  /** By slot: its part, and its place in that part. */
  readonly partOf: Uint8Array;
  readonly placeOf: Int32Array;
  /** Bits of each part's number. */
  readonly bits: readonly number[];
  readonly #scratch: Int32Array;

  /** @param bits by part, that of the row included; default: each gets about as many */
  constructor(partition: Partition, budget: Budget, bits: readonly number[] = evenBits(partition.length)) {
    const slotCount = partition.reduce((sum, slots) => sum + slots.length, 0);
    this.partOf = new Uint8Array(slotCount);
    this.placeOf = new Int32Array(slotCount);
    this.#scratch = new Int32Array(slotCount);
    this.bits = bits;
    let shift = 0;
    this.all = partition.map((slots, part) => {
      slots.forEach((slot, place) => {
        this.partOf[slot] = part;
        this.placeOf[slot] = place;
      });
      const own = part === 0 ? 0 : shift;
      if (part > 0) shift += bits[part]!;
      return {
        slots: Int32Array.from(slots),
        set: new TupleSet(slots.length, budget),
        shift: own,
        mask: 2 ** bits[part]! - 1,
      };
    });
  }

  get partition(): Partition {
    return this.all.map(({ slots }) => [...slots]);
  }

  /** How many rows there are. */
  get rows(): number {
    return this.all[0]!.set.count;
  }

  /** All columns are below. */
  get columns(): number {
    return this.isDense ? this.all[1]!.set.count : 2 ** COLUMN_BITS;
  }

  /** Whether nearly all numbers below `columns` are columns. */
  get isDense(): boolean {
    return this.all.length === 2;
  }

  /** The bits of columns that are in use. */
  get fields(): Field[] {
    return this.all.slice(1).map(({ shift, set }) => ({ shift, bits: Math.max(1, 32 - Math.clz32(set.count - 1)) }));
  }

  /** How many values all parts have. */
  get values(): number {
    return this.all.reduce((sum, { set }) => sum + set.count, 0);
  }

  /** Whether a part has more values than its bits can number. */
  get isOverflowing(): boolean {
    return this.all.some(({ set, mask }) => set.count > mask + 1);
  }

  /** The number of what a state holds in a part. @throws StoreFull */
  numberOf(part: number, state: Int32Array): number {
    const { slots, set } = this.all[part]!;
    const scratch = this.#scratch;
    for (let place = 0; place < slots.length; place++) scratch[place] = state[slots[place]!]!;
    return set.insert(scratch, 0);
  }

  /** @throws StoreFull */
  columnOf(state: Int32Array): number {
    let column = 0;
    for (let part = 1; part < this.all.length; part++) column |= this.numberOf(part, state) << this.all[part]!.shift;
    return column;
  }

  /** The number of a part's value in a state. */
  numberIn(part: number, row: number, column: number): number {
    const { shift, mask } = this.all[part]!;
    return part === 0 ? row : (column >>> shift) & mask;
  }

  /** Writes what a part holds into a state. */
  load(part: number, number: number, into: Int32Array): void {
    const { slots, set } = this.all[part]!;
    const values = set.tuples.data;
    const base = number * set.words;
    for (let place = 0; place < slots.length; place++) into[slots[place]!] = values[base + place]!;
  }

  loadState(row: number, column: number, into: Int32Array): void {
    for (let part = 0; part < this.all.length; part++) this.load(part, this.numberIn(part, row, column), into);
  }

  release(): void {
    for (const { set } of this.all) set.release();
  }
}

function evenBits(parts: number): number[] {
  return bitsFor(Array.from({ length: parts }, () => 2));
}

/** Bits for so many values of each part, those that are left over dealt out. */
export function bitsFor(values: readonly number[], columnBits = COLUMN_BITS): number[] {
  const bits = values.map((count) => Math.max(1, Math.ceil(Math.log2(Math.max(2, count)))));
  bits[0] = ROW_BITS;
  for (let part = 1, left = spareBits(bits, columnBits); left > 0 && bits.length > 1; left--) {
    bits[part]!++;
    part = part === bits.length - 1 ? 1 : part + 1;
  }
  return bits;
}

/** How many bits of a column are left over; negative when there are too few. */
export function spareBits(bits: readonly number[], columnBits = COLUMN_BITS): number {
  return columnBits - bits.slice(1).reduce((sum, count) => sum + count, 0);
}
