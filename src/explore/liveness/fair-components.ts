/**
 * Where fair runs can stay for ever: the strongly connected components of a region of the graph in which a cycle is fair.
 *
 * - Components are found by Pearce's version of Tarjan's algorithm ("A Space-Efficient Algorithm for Finding Strongly Connected
 *   Components", IPL 2016): one word per state for its index, and one for two stacks that share an array, for a state is on one
 *   of them at most. It keeps no place in the steps of a state on the path: when a state is done, the steps of its parent are
 *   looked up again, and the one that leads to the state is where it goes on.
 * - A component in which some weakly fair entity is always enabled and never taken has no fair cycle, and neither has any part
 *   of it.
 * - Where a strongly fair entity is enabled somewhere and never taken, a fair cycle keeps clear of the states in which it is
 *   enabled. They are taken out, and what is left is decomposed again (the emptiness of Streett automata; Emerson and Lei 1987).
 *   Taken up again are only states of one component, whose way out is decided, so this can happen while the search goes on.
 * - Otherwise a walk through all states and steps of the component is fair.
 *
 * A state of the region in which nothing is enabled that somebody has to do counts as a place to stay: a run that ends there is
 * fair. Only states that are a component by themselves are asked, and have no step back to themselves: in any other component with
 * such a state no weakly fair entity is always enabled, and it is not among the states that are taken out for a strongly fair one.
 */
import { Ints } from '../../tabulate/ints.ts';
import { type Budget, GrowingInts } from '../memory.ts';
import type { Graph } from './graph.ts';

/** Values of a state's word besides indices, which count from 1, and components, which count down from below these. */
const UNVISITED = 0;
/** In the region; its component is to be decomposed again. */
const AGAIN = -1;
/** Outside, or in no fair cycle. */
const OUT = 2 ** 31 - 1;
const END = 2 ** 31 - 2;
const FIRST_COMPONENT = 2 ** 31 - 3;

/** How many states to look at between two turns of the caller. */
const STATES_PER_TURN = 2048;

/** The part of the graph that runs must not leave. Both are asked about each state once at most. */
export interface Region {
  contains(state: number): boolean;
  /** Runs may begin here; only states from which some such state leads, within the region, are looked at. */
  isRoot(state: number): boolean;
}

export class FairComponents {
  /** Fair components and places to end found. */
  found = 0;
  /** States visited so far, for those who wait. */
  visited = 0;

  readonly #graph: Graph;
  readonly #words: GrowingInts;
  /** From its beginning the path, a state each, negated when it is known to be no root; from its end the other stack. */
  readonly #stacks: GrowingInts;
  /** By entity, for the component at hand: in how many states it is enabled, the last of them, and whether it is taken. */
  readonly #enabledIn = new Ints();
  readonly #lastState = new Ints();
  readonly #isTaken = new Ints();
  /** The same for states that are a component by themselves: the last one, plus one, in which it is taken. */
  readonly #lastTaken = new Ints();
  /** The entities that are enabled somewhere in it. */
  #touched: number[] = [];
  #nextComponent = FIRST_COMPONENT;
  #index = 1;
  #goesAgain = false;
  #work = 0;

  /** @throws StoreFull */
  constructor(graph: Graph, budget: Budget) {
    this.#graph = graph;
    this.#words = new GrowingInts(graph.count, budget);
    this.#stacks = new GrowingInts(graph.count, budget);
  }

  /** The fair component that a state is in; 0 when it is in none. */
  componentOf(state: number): number {
    const word = this.#words.data[state]!;
    return word > this.#nextComponent && word <= FIRST_COMPONENT ? word : 0;
  }

