/**
 * Decision trees over slots: functions of a state that look at a few of its slots, one after the other, and which slot they
 * look at next depends on nothing but the values seen so far.
 *
 * All trees live in one array of integers, so that any thread can walk them. A *cell* is a place in it that holds a *reference*:
 *
 * | reference | |
 * |---|---|
 * | 0 | not explored yet |
 * | negative | a leaf: -1 minus what the function gives |
 * | positive | where a node starts: `[slot, number of branches, reference of each value]` |
 */
import { Ints } from './ints.ts';

const UNEXPLORED = 0;
/** Nodes start with room for so many values of their slot. */
const BRANCHES_AT_FIRST = 2;

/** What stands in the place of slots and their values, where trees are over something else. */
interface Asked {
  classIn(slot: number, state: Int32Array): number;
}

const SLOTS: Asked = { classIn: (slot, state) => state[slot]! };

export class DecisionTrees {
  /** Cell 0 is never used: 0 is no reference. */
  readonly pool = new Ints(1024);

  constructor() {
    this.clear();
  }

  /** Forgets everything; the memory stays. */
  clear(): void {
    this.pool.data.fill(0, 0, this.pool.length);
    this.pool.length = 1;
  }

  /** A new tree that knows nothing. */
  cell(): number {
    return this.pool.push(UNEXPLORED);
  }

  /** What the tree in a cell gives for a state; -1 when that is not explored. */
  leafOf(cell: number, state: Int32Array, asked: Asked = SLOTS): number {
    const { data } = this.pool;
    let reference = data[cell]!;
    while (reference > 0) {
      const value = asked.classIn(data[reference]!, state);
      reference = value < data[reference + 1]! ? data[reference + 2 + value]! : UNEXPLORED;
    }
    return -1 - reference;
  }

  /** The same where slots are asked: a loop of its own, which simulations spend much of their time in. */
  leafBySlots(cell: number, state: Int32Array): number {
    const { data } = this.pool;
    let reference = data[cell]!;
    while (reference > 0) {
      const value = state[data[reference]!]!;
      reference = value < data[reference + 1]! ? data[reference + 2 + value]! : UNEXPLORED;
    }
    return -1 - reference;
  }

  /** The slots that the tree in a cell looks at in a state, in this order. */
  pathOf(cell: number, state: Int32Array, asked: Asked = SLOTS): number[] {
    const { data } = this.pool;
    const slots: number[] = [];
    for (let reference = data[cell]!; reference > 0; ) {
      const slot = data[reference]!;
      slots.push(slot);
      const value = asked.classIn(slot, state);
      reference = value < data[reference + 1]! ? data[reference + 2 + value]! : UNEXPLORED;
    }
    return slots;
  }

  /**
   * Adds what a function gave after it looked at these slots, in this order, and saw these values.
   *
   * @returns false when an earlier run, with the same values so far, looked at another slot next
   */
  grow(cell: number, slots: readonly number[], values: readonly number[], leaf: number): boolean {
    const { pool } = this;
    let at = cell;
    for (let depth = 0; depth < slots.length; depth++) {
      const value = values[depth]!;
      let node = pool.data[at]!;
      if (node < 0) return false;
      if (node === UNEXPLORED) node = this.#node(at, slots[depth]!, Math.max(BRANCHES_AT_FIRST, value + 1));
      else if (pool.data[node] !== slots[depth]) return false;
      else if (value >= pool.data[node + 1]!) node = this.#widen(at, node, value);
      at = node + 2 + value;
    }
    const known = pool.data[at]!;
    if (known !== UNEXPLORED && known !== -1 - leaf) return false;
    pool.data[at] = -1 - leaf;
    return true;
  }

  #node(cell: number, slot: number, branches: number): number {
    const { pool } = this;
    const node = pool.push(slot);
    pool.push(branches);
    pool.extend(branches);
    pool.data[cell] = node;
    return node;
  }

  /** A larger copy of a node takes its place; what it leaves behind is never used again. */
  #widen(cell: number, old: number, value: number): number {
    const { pool } = this;
    const branches = pool.data[old + 1]!;
    const node = this.#node(cell, pool.data[old]!, Math.max(branches * 2, value + 1));
    pool.data.copyWithin(node + 2, old + 2, old + 2 + branches);
    return node;
  }
}
