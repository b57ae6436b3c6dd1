/** The states found but not yet expanded; the order in which it gives them out is the order of the search. */
import { StoreFull } from './memory.ts';
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
  /** Memory that it needs beside the store. */
  readonly bytes: number;
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
    bytes: 0,
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
  readonly #bytesMax: number;
  /** By state. */
  #parents = new Int32Array(1024);
  /** The waiting states, each with its depth. */
  #stack = new Int32Array(1024);
  #top = 0;
  #expanding = -1;
  #depthOfNew = 0;
  /** Successors of the state given out last may still have to be pushed. */
  #incomplete = false;

  /** @param bytesMax when the store and this need more, `push` throws `StoreFull` */
  constructor(store: Store, bytesMax = Number.POSITIVE_INFINITY) {
    this.#store = store;
    this.#bytesMax = bytesMax;
  }

  push(state: number): void {
    if (state >= this.#parents.length) this.#parents = doubled(this.#parents);
    if (this.#top === this.#stack.length) this.#stack = doubled(this.#stack);
    this.#parents[state] = this.#expanding;
    this.#stack[this.#top++] = state;
    this.#stack[this.#top++] = this.#depthOfNew;
    if (this.#depthOfNew > this.depth) this.depth = this.#depthOfNew;
    if (this.#store.bytes + this.bytes > this.#bytesMax) throw new StoreFull();
  }

  next(): number {
    // They come first, and their parent is known only until the next state is given out.
    this.#incomplete = !this.#incomplete;
    if (!this.#incomplete || this.#top === 0) return -1;
    this.#top -= 2;
    this.#expanding = this.#stack[this.#top]!;
    this.#depthOfNew = this.#stack[this.#top + 1]! + 1;
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
    for (let at = 0; at < this.#top; at += 2) mark(this.#stack[at]!);
    return (state) => (waiting[state >> 3]! & (1 << (state & 7))) !== 0;
  }

  get bytes(): number {
    return this.#parents.byteLength + this.#stack.byteLength;
  }

  /** The states from the initial one to a state, as numbers. */
  pathTo(state: number): number[] {
    const path: number[] = [];
    for (let at = state; at >= 0; at = this.#parents[at]!) path.push(at);
    return path.reverse();
  }
}

function doubled(ints: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(ints.length * 2);
  larger.set(ints);
  return larger;
}
