/**
 * The steps of states by look-ups, without running a machine's table: what a step does is computed once for all states in
 * which it looks at the same ("local transition caching"; Blom, van de Pol, Weber: "Bridging the Gap between Enumerative and
 * Symbolic Model Checkers", 2009, does it with declared dependencies; ours are observed).
 *
 * - A step that looks at slots of one half only is part of that half's *record*: the half that it makes of this one.
 * - What the others do is told by a decision tree for their starter's value: it looks at the slots that the step looks at, in
 *   that order, and its leaf says what changes in either half. What a half becomes by such a change is in its record, too.
 *
 * Everything is integers in one array (`trees.pool`), which other threads can read:
 *
 * - a record: `[n, n x half after the step, m, m x cell of a tree, n x label, k, k x (change, half after it)]`; the last ones may
 *   be free, with 0 for the change
 * - a node's slot is twice its place in its half, plus the side
 * - a leaf is the start of a *list*: `[n, n x (change of the first half, change of the second), n x label]`; change 0 is none
 * - a label is the number of what starts the step, in `labels`
 *
 * Whatever is missing is computed from a real state by `complete`, with the walker. So every step that any state has was run
 * once, with all that is observed of it.
 */
import { DecisionTrees } from '../tabulate/decision-trees.ts';
import { Ints } from '../tabulate/ints.ts';
import type { Walker } from '../tabulate/walker.ts';
import { type Halves, SIDES, type Side } from './halves.ts';
import { type Budget, GrowingInts } from './memory.ts';
import { afterChange, changesOf } from './successors.ts';

/** More words of records and trees than this are thrown away and computed again when they are needed. */
const POOL_WORDS_MAX = 2 ** 26;

/** Records start with room for so many changes. */
const CHANGES_AT_FIRST = 4;

/** Answers of `#leafAlone`, besides leaves, which are negative. */
const UNEXPLORED = 0;
const CROSSING = 1;

interface Change {
  readonly places: readonly number[];
  readonly values: readonly number[];
}

/** What starts a step: a choice or timer, or a message of a channel; as the walker says it. */
export interface Label {
  readonly kind: number;
  readonly message: number;
  /** -1 for a choice or timer. */
  readonly channelSlot: number;
  /** Of a lost message that is not the oldest of its queue; otherwise 0. */
  readonly place: number;
}

/** What is missing about a state: a record, the leaf of a tree, or what a change makes of a half. */
export const ROW_RECORD = 0;
export const COLUMN_RECORD = 1;
export const CELL = 2;
export const ROW_CHANGE = 3;
export const COLUMN_CHANGE = 4;

export interface Missing {
  readonly kind: number;
  /** The cell of the tree, or the change. */
  readonly what: number;
}

export class Moves {
  readonly labels: Label[] = [];
  readonly trees = new DecisionTrees();
  /** By side and number of a half: where its record starts, 0 when there is none yet. */
  readonly records: readonly [GrowingInts, GrowingInts];

  readonly #walker: Walker;
  readonly #halves: Halves;
  readonly #changes: Change[] = [{ places: [], values: [] }];
  readonly #changeByKey = new Map<string, number>();
  /** Hears of the messages of each step that some property watches for. */
  readonly #watch: (messages: readonly number[]) => void;
  /** By starter and its value: the cell of its tree; and the starter of each cell. */
  readonly #cells: readonly Ints[];
  readonly #starterOf = new Map<number, number>();
  readonly #labelByKey = new Map<string, number>();
  readonly #seen = new Set<number>();
  readonly #scratch: Int32Array;
  /** The state at hand, by nodes' slots. */
  readonly #values: Int32Array;
  /** By slot: 1 when it can start steps; and the list of the tables that this was made from. */
  readonly #isStarter: Uint8Array;
  #starters: readonly number[] = [];
  /** The record that is being made. */
  readonly #local = new Ints();
  readonly #localLabels = new Ints();
  readonly #crossing = new Ints();

  constructor(walker: Walker, halves: Halves, budget: Budget, watch: (messages: readonly number[]) => void) {
    this.#walker = walker;
    this.#halves = halves;
    this.#watch = watch;
    this.records = [new GrowingInts(256, budget), new GrowingInts(256, budget)];
    this.#cells = Array.from(halves.sideOf, () => new Ints());
    this.#scratch = new Int32Array(halves.sideOf.length);
    this.#values = new Int32Array(halves.sideOf.length * 2);
    this.#isStarter = new Uint8Array(halves.sideOf.length);
  }

  /** How many changes there are, the one that changes nothing included. */
  get changeCount(): number {
    return this.#changes.length;
  }

  get bytes(): number {
    return this.trees.pool.bytes;
  }

