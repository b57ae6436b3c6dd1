/** The states that a search has found, by number: in the order in which they were found. */
import { type Budget, GrowingInts } from '../memory.ts';
import type { Search } from '../search.ts';
import type { Pairs } from './pair-numbers.ts';

/** How many states to write between two turns of the caller. */
const STATES_PER_TURN = 65_536;

export class AllStates implements Pairs {
  readonly count: number;
  readonly #search: Search;
  readonly #rows: GrowingInts;
  readonly #columns: GrowingInts;

  /** Empty until it is filled. @throws StoreFull */
  constructor(search: Search, budget: Budget) {
    this.count = search.states;
    this.#search = search;
    this.#rows = new GrowingInts(this.count, budget);
    this.#columns = new GrowingInts(this.count, budget);
  }

  /** Yields now and then. */
  *fill(): Generator<void, void> {
    let state = 0;
    let turn = 0;
    for (const { row, columns } of this.#search.allStates()) {
      this.#columns.data.set(columns, state);
      this.#rows.data.fill(row, state, state + columns.length);
      state += columns.length;
      if (state < turn + STATES_PER_TURN) continue;
      turn = state;
      yield;
    }
  }

  firstOf(state: number): number {
    return this.#rows.data[state]!;
  }

  secondOf(state: number): number {
    return this.#columns.data[state]!;
  }

  load(state: number, into: Int32Array): void {
    this.#search.load(this.firstOf(state), this.secondOf(state), into);
  }
}
