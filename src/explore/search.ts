/**
 * Exhaustive search over the tables: one loop, parameterised by its frontier, that runs until a property is violated,
 * the space is done or a bound is hit.
 *
 * Invariants: every stored state satisfies all `always` properties and no monitor violation, except the last one of a
 * violated search; `steps` counts every enabled step of every expanded state, self-loops and duplicates included; with a
 * breadth-first frontier, parents are states one level up, so every path is shortest.
 *
 * The search runs in slices (`run`), so that its caller can report progress, stop it and keep an eye on the clock; the
 * loop itself knows no time.
 */
import { ModelError } from '../system/errors.ts';
import type { Bound } from '../system/verdict.ts';
import { deadEndProperties } from '../tabulate/dead-end.ts';
import { failingStep, findStep, type Path, type PathStep } from '../tabulate/path.ts';
import type { Tables } from '../tabulate/tables.ts';
import { Walker } from '../tabulate/walker.ts';
import { Batch } from './batch.ts';
import { breadthFirst, type Frontier } from './frontier.ts';
import { StoreFull } from './memory.ts';
import { Checks, Witnesses } from './properties.ts';
import { Store } from './store.ts';

/** How many new states take the place of a level in a search that has none. */
const STATES_PER_LEVEL = 1024;

export interface SearchLimits {
  /** Stop when more states than this are found. */
  readonly states: number;
  /** Bytes of states, parents and tables. */
  readonly bytes: number;
}

/** What ended the search early. */
export type Finding =
  | { readonly kind: 'violation'; readonly property: string; readonly state: number; readonly deadEnd: boolean }
  /** `inStep`: a step of `state` fails; otherwise a property cannot be evaluated in it. */
  | { readonly kind: 'model-error'; readonly error: ModelError; readonly state: number; readonly inStep: boolean }
  | { readonly kind: 'bound'; readonly bound: Bound };

/** What is known at the end of a level: the distinct values of each slot so far. */
export interface LevelStats {
  readonly depth: number;
  readonly states: number;
  readonly values: readonly number[];
}

export class Search {
  readonly tables: Tables;
  readonly walker: Walker;
  readonly store: Store;
  steps = 0;
  finding: Finding | undefined;
  done = false;
  readonly levels: LevelStats[] = [];

  readonly #limits: SearchLimits;
  readonly #frontier: Frontier;
  readonly #checks: Checks;
  readonly #witnesses: Witnesses;
  /** The state whose properties are being evaluated; -1 while steps are run. */
  #inspecting = -1;
  readonly #batch: Batch;
  /** The new state that is being checked. */
  readonly #fresh: Int32Array;
  /** The level being expanded, and the first state of the one after it. */
  #level = 0;
  #levelEnd = 1;
  /** The first state of each level. */
  readonly #levelStarts = [0];

  constructor(tables: Tables, limits: SearchLimits, frontier: (store: Store) => Frontier = breadthFirst) {
    this.tables = tables;
    this.#limits = limits;
    this.#checks = new Checks(tables);
    this.#witnesses = new Witnesses(tables);
    this.walker = new Walker(tables);
    this.#batch = new Batch(tables.slotCount);
    this.#fresh = new Int32Array(tables.slotCount);
    this.store = new Store(tables.slotCount, () => tables.valueCounts(), limits.bytes);
    this.#frontier = frontier(this.store);
  }

  /** Properties that nothing has witnessed yet. */
  get unwitnessed(): ReadonlySet<string> {
    return this.#witnesses.unwitnessed;
  }

