/**
 * The space of a search by rows: its states as rows and columns, and all that is said in their numbers: where steps lead, what is
 * known, what waits, what is next. All of it is replaced when the slots are divided anew.
 */
import { Ints } from '../tabulate/ints.ts';
import type { Tables } from '../tabulate/tables.ts';
import { RowExpander } from './expand-row.ts';
import type { Judge } from './judge.ts';
import type { LocalSteps } from './local-steps.ts';
import { type Budget, StoreFull } from './memory.ts';
import { Moves } from './moves.ts';
import type { Orbits } from './orbits.ts';
import { codeOf, columnOf, type Order, rowOf } from './orders.ts';
import { partitionAtFirst } from './partition.ts';
import { type Partition, Parts } from './parts.ts';
import { absorb, laneOf, Pending } from './pending.ts';
import { Representatives } from './representatives.ts';
import { RowSets, type StoredRowSets } from './row-sets.ts';
import type { Spill } from './spill.ts';
import type { Piece, StateList } from './state-list.ts';
import { Successors } from './successors.ts';

/** Rows are dealt to them when such a part is taken of the memory that may be before sets go to disk. */
const DEAL_AT = 1 / 4;

export interface RowsOptions {
  readonly tables: Tables;
  readonly steps: LocalSteps;
  readonly budget: Budget;
  readonly order: Order;
  /** Given when only representatives are stored. */
  readonly orbits: Orbits | undefined;
  /** Where sets go that there is no room for. */
  readonly spill: Spill | undefined;
  readonly judgeOf: (parts: Parts) => Judge;
  /** Called when states have got other codes, which are asked for by the old ones. */
  readonly onRenumbered: (codeNow: (code: number) => number) => void;
}

export class Rows {
  parts: Parts;
  moves: Moves;
  /** By lane; there is one as long as there are no other threads. */
  sets: readonly RowSets[];
  pending: Pending;
  representatives: Representatives | undefined;
  expander: RowExpander;
  judge: Judge;
  order: Order;
  /** Rows and columns of states without a step, in pairs. */
  readonly deadEnds = new Ints();
  readonly #options: RowsOptions;
  /** Steps that expanders before this one, and other threads, have counted. */
  #stepsBefore = 0;
  /** Scratch. */
  readonly #state: Int32Array;
  readonly #single = new Successors();

  constructor(options: RowsOptions) {
    const { tables, steps, budget, order, orbits, judgeOf } = options;
    this.#options = options;
    this.#state = new Int32Array(tables.slotCount);
    this.parts = new Parts(partitionAtFirst(tables.slotCount, orbits?.symmetry.orbits), budget);
    this.sets = [new RowSets(budget)];
    this.pending = new Pending(budget);
    this.moves = new Moves(steps, this.parts, budget);
    this.judge = judgeOf(this.parts);
    this.representatives = this.#newRepresentatives();
    this.expander = this.#newExpander();
    this.order = order;
  }

