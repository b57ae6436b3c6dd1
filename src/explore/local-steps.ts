/**
 * What steps do, computed once for all states in which they look at the same ("local transition caching"; Blom, van de Pol, Weber:
 * "Bridging the Gap between Enumerative and Symbolic Model Checkers", 2009, does it with declared dependencies; ours are observed).
 *
 * What starts a step is an actor's local state that has a choice or a timer, or what a channel holds: a *starter* with its value. A decision
 * tree for each looks at the slots that its steps look at, in that order. A leaf is the start of a *list* of these steps, in the same
 * array: `[n, n x delta, n x label]`. A *delta* is the number of some slots with their new values, 0 when nothing changes; a label is the
 * number of what starts the step.
 *
 * All of it is about slots, however they are divided in parts.
 */
import { DecisionTrees } from '../tabulate/decision-trees.ts';
import { Ints } from '../tabulate/ints.ts';
import type { Tables } from '../tabulate/tables.ts';
import type { Walker } from '../tabulate/walker.ts';

/** Slots with their new values. */
export interface Delta {
  readonly slots: readonly number[];
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

export class LocalSteps {
  readonly labels: Label[] = [];
  readonly deltas: Delta[] = [{ slots: [], values: [] }];
  readonly trees = new DecisionTrees();

  readonly #walker: Walker;
  /** Hears of the messages of each step that some property watches for. */
  readonly #watch: (messages: readonly number[]) => void;
  /** By starter and its value: the cell of its tree; and the starter of each cell. */
  readonly #cells: readonly Ints[];
  readonly #starterOf = new Map<number, number>();
  readonly #labelByKey = new Map<string, number>();
  readonly #deltaByKey = new Map<string, number>();
  /** By slot: 1 when it can start steps; and the list of the tables that this was made from. */
  readonly #isStarter: Uint8Array;
  #starters: readonly number[] = [];
  readonly #seen = new Set<number>();

  constructor(walker: Walker, watch: (messages: readonly number[]) => void) {
    const { slotCount } = walker.tables;
    this.#walker = walker;
    this.#watch = watch;
    this.#cells = Array.from({ length: slotCount }, () => new Ints());
    this.#isStarter = new Uint8Array(slotCount);
  }

  get tables(): Tables {
    return this.#walker.tables;
  }

  get bytes(): number {
    return this.trees.pool.bytes;
  }

  isStarter(slot: number): boolean {
    const { starters } = this.#walker.tables;
    if (this.#starters !== starters) {
      this.#starters = starters;
      for (const starter of starters) this.#isStarter[starter] = 1;
    }
    return this.#isStarter[slot] === 1;
  }

  /** The cells of a starter's trees by its value, 0 for one that has none yet. */
  cellsOf(slot: number): Int32Array {
    return this.#cells[slot]!.data;
  }

  /** The cell of the tree of a starter with a value. */
  cellOf(slot: number, value: number): number {
    const cells = this.#cells[slot]!;
    if (value >= cells.length || cells.data[value] === 0) {
      const cell = this.trees.cell();
      cells.set(value, cell);
      this.#starterOf.set(cell, slot);
    }
    return cells.data[value]!;
  }

  /**
   * Runs the steps of a tree's starter in a state, and notes them; returns their list.
   *
   * @throws ModelError when one fails
   */
  grow(cell: number, state: Int32Array): number {
    const known = this.trees.leafOf(cell, state);
    if (known >= 0) return known;
    const { steps, reads } = this.#run(this.#starterOf.get(cell)!, state);
    const { pool } = this.trees;
    const list = pool.push(steps.length);
    for (const { delta } of steps) pool.push(delta);
    for (const { label } of steps) pool.push(label);
    const values = reads.map((slot) => state[slot]!);
    if (!this.trees.grow(cell, reads, values, list)) {
      throw new Error('a step looked at other slots than before in the same situation');
    }
    return list;
  }

  /** Forgets all trees, to make room; they come back as they are needed. */
  clear(): void {
    this.trees.clear();
    this.#starterOf.clear();
    for (const cells of this.#cells) cells.data.fill(0);
  }

  /** All steps that a slot starts, and the slots that they look at, in order. */
  #run(slot: number, state: Int32Array) {
    const walker = this.#walker;
    const steps: { readonly delta: number; readonly label: number }[] = [];
    walker.reads = [];
    try {
      walker.begin([slot]);
      walker.current.set(state);
      while (walker.next()) {
        if (walker.watched.length > 0) this.#watch(walker.watched);
        steps.push({ delta: this.#delta(), label: this.#label() });
      }
      this.#seen.clear();
      // The tree is already that of the starter's value.
      this.#seen.add(slot);
      const reads: number[] = [];
      for (const read of walker.reads) {
        if (this.#seen.has(read)) continue;
        this.#seen.add(read);
        reads.push(read);
      }
      return { steps, reads };
    } catch (error) {
      walker.abort();
      throw error;
    } finally {
      walker.reads = undefined;
    }
  }

  #label(): number {
    const { kind, message, channelSlot, place } = this.#walker;
    const key = `${kind} ${message} ${channelSlot} ${place}`;
    let label = this.#labelByKey.get(key);
    if (label === undefined) {
      label = this.labels.push({ kind, message, channelSlot, place }) - 1;
      this.#labelByKey.set(key, label);
    }
    return label;
  }

  /** What the walker's last step has changed. */
  #delta(): number {
    const { current, previous, touched, touchedCount } = this.#walker;
    const slots: number[] = [];
    for (let i = 0; i < touchedCount; i++) {
      const slot = touched[i]!;
      if (current[slot] !== previous[slot]) slots.push(slot);
    }
    if (slots.length === 0) return 0;
    slots.sort((a, b) => a - b);
    let key = '';
    for (const slot of slots) key += ` ${slot}:${current[slot]}`;
    let delta = this.#deltaByKey.get(key);
    if (delta === undefined) {
      delta = this.deltas.push({ slots, values: slots.map((slot) => current[slot]!) }) - 1;
      this.#deltaByKey.set(key, delta);
    }
    return delta;
  }
}
