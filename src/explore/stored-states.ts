/** The states of the levels of a search, as a checkpoint keeps them. */
import type { BreadthFirst } from './orders.ts';
import type { Partition } from './parts.ts';
import type { RowSets } from './row-sets.ts';
import type { Rows } from './rows.ts';
import type { StateList } from './state-list.ts';

export interface StoredStates {
  readonly partition: Partition;
  /** How often it has been looked whether another division pays. */
  readonly partitions: number;
  /** By part: the bits of its numbers, and its values. */
  readonly bits: readonly number[];
  readonly parts: readonly Int32Array[];
  /** In the order in which they were found: by piece its row, and where its columns end; and the columns. */
  readonly rows: Int32Array;
  readonly ends: Int32Array;
  readonly columns: Int32Array;
}

/** All states up to the level that is being expanded. */
export function dumpStates({ parts }: Rows, order: BreadthFirst, partitions: number): StoredStates {
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
    partition: parts.partition,
    partitions,
    bits: parts.bits,
    parts: parts.all.map(({ set }) => set.tuples.data.subarray(0, set.count * set.words)),
    rows: Int32Array.from(pieces, ({ row }) => row),
    ends: Int32Array.from(pieces, ({ end }) => end),
    columns,
  };
}

/**
 * Takes stored states over, level by level.
 *
 * @returns how many there are; undefined when a part's value or a state is there twice, which no search dumps
 * @throws StoreFull
 */
export function restoreStates(
  rows: Rows,
  { partition, bits, parts, rows: rowOf, ends, columns }: StoredStates,
  levelStarts: readonly number[],
): number | undefined {
  if (!rows.restore(partition, bits, parts)) return undefined;
  const order = rows.order.byLevels!;
  const [sets] = rows.sets as [RowSets];
  sets.fit(rows.parts.rows);
  let piece = 0;
  let from = 0;
  let states = 0;
  for (let level = 0; level < levelStarts.length; level++) {
    const end = levelStarts[level + 1] ?? columns.length;
    const [fresh] = order.fresh as [StateList];
    for (; from < end; piece++) {
      const to = ends[piece]!;
      fresh.add(rowOf[piece]!, columns, from, to, sets, rows.parts.columns);
      fresh.close(rowOf[piece]!);
      from = to;
    }
    states += fresh.length;
    order.advance(rows.parts.fields);
  }
  return states === columns.length ? states : undefined;
}
