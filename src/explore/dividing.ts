/**
 * When the slots are divided anew, and how: as states show what varies together, and when numbers outgrow their bits. It makes no difference
 * to what is found.
 */
import type { Tables } from '../tabulate/tables.ts';
import { Walker } from '../tabulate/walker.ts';
import { StoreFull } from './memory.ts';
import { deeperStates, footprintsOf } from './observed.ts';
import { choosePartition, costOf, type Sample, valuesOf } from './partition.ts';
import { bitsFor, COLUMN_BITS, PARTS_MAX, type Partition, spareBits } from './parts.ts';
import type { Rows } from './rows.ts';

/** The slots are divided anew when so many states have shown what varies together, if it pays. */
const PARTITION_AT = [1 << 12, 1 << 15, 1 << 18, 1 << 20, 1 << 23];
/** So many states are looked at for it, and the steps of some of them. */
const SAMPLE_MAX = 1 << 10;
const FOOTPRINTS_OF = 64;
/** Which slots vary together is not worth finding out for more of them: it takes the cube of their number. */
const PARTITION_SLOTS_MAX = 256;
/** Another division must cost so much less to be worth the move. */
const PARTITION_GAIN = 0.75;
/** When parts have more values than so many times the square root of the states, one more is tried: it must leave such a share of them. */
const CROWDED = 60;
/** Before that, parts have many values in every search. */
const CROWDED_STATES_MIN = 2 ** 18;
const PARTS_GAIN = 1 / 3;
const CROWDED_SAMPLE = 2 ** 15;
const PARTITION_STATES_MAX = 2 ** 19;

/** For tests, which divide small systems, too. */
export interface Dividing {
  /** At so many states. */
  readonly at: readonly number[];
  /** Always in so many parts; default: as it pays. */
  readonly parts?: number;
  /** Bits of a column of more than two parts. */
  readonly columnBits?: number;
}

export class Divider {
  /** How often it has been looked whether another division pays. */
  times = 0;
  readonly #rows: Rows;
  readonly #tables: Tables;
  /** Slots that stay together. With symmetry there are two parts: least images are told by row and column. */
  readonly #units: Partition | undefined;
  readonly #dividing: Dividing;

  constructor(rows: Rows, tables: Tables, units: Partition | undefined, dividing: Dividing = { at: PARTITION_AT }) {
    this.#rows = rows;
    this.#tables = tables;
    this.#units = units;
    this.#dividing = dividing;
  }

  /** Divides the slots of so many states anew when it is time, and it pays. */
  settle(states: number): void {
    if (states < (this.#dividing.at[this.times] ?? Number.POSITIVE_INFINITY)) return;
    if (this.#tables.slotCount > PARTITION_SLOTS_MAX) return;
    this.times++;
    const current = this.#rows.partition;
    const { parts: count } = this.#dividing;
    if (count !== undefined) {
      const sample = this.#sample(states);
      this.#divide(choosePartition(sample, current, count, this.#units), sample);
      return;
    }
    // In a larger search it takes longer to move all states than another division into as many parts saves.
    const mayBeBetter = states <= PARTITION_STATES_MAX;
    const mayBeMore = !this.#units && current.length < PARTS_MAX && this.#isCrowded(states);
    if (!mayBeBetter && !mayBeMore) return;
    const sample = this.#sample(states);
    if (mayBeBetter) {
      const partition = choosePartition(sample, current, current.length, this.#units);
      if (costOf(sample, partition) <= PARTITION_GAIN * costOf(sample, current)) {
        this.#divide(partition, sample);
        return;
      }
    }
    if (!mayBeMore) return;
    const more = choosePartition(sample, current, current.length + 1);
    // What a few states show of a part with very many values is hardly more than that there are very many.
    const many = { ...sample, states: this.#someStates(states, CROWDED_SAMPLE) };
    if (valuesOf(many, more) < PARTS_GAIN * valuesOf(many, current)) this.#divide(more, sample);
  }

  #isCrowded(states: number): boolean {
    return states >= CROWDED_STATES_MIN && this.#rows.parts.values > CROWDED * Math.sqrt(states);
  }

  /** A part has more values than its bits can number. @throws StoreFull when there is no other way to divide */
  makeRoom(states: number): void {
    const { parts, partition } = this.#rows;
    const sample = this.#sample(states);
    const hasRows = parts.rows <= parts.all[0]!.mask + 1;
    if (hasRows && this.#hasRoomIn(partition, sample)) return;
    for (let count = this.#units ? 2 : PARTS_MAX; count >= 2; count--) {
      if (this.#hasRoomIn(choosePartition(sample, partition, count, this.#units), sample)) return;
    }
    throw new StoreFull();
  }

  #hasRoomIn(partition: Partition, sample: Sample): boolean {
    return this.#divide(partition, sample) && !this.#rows.parts.isOverflowing;
  }

  /** False when there is no room for both divisions at once, or bits are too few. */
  #divide(partition: Partition, sample: Sample): boolean {
    // A sample tells too little of parts with many values, those that there are know better.
    const known = new Map(this.#rows.parts.all.map(({ slots, set }) => [slots.join(), set.count]));
    const values = partition.map((slots) => known.get(slots.join()) ?? valuesOf(sample, [slots]));
    const { columnBits = COLUMN_BITS } = partition.length > 2 ? this.#dividing : {};
    const bits = bitsFor(values, columnBits);
    return spareBits(bits, columnBits) >= 0 && this.#rows.divide(partition, bits);
  }

  /** Its walkers are its own: what it tries on the way is no part of the search. */
  #sample(states: number): Sample {
    const stored = this.#someStates(states, SAMPLE_MAX);
    const all = [...stored, ...deeperStates(new Walker(this.#tables), stored)];
    const looked = all.filter((_, index) => index % Math.ceil(all.length / FOOTPRINTS_OF) === 0);
    return { states: all, footprints: footprintsOf(new Walker(this.#tables), looked), lookedAt: looked.length };
  }

  #someStates(states: number, max: number): Int32Array[] {
    const stride = Math.ceil(states / max);
    const some: Int32Array[] = [];
    let skip = 0;
    for (const { row, columns } of this.#rows.order.states()) {
      for (; skip < columns.length; skip += stride) {
        const vector = new Int32Array(this.#tables.slotCount);
        this.#rows.load(row, columns[skip]!, vector);
        some.push(vector);
      }
      skip -= columns.length;
    }
    return some;
  }
}
