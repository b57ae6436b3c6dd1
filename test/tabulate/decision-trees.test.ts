import { describe, expect, it } from 'vitest';
import { DecisionTrees } from '../../src/tabulate/decision-trees.ts';

describe('a decision tree', () => {
  /** Looks at slot 3; where that is 0, at slot 1 as well. */
  function grown() {
    const trees = new DecisionTrees();
    const cell = trees.cell();
    expect(trees.grow(cell, [3, 1], [0, 0], 5)).toBe(true);
    expect(trees.grow(cell, [3], [1], 6)).toBe(true);
    return { trees, cell };
  }
  const state = (slot1: number, slot3: number) => Int32Array.of(9, slot1, 9, slot3);

  it('gives what was seen, by the slots that it looks at', () => {
    const { trees, cell } = grown();
    expect(trees.leafOf(cell, state(0, 0))).toBe(5);
    expect(trees.pathOf(cell, state(0, 0))).toEqual([3, 1]);
    expect(trees.leafOf(cell, state(7, 1))).toBe(6);
    expect(trees.pathOf(cell, state(7, 1))).toEqual([3]);
    expect([state(1, 0), state(0, 2), state(0, 4)].map((unseen) => trees.leafOf(cell, unseen))).toEqual([-1, -1, -1]);
  });

  it.each<[what: string, slots: number[], values: number[], leaf: number]>([
    ['another slot at first', [1, 3], [0, 0], 5],
    ['another slot after the same one', [3, 2], [0, 0], 5],
    ['one more slot', [3, 1], [1, 0], 6],
    ['one slot less', [3], [0], 5],
    ['another answer', [3, 1], [0, 0], 6],
  ])('takes nothing that is no function of what it looks at: %s', (_, slots, values, leaf) => {
    const { trees, cell } = grown();
    expect(trees.grow(cell, slots, values, leaf)).toBe(false);
    expect(trees.leafOf(cell, state(0, 0))).toBe(5);
    expect(trees.leafOf(cell, state(0, 1))).toBe(6);
  });
});
