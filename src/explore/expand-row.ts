/**
 * The inner loop of a search: the successors of states of one row, by look-ups alone, in any thread.
 *
 * What the row's part does alone takes the whole set of columns to another row. What another part does alone stays in the row. Only
 * steps that look at several parts go state by state.
 */
import type { Ints } from '../tabulate/ints.ts';
import { afterChange, CELL, CHANGE, RECORD, type StepTables } from './moves.ts';
import { PARTS_MAX } from './parts.ts';

/** Successors of a state by steps that look at several parts: there is room for so many more than are known to be needed. */
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
  readonly missing = { kind: 0, part: 0, what: 0 };
  readonly #sink: Sink;
  /** By change: what it makes of the row at hand, where the mark is the row's. */
  #marks = new Int32Array(256);
  #after = new Int32Array(256);
  #mark = 0;
  /** By tree of the row at hand: how far it goes without a column. */
  #nodes = new Int32Array(16);
  /** Of the state at hand: its slots, and by part from the third on the number and the record. */
  #vector = new Int32Array(64);
  readonly #numbers = new Int32Array(PARTS_MAX);
  readonly #records = new Int32Array(PARTS_MAX);
  /** Where the record has its trees. */
  readonly #cells = new Int32Array(PARTS_MAX);
  readonly #cellEnds = new Int32Array(PARTS_MAX);
  /** Where its steps that look at several parts lead. */
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
    const { trees, pool, records, values, slots, shifts, masks, partOf, changesOf, changes } = tables;
    const parts = records.length;
    const record = row < records[0]!.length ? records[0]![row]! : 0;
    if (record === 0) return this.#lacks(RECORD, 0, 0, from);
    if (changes > this.#marks.length) this.#makeRoom(changes);
    if (partOf.length > this.#vector.length) this.#vector = new Int32Array(partOf.length);
    const sink = this.#sink;
    const [marks, after, vector, numbers, recordOf] = [
      this.#marks,
      this.#after,
      this.#vector,
      this.#numbers,
      this.#records,
    ];
    const [cellsOf, cellEnds] = [this.#cells, this.#cellEnds];

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
    const rowSlots = slots[0]!;
    for (let i = 0, base = row * rowSlots.length; i < rowSlots.length; i++)
      vector[rowSlots[i]!] = values[0]![base + i]!;

    // As far as the row tells them, trees are the same for all columns.
    if (cellsEnd - cells > this.#nodes.length) this.#nodes = new Int32Array(2 * (cellsEnd - cells));
    const nodes = this.#nodes;
    for (let cell = cells; cell < cellsEnd; cell++) {
      let node = trees[pool[cell]!]!;
      while (node > 0 && partOf[trees[node]!] === 0) {
        const value = vector[trees[node]!]!;
        node = value < trees[node + 1]! ? trees[node + 2 + value]! : 0;
      }
      nodes[cell - cells] = node;
    }

    // The column's first part is most often the only one: it has locals of its own, the others are gone through.
    const records1 = records[1]!;
    const values1 = values[1]!;
    const slots1 = slots[1]!;
    const mask1 = masks[1]!;
    const width1 = slots1.length;

    let rows = this.#rows;
    let columns = this.#columns;
    let steps = 0;
    let at = from;
    states: for (; at < to; at++) {
      const column = source[at]!;
      const number1 = column & mask1;
      const record1 = number1 < records1.length ? records1[number1]! : 0;
      if (record1 === 0) {
        this.#lacks(RECORD, 1, 0, at);
        break;
      }
      const alone1 = pool[record1]!;
      const cells1 = record1 + 2 + alone1;
      const cellsEnd1 = cells1 + pool[cells1 - 1]!;
      let count = alone + alone1;
      let isCrossing = cells !== cellsEnd || cells1 !== cellsEnd1;
      for (let part = 2; part < parts; part++) {
        const number = (column >>> shifts[part]!) & masks[part]!;
        const own = number < records[part]!.length ? records[part]![number]! : 0;
        if (own === 0) {
          this.#lacks(RECORD, part, 0, at);
          break states;
        }
        const ownAlone = pool[own]!;
        numbers[part] = number;
        recordOf[part] = own;
        cellsOf[part] = own + 2 + ownAlone;
        cellEnds[part] = cellsOf[part]! + pool[own + 1 + ownAlone]!;
        count += ownAlone;
        if (cellsOf[part] !== cellEnds[part]) isCrossing = true;
      }
      if (isCrossing) {
        for (let i = 0, base = number1 * width1; i < width1; i++) vector[slots1[i]!] = values1[base + i]!;
        for (let part = 2; part < parts; part++) {
          const ownSlots = slots[part]!;
          const ownValues = values[part]!;
          const width = ownSlots.length;
          for (let i = 0, base = numbers[part]! * width; i < width; i++) vector[ownSlots[i]!] = ownValues[base + i]!;
        }
        const changes1 = cellsEnd1 + alone1 + 1;
        const changesEnd1 = changes1 + 2 * pool[changes1 - 1]!;
        let found = 0;
        for (let part = 0; part < parts; part++) {
          const start = part === 0 ? cells : part === 1 ? cells1 : cellsOf[part]!;
          const end = part === 0 ? cellsEnd : part === 1 ? cellsEnd1 : cellEnds[part]!;
          for (let cell = start; cell < end; cell++) {
            let node = part === 0 ? nodes[cell - cells]! : trees[pool[cell]!]!;
            while (node > 0) {
              const value = vector[trees[node]!]!;
              node = value < trees[node + 1]! ? trees[node + 2 + value]! : 0;
            }
            if (node === 0) {
              this.#lacks(CELL, part, pool[cell]!, at);
              break states;
            }
            const first = -1 - node;
            const length = trees[first]!;
            count += length;
            if (found + length > rows.length) {
              this.#widen(found + length);
              rows = this.#rows;
              columns = this.#columns;
            }
            for (let each = first + 1, last = each + length; each < last; each++) {
              const change = trees[each]! * parts;
              const rowChange = changesOf[change]!;
              const change1 = changesOf[change + 1]!;
              let toRow = row;
              let toColumn = column;
              if (rowChange !== 0) {
                if (marks[rowChange] !== mark) {
                  this.#lacks(CHANGE, 0, rowChange, at);
                  break states;
                }
                toRow = after[rowChange]!;
              }
              if (change1 !== 0) {
                let place = changes1;
                while (place < changesEnd1 && pool[place] !== change1) place += 2;
                if (place === changesEnd1) {
                  this.#lacks(CHANGE, 1, change1, at);
                  break states;
                }
                toColumn ^= number1 ^ pool[place + 1]!;
              }
              for (let other = 2; other < parts; other++) {
                const ownChange = changesOf[change + other]!;
                if (ownChange === 0) continue;
                const next = afterChange(pool, cellEnds[other]! + pool[recordOf[other]!]!, ownChange);
                if (next < 0) {
                  this.#lacks(CHANGE, other, ownChange, at);
                  break states;
                }
                toColumn ^= (numbers[other]! ^ next) << shifts[other]!;
              }
              if (toRow === row && toColumn === column) continue;
              rows[found] = toRow;
              columns[found++] = toColumn;
            }
          }
        }
        for (let each = 0; each < found; each++) sink.push(rows[each]!, columns[each]!);
      }
      for (let each = record1 + 1; each < cells1 - 1; each++) {
        const next = pool[each]!;
        if (next !== number1) sink.push(row, column ^ number1 ^ next);
      }
      for (let part = 2; part < parts; part++) {
        const number = numbers[part]!;
        for (let each = recordOf[part]! + 1; each < cellsOf[part]! - 1; each++) {
          const next = pool[each]!;
          if (next !== number) sink.push(row, column ^ ((number ^ next) << shifts[part]!));
        }
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

  #lacks(kind: number, part: number, what: number, at: number): number {
    this.missing.kind = kind;
    this.missing.part = part;
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
