/**
 * Exhaustive search over the tables: one loop, parameterised by its frontier, that runs until a property is violated,
 * the space is done or a bound is hit. Asked for all violations, it notes each and goes on, until every property is decided.
 *
 * Invariants: every stored state satisfies all `always` properties that are not known to be violated, and no monitor violation, except
 * the last one of a violated search; `steps` counts every enabled step of every expanded state, self-loops and duplicates included; with a
 * breadth-first frontier, parents are states one level up, so every path is shortest.
 *
 * The search runs in slices (`run`), so that its caller can report progress, stop it and keep an eye on the clock; the
 * loop itself knows no time.
 */
import { ModelError } from '../system/errors.ts';
import type { Bound } from '../system/verdict.ts';
import { deadEndProperties } from '../tabulate/dead-end.ts';
import { errorIn, failingStep, findStep, type Path, type PathStep } from '../tabulate/path.ts';
import type { Tables, TablesLog } from '../tabulate/tables.ts';
import { Walker } from '../tabulate/walker.ts';
import { answersOf } from './answers.ts';
import { Batch } from './batch.ts';
import type { PartJob, PartResult } from './expand-part.ts';
import {
  Candidate,
  DEAD_END,
  type Finding,
  IN_PROPERTY,
  IN_STEP,
  type Noted,
  startIn,
  VIOLATION,
  type Violations,
} from './findings.ts';
import { breadthFirst, type Frontier } from './frontier.ts';
import { levelsLeft } from './levels-left.ts';
import { type Resident, StoreFull } from './memory.ts';
import { type Label, Moves } from './moves.ts';
import { deeperStates, footprintsOf } from './observed.ts';
import { Orbits } from './orbits.ts';
import { Checks, Judge, Witnesses } from './properties.ts';
import { type Scout, Store, type StoredStates, WORDS_FOUND } from './store.ts';
import { collectSuccessors, hasStepOf, type StepTables, stepTables } from './successors.ts';
import type { Symmetry } from './symmetry.ts';

/** How many new states take the place of a level in a search that has none. */
const STATES_PER_LEVEL = 1024;

export interface SearchLimits {
  /** Stop when more states than this are found. */
  readonly states: number;
  /** Bytes of states, parents and tables. */
  readonly bytes: number;
  /** Asked before arrays grow. */
  readonly resident?: Resident | undefined;
}

/** What is known at the end of a level: the distinct values of each slot so far. */
export interface LevelStats {
  readonly depth: number;
  readonly states: number;
  readonly values: readonly number[];
}

/** A search between two states, as a checkpoint keeps it. */
export interface SearchSnapshot {
  readonly log: TablesLog;
  readonly states: StoredStates;
  /** The next state to expand. */
  readonly next: number;
  readonly steps: number;
  readonly levelStarts: readonly number[];
  readonly levelEnd: number;
  readonly levels: readonly LevelStats[];
  readonly unwitnessed: readonly string[];
  /** When all violations are asked for: those in dead ends, which are not looked at again. */
  readonly deadEnds: readonly Noted[];
  /** How many values each slot has shown: what the log has to lead to. */
  readonly values: readonly number[];
  /** What these values are: digests, slot by slot, and one of the messages. */
  readonly digests: readonly number[];
  /** `answersOf` the tables. */
  readonly answers: Readonly<Record<string, number>>;
}

export class Search {
  readonly tables: Tables;
  readonly walker: Walker;
  readonly store: Store;
  steps = 0;
  finding: Finding | undefined;
  done = false;
  readonly levels: LevelStats[] = [];
  /** What it has noted; undefined when the first violation ends it. */
  readonly violations: Violations | undefined;

