/**
 * Exhaustive search over the tables: one loop that runs until a property is violated, the space is done or a bound is hit.
 * Asked for all violations, it notes each and goes on, until every property is decided.
 *
 * Its parts: the *space* (`rows.ts`) keeps states as rows and columns, knows where steps lead and which states are new; the *order*
 * (`orders.ts`) says which are next; `row-inspector.ts` judges what is found; `dividing.ts` says when slots come apart otherwise; `row-path.ts`
 * finds the way to a state. States are worked on in two phases: some are *expanded*, row by row, and what they lead to waits; then that is
 * *absorbed*, row by row: what of it is new?
 *
 * Invariants: every stored state satisfies all `always` properties that are not known to be violated, and no monitor violation, except
 * those of the level that ends a violated search; `steps` counts every enabled step of every expanded state, self-loops and
 * duplicates included; breadth-first, the levels are those of shortest paths.
 *
 * The search runs in slices (`run`), so that its caller can report progress, stop it and keep an eye on the clock; the
 * loop itself knows no time.
 */
import { ModelError } from '../system/errors.ts';
import type { Bound } from '../system/verdict.ts';
import { isSame } from '../tabulate/ints.ts';
import type { Path } from '../tabulate/path.ts';
import type { Tables, TablesLog } from '../tabulate/tables.ts';
import { Walker } from '../tabulate/walker.ts';
import { answersOf } from './answers.ts';
import { Divider, type Dividing } from './dividing.ts';
import type { Facts } from './explorer.ts';
import type { Fault, Finding, Noted, Violations } from './findings.ts';
import { Judge, QuestionTrees } from './judge.ts';
import { levelsLeft } from './levels-left.ts';
import { type Label, LocalSteps } from './local-steps.ts';
import { Budget, type Resident, StoreFull } from './memory.ts';
import type { StepTables } from './moves.ts';
import { Orbits } from './orbits.ts';
import { BreadthFirst, codeOf, columnOf, DepthFirst, type Order, rowOf } from './orders.ts';
import type { Absorbed, Expanded } from './part.ts';
import type { Partition } from './parts.ts';
import { NO_LIST } from './pending.ts';
import { Checks, Witnesses } from './properties.ts';
import { RowInspector } from './row-inspector.ts';
import { pathTo } from './row-path.ts';
import { RowSharing } from './row-sharing.ts';
import { Rows } from './rows.ts';
import type { Spill } from './spill.ts';
import type { Piece } from './state-list.ts';
import { dumpStates, restoreStates, type StoredStates } from './stored-states.ts';
import type { Successors } from './successors.ts';
import type { Symmetry } from './symmetry.ts';

/** How many new states take the place of a level in a search that has none. */
const STATES_PER_LEVEL = 1024;
/** What is found is absorbed when it takes so many words, also within a level. */
const PENDING_WORDS_MAX = 2 ** 21;
/**
 * States that are expanded at once, at most, by one thread alone. It does not depend on how much time there is: the order in which steps
 * are learned, and so how many of them XState computes, is the same in each run.
 */
const EXPANDED_AT_ONCE = 4096;
/** When sets have to be brought from disk for it, they are told so many times as much at once. */
const SPILLED_AT_ONCE = 16;
/** So many lanes can be brought from disk at the same time. */
const LOADED_MAX = 8;

export interface SearchLimits {
  /** Stop when more states than this are found. */
  readonly states: number;
  /** Bytes of states and tables. */
  readonly bytes: number;
  /** Asked before arrays grow. */
  readonly resident?: Resident | undefined;
}

export interface SearchOptions {
  /** Default: breadth-first. */
  readonly order?: 'breadth-first' | 'depth-first';
  /** Of the same tables; only breadth-first. */
  readonly symmetry?: Symmetry | undefined;
  /** Where violations are noted, to go on after each; only breadth-first. */
  readonly violations?: Violations | undefined;
  readonly dividing?: Dividing | undefined;
  /** Where states go that there is no room for in memory; only breadth-first. */
  readonly spill?: Spill | undefined;
}