  /**
   * Computes what is missing about the steps of a state, which is the pair of these halves.
   *
   * @throws ModelError when a step fails
   */
  complete(first: number, second: number, state: Int32Array): void {
    if (this.trees.pool.length > POOL_WORDS_MAX) this.clear();
    this.#take(state);
    this.#guarded(() => {
      for (const side of SIDES) {
        const records = this.records[side];
        const number = side === 0 ? first : second;
        records.reserve(this.#halves.sides[side].set.count);
        if (records.data[number] === 0) this.#record(side, number, state);
      }
      for (const side of SIDES) this.#fill(side, first, second, state);
    });
  }

  /**
   * Finds out one thing that could not be looked up about a state.
   *
   * @throws ModelError when a step fails
   */
  learn({ kind, what }: Missing, first: number, second: number, state: Int32Array): void {
    if (kind === ROW_CHANGE) this.#apply(what, 0, first);
    else if (kind === COLUMN_CHANGE) this.#apply(what, 1, second);
    else if (this.trees.pool.length > POOL_WORDS_MAX) this.clear();
    else {
      this.#take(state);
      this.#guarded(() => {
        if (kind === CELL) this.#grow(what, this.#run(this.#starterOf.get(what)!, state));
        else if (kind === ROW_RECORD) this.#newRecord(0, first, state);
        else this.#newRecord(1, second, state);
      });
    }
  }

  #newRecord(side: Side, number: number, state: Int32Array): void {
    this.records[side].reserve(this.#halves.sides[side].set.count);
    this.#record(side, number, state);
  }

  #take(state: Int32Array): void {
    const { sideOf, placeOf } = this.#halves;
    for (let slot = 0; slot < sideOf.length; slot++) this.#values[placeOf[slot]! * 2 + sideOf[slot]!] = state[slot]!;
  }

  #guarded(run: () => void): void {
    try {
      run();
    } catch (error) {
      this.#walker.abort();
      this.#walker.reads = undefined;
      throw error;
    }
  }

  /** Forgets all records, to make room; they come back as they are needed. */
  clear(): void {
    this.trees.clear();
    this.#starterOf.clear();
    for (const cells of this.#cells) cells.data.fill(0);
    for (const side of SIDES) this.records[side].data.fill(0);
  }

  release(): void {
    for (const side of SIDES) this.records[side].release();
  }

  /** Which of a half's starters look at it alone is the same whatever the other half is. */
  #record(side: Side, number: number, state: Int32Array): void {
    const { pool } = this.trees;
    const local = this.#local;
    const labels = this.#localLabels;
    const cells = this.#crossing;
    local.length = 0;
    labels.length = 0;
    cells.length = 0;
    const { starters } = this.#walker.tables;
    if (this.#starters !== starters) {
      this.#starters = starters;
      for (const slot of starters) this.#isStarter[slot] = 1;
    }
    const { slots } = this.#halves.sides[side];
    for (let place = 0; place < slots.length; place++) {
      const slot = slots[place]!;
      if (this.#isStarter[slot] === 0) continue;
      const cell = this.#cellOf(slot, state[slot]!);
      let leaf = this.#leafAlone(cell, side);
      if (leaf === UNEXPLORED) {
        this.#grow(cell, this.#run(slot, state));
        leaf = this.#leafAlone(cell, side);
      }
      if (leaf === CROSSING) {
        cells.push(cell);
        continue;
      }
      const list = -1 - leaf;
      const count = pool.data[list]!;
      for (let step = 0; step < count; step++) {
        const change = pool.data[list + 1 + 2 * step + side]!;
        local.push(change === 0 ? number : this.#after(change, side, number));
        labels.push(pool.data[list + 1 + 2 * count + step]!);
      }
    }
    const record = pool.push(local.length);
    for (let i = 0; i < local.length; i++) pool.push(local.data[i]!);
    pool.push(cells.length);
    for (let i = 0; i < cells.length; i++) pool.push(cells.data[i]!);
    for (let i = 0; i < labels.length; i++) pool.push(labels.data[i]!);
    pool.push(CHANGES_AT_FIRST);
    pool.extend(2 * CHANGES_AT_FIRST);
    this.records[side].data[number] = record;
  }

  /** The leaf of a tree as far as one half tells it. */
  #leafAlone(cell: number, side: Side): number {
    const { data } = this.trees.pool;
    let reference = data[cell]!;
    while (reference > 0) {
      const read = data[reference]!;
      if ((read & 1) !== side) return CROSSING;
      const value = this.#values[read]!;
      reference = value < data[reference + 1]! ? data[reference + 2 + value]! : UNEXPLORED;
    }
    return reference;
  }

  /** The trees of a record may lead to what is not known yet. */
  #fill(side: Side, first: number, second: number, state: Int32Array): void {
    const { pool } = this.trees;
    const records = this.records[side];
    const number = side === 0 ? first : second;
    const cells = pool.data[records.data[number]!]! + 1;
    const count = pool.data[records.data[number]! + cells]!;
    for (let i = 1; i <= count; i++) {
      // The record may have moved meanwhile.
      const cell = pool.data[records.data[number]! + cells + i]!;
      let list = this.trees.leafOf(cell, this.#values);
      if (list < 0) list = this.#grow(cell, this.#run(this.#starterOf.get(cell)!, state));
      for (let each = list + 1, end = each + 2 * pool.data[list]!; each < end; each += 2) {
        this.#apply(pool.data[each]!, 0, first);
        this.#apply(pool.data[each + 1]!, 1, second);
      }
    }
  }

  #cellOf(slot: number, value: number): number {
    const cells = this.#cells[slot]!;
    if (value >= cells.length || cells.data[value] === 0) {
      const cell = this.trees.cell();
      cells.set(value, cell);
      this.#starterOf.set(cell, slot);
    }
    return cells.data[value]!;
  }

  /** How nodes name a slot. */
  #readOf(slot: number): number {
    return this.#halves.placeOf[slot]! * 2 + this.#halves.sideOf[slot]!;
  }

  /** Runs all steps that a slot starts. */
  #run(slot: number, state: Int32Array): Run {
    const walker = this.#walker;
    const changes: number[] = [];
    const labels: number[] = [];
    walker.reads = [];
    walker.begin([slot]);
    walker.current.set(state);
    while (walker.next()) {
      if (walker.watched.length > 0) this.#watch(walker.watched);
      changes.push(this.#changeOf(0), this.#changeOf(1));
      labels.push(this.#labelOf(walker));
    }
    this.#seen.clear();
    // The tree is already that of the starter's value.
    this.#seen.add(slot);
    const reads: number[] = [];
    for (const read of walker.reads) {
      if (this.#seen.has(read)) continue;
      this.#seen.add(read);
      reads.push(this.#readOf(read));
    }
    walker.reads = undefined;
    return { changes, labels, reads, values: reads.map((read) => this.#values[read]!) };
  }

  #labelOf({ kind, message, channelSlot, place }: Walker): number {
    const key = `${kind} ${message} ${channelSlot} ${place}`;
    let label = this.#labelByKey.get(key);
    if (label === undefined) {
      label = this.labels.push({ kind, message, channelSlot, place }) - 1;
      this.#labelByKey.set(key, label);
    }
    return label;
  }

  /** What the walker's last step has changed in a half. */
  #changeOf(side: Side): number {
    const { current, previous, touched, touchedCount } = this.#walker;
    const { sideOf, placeOf } = this.#halves;
    const slots: number[] = [];
    for (let i = 0; i < touchedCount; i++) {
      const slot = touched[i]!;
      if (sideOf[slot] === side && current[slot] !== previous[slot]) slots.push(slot);
    }
    if (slots.length === 0) return 0;
    slots.sort((a, b) => a - b);
    let key = String(side);
    for (const slot of slots) key += ` ${slot}:${current[slot]}`;
    let change = this.#changeByKey.get(key);
    if (change === undefined) {
      const places = slots.map((slot) => placeOf[slot]!);
      change = this.#changes.push({ places, values: slots.map((slot) => current[slot]!) }) - 1;
      this.#changeByKey.set(key, change);
    }
    return change;
  }

  #grow(cell: number, { changes, labels, reads, values }: Run): number {
    const { pool } = this.trees;
    const list = pool.push(changes.length / 2);
    for (const change of changes) pool.push(change);
    for (const label of labels) pool.push(label);
    if (!this.trees.grow(cell, reads, values, list)) {
      throw new Error('a step looked at other slots than before in the same situation');
    }
    return list;
  }

  #apply(change: number, side: Side, number: number): void {
    if (change === 0) return;
    const { pool } = this.trees;
    let changes = changesOf(pool.data, this.records[side].data[number]!);
    if (afterChange(pool.data, changes, change) >= 0) return;
    const after = this.#after(change, side, number);
    const room = pool.data[changes]!;
    let used = 0;
    while (used < room && pool.data[changes + 1 + 2 * used] !== 0) used++;
    if (used === room) changes = this.#widen(side, number, changes);
    pool.data[changes + 1 + 2 * used] = change;
    pool.data[changes + 2 + 2 * used] = after;
  }

  /** Gives a record room for more changes; what it leaves behind is never used again. */
  #widen(side: Side, number: number, changes: number): number {
    const { pool } = this.trees;
    const old = this.records[side].data[number]!;
    const room = pool.data[changes]!;
    const end = changes + 1 + 2 * room;
    const record = pool.length;
    pool.extend(end - old + 2 * room);
    pool.data.copyWithin(record, old, end);
    pool.data[record + changes - old] = 2 * room;
    this.records[side].data[number] = record;
    return record + changes - old;
  }

  /** The half that a change makes of another. */
  #after(change: number, side: Side, number: number): number {
    const { set } = this.#halves.sides[side];
    const { places, values } = this.#changes[change]!;
    const scratch = this.#scratch;
    const tuples = set.tuples.data;
    const base = number * set.words;
    for (let place = 0; place < set.words; place++) scratch[place] = tuples[base + place]!;
    for (let i = 0; i < places.length; i++) scratch[places[i]!] = values[i]!;
    return set.insert(scratch, 0);
  }
}

/** All steps of a starter in a state: `[change of the first half, of the second]` each, and what they looked at, in order. */
interface Run {
  readonly changes: readonly number[];
  readonly labels: readonly number[];
  /** As in nodes. */
  readonly reads: readonly number[];
  readonly values: readonly number[];
}
