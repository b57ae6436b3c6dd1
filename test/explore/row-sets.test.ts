import { describe, expect, it } from 'vitest';
import { Budget, GrowingBytes, GrowingInts, StoreFull } from '../../src/explore/memory.ts';
import { choosePartition } from '../../src/explore/partition.ts';
import { absorb, laneOf, Pending, pendingArrays } from '../../src/explore/pending.ts';
import { RowSets } from '../../src/explore/row-sets.ts';
import { StateList } from '../../src/explore/state-list.ts';
import { Trail } from '../../src/explore/trail.ts';
import { TupleSet } from '../../src/explore/tuple-set.ts';
import fc from '../fast-check.ts';
import { seedOr } from '../seed.ts';

describe('memory that grows', () => {
  it('keeps what is in it, also where it moves', () => {
    const budget = new Budget();
    const ints = new GrowingInts(10, budget);
    const bytes = new GrowingBytes(10, budget);
    const MEGABYTE = 2 ** 20;
    for (let length = 10; length < 2 * MEGABYTE; length *= 3) {
      ints.reserve(length);
      bytes.reserve(length);
      ints.data[length - 1] = length;
      bytes.data[length - 1] = length & 0xff;
    }
    for (let length = 10; length < 2 * MEGABYTE; length *= 3) {
      expect(ints.data[length - 1]).toBe(length);
      expect(bytes.data[length - 1]).toBe(length & 0xff);
    }
    expect(budget.bytes).toBe(ints.data.byteLength + bytes.data.byteLength);
    ints.release();
    expect(budget.bytes).toBe(bytes.data.byteLength);
  });

  it('says when there is no more, and stays as it was', () => {
    const budget = new Budget(100_000);
    const ints = new GrowingInts(10, budget);
    ints.data[9] = 7;
    const { bytes } = budget;
    expect(() => ints.reserve(1_000_000)).toThrow(StoreFull);
    expect(budget.bytes).toBe(bytes);
    expect(ints.data[9]).toBe(7);
  });
});

describe('the sets', () => {
  it('number tuples the same after every growth', () => {
    for (let seed = 0; seed < 10; seed++) {
      const set = new TupleSet(2, new Budget());
      const numberOf = (n: number) => set.insert(Int32Array.of(seed, n), 0);
      // The one that makes it grow is asked for at once: the next growth would put it where it belongs.
      for (let n = 0; n < 2000; n++) expect([numberOf(n), numberOf(n)]).toEqual([n, n]);
      for (let n = 0; n < 2000; n++) expect(numberOf(n)).toBe(n);
    }
  });

  it('number tuples in the order of insertion, each once', () => {
    const tuple = fc.tuple(fc.nat(5), fc.integer(), fc.nat(2));
    fc.assert(
      fc.property(fc.array(tuple, { maxLength: 600, size: 'max' }), (tuples) => {
        const set = new TupleSet(3, new Budget());
        const known = new Map<string, number>();
        for (const words of tuples) {
          const key = words.join();
          if (!known.has(key)) known.set(key, known.size);
          expect(set.insert(Int32Array.of(99, ...words), 1)).toBe(known.get(key));
        }
        expect(set.count).toBe(known.size);
      }),
    );
  });
});

describe('a partition', () => {
  it('puts together what varies together', () => {
    // Slots 0 and 3, and 1 and 2, are copies of each other: apart they would double both halves.
    const states = Array.from({ length: 400 }, (_, i) => {
      const [one, other] = [i % 20, Math.floor(i / 20)];
      return Int32Array.of(one, other, other, one);
    });
    const sample = { states, footprints: [], lookedAt: 1 };
    const current = [
      [0, 1],
      [2, 3],
    ];
    const halves = choosePartition(sample, current, 2).map((slots) => slots.join());
    expect(new Set(halves)).toEqual(new Set(['0,3', '1,2']));
  });

  it('keeps together what steps look at together, where that makes no other difference', () => {
    const states = Array.from({ length: 4096 }, (_, i) =>
      Int32Array.of(i & 7, (i >> 3) & 7, (i >> 6) & 7, (i >> 9) & 7),
    );
    const footprints = [
      { slots: [0, 2], times: 100 },
      { slots: [1, 3], times: 100 },
    ];
    const current = [
      [0, 1],
      [2, 3],
    ];
    const halves = choosePartition({ states, footprints, lookedAt: 50 }, current, 2).map((slots) => slots.join());
    expect(new Set(halves)).toEqual(new Set(['0,2', '1,3']));
  });
});

/** Adds columns to a row as a search does, and tells which are new. */
function added(sets: RowSets, row: number, columns: readonly number[], all: number): number[] {
  const fresh = new Int32Array(columns.length);
  sets.fit(row + 1);
  sets.end = 0;
  sets.add(row, Int32Array.from(columns), 0, columns.length, all, fresh);
  return [...fresh.subarray(0, sets.end)];
}

