/** The states found but not yet expanded; the order in which it gives them out is the order of the search. */
import { GrowingInts } from './memory.ts';
import type { Store } from './store.ts';

export interface Frontier {
  /** A new state, found by expanding the state that `next` gave out last; 0 is the initial one. */
  push(state: number): void;
  /** The next state to expand, -1 when there is none, or none before the successors found so far have been pushed. */
  next(): number;
  /** Gives out all states up to this one at once; only where states come level by level. */
  skipTo?(state: number): void;
  readonly size: number;
  /** Tells of any state whether it is still to be expanded; as long as nothing changes. */
  waiting(): (state: number) => boolean;
  /** Steps to the farthest state so far, in the way it was found; undefined when states come level by level. */
  readonly depth: number | undefined;
}

/** States are numbered as they are found, so the oldest unexpanded one is just the next number: no queue is kept. */
export function breadthFirst(store: Store): Frontier {
  let at = 0;
  return {
    push: () => {},
    next: () => (at < store.count ? at++ : -1),
    skipTo(state) {
      at = state;
    },
    get size() {
      return store.count - at;
    },
    waiting: () => (state) => state >= at,
    depth: undefined,
  };
}

/**
 * The youngest state first: goes deep at once, and finds violations far from the initial state early. Its paths are as long
 * as they happen to be, and its parents may be any states, so it keeps them itself.
 */
export class DepthFirst implements Frontier {
  depth = 0;
  readonly #store: Store;
  /** By state. */
  readonly #parents: GrowingInts;
  /** The waiting states, each with its depth. */
  readonly #stack: GrowingInts;
  #top = 0;
  #expanding = -1;
  #depthOfNew = 0;
  /** Successors of the state given out last may still have to be pushed. */
  #incomplete = false;

  /** What it keeps counts as the store's. */
  constructor(store: Store) {
    this.#store = store;
    this.#parents = new GrowingInts(1024, store.budget);
    this.#stack = new GrowingInts(1024, store.budget);
  }

  /** @throws StoreFull */
  push(state: number): void {
    this.#parents.reserve(state + 1);
    this.#stack.reserve(this.#top + 2);
    const stack = this.#stack.data;
    this.#parents.data[state] = this.#expanding;
    stack[this.#top++] = state;
    stack[this.#top++] = this.#depthOfNew;
    if (this.#depthOfNew > this.depth) this.depth = this.#depthOfNew;
  }

  next(): number {
    // They come first, and their parent is known only until the next state is given out.
    this.#incomplete = !this.#incomplete;
    if (!this.#incomplete || this.#top === 0) return -1;
    this.#top -= 2;
    this.#expanding = this.#stack.data[this.#top]!;
    this.#depthOfNew = this.#stack.data[this.#top + 1]! + 1;
    return this.#expanding;
  }

  get size(): number {
    return this.#top / 2;
  }

  waiting(): (state: number) => boolean {
    const waiting = new Uint8Array((this.#store.count >> 3) + 1);
    const mark = (state: number) => {
      waiting[state >> 3]! |= 1 << (state & 7);
    };
    for (let at = 0; at < this.#top; at += 2) mark(this.#stack.data[at]!);
    return (state) => (waiting[state >> 3]! & (1 << (state & 7))) !== 0;
  }

  /** The states from the initial one to a state, as numbers. */
  pathTo(state: number): number[] {
    const path: number[] = [];
    for (let at = state; at >= 0; at = this.#parents.data[at]!) path.push(at);
    return path.reverse();
  }
}
