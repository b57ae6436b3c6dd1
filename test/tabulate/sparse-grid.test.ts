/** A sparse grid keeps what is set in it, however many entries there are. */
import { describe, expect, it } from 'vitest';
import { SparseGrid } from '../../src/tabulate/ints.ts';
import fc from '../fast-check.ts';
import { SEED } from '../seed.ts';

describe('a sparse grid', () => {
  it(`answers as a map does, FAULTLINE_SEED=${SEED}`, () => {
    const number = fc.oneof(fc.nat({ max: 5 }), fc.nat({ max: 2 ** 30 }));
    const entries = fc.array(
      fc.tuple(
        number,
        number,
        fc.integer({ min: -3, max: 2 ** 30 }).filter((value) => value !== 0),
      ),
      {
        maxLength: 200,
      },
    );
    const agrees = fc.property(entries, (all) => {
      const grid = new SparseGrid();
      const map = new Map<string, number>();
      for (const [row, column, value] of all) {
        expect(grid.get(row, column)).toBe(map.get(`${row} ${column}`) ?? 0);
        grid.set(row, column, value);
        map.set(`${row} ${column}`, value);
      }
      for (const [row, column] of all) expect(grid.get(row, column)).toBe(map.get(`${row} ${column}`));
    });
    fc.assert(agrees, { seed: SEED });
  });

  it('takes room for what is set, not for rows and columns', () => {
    const grid = new SparseGrid();
    for (let at = 0; at < 10_000; at++) grid.set(at, at, 1);
    expect(grid.bytes).toBeLessThan(10_000 * 60);
  });

  it('stays as it is when it may not grow', () => {
    const grid = new SparseGrid();
    for (let at = 0; at < 3; at++) grid.set(at, 0, at + 1);
    let refused = 0;
    grid.onGrowth = (bytes) => {
      refused = bytes;
      throw new Error('no room');
    };
    const before = grid.bytes;
    expect(() => {
      for (let at = 3; at < 100; at++) grid.set(at, 0, at + 1);
    }).toThrow('no room');
    expect(grid.bytes).toBe(before);
    expect(refused).toBe(2 * before);
    expect([0, 1, 2].map((at) => grid.get(at, 0))).toEqual([1, 2, 3]);
    expect(grid.get(99, 0)).toBe(0);
  });
});