describe('the columns of rows', () => {
  const batches = fc.array(fc.record({ row: fc.nat(5), columns: fc.array(fc.nat(), { maxLength: 80, size: 'max' }) }), {
    maxLength: 60,
    size: 'max',
  });

  it.each([
    ['a few columns, as lists and maps', 40, 1],
    ['many columns, as tables', 2 ** 24, 1],
    ['ever more columns, as maps that grow, and that are given up for tables', 64, 1.3],
    ['ever more columns, faster', 200, 2.5],
  ])('are told from new ones: %s', (_, columnsAtFirst, growth) => {
    fc.assert(
      fc.property(batches, (found) => {
        const sets = new RowSets(new Budget());
        const known = new Map<number, Set<number>>();
        let all = columnsAtFirst;
        for (const { row, columns } of found) {
          const set = known.get(row) ?? new Set();
          known.set(row, set);
          const wanted = columns.map((column) => column % Math.floor(all));
          const fresh = [...new Set(wanted)].filter((column) => !set.has(column));
          expect(added(sets, row, wanted, Math.floor(all))).toEqual(fresh);
          for (const column of fresh) set.add(column);
          if (row === 0) sets.tidy();
          all = Math.min(2 ** 25, all * growth);
        }
        for (const [row, set] of known) expect(added(sets, row, [...set], Math.floor(all))).toEqual([]);
      }),
      { numRuns: 150 },
    );
  });

  it('are told from new ones through every growth of one row, beside another', () => {
    const COLUMNS = 30_000;
    const sets = new RowSets(new Budget());
    const order = fc.sample(fc.nat(COLUMNS - 1), { numRuns: 60_000, seed: seedOr(7) });
    const known = new Set<number>();
    let wrong = 0;
    for (let at = 0; at < order.length; at += 100) {
      sets.tidy();
      // The other row takes blocks in between, and columns become known one after the other.
      added(sets, 1, [at % 977, at], 60_000);
      const columns = order.slice(at, at + 100).map((column) => column % (at + 100));
      const fresh = [...new Set(columns)].filter((column) => !known.has(column));
      if (added(sets, 0, columns, at + 100).join() !== fresh.join()) wrong++;
      for (const column of fresh) known.add(column);
    }
    expect(wrong).toBe(0);
    expect(known.size).toBeGreaterThan(10_000);
    expect(added(sets, 0, [...known], COLUMNS)).toEqual([]);
  });

  it('take about a bit each where there are few, and few bytes where there are many', () => {
    const bytesOf = (columns: number, stride: number) => {
      const budget = new Budget();
      const sets = new RowSets(budget);
      const { bytes } = budget;
      const some = Array.from({ length: columns }, (_, at) => at * stride);
      for (let row = 0; row < 20; row++) added(sets, row, some, columns * stride);
      return (budget.bytes - bytes) / (20 * columns);
    };
    expect(bytesOf(20_000, 1)).toBeLessThan(0.4);
    expect(bytesOf(20_000, 500)).toBeLessThan(16);
  });

  it('leave little memory behind when their forms grow', () => {
    const budget = new Budget();
    const sets = new RowSets(budget);
    for (let all = 1000; all < 100_000; all *= 1.1) {
      for (let row = 0; row < 50; row++)
        added(sets, row, [Math.floor(all) - 1 - row, ...Array(40).keys()], Math.floor(all));
      sets.tidy();
    }
    // 50 maps of 100,000 columns, and what grew beyond them.
    expect(budget.bytes).toBeLessThan(50 * 12_500 * 1.8);
  });

  it('can be moved to other sets', () => {
    for (const [count, stride] of [
      [5, 7],
      [300, 1],
      [300, 999],
    ] as const) {
      const [one, other] = [new RowSets(new Budget()), new RowSets(new Budget())];
      const columns = Array.from({ length: count }, (_, at) => at * stride);
      added(one, 3, columns, count * stride);
      other.fit(4);
      one.moveRow(3, other);
      expect(added(other, 3, [...columns, 1_000_000], 1_000_001)).toEqual([1_000_000]);
    }
  });

  it('keep what they have when they are full', () => {
    let refusals = 0;
    for (let bytesMax = 40_000; bytesMax < 400_000; bytesMax += 30_000) {
      const budget = new Budget(bytesMax);
      const sets = new RowSets(budget);
      sets.fit(10);
      const fresh = new Int32Array(1);
      let stored = 0;
      const addAll = () => {
        for (; stored < 1_000_000; stored++) {
          sets.end = 0;
          sets.add(stored % 10, Int32Array.of(stored * 64), 0, 1, 2 ** 26, fresh);
        }
      };
      expect(addAll).toThrow(StoreFull);
      refusals++;
      expect(budget.bytes).toBeLessThanOrEqual(bytesMax);
      for (let column = 0; column < stored; column++) {
        sets.end = 0;
        sets.add(column % 10, Int32Array.of(column * 64), 0, 1, 2 ** 26, fresh);
        expect(sets.end).toBe(0);
      }
    }
    expect(refusals).toBeGreaterThan(10);
  });
});

