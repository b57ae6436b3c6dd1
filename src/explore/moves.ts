/**
 * The steps of states by look-ups, without running a machine's table: what a step does is computed once for all states in
 * which it looks at the same ("local transition caching"; Blom, van de Pol, Weber: "Bridging the Gap between Enumerative and
 * Symbolic Model Checkers", 2009, does it with declared dependencies; ours are observed).
 *
 * - A step that looks at slots of one half only is part of that half's *record*: the half that it makes of this one.
 * - What the others do is told by a decision tree for their starter's value: it looks at the slots that the step looks at, in
 *   that order, and its leaf says what changes in either half. `changed` says what another half becomes by such a change.
 *
 * Everything is integers in one array (`trees.pool`), which other threads can read:
 *
 * - a record: `[n, n x half after the step, m, m x cell of a tree, n x label]`
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
import { type Halves, lookUp, PairMap, SIDES, type Side } from './halves.ts';
import { type Budget, GrowingInts } from './memory.ts';

/** More words of records and trees than this are thrown away and computed again when they are needed. */
const POOL_WORDS_MAX = 2 ** 26;

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
}

export class Moves {
  readonly labels: Label[] = [];
  readonly trees = new DecisionTrees();
  /** By side and number of a half: where its record starts, 0 when there is none yet. */
  readonly records: readonly [GrowingInts, GrowingInts];
  /** By side: (half, change) to half. */
  readonly changed: readonly [PairMap, PairMap];

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

  constructor(walker: Walker, halves: Halves, budget: Budget, watch: (messages: readonly number[]) => void) {
    this.#walker = walker;
    this.#halves = halves;
    this.#watch = watch;
    this.records = [new GrowingInts(256, budget), new GrowingInts(256, budget)];
    this.changed = [new PairMap(budget), new PairMap(budget)];
    this.#cells = Array.from(halves.sideOf, () => new Ints());
    this.#scratch = new Int32Array(halves.sideOf.length);
    this.#values = new Int32Array(halves.sideOf.length * 2);
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
    const numbers = [first, second] as const;
    state.forEach((value, slot) => {
      this.#values[this.#readOf(slot)] = value;
    });
    const walker = this.#walker;
    try {
      for (const side of SIDES) {
        this.records[side].reserve(this.#halves.sides[side].set.count);
        if (this.records[side].data[numbers[side]] === 0) this.#record(side, numbers[side], state);
        this.#fill(this.records[side].data[numbers[side]]!, first, second, state);
      }
    } catch (error) {
      walker.abort();
      throw error;
    } finally {
      walker.reads = undefined;
      walker.begin();
    }
  }

  /** Forgets all records, to make room; they come back as they are needed. */
  clear(): void {
    this.trees.clear();
    this.#starterOf.clear();
    for (const cells of this.#cells) cells.data.fill(0);
    for (const side of SIDES) {
      this.records[side].data.fill(0);
      this.changed[side].clear();
    }
  }

  release(): void {
    for (const side of SIDES) {
      this.records[side].release();
      this.changed[side].release();
    }
  }

  /** Which of a half's starters look at it alone is the same whatever the other half is. */
  #record(side: Side, number: number, state: Int32Array): void {
    const { pool } = this.trees;
    const local: number[] = [];
    const labels: number[] = [];
    const cells: number[] = [];
    for (const slot of this.#walker.tables.starters) {
      if (this.#halves.sideOf[slot] !== side) continue;
      const run = this.#run(slot, state);
      if (run.reads.some((read) => (read & 1) !== side)) {
        const cell = this.#cellOf(slot, state[slot]!);
        if (this.trees.leafOf(cell, this.#values) < 0) this.#grow(cell, run);
        cells.push(cell);
      } else {
        for (const after of run.after) local.push(this.#halves.numberOf(side, after));
        labels.push(...run.labels);
      }
    }
    this.records[side].data[number] = pool.push(local.length);
    for (const target of local) pool.push(target);
    pool.push(cells.length);
    for (const cell of cells) pool.push(cell);
    for (const label of labels) pool.push(label);
  }

  /** The trees of a record may lead to what is not known yet. */
  #fill(record: number, first: number, second: number, state: Int32Array): void {
    const { pool } = this.trees;
    let at = record + 1 + pool.data[record]!;
    for (let left = pool.data[at++]!; left > 0; left--, at++) {
      const cell = pool.data[at]!;
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
    const after: Int32Array[] = [];
    walker.reads = [];
    walker.begin([slot]);
    walker.current.set(state);
    while (walker.next()) {
      if (walker.watched.length > 0) this.#watch(walker.watched);
      changes.push(this.#changeOf(0), this.#changeOf(1));
      labels.push(this.#labelOf(walker));
      after.push(walker.current.slice());
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
    return { changes, labels, after, reads, values: reads.map((read) => this.#values[read]!) };
  }

  #labelOf({ kind, message, channelSlot }: Walker): number {
    const key = `${kind} ${message} ${channelSlot}`;
    let label = this.#labelByKey.get(key);
    if (label === undefined) {
      label = this.labels.push({ kind, message, channelSlot }) - 1;
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
    const changed = this.changed[side];
    if (lookUp(changed.entries.data, number, change) >= 0) return;
    const { set } = this.#halves.sides[side];
    const { places, values } = this.#changes[change]!;
    const scratch = this.#scratch;
    for (let place = 0; place < set.words; place++) scratch[place] = set.tuples.data[number * set.words + place]!;
    places.forEach((place, index) => {
      scratch[place] = values[index]!;
    });
    changed.set(number, change, set.insert(scratch, 0));
  }
}

/** All steps of a starter in a state: `[change of the first half, of the second]` each, and what they looked at, in order. */
interface Run {
  readonly changes: readonly number[];
  readonly labels: readonly number[];
  readonly after: readonly Int32Array[];
  /** As in nodes. */
  readonly reads: readonly number[];
  readonly values: readonly number[];
}
