/**
 * The steps of whole vectors by look-ups: the trees of `local-steps.ts`, for each starter with its value, and what each delta sets. All
 * of it is integers in arrays that other threads can read; what is missing is found out from a real state by `learn`.
 */
import { Ints } from '../../tabulate/ints.ts';
import type { Walker } from '../../tabulate/walker.ts';
import type { Fingerprints } from '../fingerprints.ts';
import { type Label, LocalSteps } from '../local-steps.ts';

/** More words of trees than this are thrown away and computed again when they are needed. */
const POOL_WORDS_MAX = 2 ** 26;

/** What `TreeSteps` knows, as flat arrays. Fetched anew when any of them has grown. */
export interface StepTrees {
  /** Trees and lists. */
  readonly trees: Int32Array;
  /** The slots that can start steps, in the order in which they do, and of each the cells of its trees by value; 0 when there is none. */
  readonly starters: Int32Array;
  readonly cells: readonly Int32Array[];
  /** By delta where it is in `sets`: `[n, n x slot, n x value]`. */
  readonly deltas: Int32Array;
  readonly sets: Int32Array;
  /**
   * By place of a delta in a list: what the step is to the words of a fingerprint, in pairs. The values that it takes the place of are among
   * those that its tree looks at, so it is the same for all states that come to the list.
   */
  readonly flips: Int32Array;
}

export class TreeSteps {
  readonly #steps: LocalSteps;
  readonly #deltas = new Ints();
  readonly #sets = new Ints();
  readonly #flips = new Ints();
  readonly #fingerprints: Fingerprints;
  /** The list of the tables that these were made from. */
  #starters: readonly number[] = [];
  #tables: StepTrees;

  /** @param watch hears of the messages of each step that some property watches for */
  constructor(walker: Walker, fingerprints: Fingerprints, watch: (messages: readonly number[]) => void) {
    this.#steps = new LocalSteps(walker, watch);
    this.#fingerprints = fingerprints;
    this.#flatten();
    this.#tables = this.#newTables();
  }

  get bytes(): number {
    return this.#steps.bytes + this.#deltas.bytes + this.#sets.bytes + this.#flips.bytes;
  }

  /** What starts a step, by its label. */
  get labels(): readonly Label[] {
    return this.#steps.labels;
  }

  get tables(): StepTrees {
    if (this.#starters !== this.#steps.tables.starters) this.#tables = this.#newTables();
    return this.#tables;
  }

  /**
   * Finds out what the steps of a starter are in a state.
   *
   * @throws ModelError when one fails
   */
  learn(starter: number, state: Int32Array): void {
    const steps = this.#steps;
    if (steps.trees.pool.length > POOL_WORDS_MAX) steps.clear();
    try {
      this.#flip(steps.grow(steps.cellOf(starter, state[starter]!), state), state);
    } finally {
      this.#flatten();
      if (!this.#isCurrent(starter)) this.#tables = this.#newTables();
    }
  }

  /** Whether all arrays are still where they were, those of this starter included. */
  #isCurrent(starter: number): boolean {
    const { trees, starters, cells, deltas, sets, flips } = this.#tables;
    return (
      trees === this.#steps.trees.pool.data &&
      deltas === this.#deltas.data &&
      sets === this.#sets.data &&
      flips === this.#flips.data &&
      cells[starters.indexOf(starter)] === this.#steps.cellsOf(starter)
    );
  }

  /** Notes what the steps of a list make of the fingerprint of a state, and so of all states that come to it. */
  #flip(list: number, state: Int32Array): void {
    const { trees, deltas } = this.#steps;
    const { data } = trees.pool;
    const fingerprints = this.#fingerprints;
    for (let at = list + 1, end = at + data[list]!; at < end; at++) {
      const { slots, values } = deltas[data[at]!]!;
      let low = 0;
      let high = 0;
      slots.forEach((slot, place) => {
        low ^= fingerprints.lowFlip(slot, state[slot]!, values[place]!);
        high ^= fingerprints.highFlip(slot, state[slot]!, values[place]!);
      });
      this.#flips.set(2 * at, low);
      this.#flips.set(2 * at + 1, high);
    }
  }

  #flatten(): void {
    const { deltas } = this.#steps;
    while (this.#deltas.length < deltas.length) {
      const { slots, values } = deltas[this.#deltas.length]!;
      this.#deltas.push(this.#sets.push(slots.length));
      for (const slot of slots) this.#sets.push(slot);
      for (const value of values) this.#sets.push(value);
    }
  }

  #newTables(): StepTrees {
    const { starters } = this.#steps.tables;
    this.#starters = starters;
    return {
      trees: this.#steps.trees.pool.data,
      starters: Int32Array.from(starters),
      cells: starters.map((slot) => this.#steps.cellsOf(slot)),
      deltas: this.#deltas.data,
      sets: this.#sets.data,
      flips: this.#flips.data,
    };
  }
}
