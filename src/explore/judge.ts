/**
 * Judges the new states of a search by their parts: a property that looks at one part is evaluated once for each of its values, and those
 * that look at several once for each combination of what they look at.
 *
 * What such a property makes of a row is the same for many rows: those for which its tree goes on at the same place, and which hold the same in
 * the slots that it may read from there on. Rows that are alike to all properties are a *class*, and where columns are dense it is noted which ones
 * are fine with it. So most states are judged by one bit.
 */
import { DecisionTrees } from '../tabulate/decision-trees.ts';
import { type Budget, GrowingBytes, GrowingInts } from './memory.ts';
import { PARTS_MAX, type Parts } from './parts.ts';
import type { Checks, Question, Witnesses } from './properties.ts';

/** What a `Judge` knows, for other threads to read. */
export interface JudgeTables {
  /** By part and number of its value: 1 when all properties that look at nothing else hold. */
  readonly fine: readonly Uint8Array[];
  /** Trees over slots, and the cells of those that look at several parts. */
  readonly trees: Int32Array;
  readonly crossing: readonly number[];
  /** As in `StepTables`. */
  readonly values: readonly Int32Array[];
  readonly slots: readonly Int32Array[];
  readonly shifts: Int32Array;
  readonly masks: Int32Array;
  readonly partOf: Uint8Array;
  /** By row: its class, 0 when it has none. */
  readonly classes: Int32Array;
  /**
   * By class, from 1 on: `classWords` words with a bit for each column, set when the column is known to be fine with the class. Any thread
   * may set bits; when two do so at once one may be lost, which is as if it had not been known.
   */
  readonly fineOfClass: Int32Array;
  readonly classWords: number;
}

/** Larger trees grow no more: what they do not know is asked about every state. */
export const TREE_WORDS_MAX = 2 ** 24;
/** Classes take no more words than this; the rows of others have none. */
const CLASS_WORDS_MAX = 2 ** 22;

/** The only leaf of a judge's trees: what is violated is asked again. */
export const FINE = 0;

/** Tells by look-ups alone, in any thread, which states need not be asked about. */
export class FineStates {
  readonly #numbers = new Int32Array(PARTS_MAX);
  #vector = new Int32Array(64);
  /** Where the trees that look at several parts go on for the row at hand, but for those that it tells to be fine. */
  #nodes = new Int32Array(16);
  #nodeCount = 0;

