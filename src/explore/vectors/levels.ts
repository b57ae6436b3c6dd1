/**
 * The order level by level: near states first, so that every path to a finding is the shortest one. It does what the search by rows
 * does, with the same choice among several findings, but for states that the store takes for another one.
 */
import type { Tables } from '../../tabulate/tables.ts';
import type { Inspector } from '../inspector.ts';
import { PackedVectors } from '../packed-vectors.ts';
import type { LevelStats } from '../search.ts';
import { Newcomers, type VectorStore } from './newcomers.ts';
import { RunList } from './run-list.ts';
import type { VectorOrder, VectorParts, VectorTrail } from './vector-search.ts';

export class Levels implements VectorOrder {
  states = 0;
  at = 0;
  readonly levels: LevelStats[] = [];
  readonly #tables: Tables;
  readonly #inspector: Inspector;
  readonly #statesMax: number;
  readonly #store: VectorStore;
  readonly #trail: VectorTrail;
  readonly met: Newcomers;
  #level: PackedVectors;
  #nextLevel: PackedVectors;
  /** By state of these levels. */
  #runs: RunList | undefined;
  #nextRuns: RunList | undefined;
  /** The next state of the level. */
  #next = 0;

  constructor(parts: VectorParts, store: VectorStore, trail: VectorTrail) {
    const { tables, budget, limits, inspector } = parts;
    this.#tables = tables;
    this.#inspector = inspector;
    inspector.waitForLevels();
    this.#statesMax = limits.states;
    this.#store = store;
    this.#trail = trail;
    this.met = new Newcomers(store);
    this.#level = new PackedVectors(tables.slotCount, budget);
    this.#nextLevel = new PackedVectors(tables.slotCount, budget);
    this.#runs = RunList.of(parts);
    this.#nextRuns = RunList.of(parts);
  }

  get depth(): number {
    return this.#nextLevel.length > 0 ? this.at + 1 : this.at;
  }

  get waiting(): number {
    return this.#level.length - this.#next + this.#nextLevel.length;
  }

  get bound() {
    return this.#store.bound;
  }

  facts(isComplete: boolean) {
    return this.#store.facts(isComplete);
  }

  begin(initial: readonly Int32Array[]): void {
    this.met.next();
    for (const state of initial) {
      if (!this.met.addInitial(state)) continue;
      this.states++;
      this.#trail.begin(state);
      this.#runs?.begin(state, this.#level.length);
      this.#level.push(state);
      this.#inspector.inspect(state, 0);
    }
  }

  take(into: Int32Array): boolean {
    if (this.#next === this.#level.length) return false;
    this.#level.load(this.#next++, into);
    this.met.begin(into);
    return true;
  }

  violatedByRun(): string | undefined {
    return this.#runs!.violatedAt(this.#next - 1);
  }

  follow(): void {
    const newcomers = this.met;
    for (let i = 0; i < newcomers.length && this.states <= this.#statesMax; i++) {
      if (!newcomers.add(i)) continue;
      this.states++;
      const state = newcomers.stateAt(i);
      this.#nextRuns?.goOn(this.#runs!, this.#next - 1, state, this.#nextLevel.length, this.at + 1);
      this.#nextLevel.push(state);
      this.#inspector.inspect(state, this.at + 1);
    }
  }

  advance(): boolean {
    this.levels.push({ depth: this.at, states: this.states, values: this.#tables.valueCounts() });
    if (this.#nextLevel.length === 0) return false;
    [this.#runs, this.#nextRuns] = [this.#nextRuns, this.#runs];
    [this.#level, this.#nextLevel] = [this.#nextLevel, this.#level];
    this.#nextLevel.length = 0;
    this.#next = 0;
    this.at++;
    return true;
  }

  pathOf(...fault: Parameters<VectorOrder['pathOf']>) {
    return this.#trail.pathOf(...fault);
  }
}
