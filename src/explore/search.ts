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
import { lookUp } from './halves.ts';
import { StoreFull } from './memory.ts';
import { Moves } from './moves.ts';
import { Checks, Judge, Witnesses } from './properties.ts';
import { Store } from './store.ts';

/** How many new states take the place of a level in a search that has none. */
const STATES_PER_LEVEL = 1024;

export interface SearchLimits {
  /** Stop when more states than this are found. */
  readonly states: number;
  /** Bytes of states, parents and tables. */
  readonly bytes: number;
}

/** Which of several findings of one level is reported: the lowest. A dead end's path is one step shorter than the others'. */
const DEAD_END = 0;
const IN_STEP = 1;
const IN_PROPERTY = 2;
const VIOLATION = 3;

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
  #judge: Judge;
  #moves: Moves;
  readonly #batch = new Batch();
  /** Scratch. */
  readonly #state: Int32Array;
  /** What the level that is being expanded has shown so far that would end the search. */
  #candidate: { readonly finding: Finding; readonly rank: number } | undefined;
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
    this.#state = new Int32Array(tables.slotCount);
    this.store = new Store(tables.slotCount, limits.bytes);
    this.#moves = this.#newMoves();
    this.#judge = new Judge(this.#checks, this.store, tables.slotCount);
    this.#frontier = frontier(this.store);
  }

  #newMoves(): Moves {
    return new Moves(this.walker, this.store.halves, this.store.budget, (messages) =>
      this.#witnesses.seeMessages(messages),
    );
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
    return this.store.bytes + this.#moves.bytes + this.#frontier.bytes + this.tables.bytes;
  }

  /** Expands up to `expansions` states; returns true when the search has ended, by a finding or by completion. */
  run(expansions: number): boolean {
    try {
      if (this.store.count === 0) this.#begin();
      for (let i = 0; i < expansions && !this.finding && !this.done; i++) {
        let state = this.#frontier.next();
        if (state < 0 || state === this.#levelEnd) {
          // Only now is it known what the next level holds, or whether there is one.
          this.#flush();
          if (this.finding) break;
          if (state < 0) state = this.#frontier.next();
        }
        if (state < 0) {
          this.#endLevel(this.store.count);
          this.done = !this.finding;
        } else {
          if (this.#endsLevel(state)) this.#endLevel(state);
          if (!this.finding) this.#expand(state);
        }
      }
    } catch (error) {
      if (!(error instanceof StoreFull)) throw error;
      this.stop('memory');
    }
    return this.done || this.finding !== undefined;
  }

  #begin(): void {
    const { walker, store } = this;
    try {
      walker.start();
    } catch (error) {
      walker.abort();
      if (!(error instanceof ModelError)) throw error;
      this.finding = { kind: 'model-error', error, state: -1, inStep: true };
      return;
    }
    this.#witnesses.seeMessages(walker.watched);
    store.add(walker.current, 0);
    this.#frontier.push(0);
    this.#inspect(0);
    // There is no level that would have to be finished first.
    this.#tell();
  }

  #expand(state: number): void {
    const { store } = this;
    const batch = this.#batch;
    const first = store.firstOf(state);
    const second = store.secondOf(state);
    const mark = batch.length;
    let steps = this.#collect(first, second, state);
    if (steps < 0) {
      batch.length = mark;
      store.load(state, this.#state);
      try {
        this.#moves.complete(first, second, this.#state);
      } catch (error) {
        if (!(error instanceof ModelError)) throw error;
        this.#propose({ kind: 'model-error', error: this.#firstError(state), state, inStep: true }, IN_STEP);
        return;
      }
      steps = this.#collect(first, second, state);
    }
    this.steps += steps;
    if (steps === 0) this.#inspectDeadEnd(state);
    if (batch.isFull) this.#flush();
  }

  /** Puts the successors of a state into the batch; how many steps it has, or -1 when something about them is not known yet. */
  #collect(first: number, second: number, state: number): number {
    const moves = this.#moves;
    const pool = moves.trees.pool.data;
    const batch = this.#batch;
    const [firstRecords, secondRecords] = moves.records;
    const firstRecord = first < firstRecords.data.length ? firstRecords.data[first]! : 0;
    const secondRecord = second < secondRecords.data.length ? secondRecords.data[second]! : 0;
    if (firstRecord === 0 || secondRecord === 0) return -1;

    let at = firstRecord + 1;
    let end = at + pool[firstRecord]!;
    let steps = end - at;
    for (; at < end; at++) if (pool[at] !== first) batch.push(pool[at]!, second, state);
    let cells = at + 1;
    let cellsEnd = cells + pool[at]!;

    at = secondRecord + 1;
    end = at + pool[secondRecord]!;
    steps += end - at;
    for (; at < end; at++) if (pool[at] !== second) batch.push(first, pool[at]!, state);
    const more = at + 1;
    const moreEnd = more + pool[at]!;
    if (cells === cellsEnd && more === moreEnd) return steps;

    const [one, other] = this.store.halves.sides;
    const firstValues = one.set.tuples.data;
    const firstBase = first * one.set.words;
    const secondValues = other.set.tuples.data;
    const secondBase = second * other.set.words;
    const firstChanged = moves.changed[0].entries.data;
    const secondChanged = moves.changed[1].entries.data;
    for (;;) {
      for (; cells < cellsEnd; cells++) {
        let node = pool[pool[cells]!]!;
        while (node > 0) {
          const read = pool[node]!;
          const value =
            (read & 1) === 0 ? firstValues[firstBase + (read >> 1)]! : secondValues[secondBase + (read >> 1)]!;
          node = value < pool[node + 1]! ? pool[node + 2 + value]! : 0;
        }
        if (node === 0) return -1;
        const list = -1 - node;
        const count = pool[list]!;
        steps += count;
        for (let each = list + 1, last = each + 2 * count; each < last; each += 2) {
          const change = pool[each]!;
          const change2 = pool[each + 1]!;
          const after = change === 0 ? first : lookUp(firstChanged, first, change);
          const after2 = change2 === 0 ? second : lookUp(secondChanged, second, change2);
          if (after < 0 || after2 < 0) return -1;
          if (after !== first || after2 !== second) batch.push(after, after2, state);
        }
      }
      if (cellsEnd === moreEnd) return steps;
      cells = more;
      cellsEnd = moreEnd;
    }
  }

  /** Stores the successors that wait in the batch. */
  #flush(): void {
    const { store } = this;
    const batch = this.#batch;
    store.find(batch);
    for (let i = 0; i < batch.length; i++) {
      const state = store.addFound(batch, i);
      if (state < 0) continue;
      this.#frontier.push(state);
      this.#inspect(state);
      if (store.count > this.#limits.states) this.stop('states');
      if (this.finding) break;
    }
    batch.length = 0;
    if (!store.settle()) return;
    this.#moves.release();
    this.#judge.release();
    this.#moves = this.#newMoves();
    this.#judge = new Judge(this.#checks, store, this.tables.slotCount);
  }

  /** Looks at a new state for violations and witnesses. */
  #inspect(state: number): void {
    try {
      const violated = this.#judge.violatedIn(state);
      if (this.#witnesses.wantsStates) {
        this.store.load(state, this.#state);
        this.#witnesses.seeState(this.#state);
      }
      if (violated < 0) return;
      const property = this.#checks.nameOf(violated);
      this.#propose({ kind: 'violation', property, state, deadEnd: false }, VIOLATION + violated);
    } catch (error) {
      if (!(error instanceof ModelError)) throw error;
      this.#propose({ kind: 'model-error', error, state, inStep: false }, IN_PROPERTY);
    }
  }

  #inspectDeadEnd(state: number): void {
    this.store.load(state, this.#state);
    try {
      const [property] = deadEndProperties(this.tables, this.#state);
      if (property !== undefined) this.#propose({ kind: 'violation', property, state, deadEnd: true }, DEAD_END);
    } catch (error) {
      if (!(error instanceof ModelError)) throw error;
      this.#propose({ kind: 'model-error', error, state, inStep: false }, DEAD_END);
    }
  }

  /** The error of the first step of a state that fails, in the order of steps. */
  #firstError(state: number): ModelError {
    const { walker } = this;
    walker.begin();
    this.store.load(state, walker.current);
    try {
      while (walker.next());
    } catch (error) {
      if (error instanceof ModelError) return error;
      throw error;
    } finally {
      walker.abort();
    }
    throw new Error(`a step of state ${state} failed, and does not fail any more`);
  }

  /**
   * Something that ends the search. Where states come level by level the level is finished first, so that all numbers are
   * those of whole levels, in whatever order a level's states are taken; the shortest path comes first, then the lowest rank.
   */
  #propose(finding: Finding, rank: number): void {
    const best = this.#candidate;
    if (!best || rank < best.rank || (rank === best.rank && nameOf(finding) < nameOf(best.finding))) {
      this.#candidate = { finding, rank };
    }
    if (this.#frontier.depth !== undefined) this.#tell();
  }

  #tell(): void {
    if (this.#candidate) this.finding ??= this.#candidate.finding;
  }

  /** Ends the search before its level is finished: what that has shown so far counts, else the bound. */
  stop(bound: Bound): void {
    this.#tell();
    this.finding ??= { kind: 'bound', bound };
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
    this.#tell();
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

/** What decides between findings of the same rank. */
function nameOf(finding: Finding): string {
  if (finding.kind === 'model-error') return finding.error.code;
  return finding.kind === 'violation' ? finding.property : finding.bound;
}
