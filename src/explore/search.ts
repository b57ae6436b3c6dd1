/**
 * Exhaustive search over the tables: one loop that runs until a property is violated, the space is done or a bound is hit.
 * Asked for all violations, it notes each and goes on, until every property is decided.
 *
 * Its parts: the *space* says how states come apart in rows and columns (`parts.ts`) and where steps lead (`moves.ts`); `row-sets.ts`
 * tells new states from known ones; the *order* (`orders.ts`) says which are next; `judge.ts` judges them; `representatives.ts` keeps one
 * of those that differ in names only. States are worked on in two phases: some are *expanded*, row by row, and what they lead
 * to waits in `pending.ts`, by row; then that is *absorbed*, row by row: what of it is new?
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
import { deadEndProperties } from '../tabulate/dead-end.ts';
import { Ints } from '../tabulate/ints.ts';
import { errorIn, failingStep, findStep, type Path, type PathStep } from '../tabulate/path.ts';
import type { Tables, TablesLog } from '../tabulate/tables.ts';
import { Walker } from '../tabulate/walker.ts';
import { answersOf } from './answers.ts';
import { RowExpander } from './expand-row.ts';
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
import { Judge, QuestionTrees } from './judge.ts';
import { levelsLeft } from './levels-left.ts';
import { type Label, LocalSteps } from './local-steps.ts';
import { Budget, type Resident, StoreFull } from './memory.ts';
import { Moves } from './moves.ts';
import { deeperStates, footprintsOf } from './observed.ts';
import { Orbits } from './orbits.ts';
import { BreadthFirst, codeOf, columnOf, DepthFirst, type Order, rowOf } from './orders.ts';
import type { Absorbed, Expanded } from './part.ts';
import { choosePartition, costOf, partitionAtFirst, type Sample, valuesOf } from './partition.ts';
import { bitsFor, COLUMN_BITS, PARTS_MAX, type Partition, Parts, spareBits } from './parts.ts';
import { absorb, laneOf, NO_LIST, Pending } from './pending.ts';
import { Checks, Witnesses } from './properties.ts';
import { Representatives } from './representatives.ts';
import { RowSets } from './row-sets.ts';
import { RowSharing } from './row-sharing.ts';
import { type States, shortenToFault } from './shorten.ts';
import type { Piece, StateList } from './state-list.ts';
import { Successors } from './successors.ts';
import type { Symmetry } from './symmetry.ts';

/** How many new states take the place of a level in a search that has none. */
const STATES_PER_LEVEL = 1024;
/** What is found is absorbed when it takes so many words, also within a level. */
const PENDING_WORDS_MAX = 2 ** 21;

/** The slots are divided anew when so many states have shown what varies together, if it pays. */
const PARTITION_AT = [1 << 12, 1 << 15, 1 << 18, 1 << 20, 1 << 23];
/** So many states are looked at for it, and the steps of some of them. */
const SAMPLE_MAX = 1 << 10;
const FOOTPRINTS_OF = 64;
/** Which slots vary together is not worth finding out for more of them: it takes the cube of their number. */
const PARTITION_SLOTS_MAX = 256;
/** Another division must cost so much less to be worth the move. */
const PARTITION_GAIN = 0.75;
/** When parts have more values than so many times the square root of the states, one more is tried: it must leave such a share of them. */
const CROWDED = 60;
/** Before that, parts have many values in every search. */
const CROWDED_STATES_MIN = 2 ** 18;
const PARTS_GAIN = 1 / 3;
const CROWDED_SAMPLE = 2 ** 15;
const PARTITION_STATES_MAX = 2 ** 19;

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
}

/** When the slots are divided anew. It makes no difference to what is found; tests divide small systems, too. */
export interface Dividing {
  /** At so many states. */
  readonly at: readonly number[];
  /** Always in so many parts; default: as it pays. */
  readonly parts?: number;
  /** Bits of a column of more than two parts. */
  readonly columnBits?: number;
}

/** What is known at the end of a level: the distinct values of each slot so far. */
export interface LevelStats {
  readonly depth: number;
  readonly states: number;
  readonly values: readonly number[];
}

/** States, as a checkpoint keeps them. */
export interface StoredStates {
  readonly partition: Partition;
  /** How often the slots have been divided. */
  readonly partitions: number;
  /** By part: the bits of its numbers, and its values. */
  readonly bits: readonly number[];
  readonly parts: readonly Int32Array[];
  /** In the order in which they were found: by piece its row, and where its columns end; and the columns. */
  readonly rows: Int32Array;
  readonly ends: Int32Array;
  readonly columns: Int32Array;
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
  finding: Finding | undefined;
  done = false;
  readonly levels: LevelStats[] = [];
  /** What it has noted; undefined when the first violation ends it. */
  readonly violations: Violations | undefined;
  readonly sharing = new RowSharing(this);

