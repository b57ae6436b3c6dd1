/**
 * The steps of states by look-ups, without running a machine's table: what `local-steps.ts` knows, told for the values of parts.
 *
 * - A step that looks at slots of one part only is in that part's *record*: the value that it makes of this one.
 * - What the others do is told by the trees of their starters, which the record names. What a part becomes by a *change*, which is what
 *   a delta is to one part, is in its record, too.
 *
 * Everything is integers in arrays that other threads can read:
 *
 * - a record: `[n, n x value after the step, m, m x cell of a tree, n x label, k, k x (change, value after it)]`; the last ones may
 *   be free, with 0 for the change
 * - `changesOf`: by delta, for each part its change, 0 when it changes nothing there
 *
 * Whatever is missing is computed from a real state by `learn`. So every step that any state has was run once, with all that is
 * observed of it.
 */
import { Ints } from '../tabulate/ints.ts';
import type { LocalSteps } from './local-steps.ts';
import { type Budget, GrowingInts } from './memory.ts';
import type { Parts } from './parts.ts';

/** More words of records and trees than this are thrown away and computed again when they are needed. */
const POOL_WORDS_MAX = 2 ** 26;

/** Records start with room for so many changes. */
const CHANGES_AT_FIRST = 4;

/** Answers of `#leafAlone`, besides leaves, which are negative. */
const UNEXPLORED = 0;
const CROSSING = 1;

/** What is missing about a state: a part's record, the leaf of a tree, or what a change makes of a part. */
export const RECORD = 0;
export const CELL = 1;
export const CHANGE = 2;

export interface Missing {
  readonly kind: number;
  /** Of a record or a change. */
  readonly part: number;
  /** The cell of the tree, or the change. */
  readonly what: number;
}

interface Change {
  readonly places: readonly number[];
  readonly values: readonly number[];
}

/** What `Moves`, `LocalSteps` and `Parts` know, as flat arrays. Fetched anew when any of them has grown. */
export interface StepTables {
  /** Trees and lists. */
  readonly trees: Int32Array;
  readonly pool: Int32Array;
  /** By part: records by number; the values of its slots by number; which slots these are; where its number stands in a column. */
  readonly records: readonly Int32Array[];
  readonly values: readonly Int32Array[];
  readonly slots: readonly Int32Array[];
  readonly shifts: Int32Array;
  readonly masks: Int32Array;
  readonly partOf: Uint8Array;
  readonly changesOf: Int32Array;
  /** All changes have lower numbers. */
  readonly changes: number;
}

export class Moves {
  /** By part and number of its value: where the record starts, 0 when there is none yet. */
  readonly records: readonly GrowingInts[];
  readonly #steps: LocalSteps;
  readonly #parts: Parts;
  /** Word 0 is never used: 0 is no record. */
  readonly #pool = new Ints(1024);
  readonly #changes: Change[] = [{ places: [], values: [] }];
  readonly #changeByKey = new Map<string, number>();
  readonly #changesOf = new Ints();
  #deltas = 0;
  readonly #scratch: Int32Array;
  #tables: StepTables;
  /** The record that is being made. */
  readonly #alone = new Ints();
  readonly #labels = new Ints();
  readonly #crossing = new Ints();

  constructor(steps: LocalSteps, parts: Parts, budget: Budget) {
    this.#steps = steps;
    this.#parts = parts;
    this.records = parts.all.map(() => new GrowingInts(256, budget));
    this.#scratch = new Int32Array(parts.partOf.length);
    this.#pool.push(0);
    this.#divideDeltas();
    this.#tables = this.#newTables();
  }

  get bytes(): number {
    return this.#pool.bytes + this.#steps.bytes;
  }

  get tables(): StepTables {
    const { trees, pool, records, values, changesOf, changes } = this.#tables;
    const isCurrent =
      trees === this.#steps.trees.pool.data &&
      pool === this.#pool.data &&
      changesOf === this.#changesOf.data &&
      changes === this.#changes.length &&
      records.every((data, part) => data === this.records[part]!.data) &&
      values.every((data, part) => data === this.#parts.all[part]!.set.tuples.data);
    if (!isCurrent) this.#tables = this.#newTables();
    return this.#tables;
  }

  #newTables(): StepTables {
    const { all, partOf } = this.#parts;
    return {
      trees: this.#steps.trees.pool.data,
      pool: this.#pool.data,
      records: this.records.map(({ data }) => data),
      values: all.map(({ set }) => set.tuples.data),
      slots: all.map(({ slots }) => slots),
      shifts: Int32Array.from(all, ({ shift }) => shift),
      masks: Int32Array.from(all, ({ mask }) => mask),
      partOf,
      changesOf: this.#changesOf.data,
      changes: this.#changes.length,
    };
  }

  /**
   * Finds out one thing that could not be looked up about a state.
   *
   * @throws ModelError when a step fails
   */
  learn({ kind, part, what }: Missing, row: number, column: number, state: Int32Array): void {
    const number = this.#parts.numberIn(part, row, column);
    if (kind === CHANGE) {
      this.#apply(what, part, number);
      return;
    }
    if (this.#pool.length + this.#steps.trees.pool.length > POOL_WORDS_MAX) this.#clear();
    else if (kind === RECORD) this.#record(part, number, state);
    else this.#grow(what, state);
  }

  #clear(): void {
    this.#steps.clear();
    this.#pool.data.fill(0, 0, this.#pool.length);
    this.#pool.length = 1;
    for (const { data } of this.records) data.fill(0);
  }

  release(): void {
    for (const records of this.records) records.release();
  }

