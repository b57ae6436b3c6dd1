import type { Ints } from '../tabulate/ints.ts';

/**
 * Successors that have been found but not yet looked up: the search collects some hundreds before it inserts them.
 *
 * Most of a step's time would else go into waiting for memory. Looking up many successors in a row lets those waits overlap.
 */
export const BATCH_SIZE = 512;
/** So many pairs are remembered: what fits in a core's own cache. */
const RECENT_BITS = 14;

export class Batch {
  length = 0;
  /** When set, steps back into the same state are told as well, and what starts each step: its label in `Moves`. */
  labels: Ints | undefined;
  /** Per successor: the numbers of its halves, and the state that it comes from. */
  first = new Int32Array(BATCH_SIZE * 2);
  second = new Int32Array(BATCH_SIZE * 2);
  parent = new Int32Array(BATCH_SIZE * 2);
  readonly #recent = new Int32Array(2 << RECENT_BITS);

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

  /** Leaves those out that have been in a batch not long ago: near states have many successors in common. */
  dropRecent(): void {
    const { first, second, parent } = this;
    const recent = this.#recent;
    let kept = 0;
    for (let i = 0; i < this.length; i++) {
      const one = first[i]!;
      const other = second[i]!;
      const at = ((Math.imul(one, 0x9e3779b1) ^ Math.imul(other, 0x85ebca6b)) >>> (32 - RECENT_BITS)) * 2;
      // A free entry is no pair: numbers are plus one.
      if (recent[at] === one + 1 && recent[at + 1] === other + 1) continue;
      recent[at] = one + 1;
      recent[at + 1] = other + 1;
      first[kept] = one;
      second[kept] = other;
      parent[kept] = parent[i]!;
      kept++;
    }
    this.length = kept;
  }

  /** To be called when halves get new numbers. */
  forgetRecent(): void {
    this.#recent.fill(0);
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