  readonly #limits: SearchLimits;
  readonly #frontier: Frontier;
  readonly #checks: Checks;
  readonly #witnesses: Witnesses;
  #judge: Judge;
  #moves: Moves;
  #tables: StepTables;
  readonly #batch = new Batch();
  /** Given when only representatives are stored. */
  readonly #orbits: Orbits | undefined;
  /** Its walkers are its own: what it tries on the way is no part of the search. */
  readonly #scout: Scout = {
    deeperStates: (from) => deeperStates(new Walker(this.tables), from),
    footprintsOf: (states) => footprintsOf(new Walker(this.tables), states),
  };
  /** Scratch. */
  readonly #state: Int32Array;
  /** What the level that is being expanded has shown so far that would end the search. */
  readonly #candidate = new Candidate();
  /** How many initial states there are; they are the first ones. */
  #initials = 0;
  /** The level being expanded, and the first state of the one after it. */
  #level = 0;
  #levelEnd = 1;
  /** The first state of each level. */
  readonly #levelStarts = [0];
  /** Of a resumed search: the next of its stored states that properties have not been asked about again, and how many there are. */
  #judged = 0;
  #toJudge = 0;

  /**
   * @param symmetry of the same tables; only for a breadth-first search
   * @param violations where it notes them, to go on after each; only for a breadth-first search
   */
  constructor(
    tables: Tables,
    limits: SearchLimits,
    frontier: (store: Store) => Frontier = breadthFirst,
    symmetry?: Symmetry,
    violations?: Violations,
  ) {
    this.tables = tables;
    this.violations = violations;
    this.#limits = limits;
    this.#orbits = symmetry && new Orbits(symmetry);
    this.#checks = new Checks(tables, symmetry);
    this.#witnesses = new Witnesses(tables, symmetry);
    this.walker = new Walker(tables);
    this.#state = new Int32Array(tables.slotCount);
    this.store = new Store(tables.slotCount, limits.bytes, limits.resident);
    this.#moves = this.#newMoves();
    this.#tables = stepTables(this.#moves, this.store.halves);
    this.#judge = new Judge(this.#checks, this.#witnesses, this.store, tables.slotCount);
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

  /** Of a search that is over: tells of any state whether all its steps are known. */
  expanded(): (state: number) => boolean {
    if (this.done) return () => true;
    const isWaiting = this.#frontier.waiting();
    return (state) => !isWaiting(state);
  }

  get bytes(): number {
    return this.store.bytes + this.#moves.bytes + this.tables.bytes + (this.#orbits?.bytes ?? 0);
  }

  /** How many initial states there are: the states with the lowest numbers. */
  get initials(): number {
    return this.#initials;
  }

  /** The first state of each level; undefined when states do not come level by level. */
  get levelStarts(): readonly number[] | undefined {
    return this.#frontier.depth === undefined ? this.#levelStarts : undefined;
  }

  /** About how many levels are left, where that can be told. */
  get levelsLeft(): number | undefined {
    return this.levelStarts && levelsLeft([...this.#levelStarts, this.#levelEnd]);
  }

  /** What starts a step, by its label. */
  get labels(): readonly Label[] {
    return this.#moves.labels;
  }

  /** Puts the steps of a state into a batch, when all states have been expanded; returns how many there are, as `collectSuccessors`. */
  collectSteps(state: number, batch: Batch): number {
    const first = this.store.firstOf(state);
    const second = this.store.secondOf(state);
    const mark = batch.length;
    const steps = collectSuccessors(this.#tables, first, second, state, batch);
    if (steps >= 0) return steps;
    // It was expanded before the halves got new numbers.
    batch.length = mark;
    if (batch.labels) batch.labels.length = 0;
    this.store.load(state, this.#state);
    this.#moves.complete(first, second, this.#state);
    this.#tables = stepTables(this.#moves, this.store.halves);
    return collectSuccessors(this.#tables, first, second, state, batch);
  }

  /** As `hasStepOf` of the state's halves. */
  hasStepOf(state: number, entityOf: Int32Array): number {
    return hasStepOf(this.#tables, this.store.firstOf(state), this.store.secondOf(state), entityOf);
  }

  /** Expands up to `expansions` states; returns true when the search has ended, by a finding or by completion. */
  run(expansions: number): boolean {
    try {
      if (this.store.count === 0) this.#begin();
      if (this.#judged < this.#toJudge) {
        this.#judgeAgain(expansions);
        return this.finding !== undefined;
      }
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
      if (this.#orbits && error instanceof ModelError) this.#refuse(error);
      else if (error instanceof StoreFull) this.stop('memory');
      else throw error;
    }
    return this.done || this.finding !== undefined;
  }

  /** States of the level that is being expanded that have not been yet. */
  get leftOfLevel(): number {
    return this.#levelEnd - (this.store.count - this.#frontier.size);
  }

  /**
   * What is left of the level that is being expanded, or a part of it, for other threads: states `from` to `to`. Between this
   * and `closePart` nothing but `share` and `adopt` may be called.
   */
  openPart(min: number, max: number): { from: number; to: number } | undefined {
    const from = this.store.count - this.#frontier.size;
    // The representatives of successors are the coordinator's business.
    if (this.#orbits || !this.#frontier.skipTo || this.store.count === 0 || this.#levelEnd - from < min || this.finding)
      return undefined;
    if (this.#judged < this.#toJudge) return undefined;
    const to = Math.min(this.#levelEnd, from + max);
    this.#guarded(() => {
      this.#flush();
      // About as many for each state as the level has shown so far, or the one before.
      const expanded = from - this.#levelStarts.at(-1)!;
      const [known, found] = expanded > max ? [expanded, this.store.count - this.#levelEnd] : [1, 1];
      this.store.reserve(Math.ceil(((to - from) * found) / known));
    });
    return this.finding ? undefined : { from, to };
  }

  /** For `expandPart`: good until the next `adopt`. Undefined when there is no room for it, which ends the search. */
  share(): Pick<PartJob, 'states' | 'set' | 'tables' | 'judge'> | undefined {
    let shared: ReturnType<Search['share']>;
    this.#guarded(() => {
      shared = { ...this.store.share(), tables: this.#tables, judge: this.#judge.share() };
    });
    return shared;
  }

  /** Takes over what other threads have found, and does what they could not. */
  adopt(results: readonly PartResult[], outboxes: readonly Int32Array[]): void {
    this.#guarded(() => {
      const { store } = this;
      results.forEach(({ steps, found, suspects }, thread) => {
        this.steps += steps;
        const from = store.adopt(outboxes[thread]!, found);
        for (const suspect of suspects) this.#inspect(from + suspect);
      });
      if (store.count > this.#limits.states) this.stop('states');
      for (const { left, unknown, deadEnds } of results) {
        for (let at = 0; at < left.length && !this.finding; at += WORDS_FOUND) {
          this.#batch.push(left[at]!, left[at + 1]!, left[at + 2]!);
          if (this.#batch.isFull) this.#flush(false);
        }
        for (const state of deadEnds) this.#inspectDeadEnd(state);
        for (const state of unknown) if (!this.finding) this.#expand(state, false);
      }
      if (!this.finding) this.#flush(false);
    });
  }

  closePart(to: number): void {
    this.#frontier.skipTo!(to);
    this.#guarded(() => this.#flush());
  }

  #guarded(run: () => void): void {
    try {
      run();
    } catch (error) {
      if (!(error instanceof StoreFull)) throw error;
      this.stop('memory');
    }
  }

  /**
   * What it takes to go on from here in another process. Only for a breadth-first search; undefined when it has not begun, when
   * it has been resumed and not yet judged all its states again, or when the level that is being expanded will end it.
   */
  snapshot(): SearchSnapshot | undefined {
    if (this.store.count === 0 || this.finding || this.#judged < this.#toJudge) return undefined;
    this.#guarded(() => this.#flush());
    if (this.finding || this.#candidate.finding) return undefined;
    return {
      log: this.tables.log,
      states: this.store.dump(),
      next: this.store.count - this.#frontier.size,
      steps: this.steps,
      levelStarts: this.#levelStarts,
      levelEnd: this.#levelEnd,
      levels: this.levels,
      unwitnessed: [...this.unwitnessed],
      deadEnds: this.violations?.inOrder().filter(({ finding }) => finding.deadEnd) ?? [],
      values: this.tables.valueCounts(),
      digests: this.tables.digests(),
      answers: answersOf(this.tables),
    };
  }

  /**
   * Goes on from a snapshot of a search of the same system with the same symmetry, before the first `run`. Properties are asked
   * about all its states again, by `run`, so what they violate or witness is what they say now.
   *
   * @returns what the system does otherwise than when it was taken, in words, and this search is of no use then; undefined when
   *   there is nothing of that kind
   * @throws StoreFull
   */
  resume(snapshot: SearchSnapshot): string | undefined {
    const { tables, store } = this;
    const initial = this.#start();
    if (!initial) return 'what its actors do at the start';
    const other = tables.replay(snapshot.log);
    if (other !== undefined) return other;
    if (!isSame(tables.valueCounts(), snapshot.values)) return 'how many local states and messages there are';
    if (!isSame(tables.digests(), snapshot.digests)) return 'which local states and messages there are';
    const answers = answersOf(tables);
    const names = new Set([...Object.keys(answers), ...Object.keys(snapshot.answers)]);
    for (const name of names) if (answers[name] !== snapshot.answers[name]) return `what ${name} says`;
    if (!store.restore(snapshot.states)) return 'which states there are';
    this.#initials = snapshot.levelStarts[1] ?? snapshot.levelEnd;
    if (this.#initials > store.count || !this.#isStart(initial)) return 'in which state it starts';
    this.#toJudge = store.count;
    this.steps = snapshot.steps;
    this.#levelStarts.splice(0, 1, ...snapshot.levelStarts);
    this.#level = snapshot.levelStarts.length - 1;
    this.#levelEnd = snapshot.levelEnd;
    this.levels.push(...snapshot.levels);
    this.#witnesses.resume(snapshot.unwitnessed);
    for (const deadEnd of snapshot.deadEnds) this.violations?.note(deadEnd);
    this.#frontier.skipTo!(snapshot.next);
    this.#renumber();
    return undefined;
  }

  /**
   * Asks the properties about stored states: what they depend on beside their own text may not be what it was. What they find in
   * a level that has been found whole is told before the next one is looked at; later states belong to a level yet to be finished.
   */
  #judgeAgain(count: number): void {
    // The images of what was asked again.
    this.#orbits?.symmetry.settle();
    const starts = this.#levelStarts;
    const end = Math.min(this.#judged + count, this.#toJudge);
    let level = starts.findLastIndex((start) => start < Math.max(1, this.#judged));
    for (; this.#judged < end; this.#judged++) {
      if (this.#judged === (starts[level + 1] ?? this.#levelEnd)) {
        level++;
        if (this.#candidate.finding) break;
      }
      this.#inspect(this.#judged);
    }
    const isLast = this.#judged === this.#toJudge && this.#toJudge === this.#levelEnd;
    if (this.#candidate.finding && (this.#judged < end || isLast)) this.#tell();
  }

  /** The initial states, or representatives of them; undefined when one is an error. */
  #start(): Int32Array[] | undefined {
    const { walker, tables } = this;
    const initial: Int32Array[] = [];
    for (const way of tables.system.starts.keys()) {
      this.finding = startIn(walker, way);
      if (this.finding) return undefined;
      this.#witnesses.seeMessages(walker.watched);
      initial.push(walker.current.slice());
    }
    this.#orbits?.symmetry.requireInvariant(initial);
    this.#witnesses.seeImages();
    for (const state of initial) this.#orbits?.symmetry.canonicalise(state);
    tables.forgetLog();
    return initial;
  }

  #begin(): void {
    const { store } = this;
    const initial = this.#start();
    if (!initial) return;
    for (const vector of initial) {
      const state = store.add(vector, 0);
      if (state < 0) continue;
      this.#frontier.push(state);
      this.#initials = state + 1;
    }
    if (this.#frontier.depth === undefined) this.#levelEnd = this.#initials;
    for (let state = 0; state < this.#initials && !this.finding; state++) this.#inspect(state);
    // There is no level that would have to be finished first.
    this.#tell();
    if (store.count > this.#limits.states) this.stop('states');
  }

  /** Whether the stored initial states are these, in this order. */
  #isStart(initial: readonly Int32Array[]): boolean {
    let known = 0;
    for (const vector of initial) {
      const isKnown = (state: number) => isSame(this.#vector(state), vector);
      if (known < this.#initials && isKnown(known)) known++;
      else if (!Array.from({ length: known }, (_, state) => state).some(isKnown)) return false;
    }
    return known === this.#initials;
  }

  /** @param settles whether all halves may get new numbers afterwards */
  #expand(state: number, settles = true): void {
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
        this.#tables = stepTables(this.#moves, store.halves);
      } catch (error) {
        if (!(error instanceof ModelError)) throw error;
        this.#proposeErrors(state);
        return;
      }
      steps = this.#collect(first, second, state);
    }
    this.steps += steps;
    if (steps === 0) this.#inspectDeadEnd(state);
    if (batch.isFull) this.#flush(settles);
  }

  #collect(first: number, second: number, state: number): number {
    return collectSuccessors(this.#tables, first, second, state, this.#batch);
  }

  /** Stores the successors that wait in the batch. */
  #flush(settles = true): void {
    const { store } = this;
    const batch = this.#batch;
    this.#orbits?.reduce(batch, store.halves);
    batch.dropRecent();
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
    this.#tables = stepTables(this.#moves, store.halves);
    if (settles && store.settle(this.#scout)) this.#renumber();
  }

  /** Halves have got new numbers. */
  #renumber(): void {
    const { store } = this;
    this.#moves.release();
    this.#batch.forgetRecent();
    this.#judge.release();
    this.#moves = this.#newMoves();
    this.#tables = stepTables(this.#moves, store.halves);
    this.#judge = new Judge(this.#checks, this.#witnesses, store, this.tables.slotCount);
  }

  /** Looks at a new state for violations and witnesses. */
  #inspect(state: number): void {
    try {
      const violated = this.#judge.violatedIn(state);
      if (violated < 0) return;
      if (this.violations) this.#noteAll(state, violated, this.violations);
      else if (this.#orbits) this.#inspectImages(state, this.#orbits);
      else this.#proposeViolation(state, violated);
    } catch (error) {
      if (!(error instanceof ModelError) || error.code === 'not-symmetric') throw error;
      this.#propose({ kind: 'model-error', error, state, inStep: false }, IN_PROPERTY);
    }
  }

  /** All checks that a state violates; nobody needs to hear of any of them again. */
  #noteAll(state: number, first: number, violations: Violations): void {
    const depth = this.#depthOf(state);
    for (let check = first; check >= 0; check = this.#judge.violatedIn(state)) {
      const property = this.#checks.nameOf(check);
      violations.note({ finding: { kind: 'violation', property, state, deadEnd: false }, depth, rank: check });
      this.#checks.settle(check);
    }
  }

  #depthOf(state: number): number {
    return [...this.#levelStarts, this.#levelEnd].findLastIndex((start) => start <= state);
  }

  /** What a search without symmetry would find in one or the other image of a state. */
  #inspectImages(state: number, orbits: Orbits): void {
    const { checks } = orbits;
    for (const image of orbits.imagesOf(this.#vector(state))) {
      for (let check = 0; check < checks.length; check++) {
        if (!checks.isViolated(check, image)) continue;
        this.#proposeViolation(state, check);
        break;
      }
    }
  }

  #proposeViolation(state: number, check: number): void {
    const property = this.#checks.nameOf(check);
    this.#propose({ kind: 'violation', property, state, deadEnd: false }, VIOLATION + check);
  }

  #inspectDeadEnd(state: number): void {
    this.store.load(state, this.#state);
    try {
      const violated = deadEndProperties(this.tables, this.#state);
      if (violated.length === 0) return;
      this.#takeDeadEnd(state, violated);
      for (const image of this.#orbits?.imagesOf(this.#state) ?? []) {
        this.#takeDeadEnd(state, deadEndProperties(this.tables, image));
      }
    } catch (error) {
      if (!(error instanceof ModelError)) throw error;
      this.#propose({ kind: 'model-error', error, state, inStep: false }, DEAD_END);
    }
  }

  /** What a dead end, or an image of it, violates. */
  #takeDeadEnd(state: number, properties: readonly string[]): void {
    const [first] = properties;
    const findings = properties.map((property) => ({ kind: 'violation', property, state, deadEnd: true }) as const);
    if (this.violations) {
      const depth = this.#depthOf(state);
      findings.forEach((finding, at) => {
        this.violations!.note({ finding, depth, rank: this.#checks.length + at });
      });
    } else if (first !== undefined) this.#propose(findings[0]!, DEAD_END);
  }

  /** The errors of a state, one of whose steps fails, or of its images. */
  #proposeErrors(state: number): void {
    const vector = this.#vector(state);
    let found = false;
    for (const image of this.#orbits?.imagesOf(vector) ?? [vector]) {
      const error = errorIn(this.walker, image);
      if (!error) continue;
      found = true;
      this.#propose({ kind: 'model-error', error, state, inStep: true }, IN_STEP);
    }
    if (!found) throw new Error(`a step of state ${state} failed, and does not fail any more`);
  }

  /**
   * Something that ends the search. Where states come level by level the level is finished first, so that all numbers are
   * those of whole levels, in whatever order a level's states are taken; the shortest path comes first, then the lowest rank.
   */
  #propose(finding: Finding, rank: number): void {
    this.#candidate.propose(finding, rank);
    if (this.#frontier.depth !== undefined) this.#tell();
  }

  #tell(): void {
    try {
      this.#orbits?.symmetry.settle();
    } catch (error) {
      if (!(error instanceof ModelError)) throw error;
      this.#refuse(error);
    }
    this.finding ??= this.#candidate.finding;
  }

  /** The symmetry is none: nothing that was found counts. */
  #refuse(error: ModelError): void {
    this.finding = { kind: 'model-error', error, state: -1, inStep: false };
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
      if (this.#isDecided()) this.finding ??= this.violations!.inOrder()[0]?.finding;
    }
  }

  /** Whether all violations are asked for, and there is no property left that states to come could say something about. */
  #isDecided(): boolean {
    if (!this.violations) return false;
    const { properties, deadlock } = this.tables.system;
    const witnesses = properties.filter(({ kind }) => kind === 'reachable' || kind === 'happens').length;
    const decided = this.violations.size + witnesses - this.unwitnessed.size;
    return decided === properties.length + (deadlock === 'violation' ? 1 : 0);
  }

  /**
   * The path to what ended the search; with the failing step at its end where that is an error.
   *
   * @throws ModelError `not-symmetric` when looking for it shows so
   */
  pathOf(finding: Exclude<Finding, { kind: 'bound' }>): Path {
    const { state } = finding;
    const walker = new Walker(this.tables);
    const found: { readonly parent: number; readonly step: PathStep }[] = [];
    const starts = [...this.#levelStarts, this.#levelEnd];
    for (let level = this.#depthOf(state); level > 0; level--) {
      found.unshift(this.#stepInto(walker, found[0]?.parent ?? state, starts[level - 1]!, starts[level]!));
    }
    if (this.#orbits) {
      const numbers = [...found.map(({ parent }) => parent), state];
      return this.#orbits.pathTo(
        numbers.map((number) => this.#vector(number)),
        finding,
      );
    }
    const steps = found.map(({ step }) => step);
    const failing = finding.kind === 'model-error' && finding.inStep;
    const failed = failing ? failingStep(walker, this.#vector(state)) : undefined;
    const initial = this.#vector(found[0]?.parent ?? state);
    return { initial, steps: failed ? [...steps, failed] : steps, failed: failed !== undefined };
  }

  /** The step that first led to a state: of the oldest state of the level before, `from` to `to`, that has one. */
  #stepInto(walker: Walker, state: number, from: number, to: number): { parent: number; step: PathStep } {
    const target = this.#vector(state);
    const orbits = this.#orbits;
    const leadsThere = ({ current }: Walker) =>
      orbits ? orbits.isIn(current, target) : target.every((value, slot) => current[slot] === value);
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

function isSame(some: ArrayLike<number>, others: ArrayLike<number>): boolean {
  if (some.length !== others.length) return false;
  for (let at = 0; at < some.length; at++) if (some[at] !== others[at]) return false;
  return true;
}