  #grow(cell: number, state: Int32Array): void {
    this.#steps.grow(cell, state);
    this.#divideDeltas();
  }

  /** Which of a part's starters look at it alone is the same whatever the other parts are. */
  #record(part: number, number: number, state: Int32Array): void {
    const { slots, set } = this.#parts.all[part]!;
    const alone = this.#alone;
    const labels = this.#labels;
    const cells = this.#crossing;
    alone.length = 0;
    labels.length = 0;
    cells.length = 0;
    const steps = this.#steps;
    const { pool: lists } = steps.trees;
    for (const slot of slots) {
      if (!steps.isStarter(slot)) continue;
      const cell = steps.cellOf(slot, state[slot]!);
      let leaf = this.#leafAlone(cell, part, state);
      if (leaf === UNEXPLORED) {
        this.#grow(cell, state);
        leaf = this.#leafAlone(cell, part, state);
      }
      if (leaf === CROSSING) {
        cells.push(cell);
        continue;
      }
      const list = -1 - leaf;
      const count = lists.data[list]!;
      for (let at = list + 1; at <= list + count; at++) {
        const change = this.#changesOf.data[lists.data[at]! * this.#parts.all.length + part]!;
        alone.push(change === 0 ? number : this.#after(change, part, number));
        labels.push(lists.data[at + count]!);
      }
    }
    const pool = this.#pool;
    const record = pool.push(alone.length);
    for (let i = 0; i < alone.length; i++) pool.push(alone.data[i]!);
    pool.push(cells.length);
    for (let i = 0; i < cells.length; i++) pool.push(cells.data[i]!);
    for (let i = 0; i < labels.length; i++) pool.push(labels.data[i]!);
    pool.push(CHANGES_AT_FIRST);
    pool.extend(2 * CHANGES_AT_FIRST);
    this.records[part]!.reserve(set.count);
    this.records[part]!.data[number] = record;
  }

  /** The leaf of a tree as far as one part tells it. */
  #leafAlone(cell: number, part: number, state: Int32Array): number {
    const { data } = this.#steps.trees.pool;
    const { partOf } = this.#parts;
    let reference = data[cell]!;
    while (reference > 0) {
      const slot = data[reference]!;
      if (partOf[slot] !== part) return CROSSING;
      const value = state[slot]!;
      reference = value < data[reference + 1]! ? data[reference + 2 + value]! : UNEXPLORED;
    }
    return reference;
  }

  /** Tells new deltas as changes of parts. */
  #divideDeltas(): void {
    const { deltas } = this.#steps;
    const { partOf, placeOf, all } = this.#parts;
    for (; this.#deltas < deltas.length; this.#deltas++) {
      const { slots, values } = deltas[this.#deltas]!;
      for (let part = 0; part < all.length; part++) {
        const places: number[] = [];
        const after: number[] = [];
        slots.forEach((slot, at) => {
          if (partOf[slot] !== part) return;
          places.push(placeOf[slot]!);
          after.push(values[at]!);
        });
        this.#changesOf.push(this.#changeOf(part, places, after));
      }
    }
  }

  #changeOf(part: number, places: readonly number[], values: readonly number[]): number {
    if (places.length === 0) return 0;
    const key = `${part} ${places} ${values}`;
    let change = this.#changeByKey.get(key);
    if (change === undefined) {
      change = this.#changes.push({ places, values }) - 1;
      this.#changeByKey.set(key, change);
    }
    return change;
  }

  /** Notes in a record what a change makes of its value. */
  #apply(change: number, part: number, number: number): void {
    const pool = this.#pool;
    let changes = changesIn(pool.data, this.records[part]!.data[number]!);
    if (afterChange(pool.data, changes, change) >= 0) return;
    const after = this.#after(change, part, number);
    const room = pool.data[changes]!;
    let used = 0;
    while (used < room && pool.data[changes + 1 + 2 * used] !== 0) used++;
    if (used === room) changes = this.#widen(part, number, changes);
    pool.data[changes + 1 + 2 * used] = change;
    pool.data[changes + 2 + 2 * used] = after;
  }

  /** Gives a record room for more changes; what it leaves behind is never used again. */
  #widen(part: number, number: number, changes: number): number {
    const pool = this.#pool;
    const old = this.records[part]!.data[number]!;
    const room = pool.data[changes]!;
    const end = changes + 1 + 2 * room;
    const record = pool.length;
    pool.extend(end - old + 2 * room);
    pool.data.copyWithin(record, old, end);
    pool.data[record + changes - old] = 2 * room;
    this.records[part]!.data[number] = record;
    return record + changes - old;
  }

  /** The value that a change makes of another one. */
  #after(change: number, part: number, number: number): number {
    const { set } = this.#parts.all[part]!;
    const { places, values } = this.#changes[change]!;
    const scratch = this.#scratch;
    const tuples = set.tuples.data;
    const base = number * set.words;
    for (let place = 0; place < set.words; place++) scratch[place] = tuples[base + place]!;
    for (let i = 0; i < places.length; i++) scratch[places[i]!] = values[i]!;
    return set.insert(scratch, 0);
  }
}

/** Where the changes of a record start: how many there is room for, and then these. */
export function changesIn(pool: Int32Array, record: number): number {
  const alone = pool[record]!;
  const cells = record + 2 + alone;
  return cells + pool[cells - 1]! + alone;
}

/** The value that a change makes of the one whose changes these are, -1 when it is not known yet. */
export function afterChange(pool: Int32Array, changes: number, change: number): number {
  for (let at = changes + 1, end = at + 2 * pool[changes]!; at < end; at += 2) {
    const other = pool[at]!;
    if (other === change) return pool[at + 1]!;
    if (other === 0) return -1;
  }
  return -1;
}
