/** The successors of a single state by look-ups alone; a search goes row by row (`expand-row.ts`). */
import type { Ints } from '../tabulate/ints.ts';
import type { Halves } from './halves.ts';
import type { Moves } from './moves.ts';

/** What `moves.ts` and `halves.ts` know, as flat arrays. Fetched anew when any of them has grown. */
export interface StepTables {
  /** Records, lists and trees. */
  readonly pool: Int32Array;
  /** By side: records by number, and the values of halves, `widths` of them each. */
  readonly records: readonly [Int32Array, Int32Array];
  readonly values: readonly [Int32Array, Int32Array];
  readonly widths: readonly [number, number];
  /** All changes have lower numbers. */
  readonly changes: number;
}

export function stepTables(moves: Moves, { sides: [one, other] }: Halves): StepTables {
  return {
    pool: moves.trees.pool.data,
    records: [moves.records[0].data, moves.records[1].data],
    values: [one.set.tuples.data, other.set.tuples.data],
    widths: [one.set.words, other.set.words],
    changes: moves.changeCount,
  };
}

/** Whether tables are still those that `stepTables` would make. */
export function areCurrent(tables: StepTables, moves: Moves, { sides: [one, other] }: Halves): boolean {
  const { pool, records, values, changes } = tables;
  return (
    pool === moves.trees.pool.data &&
    changes === moves.changeCount &&
    records[0] === moves.records[0].data &&
    records[1] === moves.records[1].data &&
    values[0] === one.set.tuples.data &&
    values[1] === other.set.tuples.data
  );
}

/** Where the steps of a state lead: the numbers of both halves. */
export class Successors {
  length = 0;
  first = new Int32Array(64);
  second = new Int32Array(64);
  /** When set, steps back into the same state are told as well, and what starts each step: its label in `Moves`. */
  labels: Ints | undefined;

  push(first: number, second: number): void {
    if (this.length === this.first.length) {
      const grown = (old: Int32Array) => {
        const larger = new Int32Array(old.length * 2);
        larger.set(old);
        return larger;
      };
      this.first = grown(this.first);
      this.second = grown(this.second);
    }
    this.first[this.length] = first;
    this.second[this.length++] = second;
  }
}

/**
 * Adds the successors of a state, the pair of these halves, to a list, but for itself; with labels, all of them.
 *
 * @returns how many steps it has, or -1 when something about them is not known yet; the list then has some of them
 */
export function collectSuccessors(tables: StepTables, first: number, second: number, successors: Successors): number {
  const { pool, records } = tables;
  const firstRecord = first < records[0].length ? records[0][first]! : 0;
  const secondRecord = second < records[1].length ? records[1][second]! : 0;
  if (firstRecord === 0 || secondRecord === 0) return -1;

  const fromFirstAlone = pool[firstRecord]!;
  const cells = firstRecord + 2 + fromFirstAlone;
  const cellsEnd = cells + pool[cells - 1]!;
  const fromSecondAlone = pool[secondRecord]!;
  const otherCells = secondRecord + 2 + fromSecondAlone;
  const otherCellsEnd = otherCells + pool[otherCells - 1]!;
  const { labels } = successors;
  for (let at = firstRecord + 1; at < cells - 1; at++) {
    if (labels || pool[at] !== first) successors.push(pool[at]!, second);
  }
  for (let at = secondRecord + 1; at < otherCells - 1; at++) {
    if (labels || pool[at] !== second) successors.push(first, pool[at]!);
  }
  if (labels) {
    for (let i = 0; i < fromFirstAlone; i++) labels.push(pool[cellsEnd + i]!);
    for (let i = 0; i < fromSecondAlone; i++) labels.push(pool[otherCellsEnd + i]!);
  }

  // Where no step looks at both halves, which is most often so, that is all.
  if (cells === cellsEnd && otherCells === otherCellsEnd) return fromFirstAlone + fromSecondAlone;
  const changes = cellsEnd + fromFirstAlone;
  const otherChanges = otherCellsEnd + fromSecondAlone;
  const fromFirst = collectCrossing(tables, cells, cellsEnd, first, changes, second, otherChanges, successors);
  if (fromFirst < 0) return -1;
  const fromSecond = collectCrossing(
    tables,
    otherCells,
    otherCellsEnd,
    first,
    changes,
    second,
    otherChanges,
    successors,
  );
  if (fromSecond < 0) return -1;
  return fromFirstAlone + fromSecondAlone + fromFirst + fromSecond;
}

