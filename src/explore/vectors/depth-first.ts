/**
 * The order that goes far at once: the youngest state first, and those that one state leads to in an order that is drawn, another one
 * in each search. The same seed makes the same searches, however the run is cut into slices.
 *
 * Of all states only those wait that are still to be expanded; those on the way to the last one are its path.
 */
import type { Path } from '../../tabulate/path.ts';
import type { Tables } from '../../tabulate/tables.ts';
import type { Fault } from '../findings.ts';
import type { Inspector } from '../inspector.ts';
import { GrowingInts } from '../memory.ts';
import { PackedVectors } from '../packed-vectors.ts';
import { randomBelow } from '../random.ts';
import { shortenToFault } from '../shorten.ts';
import { Newcomers, type VectorStore } from './newcomers.ts';
import { RunList } from './run-list.ts';
import type { VectorOrder, VectorParts } from './vector-search.ts';

export class DepthFirst implements VectorOrder {
  /** Over all searches. */
  states = 0;
  depth = 0;
  at = 0;
  readonly #tables: Tables;
  readonly #inspector: Inspector;
  readonly #store: VectorStore;
  readonly met: Newcomers;
  /** Of the next search. */
  #seed: number;
  #random!: (end: number) => number;
  #initial: readonly Int32Array[] = [];
  /** The states to be expanded, each with its depth, and those on the way to the last one that was. */
  readonly #stack: PackedVectors;
  readonly #depths: GrowingInts;
  readonly #path: PackedVectors;
  /** By place on the path. */
  readonly #runs: RunList | undefined;

  constructor(parts: VectorParts, store: VectorStore, seed: number) {
    const { tables, budget, inspector } = parts;
    this.#tables = tables;
    this.#inspector = inspector;
    this.#store = store;
    this.#seed = seed;
    this.met = new Newcomers(store);
    this.#stack = new PackedVectors(tables.slotCount, budget);
    this.#depths = new GrowingInts(1024, budget);
    this.#path = new PackedVectors(tables.slotCount, budget);
    this.#runs = RunList.of(parts);
  }

  get waiting(): number {
    return this.#stack.length;
  }

  get bound() {
    return this.#store.bound;
  }

  facts() {
    return this.#store.facts();
  }

  begin(initial: readonly Int32Array[]): void {
    this.#initial = initial;
    this.advance();
  }

  advance(): boolean {
    if (!this.met.next()) return false;
    this.#random = randomBelow(this.#seed++);
    this.#path.length = 0;
    for (const state of this.#initial) {
      if (!this.met.addInitial(state)) continue;
      this.states++;
      this.#inspector.inspect(state, 0);
      this.#push(state, 0);
      if (this.#inspector.finding) break;
    }
    return true;
  }

  take(into: Int32Array): boolean {
    if (this.#stack.length === 0) return false;
    this.#stack.load(--this.#stack.length, into);
    this.at = this.#depths.data[this.#stack.length]!;
    // The youngest waiting state was found from the last state on the path that is one step nearer.
    this.#path.length = this.at;
    this.#path.push(into);
    this.met.begin(into);
    return true;
  }

  violatedByRun(state: Int32Array): string | undefined {
    const runs = this.#runs!;
    if (this.at === 0) runs.begin(state, 0);
    else runs.goOn(runs, this.at - 1, state, this.at, this.at);
    return runs.violatedAt(this.at);
  }

  follow(): void {
    const newcomers = this.met;
    const found = this.#addAll();
    this.states += found;
    this.#shuffle(found);
    for (let i = 0; i < found && !this.#inspector.finding; i++) {
      const state = newcomers.stateAt(i);
      this.#inspector.inspect(state, this.at + 1);
      this.#push(state, this.at + 1);
    }
  }

  /** Makes the newcomers known, and those that are new the first ones; returns how many these are. */
  #addAll(): number {
    let found = 0;
    for (let i = 0; i < this.met.length; i++) if (this.met.add(i)) this.met.swap(i, found++);
    return found;
  }

  /** Another order for another seed (Fisher and Yates). */
  #shuffle(length: number): void {
    for (let i = length - 1; i > 0; i--) this.met.swap(i, this.#random(i + 1));
  }

  #push(state: Int32Array, depth: number): void {
    this.#depths.reserve(this.#stack.length + 1);
    this.#depths.data[this.#stack.length] = depth;
    this.#stack.push(state);
    if (depth > this.depth) this.depth = depth;
  }

  pathOf(fault: Fault, found: Int32Array): Path {
    // The state may be on the path, or the next one after it.
    const states = Array.from({ length: fault.state }, (_, index) => {
      const state = new Int32Array(this.#tables.slotCount);
      this.#path.load(index, state);
      return state;
    });
    return shortenToFault(this.#tables, [...states, found], fault);
  }
}
