/**
 * The search over whole vectors one by one: it takes a state, runs all its steps with the walker, looks whether it is a dead end and
 * whether a run may end in it, and goes on with what the steps led to. For searches that go far at once and keep bits of states, or
 * nothing: what goes level by level works on many states at a time (`search.ts`, `fingerprint-search.ts`).
 *
 * Its parts: the *order* says which state is next, and what becomes of those that steps lead to; of the orders that remember something
 * the *store* tells new states from known ones (`newcomers.ts`); the *inspector* judges states. `plan.ts` puts them together.
 *
 * A finding calls its state by the number of steps on the path to it. `steps` counts those of all states whose steps all went well,
 * self-loops and duplicates included.
 */
import { ModelError } from '../../system/errors.ts';
import type { Bound } from '../../system/verdict.ts';
import type { Path } from '../../tabulate/path.ts';
import type { Tables } from '../../tabulate/tables.ts';
import { Walker } from '../../tabulate/walker.ts';
import { EndedRuns } from '../ended-runs.ts';
import type { Explorer, Facts } from '../explorer.ts';
import type { Fault, Finding } from '../findings.ts';
import { Inspector } from '../inspector.ts';
import { Budget, StoreFull } from '../memory.ts';
import type { SearchLimits } from '../search.ts';

/** What the loop, the order and the store of a search share. */
export class VectorParts {
  readonly tables: Tables;
  readonly limits: SearchLimits;
  readonly budget: Budget;
  readonly inspector: Inspector;
  /** Given when there are properties of progress. */
  readonly ended: EndedRuns | undefined;

  constructor(tables: Tables, limits: SearchLimits) {
    this.tables = tables;
    this.limits = limits;
    this.budget = new Budget(limits.bytes, limits.resident);
    this.inspector = new Inspector(tables);
    this.ended = EndedRuns.of(tables);
  }
}

/** Which state is next, and what becomes of those that its steps lead to. */
export interface VectorOrder {
  /** How many states have been found. */
  readonly states: number;
  /** Steps on the path to the farthest of them, as it was found. */
  readonly depth: number;
  /** How many of them are to be expanded. */
  readonly waiting: number;
  /** Steps on the path to the state that was taken. */
  readonly at: number;
  /** Hears of the result of each of the walker's steps. */
  readonly met: { meet(walker: Walker): void };
  /** Why the search is not complete when there is nothing left. */
  readonly bound: Bound;
  facts(): Facts;

  /** Keeps the initial states, and has them inspected. */
  begin(initial: readonly Int32Array[]): void;
  /** Loads the state to be expanded; false when there is none left of this round: a level, a walk. */
  take(into: Int32Array): boolean;
  /** The first property that the run to the state that was taken would violate, if it ended there. */
  violatedByRun(state: Int32Array): string | undefined;
  /** Goes on with what has been met: all steps of the state went well. */
  follow(): void;
  /** Begins the next round, when nothing has been found; false when there is none. */
  advance(): boolean;
  /** The path to a fault. @param found the state that it is about */
  pathOf(fault: Fault, found: Int32Array): Path;
}

export class VectorSearch implements Explorer {
  readonly tables: Tables;
  readonly walker: Walker;
  steps = 0;
  /** However far it goes, there may be more. */
  readonly done = false;

  readonly #limits: SearchLimits;
  readonly #budget: Budget;
  readonly #inspector: Inspector;
  readonly #ended: EndedRuns | undefined;
  readonly #order: VectorOrder;
  readonly #state: Int32Array;
  #isBegun = false;

  constructor({ tables, limits, budget, inspector, ended }: VectorParts, order: VectorOrder) {
    this.tables = tables;
    this.walker = new Walker(tables);
    this.#limits = limits;
    this.#budget = budget;
    this.#inspector = inspector;
    this.#ended = ended;
    this.#order = order;
    this.#state = new Int32Array(tables.slotCount);
  }

  get finding(): Finding | undefined {
    return this.#inspector.finding;
  }

  get unwitnessed(): ReadonlySet<string> {
    return this.#inspector.witnesses.unwitnessed;
  }

  get states(): number {
    return this.#order.states;
  }

  get depth(): number {
    return this.#order.depth;
  }

  get waiting(): number {
    return this.#order.waiting;
  }

  get bytes(): number {
    return this.#budget.bytes + this.tables.bytes;
  }

  get facts(): Facts {
    return this.#order.facts();
  }

  run(expansions: number): boolean {
    try {
      if (!this.#isBegun) this.#begin();
      for (let left = expansions; left > 0 && !this.finding; left--) {
        if (this.#order.take(this.#state)) this.#expand();
        else this.#advance();
      }
    } catch (error) {
      if (!(error instanceof StoreFull)) throw error;
      this.stop('memory');
    }
    return this.finding !== undefined;
  }

  stop(bound: Bound): void {
    this.#inspector.stop(bound);
  }

  pathOf(fault: Fault): Path {
    return this.#order.pathOf(fault, this.#inspector.found!);
  }

  #begin(): void {
    this.#isBegun = true;
    const initial = this.#inspector.start(this.walker);
    if (!initial) return;
    this.#order.begin(initial);
    this.#stopIfMany();
  }

  #expand(): void {
    const { walker } = this;
    const { current, watched } = walker;
    const inspector = this.#inspector;
    const ended = this.#ended;
    const order = this.#order;
    const { met } = order;
    const state = this.#state;
    let steps = 0;
    let mayEnd = ended !== undefined;
    walker.begin();
    current.set(state);
    try {
      while (walker.next()) {
        steps++;
        if (mayEnd && ended!.isOwed(walker)) mayEnd = false;
        if (watched.length > 0) inspector.witnesses.seeMessages(watched);
        met.meet(walker);
        // Who keeps nothing has it judged at once.
        if (inspector.finding) break;
      }
    } catch (error) {
      walker.abort();
      if (!(error instanceof ModelError)) throw error;
      // A state one of whose steps fails has no successors, wherever the failing one stands among them.
      inspector.fail(error, state, order.at);
      return;
    }
    this.steps += steps;
    if (inspector.finding) return;
    if (steps === 0) inspector.inspectDeadEnd(state, order.at);
    if (ended && !inspector.finding) {
      const property = order.violatedByRun(state);
      if (mayEnd && property !== undefined) inspector.endRun(property, state, order.at);
    }
    order.follow();
    this.#stopIfMany();
  }

  #stopIfMany(): void {
    if (this.states > this.#limits.states) this.stop('states');
  }

  #advance(): void {
    if (!this.#order.advance()) this.stop(this.#order.bound);
  }
}