/** What is known at the end of a level: the distinct values of each slot so far. */
export interface LevelStats {
  readonly depth: number;
  readonly states: number;
  readonly values: readonly number[];
}

/** A search at the end of a level, as a checkpoint keeps it. */
export interface SearchSnapshot {
  readonly log: TablesLog;
  readonly states: StoredStates;
  readonly steps: number;
  /** How many states there are in the levels before each; the last one is to be expanded. */
  readonly levelStarts: readonly number[];
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
  readonly budget: Budget;
  /** How many states have been found. */
  states = 0;
  done = false;
  readonly levels: LevelStats[] = [];
  readonly sharing = new RowSharing(this);

  readonly #limits: SearchLimits;
  readonly #spill: Spill | undefined;
  readonly #witnesses: Witnesses;
  /** Given when only representatives are stored. */
  readonly #orbits: Orbits | undefined;
  readonly #steps: LocalSteps;
  readonly #rows: Rows;
  readonly #inspector: RowInspector;
  readonly #divider: Divider;
  /** How many initial states there are; they are the first ones. */
  #initials = 0;
  /** Levels that are over, or what takes their place; and at how many states the next one of these ends. */
  #level = 0;
  #statsAt = STATES_PER_LEVEL;
  #stepsOfLevels = 0;
  /** Of a resumed search: its stored states that properties have not been asked about again. */
  #toJudge: Iterator<Piece> | undefined;
  #judged = 0;
  #isClosed = false;
  /** Other threads expand states, too: how many this one does before they get more must depend on the time. */
  #isShared = false;