describe('what is found', () => {
  it('comes to its rows, single columns and stretches, each column once', () => {
    const found = fc.array(
      fc.record({
        row: fc.nat(30),
        columns: fc.array(fc.nat(300), { minLength: 1, maxLength: 150 }),
        isStretch: fc.boolean(),
      }),
      { maxLength: 40, size: 'max' },
    );
    fc.assert(
      fc.property(fc.array(found, { maxLength: 3 }), fc.constantFrom(1, 3), (rounds, laneCount) => {
        const budget = new Budget();
        // Two threads find, one or three absorb.
        const sources = [new Pending(budget), new Pending(budget)] as const;
        const lanes = Array.from({ length: laneCount }, () => ({
          sets: new RowSets(budget),
          fresh: new StateList(budget),
        }));
        for (const pending of sources) pending.fit(31);
        for (const { sets } of lanes) sets.fit(31);
        const wanted = new Set<string>();
        for (const round of rounds) {
          const lists = round.map(({ columns }) => Int32Array.from(columns));
          round.forEach(({ row, columns, isStretch }, list) => {
            const pending = sources[list % 2]!;
            if (isStretch) pending.pushStretch(row, list, 0, columns.length, lists[list]!);
            else for (const column of columns) pending.push(row, column);
            for (const column of columns) wanted.add(`${row} ${column}`);
          });
          const found = sources.map((pending) => pendingArrays(pending.share()));
          for (const [number, lane] of lanes.entries()) absorb(found, lists, lane, number, laneCount, 301);
          for (const pending of sources) pending.clear();
        }
        const got: string[] = [];
        lanes.forEach(({ fresh }, lane) => {
          for (const { row, columns } of fresh) {
            expect(laneOf(row, laneCount)).toBe(lane);
            for (const column of columns) got.push(`${row} ${column}`);
          }
        });
        expect(got.sort()).toEqual([...wanted].sort());
      }),
    );
  });

  it('is taken up to a bound', () => {
    const budget = new Budget();
    const pending = new Pending(budget);
    const lane = { sets: new RowSets(budget), fresh: new StateList(budget) };
    pending.fit(3);
    lane.sets.fit(3);
    for (let column = 0; column < 100; column++) for (const row of [0, 1, 2]) pending.push(row, column >> 1);
    lane.fresh.max = 77;
    absorb([pending.arrays], [], lane, 0, 1, 50);
    expect(lane.fresh.length).toBe(77);
  });
});

describe('a trail', () => {
  it('keeps levels as they are, whatever the number of columns', () => {
    const piece = fc.record({ row: fc.nat(1000), columns: fc.array(fc.nat(), { minLength: 1, maxLength: 40 }) });
    const level = fc.record({
      lists: fc.array(fc.array(piece, { maxLength: 6 }), { minLength: 1, maxLength: 3 }),
      bits: fc.nat(25),
    });
    fc.assert(
      fc.property(fc.array(level, { maxLength: 8 }), (levels) => {
        const budget = new Budget();
        const trail = new Trail(budget);
        const wanted = levels.map(({ lists, bits }) => {
          // A column has two fields, with bits between them that are not in use.
          const fields = [
            { shift: 0, bits: (bits >> 1) + 1 },
            { shift: 15, bits: (bits >> 2) + 1 },
          ];
          const inUse = fields.reduce((mask, { shift, bits }) => mask | ((2 ** bits - 1) << shift), 0);
          const stored = lists.map((pieces) => {
            const list = new StateList(budget);
            for (const { row, columns } of pieces)
              list.append(
                row,
                Int32Array.from(columns, (column) => column & inUse),
              );
            return list;
          });
          trail.append(stored, fields);
          return lists.flat().map(({ row, columns }) => ({ row, columns: columns.map((column) => column & inUse) }));
        });
        expect(trail.levels).toBe(levels.length);
        let before = 0;
        wanted.forEach((pieces, at) => {
          expect(trail.statesBefore(at)).toBe(before);
          const got = Array.from(trail.piecesOf(at), ({ row, columns }) => ({ row, columns: [...columns] }));
          expect(got).toEqual(pieces);
          before += pieces.reduce((sum, { columns }) => sum + columns.length, 0);
        });
        expect(trail.length).toBe(before);
      }),
    );
  });
});