  readonly #limits: SearchLimits;
  readonly #dividing: Dividing;
  readonly #checks: Checks;
  readonly #witnesses: Witnesses;
  readonly #steps: LocalSteps;
  readonly #questions = new QuestionTrees();
  /** Given when only representatives are stored. */
  readonly #orbits: Orbits | undefined;
  /** Replaced, with all that is said in their numbers, when the slots are divided anew. */
  #parts: Parts;
  #moves: Moves;
  /** By lane; there is one as long as there are no other threads. */
  #sets: RowSets[];
  #pending: Pending;
  #representatives: Representatives | undefined;
  #expander: RowExpander;
  #judge: Judge;
  #order: Order;
  #partitions = 0;
  /** Steps that expanders before this one have counted. */
  #stepsBefore = 0;
  /** Rows and columns of states without a step, in pairs. */
  readonly #deadEnds = new Ints();
  /** Scratch. */
  readonly #state: Int32Array;
  readonly #single = new Successors();
  /** What the level that is being expanded has shown so far that would end the search. */
  readonly #candidate = new Candidate();
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

  constructor(tables: Tables, limits: SearchLimits, options: SearchOptions = {}) {
    const { order, symmetry, violations, dividing = { at: PARTITION_AT } } = options;
    this.tables = tables;
    this.#dividing = dividing;
    this.violations = violations;
    this.#limits = limits;
    this.budget = new Budget(limits.bytes, limits.resident);
    this.#checks = new Checks(tables, symmetry);
    this.#witnesses = new Witnesses(tables, symmetry);
    this.walker = new Walker(tables);
    this.#state = new Int32Array(tables.slotCount);
    this.#orbits = symmetry && new Orbits(symmetry);
    this.#order = order === 'depth-first' ? new DepthFirst(this.budget) : new BreadthFirst(this.budget);
    this.#steps = new LocalSteps(this.walker, (messages) => this.#witnesses.seeMessages(messages));
    this.#parts = new Parts(partitionAtFirst(tables.slotCount, symmetry?.orbits), this.budget);
    this.#sets = [new RowSets(this.budget)];
    this.#pending = new Pending(this.budget);
    this.#moves = this.#newMoves();
    this.#judge = this.#newJudge();
    this.#representatives = this.#newRepresentatives();
    this.#expander = this.#newExpander();
  }

  #newMoves(): Moves {
    return new Moves(this.#steps, this.#parts, this.budget);
  }

  #newJudge(): Judge {
    return new Judge(this.#checks, this.#witnesses, this.#questions, this.#parts, this.budget);
  }

