import type { Ints } from '../tabulate/ints.ts';

/**
 * Successors that have been found but not yet looked up: the search collects some hundreds before it inserts them.
 *
 * Most of a step's time would else go into waiting for memory. Looking up many successors in a row lets those waits overlap.
 */
export const BATCH_SIZE = 512;

export class Batch {
  length = 0;
  /** When set, steps back into the same state are told as well, and what starts each step: its label in `Moves`. */
  labels: Ints | undefined;
  /** Per successor: the numbers of its halves, and the state that it comes from. */
  first = new Int32Array(BATCH_SIZE * 2);
  second = new Int32Array(BATCH_SIZE * 2);
  parent = new Int32Array(BATCH_SIZE * 2);

  get isFull(): boolean {
    return this.length >= BATCH_SIZE;
  }

  push(first: number, second: number, parent: number): void {
    const at = this.length++;
    if (at === this.first.length) this.#grow();
    this.first[at] = first;
    this.second[at] = second;
    this.parent[at] = parent;
  }

  #grow(): void {
    const grown = (old: Int32Array) => {
      const larger = new Int32Array(old.length * 2);
      larger.set(old);
      return larger;
    };
    this.first = grown(this.first);
    this.second = grown(this.second);
    this.parent = grown(this.parent);
  }
}