  /** Steps on the path to the farthest state found so far; the shortest path when states come level by level. */
  get depth(): number {
    if (this.#frontier.depth !== undefined) return this.#frontier.depth;
    return this.store.count > this.#levelEnd ? this.#level + 1 : this.#level;
  }

  get states(): number {
    return this.store.count;
  }

  /** States waiting to be expanded. */
  get waiting(): number {
    return this.#frontier.size;
  }

  get bytes(): number {
    return this.store.bytes + this.#frontier.bytes + this.tables.bytes;
  }

  /** Expands up to `expansions` states; returns true when the search has ended, by a finding or by completion. */
  run(expansions: number): boolean {
    const { walker } = this;
    try {
      if (this.store.count === 0) this.#begin();
      for (let i = 0; i < expansions && !this.finding && !this.done; i++) {
        let state = this.#frontier.next();
        if (state < 0 || state === this.#levelEnd) {
          // Only now is it known what the next level holds, or whether there is one.
          if (this.#flush()) break;
          if (state < 0) state = this.#frontier.next();
        }
        if (state < 0) {
          this.#endLevel(this.store.count);
          this.done = true;
        } else {
          if (this.#endsLevel(state)) this.#endLevel(state);
          this.#expand(state);
        }
      }
    } catch (error) {
      walker.abort();
      this.finding = this.#endedBy(error);
    }
    return this.done || this.finding !== undefined;
  }

  #expanding = -1;
  /** The steps of all states before the one that is being expanded. */
  #stepsBefore = 0;

  #begin(): void {
    const { walker, store } = this;
    walker.start();
    this.#witnesses.seeMessages(walker.watched);
    store.add(walker.current, 0);
    this.#frontier.push(0);
    this.#levelEnd = 1;
    this.#fresh.set(walker.current);
    this.#inspect(0, walker.touched, 0, 0);
  }

  #expand(state: number): void {
    const { walker, store } = this;
    const batch = this.#batch;
    this.#expanding = state;
    walker.begin();
    store.open(state, walker.current);
    const { current, previous, touched } = walker;
    this.#stepsBefore = this.steps;
    while (walker.next()) {
      this.steps++;
      if (walker.watched.length > 0) this.#witnesses.seeMessages(walker.watched);
      store.stage(batch, current, previous, touched, walker.touchedCount, this.steps);
      if (batch.isFull && this.#flush()) return;
    }
    if (this.steps === this.#stepsBefore && !this.#flush()) this.#inspectDeadEnd(state);
  }

  /** Stores the successors that wait in the batch; true when one of them, or a bound, ends the search. */
  #flush(): boolean {
    const { store } = this;
    const batch = this.#batch;
    store.findStaged(batch);
    for (let i = 0, from = 0; i < batch.length; from = batch.touchedEnd[i]!, i++) {
      const state = store.addStaged(batch, i);
      if (state < 0) continue;
      this.#frontier.push(state);
      store.load(state, this.#fresh);
      const violated = this.#inspect(state, batch.touched, from, batch.touchedEnd[i]!);
      if (!violated && store.count > this.#limits.states) this.finding = { kind: 'bound', bound: 'states' };
      if (this.finding) {
        // What was walked beyond it does not count, so that a batch of any size gives the same numbers.
        this.steps = batch.steps[i]!;
        break;
      }
    }
    batch.length = 0;
    store.settle();
    return this.finding !== undefined;
  }

  /** Checks the new state in `#fresh`, of which the slots in `touched` differ from its parent; true when a property is violated. */
  #inspect(state: number, touched: Int32Array, from: number, to: number): boolean {
    this.#inspecting = state;
    // The initial state has no parent to inherit from, and no predicate has read anything yet.
    const property =
      state === 0 ? this.#checks.violatedIn(this.#fresh) : this.#checks.violatedAfter(this.#fresh, touched, from, to);
    this.#witnesses.seeState(this.#fresh);
    this.#inspecting = -1;
    if (property === undefined) return false;
    this.finding = { kind: 'violation', property, state, deadEnd: false };
    return true;
  }

  #inspectDeadEnd(state: number): void {
    this.#inspecting = state;
    const [property] = deadEndProperties(this.tables, this.walker.current);
    this.#inspecting = -1;
    if (property !== undefined) this.finding = { kind: 'violation', property, state, deadEnd: true };
  }

  #endedBy(error: unknown): Finding {
    if (error instanceof StoreFull) return { kind: 'bound', bound: 'memory' };
    if (!(error instanceof ModelError)) throw error;
    const failure = this.#failure(error);
    if (failure.kind !== 'model-error' || !failure.inStep) return failure;
    try {
      // What was found before this step comes first.
      if (this.#flush()) return this.finding!;
      this.steps = this.#stepsBefore;
      return failure;
    } catch (earlier) {
      return this.#endedBy(earlier);
    }
  }

  #failure(error: ModelError): Finding {
    const inStep = this.#inspecting < 0;
    return { kind: 'model-error', error, state: inStep ? this.#expanding : this.#inspecting, inStep };
  }

  /** Without levels, a number of new states takes the place of one, so that growth can be told there, too. */
  #endsLevel(state: number): boolean {
    if (this.#frontier.depth === undefined) return state === this.#levelEnd;
    return this.store.count >= this.#levelEnd + STATES_PER_LEVEL;
  }

  #endLevel(end: number): void {
    const { tables } = this;
    this.levels.push({
      depth: this.#level,
      states: this.store.count,
      values: tables.valueCounts(),
    });
    if (end < this.store.count) {
      this.#level++;
      this.#levelStarts.push(end);
      this.#levelEnd = this.store.count;
    }
  }

  /** The path to a stored state; with a failing step at its end when `failing`. */
  pathTo(state: number, failing = false): Path {
    const walker = new Walker(this.tables);
    const steps: PathStep[] = [];
    let at = state;
    const starts = [...this.#levelStarts, this.#levelEnd];
    for (let level = starts.findLastIndex((start) => start <= state); level > 0; level--) {
      const found = this.#stepInto(walker, at, starts[level - 1]!, starts[level]!);
      steps.unshift(found.step);
      at = found.parent;
    }
    const failed = failing ? failingStep(walker, this.#vector(state)) : undefined;
    return { initial: this.#vector(0), steps: failed ? [...steps, failed] : steps, failed: failed !== undefined };
  }

  /** The step that first led to a state: of the oldest state of the level before, `from` to `to`, that has one. */
  #stepInto(walker: Walker, state: number, from: number, to: number): { parent: number; step: PathStep } {
    const target = this.#vector(state);
    const leadsThere = ({ current }: Walker) => target.every((value, slot) => current[slot] === value);
    for (const parent of this.store.possibleParents(state, from, to)) {
      const step = findStep(walker, this.#vector(parent), leadsThere);
      if (step) return { parent, step };
    }
    throw new Error(`no step of a state from ${from} to ${to} leads to state ${state}`);
  }

  #vector(state: number): Int32Array {
    const vector = new Int32Array(this.tables.slotCount);
    this.store.load(state, vector);
    return vector;
  }
}
