/**
 * Breadth-first search through the graph, level by level, in one word and one bit per state: the states in the order in which
 * they were reached, and which ones were. No parents are kept; the way to a state is found backwards, by trying the states of
 * the level before.
 */
import { type Budget, GrowingBytes } from '../memory.ts';
import type { Graph } from './graph.ts';

const STATES_PER_TURN = 2048;

export class Levels {
  /** Where each level begins in the queue. */
  #starts: number[] = [];
  #length = 0;
  #work = 0;
  readonly #graph: Graph;
  readonly #queue: Int32Array;
  readonly #reached: GrowingBytes;

  /** @param queue one word per state. @throws StoreFull */
  constructor(graph: Graph, queue: Int32Array, budget: Budget) {
    this.#graph = graph;
    this.#queue = queue;
    this.#reached = new GrowingBytes((graph.count >> 3) + 1, budget);
  }

  begin(): void {
    this.#reached.data.fill(0);
    this.#starts = [0];
    this.#length = 0;
  }

  /** The level that is being made: how many steps its states are from where the search began. */
  get depth(): number {
    return this.#starts.length - 1;
  }

  /** The states of the level that is being made. */
  get level(): Int32Array {
    return this.#queue.subarray(this.#starts.at(-1)!, this.#length);
  }

  /** Puts a state into the level that is being made, unless it was reached before. */
  add(state: number): void {
    const { data } = this.#reached;
    const bit = 1 << (state & 7);
    if ((data[state >> 3]! & bit) !== 0) return;
    data[state >> 3]! |= bit;
    this.#queue[this.#length++] = state;
  }

  /** Ends the level, and makes of the steps from its states to others that may be passed the next one. */
  *next(mayPass: (state: number) => boolean): Generator<void, void> {
    const graph = this.#graph;
    const from = this.#starts.at(-1)!;
    const to = this.#length;
    this.#starts.push(to);
    for (let at = from; at < to; at++) {
      if (++this.#work % STATES_PER_TURN === 0) yield;
      graph.expandToOthers(this.#queue[at]!);
      for (let step = 0; step < graph.steps; step++) {
        const end = graph.end(step);
        if (end >= 0 && (this.#reached.data[end >> 3]! & (1 << (end & 7))) === 0 && mayPass(end)) this.add(end);
      }
    }
  }

  /**
   * The states on a way to a state of some level, that one included, from where the search may have begun.
   *
   * @param isSource whether a state was put into this level by its caller
   */
  *wayTo(
    state: number,
    depth: number,
    isSource: (state: number, depth: number) => boolean,
  ): Generator<void, readonly number[]> {
    const way = [state];
    let last = state;
    for (let level = depth; !isSource(last, level); level--) {
      last = yield* this.#parentOf(last, level - 1);
      way.unshift(last);
    }
    return way;
  }

  *#parentOf(state: number, level: number): Generator<void, number> {
    for (let at = this.#starts[level]!; at < this.#starts[level + 1]!; at++) {
      if (++this.#work % STATES_PER_TURN === 0) yield;
      const parent = this.#queue[at]!;
      this.#graph.expandToOthers(parent);
      if (this.#graph.stepTo(state) >= 0) return parent;
    }
    throw new Error(`no step from level ${level} leads to state ${state}`);
  }

  release(): void {
    this.#reached.release();
  }
}