  /** Whether a fair run that has come into the region may end in a state of it. */
  mayEndIn(state: number): boolean {
    const word = this.#words.data[state]!;
    return word === END || (this.componentOf(state) !== 0 && this.#graph.mayEndIn(state));
  }

  /** An array of one word per state, for whoever comes after the search. */
  get scratch(): Int32Array {
    return this.#stacks.data;
  }

  /** Yields now and then, so that its caller can stop it. */
  *search(region: Region): Generator<void, void> {
    const words = this.#words.data;
    const { count } = this.#graph;
    this.#begin();
    for (let state = 0; state < count; state++) {
      if (words[state] !== UNVISITED || !region.isRoot(state)) continue;
      if (region.contains(state)) yield* this.#visitFrom(state, region);
      else words[state] = OUT;
    }
    while (this.#goesAgain) {
      this.#goesAgain = false;
      for (let state = 0; state < count; state++) {
        if (words[state] === AGAIN) yield* this.#visitFrom(state, region);
      }
    }
  }

  #begin(): void {
    this.#words.data.fill(UNVISITED);
    this.#nextComponent = FIRST_COMPONENT;
    this.#index = 1;
    this.#goesAgain = false;
    this.found = 0;
    this.visited = 0;
  }

  /** Depth first, without recursion. */
  *#visitFrom(root: number, region: Region): Generator<void, void> {
    const graph = this.#graph;
    const words = this.#words.data;
    const stacks = this.#stacks.data;
    let pathLength = 0;
    let otherTop = graph.count;
    let child = -1;
    let state = root;
    words[state] = this.#index++;
    stacks[pathLength++] = state;
    this.visited++;
    for (;;) {
      if (++this.#work % STATES_PER_TURN === 0) yield;
      const enabled = graph.expandToOthers(state);
      const { steps } = graph;
      let next = -1;
      for (let step = child < 0 ? 0 : graph.stepTo(child) + 1; step < steps; step++) {
        const end = graph.end(step);
        if (end < 0) continue;
        const word = words[end]!;
        if (word === AGAIN || (word === UNVISITED && region.contains(end))) {
          next = end;
          break;
        }
        if (word === UNVISITED) words[end] = OUT;
        else if (word < words[state]!) {
          words[state] = word;
          stacks[pathLength - 1] = ~state;
        }
      }
      if (next >= 0) {
        child = -1;
        state = next;
        words[state] = this.#index++;
        stacks[pathLength++] = state;
        this.visited++;
        continue;
      }

      const isRoot = stacks[--pathLength]! >= 0;
      stacks[--otherTop] = state;
      if (isRoot) {
        const bottom = otherTop + 1;
        let end = bottom;
        while (end < graph.count && words[stacks[end]!]! >= words[state]!) end++;
        this.#index -= end - otherTop;
        if (end > bottom) yield* this.#decide(otherTop, end);
        else if (enabled > steps) this.#decideAlone(state);
        else words[state] = enabled === 0 || graph.mayEndIn(state) ? this.#placeToStay(END) : OUT;
        otherTop = end;
      }
      if (pathLength === 0) return;
      child = state;
      const top = stacks[pathLength - 1]!;
      state = top < 0 ? ~top : top;
      if (!isRoot && words[child]! < words[state]!) {
        words[state] = words[child]!;
        stacks[pathLength - 1] = ~state;
      }
    }
  }