  constructor(tables: Tables, limits: SearchLimits, options: SearchOptions = {}) {
    const { order, symmetry, violations, dividing, spill } = options;
    this.tables = tables;
    this.#limits = limits;
    this.#spill = spill;
    this.budget = new Budget(limits.bytes, limits.resident);
    this.walker = new Walker(tables);
    const orbits = symmetry && new Orbits(symmetry);
    const checks = new Checks(tables, symmetry);
    this.#witnesses = new Witnesses(tables, symmetry);
    this.#steps = new LocalSteps(this.walker, (messages) => this.#witnesses.seeMessages(messages));
    const questions = new QuestionTrees();
    this.#orbits = orbits;
    this.#rows = new Rows({
      tables,
      steps: this.#steps,
      budget: this.budget,
      order: order === 'depth-first' ? new DepthFirst(this.budget) : new BreadthFirst(this.budget, { spill }),
      orbits,
      spill,
      judgeOf: (parts) => new Judge(checks, this.#witnesses, questions, parts, this.budget),
      onRenumbered: (codeNow) => this.#inspector.renumber(codeNow),
    });
    const witnesses = this.#witnesses;
    this.#inspector = new RowInspector(this.#rows, {
      ...{ tables, walker: this.walker, checks, witnesses, orbits, violations },
    });
    this.#divider = new Divider(this.#rows, tables, symmetry?.orbits, dividing);
  }

  // --- what others ask ---

  /** What ended it. */
  get finding(): Finding | undefined {
    return this.#inspector.finding;
  }

  /** What it has noted; undefined when the first violation ends it. */
  get violations(): Violations | undefined {
    return this.#inspector.violations;
  }

  /** Steps of all states that have been expanded. */
  get steps(): number {
    return this.#rows.steps;
  }

  /** Properties that nothing has witnessed yet. */
  get unwitnessed(): ReadonlySet<string> {
    return this.#witnesses.unwitnessed;
  }

  /** Steps on the path to the farthest state found so far; the shortest path when states come level by level. */
  get depth(): number {
    const { depth, fresh } = this.#rows.order;
    return depth ?? (fresh.some(({ length }) => length > 0) ? this.#level + 1 : this.#level);
  }

  /** States waiting to be expanded. */
  get waiting(): number {
    return this.#rows.order.waiting;
  }

  get bytes(): number {
    return this.budget.bytes + this.#rows.moves.bytes + this.tables.bytes + (this.#orbits?.symmetry.bytes ?? 0);
  }

  /** How many initial states there are: the first ones. */
  get initials(): number {
    return this.#initials;
  }

  /** How many levels there are; states that do not come level by level are all in one. */
  get levelCount(): number {
    return (this.#rows.order.byLevels?.levelStarts.length ?? 2) - 1;
  }

  /** The states of a level, in the order in which they were found. */
  statesOf(level: number): Iterable<Piece> {
    return this.#rows.order.byLevels?.statesOf(level) ?? this.allStates();
  }

  /** About how many levels are left, where that can be told. */
  get levelsLeft(): number | undefined {
    const { byLevels } = this.#rows.order;
    return byLevels && levelsLeft(byLevels.levelStarts.slice(0, byLevels.level + 2));
  }

  /** What starts a step, by its label. */
  get labels(): readonly Label[] {
    return this.#steps.labels;
  }

  /** Where steps lead, for other threads. */
  get stepTables(): StepTables {
    return this.#rows.moves.tables;
  }

  /** All columns are below. */
  get columns(): number {
    return this.#rows.parts.columns;
  }

  /** Which slots are whose part: those of rows first. */
  get partition(): Partition {
    return this.#rows.partition;
  }

  /** All states, in the order in which they were found. */
  allStates(): Iterable<Piece> {
    return this.#rows.order.states();
  }

  /** Of a search that is over: tells of each state in that order whether all its steps are known. */
  expanded(): (state: number) => boolean {
    return this.done ? () => true : this.#rows.order.isExpanded();
  }

  load(row: number, column: number, into: Int32Array): void {
    this.#rows.load(row, column, into);
  }

  /** Gives the memory back that only insertions need; nothing can be added any more. */
  close(): void {
    this.#isClosed = true;
    this.#rows.close();
  }

  get facts(): Facts {
    return this.#spill ? { diskBytes: this.#spill.bytes } : {};
  }

  /** Gives back what is not memory; nothing can be asked any more. */
  dispose(): void {
    this.#rows.dispose();
  }

  /** Puts the steps of a state into a list, when all states have been expanded; returns how many there are. */
  collectSteps(row: number, column: number, into: Successors): number {
    return this.#rows.collectSteps(row, column, into);
  }

  /** As of `Successors`. */
  hasStepOf(row: number, column: number, entityOf: Int32Array): number {
    return this.#rows.hasStepOf(row, column, entityOf);
  }

  // --- the loop ---

  /** Expands so many states or some more; returns true when the search has ended, by a finding or by completion. */
  run(expansions: number): boolean {
    this.#guarded(() => {
      if (this.states === 0) this.#begin();
      if (this.#toJudge) this.#judgeAgain(expansions);
      else this.#go(expansions);
    });
    return this.done || this.finding !== undefined;
  }

  #go(expansions: number): void {
    for (let left = expansions; left > 0 && !this.finding && !this.done; ) {
      // With other parts it is another one.
      const order = this.#rows.order;
      if (order.take(this.#isShared ? left : EXPANDED_AT_ONCE)) {
        left -= order.to - order.from;
        this.#expand(order);
        if (this.#isMuchPending) this.#absorb();
      } else {
        this.#absorb();
        if (this.finding) return;
        const goesOn = order.advance(this.#rows.parts.fields);
        if (order.byLevels) this.#endLevel();
        else if (!goesOn || this.states >= this.#statsAt) this.#endLevel();
        this.done = !goesOn && !this.finding;
        if (!this.finding) this.#divider.settle(this.states);
      }
    }
  }

  /** Asked after each piece: lanes are looked at only when there is something to be absorbed. */
  get #isMuchPending(): boolean {
    const { size } = this.#rows.pending;
    return size > PENDING_WORDS_MAX && (size > PENDING_WORDS_MAX * SPILLED_AT_ONCE || !this.#rows.isSpilled);
  }

  /** Expands what the order has given out. */
  #expand(order: Order): void {
    const { row, list, columns, to } = order;
    const at = this.#expandRow(row, list, columns, order.from, to);
    if (at === to) return;
    order.giveBack(at);
    this.#makeRoom();
  }

  /** Expands columns `from` to `to` of a row; returns the place of the first one that there are too many numbers for, else `to`. */
  #expandRow(row: number, list: number, columns: Int32Array, from: number, to: number): number {
    for (let at = from; ; ) {
      at = this.#rows.expander.expand(this.#rows.moves.tables, row, list, columns, at, to);
      if (this.#rows.deadEnds.length > 0) this.#inspector.inspectDeadEnds();
      if (at === to) return to;
      // A state with a step that fails leads nowhere.
      if (!this.#learn(row, columns[at]!)) at++;
      if (this.#rows.parts.isOverflowing) return at;
    }
  }

  /** A part has more values than its bits can number. @throws StoreFull when there is no other way to divide */
  #makeRoom(): void {
    this.#absorb();
    if (!this.finding) this.#divider.makeRoom(this.states);
  }

  /** Finds out what the expander lacks about a state; false when a step of it fails. */
  #learn(row: number, column: number): boolean {
    try {
      this.#rows.learn(row, column);
    } catch (error) {
      if (!(error instanceof ModelError)) throw error;
      this.#inspector.proposeErrors(row, column);
      return false;
    }
    return true;
  }

  /** Stores what has been found. */
  #absorb(): void {
    const { fresh } = this.#rows.order;
    const before = fresh.map(({ length, pieces }) => ({ length, pieces }));
    // Properties ask for images.
    this.#orbits?.symmetry.settle();
    for (const list of fresh) list.max = list.length + this.#limits.states + 1 - this.states;
    try {
      this.#rows.absorb(this.#rows.order.expanded, fresh);
    } finally {
      fresh.forEach(({ length }, lane) => {
        this.states += length - before[lane]!.length;
      });
    }
    for (const [lane, list] of fresh.entries()) {
      this.#inspector.inspectAll(list, before[lane]!.pieces, before[lane]!.length);
    }
    if (this.states > this.#limits.states) this.stop('states');
  }

  // --- other threads ---

  /** States of the level that is being expanded that have not been yet. */
  get leftOfLevel(): number {
    return this.#rows.order.byLevels?.leftOfLevel ?? 0;
  }

  /**
   * What is left of the level that is being expanded, or a part of it, for other threads; undefined when there is too little of it.
   * From then on rows belong to so many lanes. `adoptExpanded` and `adoptAbsorbed` must follow.
   */
  openPart({ lanes, min, max, chunk }: { lanes: number; min: number; max: number; chunk: number }) {
    const order = this.#rows.order.byLevels;
    if (!order || order.leftOfLevel < min || this.finding || this.#toJudge) return undefined;
    this.#isShared = true;
    return this.#guarded(() => {
      // Lanes on disk are brought to memory once for what all have found, this one included.
      if (!this.#rows.isSpilled) this.#absorb();
      if (this.finding) return undefined;
      this.#rows.deal(lanes);
      const chunks = order.takeChunks(this.#rows.isSpilled ? max * SPILLED_AT_ONCE : max, chunk);
      const representatives = this.#rows.representatives?.share();
      return {
        tables: this.#rows.moves.tables,
        level: order.shareLevel(),
        chunks,
        representatives,
        rows: this.#rows.parts.rows,
      };
    });
  }

  /** Takes over what other threads have expanded; what has been found, and what each lane has to absorb it in. */
  adoptExpanded(results: readonly Expanded[]) {
    return this.#guarded(() => {
      for (const { steps, deadEnds } of results) {
        this.#rows.countSteps(steps);
        for (const code of codesOf(deadEnds)) this.#inspector.inspectDeadEnd(code);
      }
      if (this.finding) return undefined;
      const { expanded, fresh } = this.#rows.order;
      const { rows, columns } = this.#rows.parts;
      const { fields } = this.#rows.parts;
      const judge = this.#rows.judge.share();
      const left = this.budget.bytesMax - this.budget.bytes;
      const bytesMax = Math.floor(left / this.#rows.sets.length);
      // What waits here is absorbed with the rest.
      const own = this.#rows.pending.share();
      const absorbing = this.#rows.sets.map((sets, lane) => {
        const { stored } = sets;
        if (!stored) sets.fit(rows);
        const shared = { fresh: fresh[lane]!.share(), expanded, rows, columns, judge, bytesMax };
        // What is on disk is in memory for as long as it is worked on.
        return stored
          ? { ...shared, stored, fields, bytesMax: Math.floor(left / LOADED_MAX) }
          : { ...shared, sets: sets.share() };
      });
      return { absorbing, found: [...results.map(({ found }) => found), own] };
    });
  }

  /** Takes over what other threads have absorbed, and does what they have left. */
  adoptAbsorbed(results: readonly Absorbed[], expanded: readonly Expanded[]): void {
    this.#guarded(() => {
      const { fresh } = this.#rows.order;
      this.#rows.pending.clear();
      results.forEach((result, lane) => {
        this.states += result.length - fresh[lane]!.length;
        fresh[lane]!.adopt(result);
        this.#rows.adopt(lane, result.stored);
      });
      this.#orbits?.symmetry.settle();
      for (const { suspects } of results) {
        for (let at = 0; at < suspects.length; at += 2) this.#inspector.inspect(suspects[at]!, suspects[at + 1]!);
      }
      if (results.some(({ isFull }) => isFull)) throw new StoreFull();
      for (const { left } of expanded) {
        for (let at = 0; at < left.length; at += 2) this.#rows.representatives!.push(left[at]!, left[at + 1]!);
      }
      this.#expandAlone(expanded.flatMap(({ unknown }) => codesOf(unknown)));
      if (!this.#rows.isSpilled) this.#absorb();
    });
  }

  /** Expands states that are in no order's hands. */
  #expandAlone(codes: number[]): void {
    const column = new Int32Array(1);
    for (let at = 0; at < codes.length && !this.finding; ) {
      column[0] = columnOf(codes[at]!);
      if (this.#expandRow(rowOf(codes[at]!), NO_LIST, column, 0, 1) === 1) at++;
      else {
        const vectors = codes.slice(at).map((code) => this.#rows.vectorOf(code));
        this.#makeRoom();
        if (this.finding) return;
        codes.splice(at, codes.length - at, ...vectors.map((vector) => this.#rows.codeOf(vector)));
      }
    }
  }

  #guarded<Result>(run: () => Result): Result | undefined {
    try {
      return run();
    } catch (error) {
      if (this.#orbits && error instanceof ModelError) this.#inspector.refuse(error);
      else if (error instanceof StoreFull) this.stop('memory');
      else throw error;
      return undefined;
    }
  }

  // --- the beginning ---

  #begin(): void {
    const initial = this.#inspector.start();
    if (!initial) return;
    const { fresh } = this.#rows.order;
    for (const vector of initial) {
      // One by one, so that they come in the order in which they are declared.
      this.#rows.push(vector);
      this.#rows.fit();
      this.#rows.absorb(this.#rows.order.expanded, fresh);
    }
    this.states = fresh[0]!.length;
    this.#initials = this.states;
    this.#inspector.inspectAll(fresh[0]!, 0, 0);
    this.#rows.order.advance(this.#rows.parts.fields);
    // There is no level that would have to be finished first.
    this.#inspector.tell();
    if (this.states > this.#limits.states) this.stop('states');
  }

  // --- the end ---

  /** Ends the search before its level is finished: what that has shown so far counts, else the bound. */
  stop(bound: Bound): void {
    // What has been found counts, where there is room for it, and where it takes no time.
    const isTime = (bound === 'seconds' || bound === 'interrupted') && !this.#rows.isSpilled;
    if (isTime && !this.done && !this.finding && !this.#isClosed) this.#guarded(() => this.#absorb());
    this.#inspector.stop(bound);
  }

  #endLevel(): void {
    this.levels.push({ depth: this.#level, states: this.states, values: this.tables.valueCounts() });
    this.#inspector.tell();
    if (this.#rows.order.waiting === 0) return;
    this.#rows.tidy();
    this.#level++;
    this.#statsAt = this.states + STATES_PER_LEVEL;
    this.#stepsOfLevels = this.steps;
    this.#inspector.tellIfDecided();
  }

  // --- checkpoints ---

  /**
   * What it takes to go on from the beginning of the level that is being expanded, in another process. Only for a breadth-first
   * search; undefined when it has not begun, when it has been resumed and not yet judged all its states again, or when the level that
   * is being expanded will end it.
   */
  snapshot(): SearchSnapshot | undefined {
    const order = this.#rows.order.byLevels;
    if (!order || this.states === 0 || this.finding || this.#toJudge) return undefined;
    if (this.#inspector.hasCandidate) return undefined;
    return {
      log: this.tables.log,
      states: dumpStates(this.#rows, order, this.#divider.times),
      steps: this.#stepsOfLevels,
      levelStarts: order.levelStarts.slice(0, order.level + 1),
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
    const { tables } = this;
    const initial = this.#inspector.start();
    if (!initial) return 'what its actors do at the start';
    const other = tables.replay(snapshot.log);
    if (other !== undefined) return other;
    if (!isSame(tables.valueCounts(), snapshot.values)) return 'how many local states and messages there are';
    if (!isSame(tables.digests(), snapshot.digests)) return 'which local states and messages there are';
    const answers = answersOf(tables);
    const names = new Set([...Object.keys(answers), ...Object.keys(snapshot.answers)]);
    for (const name of names) if (answers[name] !== snapshot.answers[name]) return `what ${name} says`;
    const states = restoreStates(this.#rows, snapshot.states, snapshot.levelStarts);
    if (states === undefined) return 'which states there are';
    this.states = states;
    this.#divider.times = snapshot.states.partitions;
    this.#initials = snapshot.levelStarts[1] ?? this.states;
    if (!this.#isStart(initial)) return 'in which state it starts';
    this.#rows.countSteps(snapshot.steps);
    this.#stepsOfLevels = snapshot.steps;
    this.#level = snapshot.levelStarts.length - 1;
    this.levels.push(...snapshot.levels);
    this.#witnesses.resume(snapshot.unwitnessed);
    for (const deadEnd of snapshot.deadEnds) this.violations?.note(deadEnd);
    // The images of what was asked again.
    this.#orbits?.symmetry.settle();
    this.#toJudge = this.allStates()[Symbol.iterator]();
    return undefined;
  }

  /** Whether the stored initial states are these, in this order. */
  #isStart(initial: readonly Int32Array[]): boolean {
    const known: number[] = [];
    for (const { row, columns } of this.#rows.order.byLevels!.statesOf(0)) {
      for (const column of columns) known.push(codeOf(row, column));
    }
    const wanted: number[] = [];
    for (const vector of initial) {
      const code = this.#rows.codeOf(vector);
      if (!wanted.includes(code)) wanted.push(code);
    }
    return isSame(known, wanted);
  }

  /**
   * Asks the properties about stored states: what they depend on beside their own text may not be what it was. What they find in
   * a level is told before the next one is looked at.
   */
  #judgeAgain(count: number): void {
    const starts = this.#rows.order.byLevels?.levelStarts ?? [];
    const end = this.#judged + count;
    while (this.#judged < end) {
      const next = this.#toJudge!.next();
      if (next.done) {
        this.#toJudge = undefined;
        break;
      }
      if (this.#inspector.hasCandidate && starts.includes(this.#judged)) break;
      const { row, columns } = next.value;
      for (const column of columns) this.#inspector.inspect(row, column);
      this.#judged += columns.length;
    }
    if (this.#inspector.hasCandidate) this.#inspector.tell();
  }

  // --- paths ---

  /**
   * The path to what ended the search; with the failing step at its end where that is an error.
   *
   * @throws ModelError `not-symmetric` when looking for it shows so
   */
  pathOf(fault: Fault): Path {
    return pathTo(fault, this.#rows, this.tables, this.#orbits);
  }
}

/** Of rows and columns in pairs. */
function codesOf(pairs: Int32Array): number[] {
  const codes: number[] = [];
  for (let at = 0; at < pairs.length; at += 2) codes.push(codeOf(pairs[at]!, pairs[at + 1]!));
  return codes;
}
