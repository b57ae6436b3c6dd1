/**
 * One state in the place of all its images, for a search with symmetry.
 *
 * With symmetry the halves are closed: no renaming takes a slot of one half to the other. So a row has images that are rows, and a column
 * such that are columns. The representative of a state is, of its images with the least row, the one with the least column. Both
 * are found by look-ups: a renaming that takes the row to the least one, what it makes of the column, and the least one that the
 * renamings which keep that row make of this. Each of them is computed once for a row, or a column.
 */
import { Ints } from '../tabulate/ints.ts';
import type { Sink } from './expand-row.ts';
import { type Budget, GrowingInts } from './memory.ts';
import { codeOf } from './orders.ts';
import type { Parts } from './parts.ts';
import type { Pending } from './pending.ts';
import type { Symmetry } from './symmetry.ts';

/** Some renamings, and what is known of the least column that they make of each. */
interface Renamings {
  readonly elements: Int32Array;
  /** By column: the least one plus one, 0 while it is not known. */
  readonly least: GrowingInts;
}

/** For other threads: the tables of `Representatives`. */
export interface SharedRepresentatives {
  readonly leastRows: Int32Array;
  readonly ways: Int32Array;
  readonly keepers: Int32Array;
  readonly single: readonly (Int32Array | undefined)[];
  readonly renamings: readonly Int32Array[];
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
    const { single, renamings } = this.#known;
    const image = way === 0 ? column : lookUp(single[way]!, column);
    return keepers === 0 || image < 0 ? image : lookUp(renamings[keepers]!, image);
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
  readonly #elements: Int32Array;
  /** By row: the least one plus one, 0 while it is not known; and the renaming that leads there. */
  readonly #leastRows: GrowingInts;
  readonly #ways: GrowingInts;
  /** By least row: which of `#renamings` keep it. */
  readonly #keepers: GrowingInts;
  /** By the number of a renaming: it alone. */
  readonly #single: (Renamings | undefined)[] = [];
  /** Sets of renamings that keep a row; the first one is the identity alone. */
  readonly #renamings: Renamings[] = [];
  readonly #renamingsByKey = new Map<string, number>();

  /** @param halves closed under the renamings */
  constructor(symmetry: Symmetry, parts: Parts, pending: Pending, budget: Budget) {
    this.#symmetry = symmetry;
    this.#parts = parts;
    this.#pending = pending;
    this.#budget = budget;
    this.#state = new Int32Array(symmetry.tables.slotCount);
    this.#elements = Int32Array.from({ length: symmetry.size }, (_, element) => element);
    this.#leastRows = new GrowingInts(64, budget);
    this.#ways = new GrowingInts(64, budget);
    this.#keepers = new GrowingInts(64, budget);
    this.#keepersOf(Int32Array.of(0));
  }

  /** What is known so far, for other threads. */
  share(): SharedRepresentatives {
    return {
      leastRows: this.#leastRows.data,
      ways: this.#ways.data,
      keepers: this.#keepers.data,
      single: Array.from(this.#single, (renamings) => renamings?.least.data),
      renamings: this.#renamings.map(({ least }) => least.data),
    };
  }

  release(): void {
    for (const numbers of [this.#leastRows, this.#ways, this.#keepers]) numbers.release();
    for (const renamings of [...this.#single, ...this.#renamings]) renamings?.least.release();
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
    const image = way === 0 ? column : this.#imageBy(this.#single[way]!, column);
    const keepers = this.#keepers.data[least]!;
    return keepers === 0 ? image : this.#imageBy(this.#renamings[keepers]!, image);
  }

  /** Finds out about a row; its least image plus one. */
  #lookAt(row: number): number {
    const parts = this.#parts;
    const symmetry = this.#symmetry;
    symmetry.settle();
    const state = this.#state;
    parts.load(0, row, state);
    const ways = symmetry.leastImage(state, parts.all[0]!.slots, this.#elements);
    const least = parts.numberOf(0, state);
    const rows = parts.rows;
    this.#pending.fit(rows);
    for (const numbers of [this.#leastRows, this.#ways, this.#keepers]) numbers.reserve(rows);
    const way = ways[0]!;
    if (way !== 0) this.#single[way] ??= { elements: Int32Array.of(way), least: new GrowingInts(64, this.#budget) };
    this.#ways.data[row] = way;
    if (this.#leastRows.data[least] === 0) {
      this.#leastRows.data[least] = least + 1;
      this.#ways.data[least] = 0;
      this.#keepers.data[least] = this.#keepersOf(symmetry.leastImage(state, parts.all[0]!.slots, this.#elements));
    }
    this.#leastRows.data[row] = least + 1;
    return least + 1;
  }

  #keepersOf(elements: Int32Array): number {
    const key = elements.join();
    let known = this.#renamingsByKey.get(key);
    if (known === undefined) {
      known = this.#renamings.push({ elements: elements.slice(), least: new GrowingInts(64, this.#budget) }) - 1;
      this.#renamingsByKey.set(key, known);
    }
    return known;
  }

  /** The least column that some renamings make of one. */
  #imageBy({ elements, least }: Renamings, column: number): number {
    const known = column < least.data.length ? least.data[column]! : 0;
    if (known !== 0) return known - 1;
    const parts = this.#parts;
    this.#symmetry.settle();
    parts.load(1, column, this.#state);
    this.#symmetry.leastImage(this.#state, parts.all[1]!.slots, elements);
    const image = parts.numberOf(1, this.#state);
    least.reserve(parts.columns);
    least.data[column] = image + 1;
    return image;
  }
}