  #newRepresentatives(): Representatives | undefined {
    if (!this.#orbits) return undefined;
    return new Representatives(this.#orbits.symmetry, this.#parts, this.#pending, this.budget);
  }

  #newExpander(): RowExpander {
    return new RowExpander(this.#representatives ?? this.#pending, this.#deadEnds);
  }

  // --- what others ask ---

  /** Steps of all states that have been expanded. */
  get steps(): number {
    return this.#stepsBefore + this.#expander.steps;
  }

  /** Properties that nothing has witnessed yet. */
  get unwitnessed(): ReadonlySet<string> {
    return this.#witnesses.unwitnessed;
  }

  /** Steps on the path to the farthest state found so far; the shortest path when states come level by level. */
  get depth(): number {
    const { depth, fresh } = this.#order;
    return depth ?? (fresh.some(({ length }) => length > 0) ? this.#level + 1 : this.#level);
  }

  /** States waiting to be expanded. */
  get waiting(): number {
    return this.#order.waiting;
  }

  get bytes(): number {
    return this.budget.bytes + this.#moves.bytes + this.tables.bytes + (this.#orbits?.symmetry.bytes ?? 0);
  }

  /** How many initial states there are: the first ones. */
  get initials(): number {
    return this.#initials;
  }

  /** Where each level begins in the order in which states were found; undefined when they do not come level by level. */
  get levelStarts(): readonly number[] | undefined {
    return this.#order.byLevels?.levelStarts.slice(0, -1);
  }

  /** About how many levels are left, where that can be told. */
  get levelsLeft(): number | undefined {
    const { byLevels } = this.#order;
    return byLevels && levelsLeft(byLevels.levelStarts.slice(0, byLevels.level + 2));
  }

  /** What starts a step, by its label. */
  get labels(): readonly Label[] {
    return this.#steps.labels;
  }

  /** Which slots are whose part: those of rows first. */
  get partition(): Partition {
    return this.#parts.partition;
  }

  /** All states, in the order in which they were found. */
  allStates(): Iterable<Piece> {
    return this.#order.states();
  }

  /** Of a search that is over: tells of each state in that order whether all its steps are known. */
  expanded(): (state: number) => boolean {
    return this.done ? () => true : this.#order.isExpanded();
  }

  load(row: number, column: number, into: Int32Array): void {
    this.#parts.loadState(row, column, into);
  }

  /** Gives the memory back that only insertions need; nothing can be added any more. */
  close(): void {
    this.#isClosed = true;
    for (const sets of this.#sets) sets.release();
    this.#pending.release();
  }

  /** Puts the steps of a state into a list, when all states have been expanded; returns how many there are. */
  collectSteps(row: number, column: number, into: Successors): number {
    for (;;) {
      const steps = into.collect(this.#moves.tables, row, column);
      if (steps >= 0) return steps;
      // It was expanded before the parts got new numbers.
      this.load(row, column, this.#state);
      this.#moves.learn(into.missing, row, column, this.#state);
      this.#refresh();
    }
  }

  /** As of `Successors`. */
  hasStepOf(row: number, column: number, entityOf: Int32Array): number {
    return this.#single.hasStepOf(this.#moves.tables, row, column, entityOf);
  }

  // --- the loop ---

  /** Expands about so many states; returns true when the search has ended, by a finding or by completion. */
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
      const order = this.#order;
      if (order.take(left)) {
        left -= order.to - order.from;
        this.#expand(order);
        if (this.#pending.size > PENDING_WORDS_MAX) this.#absorb();
      } else {
        this.#absorb();
        if (this.finding) return;
        const goesOn = order.advance(this.#parts.fields);
        if (order.byLevels) this.#endLevel();
        else if (!goesOn || this.states >= this.#statsAt) this.#endLevel();
        this.done = !goesOn && !this.finding;
        if (!this.finding) this.#settle();
      }
    }
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
      at = this.#expander.expand(this.#moves.tables, row, list, columns, at, to);
      if (this.#deadEnds.length > 0) this.#inspectDeadEnds();
      if (at === to) return to;
      // A state with a step that fails leads nowhere.
      if (!this.#learn(row, columns[at]!)) at++;
      if (this.#parts.isOverflowing) return at;
    }
  }

  /** Finds out what the expander lacks about a state; false when a step of it fails. */
  #learn(row: number, column: number): boolean {
    this.load(row, column, this.#state);
    try {
      this.#moves.learn(this.#expander.missing, row, column, this.#state);
    } catch (error) {
      if (!(error instanceof ModelError)) throw error;
      this.#proposeErrors(row, column);
      return false;
    } finally {
      this.#refresh();
    }
    return true;
  }

  /** There may be more rows. */
  #refresh(): void {
    this.#pending.fit(this.#parts.rows);
  }

  /** Stores what has been found. */
  #absorb(): void {
    const { fresh } = this.#order;
    const before = fresh.map(({ length, pieces }) => ({ length, pieces }));
    // Properties ask for images.
    this.#orbits?.symmetry.settle();
    for (const list of fresh) list.max = list.length + this.#limits.states + 1 - this.states;
    try {
      this.#absorbInto(this.#order.expanded, fresh);
    } finally {
      fresh.forEach(({ length }, lane) => {
        this.states += length - before[lane]!.length;
      });
    }
    for (const [lane, list] of fresh.entries()) this.#inspectAll(list, before[lane]!.pieces, before[lane]!.length);
    if (this.states > this.#limits.states) this.stop('states');
  }

  #absorbInto(expanded: readonly Int32Array[], fresh: readonly StateList[]): void {
    const { rows, columns } = this.#parts;
    const sources = [this.#pending.arrays];
    try {
      for (const [lane, list] of fresh.entries()) {
        const sets = this.#sets[lane]!;
        sets.fit(rows);
        absorb(sources, expanded, { sets, fresh: list }, lane, fresh.length, columns);
      }
    } finally {
      this.#pending.clear();
    }
  }

  /** Looks at new states for violations and witnesses. */
  #inspectAll({ rows, ends, columns, pieces }: StateList, piece: number, from: number): void {
    for (let at = from; piece < pieces; piece++) {
      const row = rows.data[piece]!;
      for (const end = ends.data[piece]!; at < end; at++) {
        at = this.#judge.firstToAsk(row, columns.data, at, end);
        if (at === end) break;
        this.#inspect(row, columns.data[at]!);
        if (this.finding) return;
      }
    }
  }

  // --- other threads ---

  /** States of the level that is being expanded that have not been yet. */
  get leftOfLevel(): number {
    return this.#order.byLevels?.leftOfLevel ?? 0;
  }

  /**
   * What is left of the level that is being expanded, or a part of it, for other threads; undefined when there is too little of it.
   * From then on rows belong to so many lanes. `adoptExpanded` and `adoptAbsorbed` must follow.
   */
  openPart({ lanes, min, max, chunk }: { lanes: number; min: number; max: number; chunk: number }) {
    const order = this.#order.byLevels;
    if (!order || order.leftOfLevel < min || this.finding || this.#toJudge) return undefined;
    return this.#guarded(() => {
      this.#absorb();
      if (this.finding) return undefined;
      if (this.#sets.length !== lanes) this.#deal(order, lanes);
      const chunks = order.takeChunks(max, chunk);
      const representatives = this.#representatives?.share();
      return { tables: this.#moves.tables, level: order.shareLevel(), chunks, representatives, rows: this.#parts.rows };
    });
  }

  /** Gives each lane its rows. */
  #deal(order: BreadthFirst, lanes: number): void {
    const { rows } = this.#parts;
    const sets = Array.from({ length: lanes }, () => new RowSets(this.budget));
    for (const one of sets) one.fit(rows);
    for (const one of this.#sets) {
      for (let row = 0; row < rows; row++) one.moveRow(row, sets[laneOf(row, lanes)]!);
    }
    order.deal(lanes);
    for (const one of this.#sets) one.release();
    this.#sets = sets;
  }

  /** Takes over what other threads have expanded; what each lane has to absorb it in. */
  adoptExpanded(results: readonly Expanded[]) {
    return this.#guarded(() => {
      for (const { steps, deadEnds } of results) {
        this.#stepsBefore += steps;
        for (let at = 0; at < deadEnds.length; at += 2) this.#inspectDeadEnd(codeOf(deadEnds[at]!, deadEnds[at + 1]!));
      }
      if (this.finding) return undefined;
      const { expanded, fresh } = this.#order;
      const { rows, columns } = this.#parts;
      const judge = this.#judge.share();
      const bytesMax = Math.floor((this.budget.bytesMax - this.budget.bytes) / this.#sets.length);
      return this.#sets.map((sets, lane) => {
        sets.fit(rows);
        return { sets: sets.share(), fresh: fresh[lane]!.share(), expanded, columns, judge, bytesMax };
      });
    });
  }

  /** Takes over what other threads have absorbed, and does what they have left. */
  adoptAbsorbed(results: readonly Absorbed[], expanded: readonly Expanded[]): void {
    this.#guarded(() => {
      const { fresh } = this.#order;
      results.forEach((result, lane) => {
        this.states += result.length - fresh[lane]!.length;
        fresh[lane]!.adopt(result);
        this.#sets[lane]!.refresh();
      });
      this.#orbits?.symmetry.settle();
      for (const { suspects } of results) {
        for (let at = 0; at < suspects.length; at += 2) this.#inspect(suspects[at]!, suspects[at + 1]!);
      }
      if (results.some(({ isFull }) => isFull)) throw new StoreFull();
      for (const { left } of expanded) {
        for (let at = 0; at < left.length; at += 2) this.#representatives!.push(left[at]!, left[at + 1]!);
      }
      this.#expandAlone(expanded.flatMap(({ unknown }) => codesOf(unknown)));
      this.#absorb();
    });
  }

  /** Expands states that are in no order's hands. */
  #expandAlone(codes: number[]): void {
    const column = new Int32Array(1);
    for (let at = 0; at < codes.length && !this.finding; ) {
      column[0] = columnOf(codes[at]!);
      if (this.#expandRow(rowOf(codes[at]!), NO_LIST, column, 0, 1) === 1) at++;
      else {
        const vectors = codes.slice(at).map((code) => this.#vector(code));
        this.#makeRoom();
        if (this.finding) return;
        codes.splice(at, codes.length - at, ...vectors.map((vector) => this.#codeOf(vector)));
      }
    }
  }

  #guarded<Result>(run: () => Result): Result | undefined {
    try {
      return run();
    } catch (error) {
      if (this.#orbits && error instanceof ModelError) this.#refuse(error);
      else if (error instanceof StoreFull) this.stop('memory');
      else throw error;
      return undefined;
    }
  }

  // --- the beginning ---

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
    tables.forgetLog();
    return initial;
  }

  #begin(): void {
    const initial = this.#start();
    if (!initial) return;
    const { fresh } = this.#order;
    for (const vector of initial) {
      // One by one, so that they come in the order in which they are declared.
      this.#push(vector);
      this.#refresh();
      this.#absorbInto(this.#order.expanded, fresh);
    }
    this.states = fresh[0]!.length;
    this.#initials = this.states;
    this.#inspectAll(fresh[0]!, 0, 0);
    this.#order.advance(this.#parts.fields);
    // There is no level that would have to be finished first.
    this.#tell();
    if (this.states > this.#limits.states) this.stop('states');
  }

  /** Lets a state, or its representative, wait to be absorbed. */
  #push(vector: Int32Array): void {
    const row = this.#parts.numberOf(0, vector);
    this.#pending.fit(row + 1);
    const column = this.#parts.columnOf(vector);
    if (this.#parts.isOverflowing) throw new StoreFull();
    (this.#representatives ?? this.#pending).push(row, column);
  }

  /** The code of a state, or of its representative. */
  #codeOf(vector: Int32Array): number {
    const row = this.#parts.numberOf(0, vector);
    const column = this.#parts.columnOf(vector);
    return this.#representatives?.representativeOf(row, column) ?? codeOf(row, column);
  }

  // --- findings ---

  #inspect(row: number, column: number): void {
    try {
      const violated = this.#judge.violatedIn(row, column);
      if (violated < 0) return;
      if (this.violations) this.#noteAll(row, column, violated, this.violations);
      else if (this.#orbits) this.#inspectImages(row, column, this.#orbits);
      else this.#proposeViolation(codeOf(row, column), violated);
    } catch (error) {
      if (!(error instanceof ModelError) || error.code === 'not-symmetric') throw error;
      this.#propose({ kind: 'model-error', error, state: codeOf(row, column), inStep: false }, IN_PROPERTY);
    }
  }

  /** All checks that a state violates; nobody needs to hear of any of them again. */
  #noteAll(row: number, column: number, first: number, violations: Violations): void {
    const state = codeOf(row, column);
    const depth = this.#depthOf(state);
    for (let check = first; check >= 0; check = this.#judge.violatedIn(row, column)) {
      const property = this.#checks.nameOf(check);
      violations.note({ finding: { kind: 'violation', property, state, deadEnd: false }, depth, rank: check });
      this.#checks.settle(check);
    }
  }

  /** The level that a state is in; the youngest ones are asked about most. */
  #depthOf(state: number): number {
    const order = this.#order.byLevels!;
    const [row, column] = [rowOf(state), columnOf(state)];
    for (let level = order.nextLevel; level >= 0; level--) {
      for (const piece of order.statesOf(level)) if (piece.row === row && piece.columns.includes(column)) return level;
    }
    throw new Error(`state ${state} is in no level`);
  }

  /** What a search without symmetry would find in one or the other image of a state. */
  #inspectImages(row: number, column: number, orbits: Orbits): void {
    const { checks } = orbits;
    const state = codeOf(row, column);
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

  #inspectDeadEnds(): void {
    const found = this.#deadEnds;
    for (let at = 0; at < found.length; at += 2) this.#inspectDeadEnd(codeOf(found.data[at]!, found.data[at + 1]!));
    found.length = 0;
  }

  #inspectDeadEnd(state: number): void {
    this.load(rowOf(state), columnOf(state), this.#state);
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
      // The level that is being expanded.
      const depth = this.#level;
      findings.forEach((finding, at) => {
        this.violations!.note({ finding, depth, rank: this.#checks.length + at });
      });
    } else if (first !== undefined) this.#propose(findings[0]!, DEAD_END);
  }

  /** The errors of a state, one of whose steps fails, or of its images. */
  #proposeErrors(row: number, column: number): void {
    const state = codeOf(row, column);
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
    if (!this.#order.byLevels) this.#tell();
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
    // What has been found counts, where there is room for it.
    const isTime = bound === 'seconds' || bound === 'interrupted';
    if (isTime && !this.done && !this.finding && !this.#isClosed) this.#guarded(() => this.#absorb());
    this.#tell();
    this.finding ??= { kind: 'bound', bound };
  }

  #endLevel(): void {
    this.levels.push({ depth: this.#level, states: this.states, values: this.tables.valueCounts() });
    this.#tell();
    if (this.#order.waiting === 0) return;
    for (const sets of this.#sets) sets.tidy();
    this.#level++;
    this.#statsAt = this.states + STATES_PER_LEVEL;
    this.#stepsOfLevels = this.steps;
    if (this.#isDecided()) this.finding ??= this.violations!.inOrder()[0]?.finding;
  }

  /** Whether all violations are asked for, and there is no property left that states to come could say something about. */
  #isDecided(): boolean {
    if (!this.violations) return false;
    const { properties, deadlock } = this.tables.system;
    const witnesses = properties.filter(({ kind }) => kind === 'reachable' || kind === 'happens').length;
    const decided = this.violations.size + witnesses - this.unwitnessed.size;
    return decided === properties.length + (deadlock === 'violation' ? 1 : 0);
  }

  // --- other parts ---

  /** Divides the slots anew when it is time, and it pays. */
  #settle(): void {
    if (this.states < (this.#dividing.at[this.#partitions] ?? Number.POSITIVE_INFINITY)) return;
    if (this.tables.slotCount > PARTITION_SLOTS_MAX) return;
    this.#partitions++;
    const current = this.partition;
    const units = this.#orbits?.symmetry.orbits;
    const isSmall = this.states <= PARTITION_STATES_MAX;
    const mayHaveMore = !units && current.length < PARTS_MAX && this.#isCrowded();
    if (this.#dividing.parts === undefined && !isSmall && !mayHaveMore) return;
    const sample = this.#sample();
    if (this.#dividing.parts !== undefined) {
      this.#divide(choosePartition(sample, current, this.#dividing.parts, units), sample);
      return;
    }
    // In a larger search it takes longer to move all states than another division into as many parts saves.
    if (isSmall) {
      const partition = choosePartition(sample, current, current.length, units);
      if (costOf(sample, partition) <= PARTITION_GAIN * costOf(sample, current)) {
        this.#divide(partition, sample);
        return;
      }
    }
    // With symmetry there are two parts: least images are told by row and column.
    if (!mayHaveMore) return;
    const more = choosePartition(sample, current, current.length + 1);
    // What a few states show of a part with very many values is hardly more than that there are very many.
    const states = { ...sample, states: this.#someStates(CROWDED_SAMPLE) };
    if (valuesOf(states, more) < PARTS_GAIN * valuesOf(states, current)) this.#divide(more, sample);
  }

  #isCrowded(): boolean {
    return this.states >= CROWDED_STATES_MIN && this.#parts.values > CROWDED * Math.sqrt(this.states);
  }

  /** A part has more values than its bits can number. @throws StoreFull when there is no other way to divide */
  #makeRoom(): void {
    this.#absorb();
    if (this.finding) return;
    const { all } = this.#parts;
    const sample = this.#sample();
    const hasRows = this.#parts.rows <= all[0]!.mask + 1;
    if (hasRows && this.#divide(this.partition, sample) && !this.#parts.isOverflowing) return;
    const units = this.#orbits?.symmetry.orbits;
    for (let count = units ? 2 : PARTS_MAX; count >= 2; count--) {
      const partition = choosePartition(sample, this.partition, count, units);
      if (this.#divide(partition, sample) && !this.#parts.isOverflowing) return;
    }
    throw new StoreFull();
  }

  /** Its walkers are its own: what it tries on the way is no part of the search. */
  #sample(): Sample {
    const stored = this.#someStates(SAMPLE_MAX);
    const states = [...stored, ...deeperStates(new Walker(this.tables), stored)];
    const looked = states.filter((_, index) => index % Math.ceil(states.length / FOOTPRINTS_OF) === 0);
    return { states, footprints: footprintsOf(new Walker(this.tables), looked), lookedAt: looked.length };
  }

  #someStates(max: number): Int32Array[] {
    const stride = Math.ceil(this.states / max);
    const some: Int32Array[] = [];
    let skip = 0;
    for (const { row, columns } of this.allStates()) {
      for (; skip < columns.length; skip += stride) {
        const vector = new Int32Array(this.tables.slotCount);
        this.load(row, columns[skip]!, vector);
        some.push(vector);
      }
      skip -= columns.length;
    }
    return some;
  }

  /** Gives all states the numbers of other parts; false when there is no room for both at once, or bits are too few. */
  #divide(partition: Partition, sample: Sample): boolean {
    // A sample tells too little of parts with many values, those that there are know better.
    const known = new Map(this.#parts.all.map(({ slots, set }) => [slots.join(), set.count]));
    const values = partition.map((slots) => known.get(slots.join()) ?? valuesOf(sample, [slots]));
    const { columnBits = COLUMN_BITS } = partition.length > 2 ? this.#dividing : {};
    const bits = bitsFor(values, columnBits);
    if (spareBits(bits, columnBits) < 0) return false;
    const before = this.budget.bytes;
    const old = {
      parts: this.#parts,
      sets: this.#sets,
      pending: this.#pending,
      representatives: this.#representatives,
      order: this.#order,
    };
    try {
      this.#parts = new Parts(partition, this.budget, bits);
      this.#sets = old.sets.map(() => new RowSets(this.budget));
      this.#pending = new Pending(this.budget);
      this.#representatives = this.#newRepresentatives();
      const vector = new Int32Array(this.tables.slotCount);
      const insert = (states: Iterable<Piece>, into: readonly StateList[]) => {
        for (const { row, columns } of states) {
          for (const column of columns) {
            old.parts.loadState(row, column, vector);
            this.#push(vector);
          }
        }
        this.#absorbInto([], into);
      };
      this.#order = old.order.renumbered(this.budget, insert, () => this.#parts.fields);
    } catch (error) {
      if (!(error instanceof StoreFull)) throw error;
      [this.#parts, this.#sets, this.#pending, this.#order] = [old.parts, old.sets, old.pending, old.order];
      this.#representatives = old.representatives;
      this.budget.giveBack(this.budget.bytes - before);
      return false;
    }
    const renumbered = (state: number) => {
      const vector = new Int32Array(this.tables.slotCount);
      old.parts.loadState(rowOf(state), columnOf(state), vector);
      return this.#codeOf(vector);
    };
    this.violations?.renumber(renumbered);
    this.#candidate.renumber(renumbered);
    for (const part of [old.parts, ...old.sets, old.pending, old.representatives, old.order]) part?.release();
    this.#renew();
    return true;
  }

  /** The parts are others. */
  #renew(): void {
    this.#moves.release();
    this.#judge.release();
    this.#moves = this.#newMoves();
    this.#judge = this.#newJudge();
    this.#stepsBefore = this.steps;
    this.#expander = this.#newExpander();
    this.#refresh();
  }

  // --- checkpoints ---

  /**
   * What it takes to go on from the beginning of the level that is being expanded, in another process. Only for a breadth-first
   * search; undefined when it has not begun, when it has been resumed and not yet judged all its states again, or when the level that
   * is being expanded will end it.
   */
  snapshot(): SearchSnapshot | undefined {
    const order = this.#order.byLevels;
    if (!order || this.states === 0 || this.finding || this.#toJudge) return undefined;
    if (this.#candidate.finding) return undefined;
    return {
      log: this.tables.log,
      states: this.#dump(order),
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

  #dump(order: BreadthFirst): StoredStates {
    const pieces: { row: number; end: number }[] = [];
    const columns = new Int32Array(order.levelStarts[order.level + 1]!);
    let end = 0;
    for (let level = 0; level <= order.level; level++) {
      for (const piece of order.statesOf(level)) {
        columns.set(piece.columns, end);
        end += piece.columns.length;
        pieces.push({ row: piece.row, end });
      }
    }
    return {
      partition: this.partition,
      partitions: this.#partitions,
      bits: this.#parts.bits,
      parts: this.#parts.all.map(({ set }) => set.tuples.data.subarray(0, set.count * set.words)),
      rows: Int32Array.from(pieces, ({ row }) => row),
      ends: Int32Array.from(pieces, ({ end }) => end),
      columns,
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
    const initial = this.#start();
    if (!initial) return 'what its actors do at the start';
    const other = tables.replay(snapshot.log);
    if (other !== undefined) return other;
    if (!isSame(tables.valueCounts(), snapshot.values)) return 'how many local states and messages there are';
    if (!isSame(tables.digests(), snapshot.digests)) return 'which local states and messages there are';
    const answers = answersOf(tables);
    const names = new Set([...Object.keys(answers), ...Object.keys(snapshot.answers)]);
    for (const name of names) if (answers[name] !== snapshot.answers[name]) return `what ${name} says`;
    if (!this.#restore(snapshot.states, snapshot.levelStarts)) return 'which states there are';
    this.#initials = snapshot.levelStarts[1] ?? this.states;
    if (!this.#isStart(initial)) return 'in which state it starts';
    this.#stepsBefore = snapshot.steps;
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

  /** Takes stored states over; false when a part's value or a state is there twice, which no search dumps. @throws StoreFull */
  #restore(
    { partition, partitions, bits, parts, rows, ends, columns }: StoredStates,
    levelStarts: readonly number[],
  ): boolean {
    this.#parts.release();
    this.#parts = new Parts(partition, this.budget, bits);
    for (const [part, { set }] of this.#parts.all.entries()) {
      // A part without slots has one value, which has no words.
      const count = set.words === 0 ? 1 : parts[part]!.length / set.words;
      for (let number = 0; number < count; number++) {
        if (set.insert(parts[part]!, number * set.words) !== number) return false;
      }
    }
    const isClosed = this.#orbits?.symmetry.orbits.every(
      (orbit) => new Set(orbit.map((slot) => this.#parts.partOf[slot])).size === 1,
    );
    if (isClosed === false) return false;
    this.#representatives?.release();
    this.#representatives = this.#newRepresentatives();
    this.#partitions = partitions;
    this.#renew();
    const order = this.#order.byLevels!;
    const [sets] = this.#sets as [RowSets];
    sets.fit(this.#parts.rows);
    let piece = 0;
    let from = 0;
    for (let level = 0; level < levelStarts.length; level++) {
      const end = levelStarts[level + 1] ?? columns.length;
      const [fresh] = order.fresh as [StateList];
      for (; from < end; piece++) {
        const to = ends[piece]!;
        fresh.add(rows[piece]!, columns, from, to, sets, this.#parts.columns);
        fresh.close(rows[piece]!);
        from = to;
      }
      this.states += fresh.length;
      order.advance(this.#parts.fields);
    }
    return this.states === columns.length;
  }

  /** Whether the stored initial states are these, in this order. */
  #isStart(initial: readonly Int32Array[]): boolean {
    const known: number[] = [];
    for (const { row, columns } of this.#order.byLevels!.statesOf(0)) {
      for (const column of columns) known.push(codeOf(row, column));
    }
    const wanted: number[] = [];
    for (const vector of initial) {
      const code = this.#codeOf(vector);
      if (!wanted.includes(code)) wanted.push(code);
    }
    return isSame(known, wanted);
  }

  /**
   * Asks the properties about stored states: what they depend on beside their own text may not be what it was. What they find in
   * a level is told before the next one is looked at.
   */
  #judgeAgain(count: number): void {
    const starts = this.#order.byLevels?.levelStarts ?? [];
    const end = this.#judged + count;
    while (this.#judged < end) {
      const next = this.#toJudge!.next();
      if (next.done) {
        this.#toJudge = undefined;
        break;
      }
      if (this.#candidate.finding && starts.includes(this.#judged)) break;
      const { row, columns } = next.value;
      for (const column of columns) this.#inspect(row, column);
      this.#judged += columns.length;
    }
    if (this.#candidate.finding) this.#tell();
  }

  // --- paths ---

  /**
   * The path to what ended the search; with the failing step at its end where that is an error.
   *
   * @throws ModelError `not-symmetric` when looking for it shows so
   */
  pathOf(finding: Exclude<Finding, { kind: 'bound' }>): Path {
    const way = this.#order.pathTo?.(finding.state);
    if (way) return shortenToFault(this.tables, this.#statesOn(way), finding);
    const walker = new Walker(this.tables);
    const states = [finding.state];
    for (let level = this.#depthOf(finding.state); level > 0; level--) {
      states.unshift(this.#parentOf(states[0]!, level - 1));
    }
    const vectors = states.map((state) => this.#vector(state));
    if (this.#orbits) return this.#orbits.pathTo(vectors, finding);
    const steps = vectors.slice(1).map((target, at): PathStep => {
      const step = findStep(walker, vectors[at]!, ({ current }) => isSame(current, target));
      if (!step) throw new Error(`state ${states[at]} has no step to state ${states[at + 1]} any more`);
      return step;
    });
    const failing = finding.kind === 'model-error' && finding.inStep;
    const failed = failing ? failingStep(walker, vectors.at(-1)!) : undefined;
    return { initial: vectors[0]!, steps: failed ? [...steps, failed] : steps, failed: failed !== undefined };
  }

  #statesOn(codes: readonly number[]): States {
    return { length: codes.length, at: (index) => (index < codes.length ? this.#vector(codes[index]!) : undefined) };
  }

  /** The first state of a level that has a step to a state. */
  #parentOf(state: number, level: number): number {
    const [row, column] = [rowOf(state), columnOf(state)];
    const successors = new Successors();
    for (const piece of this.#order.byLevels!.statesOf(level)) {
      for (const from of piece.columns) {
        successors.length = 0;
        this.collectSteps(piece.row, from, successors);
        for (let at = 0; at < successors.length; at++) {
          const code = codeOf(successors.rows[at]!, successors.columns[at]!);
          const found = this.#representatives?.representativeOf(rowOf(code), columnOf(code)) ?? code;
          if (rowOf(found) === row && columnOf(found) === column) return codeOf(piece.row, from);
        }
      }
    }
    throw new Error(`no step of a state of level ${level} leads to state ${state}`);
  }

  #vector(state: number): Int32Array {
    const vector = new Int32Array(this.tables.slotCount);
    this.load(rowOf(state), columnOf(state), vector);
    return vector;
  }
}

/** Of rows and columns in pairs. */
function codesOf(pairs: Int32Array): number[] {
  const codes: number[] = [];
  for (let at = 0; at < pairs.length; at += 2) codes.push(codeOf(pairs[at]!, pairs[at + 1]!));
  return codes;
}

function isSame(some: ArrayLike<number>, others: ArrayLike<number>): boolean {
  if (some.length !== others.length) return false;
  for (let at = 0; at < some.length; at++) if (some[at] !== others[at]) return false;
  return true;
}
