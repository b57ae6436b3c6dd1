/**
 * One state in the place of all its images, for a search with symmetry.
 *
 * With symmetry there are two parts, and they are closed: no renaming takes a slot of one to the other. So a row has images that are rows, and a column
 * such that are columns. The representative of a state is, of its images with the least row, the one with the least column. Both
 * are found by look-ups: a renaming that takes the row to the least one, what it makes of the column, and the least one that the
 * renamings which keep that row make of this. Each of them is computed once for a row, or a column.
 */
import { Ints } from '../tabulate/ints.ts';
import type { Action, Subgroup } from './actions.ts';
import type { Sink } from './expand-row.ts';
import type { LeastImage } from './least-image.ts';
import { type Budget, GrowingInts } from './memory.ts';
import { codeOf } from './orders.ts';
import type { Parts } from './parts.ts';
import type { Pending } from './pending.ts';
import type { Symmetry } from './symmetry.ts';

/** Something that makes a column of each, and what is known of this. */
interface Change {
  /** Changes what the state holds in the slots of the columns. */
  readonly change: (state: Int32Array) => void;
  /** By column: the one that it makes plus one, 0 while it is not known. */
  readonly columns: GrowingInts;
}

/** For other threads: the tables of `Representatives`. */
export interface SharedRepresentatives {
  readonly leastRows: Int32Array;
  readonly ways: Int32Array;
  readonly keepers: Int32Array;
  /** By number of a renaming that leads to a least row: what it makes of columns. */
  readonly renamed: readonly Int32Array[];
  /** By number of those that keep a row: the least that these make of columns. */
  readonly least: readonly Int32Array[];
}

/** The same by look-ups alone, in another thread: what is not known is left to the coordinator. */
export class KnownRepresentatives implements Sink {
  /** Rows and columns of states whose representative is not known, in pairs. */
  readonly left = new Ints();
  readonly #known: SharedRepresentatives;
  readonly #sink: Sink;

  constructor(known: SharedRepresentatives, sink: Sink) {
    this.#known = known;
    this.#sink = sink;
  }

  push(row: number, column: number): void {
    const { leastRows, keepers, ways } = this.#known;
    const least = (row < leastRows.length ? leastRows[row]! : 0) - 1;
    const image = least < 0 ? -1 : this.#imageOf(column, ways[row]!, keepers[least]!);
    if (image >= 0) this.#sink.push(least, image);
    else {
      this.left.push(row);
      this.left.push(column);
    }
  }

  /** -1 when it is not known. */
  #imageOf(column: number, way: number, keepers: number): number {
    const { renamed, least } = this.#known;
    const image = way === 0 ? column : lookUp(renamed[way]!, column);
    return keepers === 0 || image < 0 ? image : lookUp(least[keepers]!, image);
  }

  pushStretch(row: number, _list: number, from: number, to: number, columns: Int32Array): void {
    for (let at = from; at < to; at++) this.push(row, columns[at]!);
  }
}

function lookUp(images: Int32Array, column: number): number {
  return column < images.length ? images[column]! - 1 : -1;
}

/** Where successors go on their way to `Pending`. */
export class Representatives implements Sink {
  readonly #symmetry: Symmetry;
  readonly #parts: Parts;
  readonly #pending: Pending;
  readonly #budget: Budget;
  readonly #state: Int32Array;
  /** Of rows, and of columns. */
  readonly #leastRow: LeastImage;
  readonly #leastColumn: LeastImage;
  /** By row: the least one plus one, 0 while it is not known; and which of `#renamed` leads there. */
  readonly #leastRows: GrowingInts;
  readonly #ways: GrowingInts;
  /** By least row: which of `#least` is of those that keep it. */
  readonly #keepers: GrowingInts;
  /** By a renaming; the first one is the identity, of which nothing has to be known. */
  readonly #renamed: Change[] = [];
  readonly #renamedBy = new Map<Action, number>();
  /** By renamings that keep a row; the first ones are the identity alone. */
  readonly #least: Change[] = [];
  readonly #leastBy = new Map<Subgroup, number>();

  /** @param parts two, closed under the renamings */
  constructor(symmetry: Symmetry, parts: Parts, pending: Pending, budget: Budget) {
    this.#symmetry = symmetry;
    this.#parts = parts;
    this.#pending = pending;
    this.#budget = budget;
    this.#state = new Int32Array(symmetry.tables.slotCount);
    this.#leastRow = symmetry.leastImageIn(parts.all[0]!.slots);
    this.#leastColumn = symmetry.leastImageIn(parts.all[1]!.slots);
    this.#leastRows = new GrowingInts(64, budget);
    this.#ways = new GrowingInts(64, budget);
    this.#keepers = new GrowingInts(64, budget);
    this.#renamedByThe(symmetry.actions.identity);
    this.#leastByThe(symmetry.actions.generatedBy([]));
  }