  #placeToStay(word: number): number {
    this.found++;
    return word;
  }

  /** The same as `decide` for a state with a step back to itself: what is enabled is enabled for ever. */
  #decideAlone(state: number): void {
    const graph = this.#graph;
    const steps = graph.expand(state);
    const lastTaken = this.#lastTaken;
    for (let step = 0; step < steps; step++) {
      const entity = graph.entity(step);
      if (entity >= 0 && graph.leadsBack(step)) lastTaken.set(entity, state + 1);
    }
    let isFair = true;
    for (let step = 0; step < steps && isFair; step++) {
      const entity = graph.entity(step);
      isFair = entity < 0 || (entity < lastTaken.length && lastTaken.data[entity] === state + 1);
    }
    this.#words.data[state] = isFair ? this.#placeToStay(this.#nextComponent--) : OUT;
  }

  /** Whether the component that lies on the stack between these places has a fair cycle. */
  *#decide(from: number, to: number): Generator<void, void> {
    const words = this.#words.data;
    const stacks = this.#stacks.data;
    const { all } = this.#graph.entities;
    const component = this.#nextComponent;
    for (let at = from; at < to; at++) words[stacks[at]!] = component;

    yield* this.#seeEnabled(from, to);
    const isWronged = (entity: number) =>
      this.#isTaken.data[entity] === 0 &&
      (all[entity]!.strength === 'strong' || this.#enabledIn.data[entity] === to - from);
    let wronged = this.#touched.filter(isWronged);
    if (wronged.length > 0) {
      yield* this.#seeTaken(from, to, new Set(wronged));
      wronged = wronged.filter(isWronged);
    }
    if (wronged.length === 0) {
      this.#nextComponent--;
      this.found++;
    } else if (wronged.some((entity) => all[entity]!.strength === 'weak')) {
      for (let at = from; at < to; at++) words[stacks[at]!] = OUT;
    } else {
      yield* this.#takeOut(from, to, new Set(wronged));
    }
    for (const entity of this.#touched) this.#enabledIn.data[entity] = 0;
    this.#touched = [];
  }

  /** Counts in how many states of the component each entity is enabled; no further than it takes to know that it is fair. */
  *#seeEnabled(from: number, to: number): Generator<void, void> {
    const graph = this.#graph;
    const stacks = this.#stacks.data;
    const isSometimesDisabled = (seen: number) => (entity: number) => this.#enabledIn.data[entity]! < seen;
    for (let at = from; at < to; at++) {
      if (++this.#work % STATES_PER_TURN === 0) {
        yield;
        if (!graph.entities.mayBeStrong && at > from && this.#touched.every(isSometimesDisabled(at - from))) return;
      }
      const state = stacks[at]!;
      const steps = graph.expand(state);
      for (let step = 0; step < steps; step++) {
        const entity = graph.entity(step);
        if (entity < 0) continue;
        if (entity >= this.#enabledIn.length) this.#makeRoom(entity);
        if (this.#enabledIn.data[entity] === 0) {
          this.#touched.push(entity);
          this.#isTaken.data[entity] = 0;
        } else if (this.#lastState.data[entity] === state) continue;
        this.#lastState.data[entity] = state;
        this.#enabledIn.data[entity]!++;
      }
    }
  }

  #makeRoom(entity: number): void {
    for (const words of [this.#enabledIn, this.#lastState, this.#isTaken]) words.set(entity, 0);
  }

  /** Looks for steps within the component that take these entities, until it has one of each. */
  *#seeTaken(from: number, to: number, wanted: Set<number>): Generator<void, void> {
    const graph = this.#graph;
    const words = this.#words.data;
    const stacks = this.#stacks.data;
    const component = words[stacks[from]!];
    for (let at = from; at < to && wanted.size > 0; at++) {
      if (++this.#work % STATES_PER_TURN === 0) yield;
      const steps = graph.expand(stacks[at]!);
      for (let step = 0; step < steps; step++) {
        const entity = graph.entity(step);
        if (!wanted.has(entity) || words[graph.end(step)] !== component) continue;
        this.#isTaken.data[entity] = 1;
        wanted.delete(entity);
      }
    }
  }

  /** Leaves out the states of the component in which one of these entities is enabled; the others are decomposed again. */
  *#takeOut(from: number, to: number, wronged: ReadonlySet<number>): Generator<void, void> {
    const graph = this.#graph;
    const words = this.#words.data;
    const stacks = this.#stacks.data;
    for (let at = from; at < to; at++) {
      if (++this.#work % STATES_PER_TURN === 0) yield;
      const steps = graph.expand(stacks[at]!);
      let isOut = false;
      for (let step = 0; step < steps && !isOut; step++) isOut = wronged.has(graph.entity(step));
      words[stacks[at]!] = isOut ? OUT : AGAIN;
    }
    this.#goesAgain = true;
  }
}
