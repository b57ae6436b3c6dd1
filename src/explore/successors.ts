/** The steps of a single state by look-ups alone, with what starts each; a search goes row by row (`expand-row.ts`). */
import type { Ints } from '../tabulate/ints.ts';
import { afterChange, CELL, CHANGE, changesIn, RECORD, type StepTables } from './moves.ts';
import { PARTS_MAX } from './parts.ts';

/** Where the steps of a state lead: rows and columns. */
export class Successors {
  length = 0;
  rows = new Int32Array(64);
  columns = new Int32Array(64);
  /** When set, steps back into the same state are told as well, and what starts each step: its label in `LocalSteps`. */
  labels: Ints | undefined;
  /** What was not known when `collect` or `hasStepOf` could not say it. */
  readonly missing = { kind: 0, part: 0, what: 0 };
  readonly #numbers = new Int32Array(PARTS_MAX);
  readonly #records = new Int32Array(PARTS_MAX);
  #vector = new Int32Array(64);

  /**
   * Adds the successors of a state, but for itself; with labels, all of them.
   *
   * @returns how many steps it has, or -1 when something about them is not known yet; the list is as before then
   */
  collect(tables: StepTables, row: number, column: number): number {
    if (!this.#load(tables, row, column)) return -1;
    const { trees, pool, records, shifts, changesOf } = tables;
    const parts = records.length;
    const [start, { labels }] = [this.length, this];
    const labelStart = labels?.length ?? 0;
    const all = labels !== undefined;
    let steps = 0;
    for (let part = 0; part < parts; part++) {
      const record = this.#records[part]!;
      const number = this.#numbers[part]!;
      const alone = pool[record]!;
      steps += alone;
      for (let at = record + 1; at <= record + alone; at++) {
        const next = pool[at]!;
        if (!all && next === number) continue;
        if (part === 0) this.#push(next, column);
        else this.#push(row, column ^ ((number ^ next) << shifts[part]!));
      }
      const first = record + 2 + alone + pool[record + 1 + alone]!;
      for (let at = first; at < first + alone; at++) labels?.push(pool[at]!);
    }
    for (let part = 0; part < parts; part++) {
      const cells = this.#records[part]! + 2 + pool[this.#records[part]!]!;
      for (let cell = cells, end = cells + pool[cells - 1]!; cell < end; cell++) {
        const list = leafOf(trees, pool[cell]!, this.#vector);
        if (list < 0) return this.#lacks(CELL, part, pool[cell]!, start, labelStart);
        const count = trees[list]!;
        steps += count;
        for (let at = list + 1; at <= list + count; at++) {
          let [toRow, toColumn] = [row, column];
          for (let other = 0; other < parts; other++) {
            const change = changesOf[trees[at]! * parts + other]!;
            if (change === 0) continue;
            const after = afterChange(pool, changesIn(pool, this.#records[other]!), change);
            if (after < 0) return this.#lacks(CHANGE, other, change, start, labelStart);
            if (other === 0) toRow = after;
            else toColumn ^= (this.#numbers[other]! ^ after) << shifts[other]!;
          }
          if (all || toRow !== row || toColumn !== column) this.#push(toRow, toColumn);
          labels?.push(trees[at + count]!);
        }
      }
    }
    return steps;
  }

  /**
   * Whether a state has a step whose label stands for one of these: 1 if so, 0 if not, -1 when something about its steps is not known
   * yet. It looks no further than it has to.
   *
   * @param entityOf by label: negative when the step is none of them
   */
  hasStepOf(tables: StepTables, row: number, column: number, entityOf: Int32Array): number {
    if (!this.#load(tables, row, column)) return -1;
    const { trees, pool, records } = tables;
    for (let part = 0; part < records.length; part++) {
      const record = this.#records[part]!;
      const alone = pool[record]!;
      if (hasOne(entityOf, pool, record + 2 + alone + pool[record + 1 + alone]!, alone)) return 1;
    }
    let isKnown = true;
    for (let part = 0; part < records.length; part++) {
      const cells = this.#records[part]! + 2 + pool[this.#records[part]!]!;
      for (let cell = cells, end = cells + pool[cells - 1]!; cell < end; cell++) {
        const list = leafOf(trees, pool[cell]!, this.#vector);
        if (list < 0) isKnown = false;
        else if (hasOne(entityOf, trees, list + 1 + trees[list]!, trees[list]!)) return 1;
      }
    }
    return isKnown ? 0 : -1;
  }

  /** Makes a state the one at hand; false when the record of a part is not known. */
  #load({ records, values, slots, shifts, masks, partOf }: StepTables, row: number, column: number): boolean {
    if (partOf.length > this.#vector.length) this.#vector = new Int32Array(partOf.length);
    for (let part = 0; part < records.length; part++) {
      const number = part === 0 ? row : (column >>> shifts[part]!) & masks[part]!;
      const record = records[part]![number] ?? 0;
      if (record === 0) {
        this.#lacks(RECORD, part, 0, this.length, this.labels?.length ?? 0);
        return false;
      }
      this.#numbers[part] = number;
      this.#records[part] = record;
      const width = slots[part]!.length;
      for (let i = 0; i < width; i++) this.#vector[slots[part]![i]!] = values[part]![number * width + i]!;
    }
    return true;
  }

  #push(row: number, column: number): void {
    if (this.length === this.rows.length) {
      const grown = (old: Int32Array) => {
        const larger = new Int32Array(old.length * 2);
        larger.set(old);
        return larger;
      };
      this.rows = grown(this.rows);
      this.columns = grown(this.columns);
    }
    this.rows[this.length] = row;
    this.columns[this.length++] = column;
  }

  #lacks(kind: number, part: number, what: number, length: number, labels: number): number {
    this.missing.kind = kind;
    this.missing.part = part;
    this.missing.what = what;
    this.length = length;
    if (this.labels) this.labels.length = labels;
    return -1;
  }
}

/** Whether one of these labels stands for an entity. */
function hasOne(entityOf: Int32Array, labels: Int32Array, from: number, count: number): boolean {
  for (let at = from; at < from + count; at++) if (entityOf[labels[at]!]! >= 0) return true;
  return false;
}

/** The leaf of a tree for a state; -1 when it is not known. */
export function leafOf(trees: Int32Array, cell: number, state: Int32Array): number {
  let node = trees[cell]!;
  while (node > 0) {
    const value = state[trees[node]!]!;
    node = value < trees[node + 1]! ? trees[node + 2 + value]! : 0;
  }
  return -1 - node;
}