  /** What is known so far, for other threads. */
  share(): SharedRepresentatives {
    return {
      leastRows: this.#leastRows.data,
      ways: this.#ways.data,
      keepers: this.#keepers.data,
      renamed: this.#renamed.map(({ columns }) => columns.data),
      least: this.#least.map(({ columns }) => columns.data),
    };
  }

  release(): void {
    for (const numbers of [this.#leastRows, this.#ways, this.#keepers]) numbers.release();
    for (const { columns } of [...this.#renamed, ...this.#least]) columns.release();
  }

  /**
   * Lets the representative of a state wait to be absorbed.
   *
   * @throws ModelError `not-symmetric`
   * @throws StoreFull
   */
  push(row: number, column: number): void {
    const least = this.#leastOf(row);
    this.#pending.push(least, this.#imageOf(row, column, least));
  }

  /** The same for the columns `from` to `to` of an array. */
  pushStretch(row: number, _list: number, from: number, to: number, columns: Int32Array): void {
    for (let at = from; at < to; at++) this.push(row, columns[at]!);
  }

  /** The code of a state's representative. */
  representativeOf(row: number, column: number): number {
    const least = this.#leastOf(row);
    return codeOf(least, this.#imageOf(row, column, least));
  }

  #leastOf(row: number): number {
    const known = row < this.#leastRows.data.length ? this.#leastRows.data[row]! : 0;
    return (known === 0 ? this.#lookAt(row) : known) - 1;
  }

  /** The column of the representative, by the row's least image. */
  #imageOf(row: number, column: number, least: number): number {
    const way = this.#ways.data[row]!;
    const image = way === 0 ? column : this.#made(this.#renamed[way]!, column);
    const keepers = this.#keepers.data[least]!;
    return keepers === 0 ? image : this.#made(this.#least[keepers]!, image);
  }

  /** Finds out about a row; its least image plus one. */
  #lookAt(row: number): number {
    const parts = this.#parts;
    const symmetry = this.#symmetry;
    symmetry.settle();
    const state = this.#state;
    parts.load(0, row, state);
    const way = this.#leastRow.find(state, symmetry.actions.all);
    const least = parts.numberOf(0, state);
    const rows = parts.rows;
    this.#pending.fit(rows);
    for (const numbers of [this.#leastRows, this.#ways, this.#keepers]) numbers.reserve(rows);
    this.#ways.data[row] = this.#renamedByThe(way);
    if (this.#leastRows.data[least] === 0) {
      this.#leastRows.data[least] = least + 1;
      this.#ways.data[least] = 0;
      this.#keepers.data[least] = this.#leastByThe(this.#leastRow.keepersOf(state, symmetry.actions.all));
    }
    this.#leastRows.data[row] = least + 1;
    return least + 1;
  }

  #renamedByThe(action: Action): number {
    const { slots } = this.#parts.all[1]!;
    return numberOf(this.#renamedBy, action, () => {
      const change = (state: Int32Array) => action.apply(state.slice(), slots, state);
      return this.#renamed.push({ change, columns: new GrowingInts(64, this.#budget) }) - 1;
    });
  }

  #leastByThe(keepers: Subgroup): number {
    return numberOf(this.#leastBy, keepers, () => {
      const change = (state: Int32Array) => this.#leastColumn.find(state, keepers);
      return this.#least.push({ change, columns: new GrowingInts(64, this.#budget) }) - 1;
    });
  }

  #made({ change, columns }: Change, column: number): number {
    const known = column < columns.data.length ? columns.data[column]! : 0;
    if (known !== 0) return known - 1;
    const parts = this.#parts;
    const { actions } = this.#symmetry;
    this.#symmetry.settle();
    parts.load(1, column, this.#state);
    actions.meet(this.#state, parts.all[1]!.slots);
    change(this.#state);
    const image = parts.numberOf(1, this.#state);
    columns.reserve(parts.columns);
    columns.data[column] = image + 1;
    return image;
  }
}

function numberOf<T>(numbers: Map<T, number>, item: T, add: () => number): number {
  const number = numbers.get(item) ?? add();
  numbers.set(item, number);
  return number;
}
