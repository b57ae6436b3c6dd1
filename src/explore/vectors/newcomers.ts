/**
 * What the steps of one state lead to that is not known yet. A *store* says what is known, by fingerprints; a state becomes known only
 * when all steps of the one before it have gone well.
 */
import type { Bound } from '../../system/verdict.ts';
import type { Walker } from '../../tabulate/walker.ts';
import type { Facts } from '../explorer.ts';
import type { Fingerprints } from '../fingerprints.ts';

/** What a search remembers of the states that it has come to. */
export interface VectorStore {
  /** By which it tells states from each other. */
  readonly fingerprints: Fingerprints;
  readonly known: Known;
  /** What keeps a search from being complete when nothing is left. */
  readonly bound: Bound;
  /** Knows nothing from now on, so that the next search can begin; false when there is none to be made. @throws StoreFull */
  next(): boolean;
  facts(): Facts;
}

export interface Known {
  has(low: number, high: number): boolean;
  /** True when it was new. */
  add(low: number, high: number): boolean;
}

export class Newcomers {
  /** How many there are. */
  length = 0;
  readonly #store: VectorStore;
  #fingerprints!: Fingerprints;
  #known!: Known;
  readonly #kept: { readonly state: Int32Array; low: number; high: number }[] = [];

  constructor(store: VectorStore) {
    this.#store = store;
  }

  /** As the store's `next`, which must come first. */
  next(): boolean {
    if (!this.#store.next()) return false;
    this.#fingerprints = this.#store.fingerprints;
    this.#known = this.#store.known;
    return true;
  }

  /** Makes an initial state known; true when it was new. */
  addInitial(state: Int32Array): boolean {
    this.#fingerprints.begin(state);
    const { low, high } = this.#fingerprints;
    return this.#known.add(low, high);
  }

  /** From now on they come from a state. */
  begin(state: Int32Array): void {
    this.#fingerprints.begin(state);
    this.length = 0;
  }

  /** The result of the walker's step may be one. */
  meet(walker: Walker): void {
    this.#fingerprints.after(walker);
    const { low, high } = this.#fingerprints;
    if (!this.#known.has(low, high)) this.#keep(walker.current, low, high);
  }

  /** Makes one known; true when it was new: two steps may have led to it. */
  add(index: number): boolean {
    const { low, high } = this.#kept[index]!;
    return this.#known.add(low, high);
  }

  /** Valid until the next `meet`. */
  stateAt(index: number): Int32Array {
    return this.#kept[index]!.state;
  }

  swap(one: number, other: number): void {
    const kept = this.#kept;
    [kept[one], kept[other]] = [kept[other]!, kept[one]!];
  }

  #keep(state: Int32Array, low: number, high: number): void {
    const kept = this.#kept[this.length++];
    if (!kept) {
      this.#kept.push({ state: state.slice(), low, high });
      return;
    }
    kept.state.set(state);
    kept.low = low;
    kept.high = high;
  }
}