/**
 * Whether a state, the pair of these halves, has a step whose label stands for one of these: 1 if so, 0 if not, -1 when something
 * about its steps is not known yet. It looks no further than it has to.
 *
 * @param entityOf by label: negative when the step is none of them
 */
export function hasStepOf(tables: StepTables, first: number, second: number, entityOf: Int32Array): number {
  const { pool, records, values, widths } = tables;
  const firstRecord = first < records[0].length ? records[0][first]! : 0;
  const secondRecord = second < records[1].length ? records[1][second]! : 0;
  if (firstRecord === 0 || secondRecord === 0) return -1;
  for (let side = 0; side < 2; side++) {
    const record = side === 0 ? firstRecord : secondRecord;
    const alone = pool[record]!;
    const labels = record + 2 + alone + pool[record + 1 + alone]!;
    for (let at = labels; at < labels + alone; at++) if (entityOf[pool[at]!]! >= 0) return 1;
  }
  let isKnown = true;
  for (let side = 0; side < 2; side++) {
    const record = side === 0 ? firstRecord : secondRecord;
    const cells = record + 2 + pool[record]!;
    for (let cell = cells, end = cells + pool[cells - 1]!; cell < end; cell++) {
      const list = leafOfPair(pool, pool[cell]!, values[0], first * widths[0], values[1], second * widths[1]);
      if (list < 0) {
        isKnown = false;
        continue;
      }
      const count = pool[list]!;
      for (let at = list + 1 + 2 * count; at < list + 1 + 3 * count; at++) if (entityOf[pool[at]!]! >= 0) return 1;
    }
  }
  return isKnown ? 0 : -1;
}

/** Where the changes of a record start: how many there is room for, and then these. */
export function changesOf(pool: Int32Array, record: number): number {
  const alone = pool[record]!;
  const cells = record + 2 + alone;
  return cells + pool[cells - 1]! + alone;
}

/** The half that a change makes of the one whose changes these are, -1 when it is not known yet. */
export function afterChange(pool: Int32Array, changes: number, change: number): number {
  for (let at = changes + 1, end = at + 2 * pool[changes]!; at < end; at += 2) {
    const other = pool[at]!;
    if (other === change) return pool[at + 1]!;
    if (other === 0) return -1;
  }
  return -1;
}

/** The same for the trees in these cells. */
function collectCrossing(
  { pool, values, widths }: StepTables,
  from: number,
  to: number,
  first: number,
  changes: number,
  second: number,
  otherChanges: number,
  successors: Successors,
): number {
  const [firstValues, secondValues] = values;
  const firstBase = first * widths[0];
  const secondBase = second * widths[1];
  const { labels } = successors;
  let steps = 0;
  for (let cell = from; cell < to; cell++) {
    const list = leafOfPair(pool, pool[cell]!, firstValues, firstBase, secondValues, secondBase);
    if (list < 0) return -1;
    const count = pool[list]!;
    steps += count;
    for (let each = list + 1, last = each + 2 * count; each < last; each += 2) {
      const change = pool[each]!;
      const otherChange = pool[each + 1]!;
      const after = change === 0 ? first : afterChange(pool, changes, change);
      const otherAfter = otherChange === 0 ? second : afterChange(pool, otherChanges, otherChange);
      if (after < 0 || otherAfter < 0) return -1;
      if (labels || after !== first || otherAfter !== second) successors.push(after, otherAfter);
    }
    if (labels) for (let i = 0, at = list + 1 + 2 * count; i < count; i++) labels.push(pool[at + i]!);
  }
  return steps;
}

/** The leaf of a tree whose nodes name slots by place and side, for two halves; -1 when it is not known. */
export function leafOfPair(
  pool: Int32Array,
  cell: number,
  firstValues: Int32Array,
  firstBase: number,
  secondValues: Int32Array,
  secondBase: number,
): number {
  let node = pool[cell]!;
  while (node > 0) {
    const read = pool[node]!;
    const value = (read & 1) === 0 ? firstValues[firstBase + (read >> 1)]! : secondValues[secondBase + (read >> 1)]!;
    node = value < pool[node + 1]! ? pool[node + 2 + value]! : 0;
  }
  return -1 - node;
}