  /** The place of the first of the columns `from` to `to` of a row about which properties have to be asked, else `to`. */
  firstToAsk(tables: JudgeTables, row: number, columns: Int32Array, from: number, to: number): number {
    const { fine, classes, fineOfClass, classWords } = tables;
    if (fine[0]![row] !== 1 || !this.#takeRow(tables, row)) return from;
    const kind = row < classes.length ? classes[row]! : 0;
    let at = from;
    if (kind === 0 || this.#nodeCount === 0) {
      while (at < to && this.#isFine(tables, columns[at]!)) at++;
      return at;
    }
    const base = (kind - 1) * classWords;
    for (; at < to; at++) {
      const column = columns[at]!;
      const word = base + (column >>> 5);
      const known = fineOfClass[word]!;
      const bit = 1 << column;
      if ((known & bit) !== 0) continue;
      if (!this.#isFine(tables, column)) break;
      fineOfClass[word] = known | bit;
    }
    return at;
  }

  /** Makes a row the one at hand; false when it is not known where its trees go on. */
  #takeRow({ crossing, trees, values, slots, partOf }: JudgeTables, row: number): boolean {
    if (partOf.length > this.#vector.length) this.#vector = new Int32Array(partOf.length);
    if (crossing.length > this.#nodes.length) this.#nodes = new Int32Array(2 * crossing.length);
    this.#nodeCount = 0;
    if (crossing.length === 0) return true;
    const vector = this.#vector;
    const own = slots[0]!;
    for (let i = 0, base = row * own.length; i < own.length; i++) vector[own[i]!] = values[0]![base + i]!;
    for (const cell of crossing) {
      const node = placeAfterRow(trees, cell, vector, partOf);
      if (node === 0) return false;
      if (node > 0) this.#nodes[this.#nodeCount++] = node;
    }
    return true;
  }

  /** Whether it is known that the state with this column, of the row at hand, violates nothing and witnesses nothing that is open. */
  #isFine({ fine, trees, values, slots, shifts, masks }: JudgeTables, column: number): boolean {
    const numbers = this.#numbers;
    for (let part = 1; part < fine.length; part++) {
      const number = (column >>> shifts[part]!) & masks[part]!;
      if (fine[part]![number] !== 1) return false;
      numbers[part] = number;
    }
    if (this.#nodeCount === 0) return true;
    const vector = this.#vector;
    for (let part = 1; part < fine.length; part++) {
      const own = slots[part]!;
      const ownValues = values[part]!;
      for (let i = 0, base = numbers[part]! * own.length; i < own.length; i++) vector[own[i]!] = ownValues[base + i]!;
    }
    for (let i = 0; i < this.#nodeCount; i++) {
      let node = this.#nodes[i]!;
      while (node > 0) {
        const value = vector[trees[node]!]!;
        node = value < trees[node + 1]! ? trees[node + 2 + value]! : 0;
      }
      if (node !== -1 - FINE) return false;
    }
    return true;
  }
}

/** Where a tree goes on when it has looked at a row: a node, or a leaf; 0 when that is not known. */
function placeAfterRow(trees: Int32Array, cell: number, state: Int32Array, partOf: Uint8Array): number {
  let node = trees[cell]!;
  while (node > 0 && partOf[trees[node]!] === 0) {
    const value = state[trees[node]!]!;
    node = value < trees[node + 1]! ? trees[node + 2 + value]! : 0;
  }
  return node;
}

/** What is known of questions, however the slots are divided. */
export class QuestionTrees {
  readonly trees = new DecisionTrees();
  /** By name of a question: its tree. One that does not tell what it looks at has an empty one, and is asked about every state. */
  readonly #cells = new Map<string, number>();

  cellOf(name: string): number {
    const cell = this.#cells.get(name) ?? this.trees.cell();
    this.#cells.set(name, cell);
    return cell;
  }
}

export class Judge {
  readonly #checks: Checks;
  readonly #witnesses: Witnesses;
  readonly #parts: Parts;
  readonly #state: Int32Array;
  readonly #rowState: Int32Array;
  readonly #fine: readonly GrowingBytes[];
  readonly #known = new FineStates();
  readonly #alone = new Int32Array(1);
  readonly #questions: QuestionTrees;
  /** Those that look at several parts; and when these were found, how many slots all had looked at, and how many they were. */
  #crossing: readonly Question[] = [];
  #readsSeen = 0;
  #asked = 0;
  readonly #classes: GrowingInts;
  readonly #fineOfClass: GrowingInts;
  #classWords = 0;
  readonly #classByKey = new Map<string, number>();
  #tables: JudgeTables;

  constructor(checks: Checks, witnesses: Witnesses, questions: QuestionTrees, parts: Parts, budget: Budget) {
    this.#checks = checks;
    this.#questions = questions;
    this.#witnesses = witnesses;
    this.#parts = parts;
    this.#state = new Int32Array(parts.partOf.length);
    this.#rowState = new Int32Array(parts.partOf.length);
    this.#fine = parts.all.map(() => new GrowingBytes(1024, budget));
    this.#classes = new GrowingInts(64, budget);
    this.#fineOfClass = new GrowingInts(64, budget);
    this.#tables = this.share();
  }

  /** As `firstToAsk`. */
  firstToAsk(row: number, columns: Int32Array, from: number, to: number): number {
    if (this.#isTooNarrow) this.#tables = this.share();
    return this.#known.firstToAsk(this.#tables, row, columns, from, to);
  }

  /** The first check that a state violates, -1 when it violates none; witnesses hear of the state if it may be one. */
  violatedIn(row: number, column: number): number {
    this.#alone[0] = column;
    if (this.firstToAsk(row, this.#alone, 0, 1) === 1) return -1;
    this.#parts.loadState(row, column, this.#state);
    const violated = this.#checks.firstViolatedIn(this.#state);
    this.#witnesses.seeState(this.#state);
    if (violated >= 0) return violated;
    this.#refresh();
    this.#grow();
    this.#fine.forEach((fine, part) => {
      const number = this.#parts.numberIn(part, row, column);
      fine.reserve(number + 1);
      fine.data[number] = 1;
    });
    this.#classify(row);
    this.#tables = this.share();
    return -1;
  }

  share(): JudgeTables {
    if (this.#isTooNarrow) this.#widenClasses();
    const { all, partOf } = this.#parts;
    return {
      fine: this.#fine.map(({ data }) => data),
      trees: this.#questions.trees.pool.data,
      crossing: this.#crossing.map(({ name }) => this.#questions.cellOf(name)),
      values: all.map(({ set }) => set.tuples.data),
      slots: all.map(({ slots }) => slots),
      shifts: Int32Array.from(all, ({ shift }) => shift),
      masks: Int32Array.from(all, ({ mask }) => mask),
      partOf,
      classes: this.#classes.data,
      fineOfClass: this.#fineOfClass.data,
      classWords: this.#classWords,
    };
  }

  /** Whether there are columns that classes have no bit for. */
  get #isTooNarrow(): boolean {
    return this.#parts.isDense && this.#parts.columns > 32 * this.#classWords;
  }

  release(): void {
    for (const bytes of this.#fine) bytes.release();
    for (const ints of [this.#classes, this.#fineOfClass]) ints.release();
  }

  /** One that had looked at one part only depended on it alone as far as it went; from now on it may be another matter. */
  #refresh(): void {
    const questions: readonly Question[] = [...this.#checks.questions, ...this.#witnesses.open];
    // As long as they are as many, none has gone, and what they have looked at has not become less.
    const seen = questions.reduce((sum, { reads }) => sum + reads.size, 0);
    if (seen === this.#readsSeen && questions.length === this.#asked) return;
    this.#readsSeen = seen;
    this.#asked = questions.length;
    const { partOf } = this.#parts;
    const crossing = questions.filter(({ reads }) => new Set(Array.from(reads, (slot) => partOf[slot]!)).size > 1);
    this.#crossing = crossing;
    this.#classifyAnew();
  }

  /** Notes of those that look at several parts that there is nothing to be said of the state at hand. */
  #grow(): void {
    if (this.#questions.trees.pool.length > TREE_WORDS_MAX) return;
    for (const { name, readsIn } of this.#crossing) {
      if (!readsIn) continue;
      const reads = readsIn(this.#state);
      const values = reads.map((slot) => this.#state[slot]!);
      if (!this.#questions.trees.grow(this.#questions.cellOf(name), reads, values, FINE)) {
        throw new Error(`property "${name}" looked at other slots than before in the same situation`);
      }
    }
  }

  /** What was known of classes says nothing of properties that were not asked, or read less. */
  #classifyAnew(): void {
    this.#classByKey.clear();
    this.#classes.data.fill(0);
    this.#fineOfClass.data.fill(0);
    const { data: fine } = this.#fine[0]!;
    for (let row = 0; row < fine.length; row++) if (fine[row] === 1) this.#classify(row);
  }

  /** Finds the class of a row. It stays as long as the properties read what they do. */
  #classify(row: number): void {
    if (!this.#parts.isDense || this.#crossing.length === 0) return;
    this.#classes.reserve(row + 1);
    const { data: classes } = this.#classes;
    if (classes[row] !== 0) return;
    this.#parts.load(0, row, this.#rowState);
    const { trees } = this.#questions;
    const kinds: string[] = [];
    for (const { name, reads } of this.#crossing) {
      const cell = this.#questions.cellOf(name);
      const place = placeAfterRow(trees.pool.data, cell, this.#rowState, this.#parts.partOf);
      if (place === 0) return;
      kinds.push(place < 0 ? '' : `${place} ${this.#heldBy(reads)}`);
    }
    const key = kinds.join();
    let kind = this.#classByKey.get(key);
    if (kind === undefined) {
      kind = this.#classByKey.size + 1;
      if (kind * this.#classWords > CLASS_WORDS_MAX) return;
      this.#fineOfClass.reserve(kind * this.#classWords);
      this.#classByKey.set(key, kind);
    }
    classes[row] = kind;
  }

  /** What the row at hand holds in those of some slots that are its own. */
  #heldBy(slots: Iterable<number>): string {
    let held = '';
    for (const slot of slots) if (this.#parts.partOf[slot] === 0) held += ` ${this.#rowState[slot]}`;
    return held;
  }

  /** There are more columns than before: what was known of classes has to be found anew. */
  #widenClasses(): void {
    this.#classWords = Math.max(2, 2 * this.#classWords, Math.ceil(this.#parts.columns / 32));
    this.#classifyAnew();
  }
}
