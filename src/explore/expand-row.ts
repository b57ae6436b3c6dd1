/**
 * The inner loop of a search: the successors of states of one row, by look-ups alone, in any thread.
 *
 * What the row's half does alone takes the whole set of columns to another row. What the columns' halves do alone stays in the row.
 * Only steps that look at both go state by state.
 */
import type { Ints } from '../tabulate/ints.ts';
import { CELL, COLUMN_CHANGE, COLUMN_RECORD, ROW_CHANGE, ROW_RECORD } from './moves.ts';
import type { StepTables } from './successors.ts';

/** Successors of a state by steps that look at both halves: there is room for so many more than are known to be needed. */
const CROSSING_ROOM = 64;

/** Where successors go: a column of a row, or columns `from` to `to` of one of the lists that are being expanded. */
export interface Sink {
  push(row: number, column: number): void;
  pushStretch(row: number, list: number, from: number, to: number, columns: Int32Array): void;
}

export class RowExpander {
  /** Steps of the states that have been expanded. */
  steps = 0;
  /** States without a step: row and column of each. */
  readonly deadEnds: Ints;
  /** What was not known when `expand` came back early. */
  readonly missing = { kind: 0, what: 0 };
  readonly #sink: Sink;
  /** By change: what it makes of the row at hand, where the mark is the row's. */
  #marks = new Int32Array(256);
  #after = new Int32Array(256);
  #mark = 0;
  /** By tree of the row at hand: how far it goes without a column. */
  #nodes = new Int32Array(16);
  /** Of the state at hand: where its steps that look at both halves lead. */
  #rows = new Int32Array(CROSSING_ROOM);
  #columns = new Int32Array(CROSSING_ROOM);

  constructor(sink: Sink, deadEnds: Ints) {
    this.#sink = sink;
    this.deadEnds = deadEnds;
  }

  /**
   * Expands the columns `from` to `to` of a row.
   *
   * @param list the number of the list that they are in
   * @returns the place of the first one of whose steps something is not known yet, else `to`; those before it are done
   */
  expand(tables: StepTables, row: number, list: number, source: Int32Array, from: number, to: number): number {
    const { pool, records, values, widths, changes } = tables;
    const record = row < records[0].length ? records[0][row]! : 0;
    if (record === 0) return this.#lacks(ROW_RECORD, 0, from);
    if (changes > this.#marks.length) this.#makeRoom(changes);
    const sink = this.#sink;
    const [marks, after] = [this.#marks, this.#after];
    const [, columnRecords] = records;
    const [rowValues, columnValues] = values;
    const [rowWidth, columnWidth] = widths;
    const rowBase = row * rowWidth;

    const alone = pool[record]!;
    const cells = record + 2 + alone;
    const cellsEnd = cells + pool[cells - 1]!;
    const mark = ++this.#mark;
    const rowChanges = cellsEnd + alone;
    for (let at = rowChanges + 1, end = at + 2 * pool[rowChanges]!; at < end; at += 2) {
      const change = pool[at]!;
      if (change === 0) break;
      marks[change] = mark;
      after[change] = pool[at + 1]!;
    }

    // As far as the row tells them, trees are the same for all columns.
    if (cellsEnd - cells > this.#nodes.length) this.#nodes = new Int32Array(2 * (cellsEnd - cells));
    const nodes = this.#nodes;
    for (let cell = cells; cell < cellsEnd; cell++) {
      let node = pool[pool[cell]!]!;
      while (node > 0 && (pool[node]! & 1) === 0) {
        const value = rowValues[rowBase + (pool[node]! >> 1)]!;
        node = value < pool[node + 1]! ? pool[node + 2 + value]! : 0;
      }
      nodes[cell - cells] = node;
    }

    let rows = this.#rows;
    let columns = this.#columns;
    let steps = 0;
    let at = from;
    states: for (; at < to; at++) {
      const column = source[at]!;
      const columnRecord = column < columnRecords.length ? columnRecords[column]! : 0;
      if (columnRecord === 0) {
        this.#lacks(COLUMN_RECORD, 0, at);
        break;
      }
      const columnAlone = pool[columnRecord]!;
      const columnCells = columnRecord + 2 + columnAlone;
      const columnCellsEnd = columnCells + pool[columnCells - 1]!;
      let count = alone + columnAlone;
      if (cells !== cellsEnd || columnCells !== columnCellsEnd) {
        let found = 0;
        const columnChanges = columnCellsEnd + columnAlone;
        const columnBase = column * columnWidth;
        let cell = cells;
        let end = cellsEnd;
        for (;;) {
          if (cell === end) {
            if (end === columnCellsEnd) break;
            cell = columnCells;
            end = columnCellsEnd;
            if (cell === end) break;
          }
          let node = end === cellsEnd ? nodes[cell - cells]! : pool[pool[cell]!]!;
          const tree = pool[cell++]!;
          while (node > 0) {
            const read = pool[node]!;
            const value =
              (read & 1) === 0 ? rowValues[rowBase + (read >> 1)]! : columnValues[columnBase + (read >> 1)]!;
            node = value < pool[node + 1]! ? pool[node + 2 + value]! : 0;
          }
          if (node === 0) {
            this.#lacks(CELL, tree, at);
            break states;
          }
          const list = -1 - node;
          const length = pool[list]!;
          count += length;
          if (found + length > rows.length) {
            this.#widen(found + length);
            rows = this.#rows;
            columns = this.#columns;
          }
          for (let each = list + 1, last = each + 2 * length; each < last; each += 2) {
            const change = pool[each]!;
            const columnChange = pool[each + 1]!;
            let toRow = row;
            let toColumn = column;
            if (change !== 0) {
              if (marks[change] !== mark) {
                this.#lacks(ROW_CHANGE, change, at);
                break states;
              }
              toRow = after[change]!;
            }
            if (columnChange !== 0) {
              let place = columnChanges + 1;
              const changesEnd = place + 2 * pool[columnChanges]!;
              while (place < changesEnd && pool[place] !== columnChange) place += 2;
              if (place === changesEnd) {
                this.#lacks(COLUMN_CHANGE, columnChange, at);
                break states;
              }
              toColumn = pool[place + 1]!;
            }
            if (toRow === row && toColumn === column) continue;
            rows[found] = toRow;
            columns[found++] = toColumn;
          }
        }
        for (let each = 0; each < found; each++) sink.push(rows[each]!, columns[each]!);
      }
      for (let each = columnRecord + 1; each < columnCells - 1; each++) {
        const toColumn = pool[each]!;
        if (toColumn !== column) sink.push(row, toColumn);
      }
      steps += count;
      if (count === 0) {
        this.deadEnds.push(row);
        this.deadEnds.push(column);
      }
    }
    if (at > from) {
      for (let each = record + 1; each < cells - 1; each++) {
        const toRow = pool[each]!;
        if (toRow !== row) sink.pushStretch(toRow, list, from, at, source);
      }
    }
    this.steps += steps;
    return at;
  }

  #lacks(kind: number, what: number, at: number): number {
    this.missing.kind = kind;
    this.missing.what = what;
    return at;
  }

  #makeRoom(changes: number): void {
    this.#marks = new Int32Array(2 * changes);
    this.#after = new Int32Array(2 * changes);
    this.#mark = 0;
  }

  #widen(length: number): void {
    const widened = (old: Int32Array) => {
      const wide = new Int32Array(length + CROSSING_ROOM);
      wide.set(old);
      return wide;
    };
    this.#rows = widened(this.#rows);
    this.#columns = widened(this.#columns);
  }
}