  #newRepresentatives(): Representatives | undefined {
    const { orbits, budget } = this.#options;
    return orbits && new Representatives(orbits.symmetry, this.parts, this.pending, budget);
  }

  #newExpander(): RowExpander {
    return new RowExpander(this.representatives ?? this.pending, this.deadEnds);
  }

  /** Steps of all states that have been expanded. */
  get steps(): number {
    return this.#stepsBefore + this.expander.steps;
  }

  /** Others have been expanded elsewhere, with so many steps. */
  countSteps(steps: number): void {
    this.#stepsBefore += steps;
  }

  /** Which slots are whose part: those of rows first. */
  get partition(): Partition {
    return this.parts.partition;
  }

  load(row: number, column: number, into: Int32Array): void {
    this.parts.loadState(row, column, into);
  }

  vectorOf(code: number): Int32Array {
    const vector = new Int32Array(this.#state.length);
    this.load(rowOf(code), columnOf(code), vector);
    return vector;
  }

  /** The code of a state, or of its representative. */
  codeOf(vector: Int32Array): number {
    const row = this.parts.numberOf(0, vector);
    const column = this.parts.columnOf(vector);
    return this.representatives?.representativeOf(row, column) ?? codeOf(row, column);
  }

  /** The level that a state is in; the youngest ones are asked about most. Only where there are levels. */
  depthOf(code: number): number {
    const order = this.order.byLevels!;
    const [row, column] = [rowOf(code), columnOf(code)];
    for (let level = order.nextLevel; level >= 0; level--) {
      for (const piece of order.statesOf(level)) if (piece.row === row && piece.columns.includes(column)) return level;
    }
    throw new Error(`state ${code} is in no level`);
  }

  // --- steps ---

  /**
   * Finds out what the expander lacks about a state.
   *
   * @throws ModelError when a step of it fails
   */
  learn(row: number, column: number): void {
    this.load(row, column, this.#state);
    try {
      this.moves.learn(this.expander.missing, row, column, this.#state);
    } finally {
      this.fit();
    }
  }

  /** Puts the steps of a state into a list, when all states have been expanded; returns how many there are. */
  collectSteps(row: number, column: number, into: Successors): number {
    for (;;) {
      const steps = into.collect(this.moves.tables, row, column);
      if (steps >= 0) return steps;
      // It was expanded before the parts got new numbers.
      this.load(row, column, this.#state);
      this.moves.learn(into.missing, row, column, this.#state);
      this.fit();
    }
  }

  /** As of `Successors`. */
  hasStepOf(row: number, column: number, entityOf: Int32Array): number {
    return this.#single.hasStepOf(this.moves.tables, row, column, entityOf);
  }

  // --- new states ---

  /** There may be more rows. @throws StoreFull */
  fit(): void {
    this.pending.fit(this.parts.rows);
  }

  /** Lets a state, or its representative, wait to be absorbed. @throws StoreFull */
  push(vector: Int32Array): void {
    const row = this.parts.numberOf(0, vector);
    this.pending.fit(row + 1);
    const column = this.parts.columnOf(vector);
    if (this.parts.isOverflowing) throw new StoreFull();
    (this.representatives ?? this.pending).push(row, column);
  }

  /** Adds what waits to the sets, and what of it is new to lists, one for each lane. @throws StoreFull */
  absorb(expanded: readonly Int32Array[], fresh: readonly StateList[]): void {
    const { rows, columns } = this.parts;
    const sources = [this.pending.arrays];
    try {
      const isWanted = this.pending.lanes(fresh.length);
      for (const [lane, list] of fresh.entries()) {
        if (isWanted[lane] === 0) continue;
        const sets = this.sets[lane]!;
        const { stored } = sets;
        if (stored) sets.load(stored);
        sets.fit(rows);
        try {
          absorb(sources, expanded, { sets, fresh: list }, lane, fresh.length, columns);
        } finally {
          if (stored || this.#isTight) this.#store(sets);
        }
      }
    } finally {
      this.pending.clear();
    }
  }

  // --- on disk ---

  get #isTight(): boolean {
    const { spill, budget } = this.#options;
    return spill !== undefined && this.sets.length >= spill.lanes && budget.share > spill.from;
  }

  #store(sets: RowSets): void {
    sets.openFile(this.#options.spill!);
    sets.store(this.parts.fields);
  }

  /** Whether some of the sets are on disk: then it is better to add much at once. */
  get isSpilled(): boolean {
    return this.sets.some(({ stored }) => stored !== undefined);
  }

  /** Another thread has added to sets, in memory or in their file. @throws StoreFull */
  adopt(lane: number, stored: StoredRowSets | undefined): void {
    const sets = this.sets[lane]!;
    if (stored) sets.stored = stored;
    else {
      sets.refresh();
      if (this.#isTight) this.#store(sets);
    }
  }

  /** Between two levels: what rows have outgrown is used again, and lanes are made before there is no room for it. */
  tidy(): void {
    for (const sets of this.sets) sets.tidy();
    const { spill, budget } = this.#options;
    if (!spill) return;
    if (budget.share > spill.from * DEAL_AT) this.deal(spill.lanes);
    const words = this.sets.reduce((sum, { stored }) => sum + (stored?.words ?? 0), 0);
    spill.bytes = Math.max(spill.bytes, 4 * (words + this.order.byLevels!.trail.wordsOnDisk));
  }

  /** Gives back what only insertions need; nothing can be added any more. */
  close(): void {
    for (const sets of this.sets) sets.close();
    this.pending.release();
  }

  /** Gives back what is not memory; nothing can be asked any more. */
  dispose(): void {
    for (const sets of this.sets) sets.close();
    this.order.release();
  }

  /** From now on rows belong to so many lanes, at least. @throws StoreFull */
  deal(count: number): void {
    const order = this.order.byLevels!;
    const lanes = Math.max(count, this.#options.spill?.lanes ?? 0);
    if (this.sets.length === lanes || this.isSpilled) return;
    const { rows } = this.parts;
    const sets = Array.from({ length: lanes }, () => new RowSets(this.#options.budget));
    for (const one of sets) one.fit(rows);
    for (const one of this.sets) {
      for (let row = 0; row < rows; row++) one.moveRow(row, sets[laneOf(row, lanes)]!);
    }
    order.deal(lanes);
    for (const one of this.sets) one.close();
    this.sets = sets;
  }

  // --- other parts ---

  /** Gives all states the numbers of other parts; false, and nothing has changed, when there is no room for both at once. */
  divide(partition: Partition, bits: readonly number[]): boolean {
    const { budget, onRenumbered } = this.#options;
    const before = budget.bytes;
    const { parts, sets, pending, representatives, order } = this;
    try {
      this.parts = new Parts(partition, budget, bits);
      this.sets = sets.map(() => new RowSets(budget));
      this.pending = new Pending(budget);
      this.representatives = this.#newRepresentatives();
      const vector = new Int32Array(this.#state.length);
      const insert = (states: Iterable<Piece>, into: readonly StateList[]) => {
        for (const { row, columns } of states) {
          for (const column of columns) {
            parts.loadState(row, column, vector);
            this.push(vector);
          }
        }
        this.absorb([], into);
      };
      this.order = order.renumbered(budget, insert, () => this.parts.fields);
    } catch (error) {
      if (!(error instanceof StoreFull)) throw error;
      for (const one of this.sets) if (!sets.includes(one)) one.close();
      Object.assign(this, { parts, sets, pending, representatives, order });
      budget.giveBack(budget.bytes - before);
      return false;
    }
    const vector = new Int32Array(this.#state.length);
    onRenumbered((code) => {
      parts.loadState(rowOf(code), columnOf(code), vector);
      return this.codeOf(vector);
    });
    for (const one of sets) one.close();
    for (const part of [parts, pending, representatives, order]) part?.release();
    this.#renew();
    return true;
  }

  /**
   * Begins with parts that have numbers already.
   *
   * @param values by part, all of them, one after the other
   * @returns false when one is there twice, or when a renaming would take a slot from one part to another
   * @throws StoreFull
   */
  restore(partition: Partition, bits: readonly number[], values: readonly Int32Array[]): boolean {
    const { budget, orbits } = this.#options;
    this.parts.release();
    this.parts = new Parts(partition, budget, bits);
    for (const [part, { set }] of this.parts.all.entries()) {
      // A part without slots has one value, which has no words.
      const count = set.words === 0 ? 1 : values[part]!.length / set.words;
      for (let number = 0; number < count; number++) {
        if (set.insert(values[part]!, number * set.words) !== number) return false;
      }
    }
    const { partOf } = this.parts;
    const isClosed = orbits?.symmetry.orbits.every((orbit) => new Set(orbit.map((slot) => partOf[slot])).size === 1);
    if (isClosed === false) return false;
    this.representatives?.release();
    this.representatives = this.#newRepresentatives();
    this.#renew();
    return true;
  }

  /** The parts are others. */
  #renew(): void {
    const { steps, budget, judgeOf } = this.#options;
    this.moves.release();
    this.judge.release();
    this.moves = new Moves(steps, this.parts, budget);
    this.judge = judgeOf(this.parts);
    this.#stepsBefore = this.steps;
    this.expander = this.#newExpander();
    this.fit();
  }
}
