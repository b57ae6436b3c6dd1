/**
 * The states that a search has found, by number: row by row, and those of a row side by side.
 *
 * | of a row in which | the number of a state is |
 * |---|---|
 * | a good part of all columns are states | by rank: that of the row's first state, and how many columns of the row are below its own. The row's *map* tells: of each 32 columns the bits of those that are states, and the number of the first one |
 * | few columns are | by its place in the order in which they were found; all such rows share a table (`pair-numbers.ts`) |
 *
 * A map takes no more memory than the table would. Those of the rows that steps lead to stay in a core's own cache, where an entry of
 * the table has to be waited for.
 */
import { type Budget, GrowingInts } from '../memory.ts';
import type { Search } from '../search.ts';
import { entriesFor, PairNumbers, type Pairs } from './pair-numbers.ts';

/** How many states to write between two turns of the caller. */
const STATES_PER_TURN = 65_536;
/** Of every so many states, as a power of two, it is noted in which row the first one is. */
const MARK_BITS = 7;
/** Columns that two words of a map tell of. */
const MAP_COLUMNS = 32;

/** All that is known of the numbers, for any thread to read. */
export interface SharedNumbers {
  readonly count: number;
  /** Whether nobody asks for the number of what is no state. */
  readonly isClosed: boolean;
  /** By row: the number of its first state. One more at the end says how many states there are. */
  readonly starts: Int32Array;
  /** By state. */
  readonly columns: Int32Array;
  readonly marks: Int32Array;
  /** By row: where its map is, -1 when it has none. */
  readonly places: Int32Array;
  readonly maps: Int32Array;
  /** All columns in maps are below. */
  readonly mapColumns: number;
  readonly table: Int32Array;
}

export class StateNumbers implements Pairs {
  readonly count: number;
  readonly shared: SharedNumbers;
  readonly #starts: Int32Array;
  readonly #columns: Int32Array;
  readonly #marks: Int32Array;
  readonly #places: Int32Array;
  readonly #maps: Int32Array;
  readonly #mapColumns: number;
  readonly #table: PairNumbers;

  constructor(shared: SharedNumbers) {
    this.count = shared.count;
    this.shared = shared;
    this.#starts = shared.starts;
    this.#columns = shared.columns;
    this.#marks = shared.marks;
    this.#places = shared.places;
    this.#maps = shared.maps;
    this.#mapColumns = shared.mapColumns;
    this.#table = new PairNumbers(this, shared.table, shared.isClosed);
  }

  rowOf(state: number): number {
    const starts = this.#starts;
    const mark = state >> MARK_BITS;
    let low = this.#marks[mark]!;
    let high = this.#marks[mark + 1]!;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if (starts[middle]! <= state) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  columnOf(state: number): number {
    return this.#columns[state]!;
  }

  /** The number of a state; -1 for what is none, where somebody may ask for that. */
  numberOf(row: number, column: number): number {
    const place = row < this.#places.length ? this.#places[row]! : -1;
    if (place < 0) return this.#table.numberOf(row, column);
    if (column >= this.#mapColumns) return -1;
    const at = place + 2 * (column >>> 5);
    const bits = this.#maps[at]!;
    const bit = 1 << column;
    return (bits & bit) === 0 ? -1 : this.#maps[at + 1]! + onesIn(bits & (bit - 1));
  }

  /** Gives the states that have been noted in maps their columns, and the others their entries in the table. Yields now and then. */
  *rank(): Generator<void, void> {
    const [starts, columns, marks, places, maps] = [
      ...[this.#starts, this.#columns, this.#marks, this.#places, this.#maps],
    ] as const;
    const words = Math.ceil(this.#mapColumns / MAP_COLUMNS);
    let since = 0;
    for (let row = 0; row < places.length; row++) {
      const [from, to] = [starts[row]!, starts[row + 1]!];
      for (let mark = Math.ceil(from / 2 ** MARK_BITS); mark << MARK_BITS < to; mark++) marks[mark] = row;
      if (places[row]! < 0) for (let state = from; state < to; state++) this.#table.add(state, row, columns[state]!);
      else {
        let state = from;
        for (let word = 0, at = places[row]!; word < words; word++, at += 2) {
          maps[at + 1] = state;
          const last = MAP_COLUMNS * word + 31;
          for (let left = maps[at]!; left !== 0; left &= left - 1) columns[state++] = last - Math.clz32(left & -left);
        }
      }
      since += to - from;
      if (since < STATES_PER_TURN) continue;
      since = 0;
      yield;
    }
    marks.fill(Math.max(0, places.length - 1), Math.ceil(this.count / 2 ** MARK_BITS));
  }
}

/** Numbers the states of a search that is over. Yields now and then. @throws StoreFull */
export function* numberStates(search: Search, budget: Budget): Generator<void, StateNumbers> {
  const ints = (length: number) => new GrowingInts(length, budget);
  const count = search.states;
  let rows = 0;
  for (const { row } of search.allStates()) rows = Math.max(rows, row + 1);
  yield;

  const starts = ints(rows + 1).data.subarray(0, rows + 1);
  for (const { row, columns } of search.allStates()) starts[row + 1]! += columns.length;
  yield;
  const { columns: mapColumns } = search;
  const mapWords = 2 * Math.ceil(mapColumns / MAP_COLUMNS);
  const places = ints(rows).data.subarray(0, rows);
  let maps = 0;
  let inTable = 0;
  for (let row = 0; row < rows; row++) {
    const length = starts[row + 1]!;
    const isMap = mapWords <= entriesFor(length);
    places[row] = isMap ? mapWords * maps++ : -1;
    if (!isMap) inTable += length;
    starts[row + 1] = starts[row]! + length;
  }
  const shared: SharedNumbers = {
    ...{ count, isClosed: search.done, starts, columns: ints(count).data, marks: ints((count >> MARK_BITS) + 2).data },
    ...{ places, maps: ints(maps * mapWords).data, mapColumns, table: ints(entriesFor(inTable)).data },
  };
  yield* noteColumns(search, shared, ints(rows));
  const numbers = new StateNumbers(shared);
  yield* numbers.rank();
  return numbers;
}

/** Notes all states, in maps and, for the table, by state. @param next by row, of those without a map, the number of the next state */
function* noteColumns(
  search: Search,
  { starts, columns, places, maps }: SharedNumbers,
  next: GrowingInts,
): Generator<void, void> {
  next.data.set(starts.subarray(0, places.length));
  let since = 0;
  for (const piece of search.allStates()) {
    const { row } = piece;
    const place = places[row]!;
    if (place < 0) {
      columns.set(piece.columns, next.data[row]!);
      next.data[row]! += piece.columns.length;
    } else for (const column of piece.columns) maps[place + 2 * (column >>> 5)]! |= 1 << column;
    since += piece.columns.length;
    if (since < STATES_PER_TURN) continue;
    since = 0;
    yield;
  }
  next.release();
}

/** How many bits of a word are set. */
function onesIn(word: number): number {
  let sums = word - ((word >>> 1) & 0x55555555);
  sums = (sums & 0x33333333) + ((sums >>> 2) & 0x33333333);
  return Math.imul((sums + (sums >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
