import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Batch } from '../../src/explore/batch.ts';
import { Layout } from '../../src/explore/layout.ts';
import { Budget, GrowingBytes, GrowingInts, StoreFull } from '../../src/explore/memory.ts';
import { PairSet } from '../../src/explore/pair-set.ts';
import { choosePartition } from '../../src/explore/partition.ts';
import { Store } from '../../src/explore/store.ts';
import { TupleSet } from '../../src/explore/tuple-set.ts';

/** Slots of 1 to 31 bits, each with a value that fits. */
const packing = fc
  .array(fc.integer({ min: 1, max: 31 }), { minLength: 1, maxLength: 40 })
  .chain((bits) =>
    fc.tuple(fc.constant(bits), fc.tuple(...bits.map((width) => fc.integer({ min: 0, max: 2 ** width - 1 })))),
  );

function layoutOf(bits: readonly number[]): Layout {
  return new Layout(Int32Array.from(bits.keys()), Int32Array.from(bits));
}

describe('a layout', () => {
  it('gives back what was packed', () => {
    fc.assert(
      fc.property(packing, fc.nat(5), ([bits, values], offset) => {
        const layout = layoutOf(bits);
        const words = new Int32Array(offset + layout.words).fill(-1);
        layout.pack(Int32Array.from(values), words, offset);
        const state = new Int32Array(bits.length);
        layout.unpack(words, offset, state);
        expect([...state]).toEqual(values);
      }),
    );
  });

  it('packs its own slots only', () => {
    const layout = new Layout(Int32Array.of(2, 0), Int32Array.of(3, 4));
    const words = new Int32Array(layout.words);
    layout.pack(Int32Array.of(9, 100, 5), words, 0);
    const state = Int32Array.of(-1, -1, -1);
    layout.unpack(words, 0, state);
    expect([...state]).toEqual([9, -1, 5]);
  });

  it('lets no two slots overlap, and wastes no word', () => {
    fc.assert(
      fc.property(packing, ([bits]) => {
        const layout = layoutOf(bits);
        const used = new Set<number>();
        bits.forEach((width, slot) => {
          for (let bit = 0; bit < width; bit++) used.add(layout.word[slot]! * 32 + layout.shift[slot]! + bit);
          expect(layout.shift[slot]! + width).toBeLessThanOrEqual(32);
        });
        const total = bits.reduce((sum, width) => sum + width, 0);
        expect(used.size).toBe(total);
        // First fit leaves at most one word half empty.
        expect(layout.words).toBeLessThanOrEqual(Math.ceil((2 * total) / 32) + 1);
      }),
    );
  });
});

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
  it('number tuples in the order of insertion, each once', () => {
    const tuple = fc.tuple(fc.nat(5), fc.integer(), fc.nat(2));
    fc.assert(
      fc.property(fc.array(tuple, { maxLength: 600 }), (tuples) => {
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

  it('number pairs in the order of insertion, and tell the known ones', () => {
    const set = new PairSet(new Budget());
    const PAIRS = 300_000;
    for (let i = 0; i < PAIRS; i++) if (set.insert(i >> 9, i & 511) !== i) expect.fail(`pair ${i} was not new`);
    // Pairs whose members are exchanged are other pairs.
    for (let i = 0; i < PAIRS; i += 7) expect(set.insert(i >> 9, i & 511)).toBe(-1);
    expect(set.insert(511, 600)).toBe(PAIRS);
    expect(set.count).toBe(PAIRS + 1);
    expect([...set.pairs.data.subarray(2 * 12345, 2 * 12345 + 2)]).toEqual([12345 >> 9, 12345 & 511]);
  });
});

describe('a partition', () => {
  it('puts together what varies together', () => {
    // Slots 0 and 3, and 1 and 2, are copies of each other: apart they would double both halves.
    const states = Array.from({ length: 400 }, (_, i) => {
      const [one, other] = [i % 20, Math.floor(i / 20)];
      return Int32Array.of(one, other, other, one);
    });
    const halves = choosePartition(states, 4).map((slots) => slots.join());
    expect(new Set(halves)).toEqual(new Set(['0,3', '1,2']));
  });
});

/** A store with the largest value of each slot, as the search's tables know it. */
class Inserter {
  readonly store: Store;
  readonly counts: number[];

  constructor(slots: number, bytesMax?: number) {
    this.counts = new Array(slots).fill(1);
    this.store = new Store(slots, () => this.counts, bytesMax);
  }

  insert(state: readonly number[], parent = 0): number {
    state.forEach((value, slot) => {
      this.counts[slot] = Math.max(this.counts[slot]!, value + 1);
    });
    const added = this.store.add(Int32Array.from(state), parent);
    this.store.settle();
    return added;
  }

  load(index: number): number[] {
    const state = new Int32Array(this.counts.length);
    this.store.load(index, state);
    return [...state];
  }
}

describe('a store', () => {
  it('agrees with a map, while its layout is widened', () => {
    const values = fc.oneof(fc.nat(3), fc.nat(40), fc.nat(100_000));
    const runs = fc
      .integer({ min: 1, max: 12 })
      .chain((slots) =>
        fc.array(fc.array(values, { minLength: slots, maxLength: slots }), { minLength: 1, maxLength: 300 }),
      );
    fc.assert(
      fc.property(runs, (states) => {
        const inserter = new Inserter(states[0]!.length);
        const map = new Map<string, number>();
        for (const state of states) {
          const known = map.get(state.join());
          expect(inserter.insert(state)).toBe(known === undefined ? map.size : -1);
          if (known === undefined) map.set(state.join(), map.size);
        }
        expect(inserter.store.count).toBe(map.size);
        for (const [state, index] of map) expect(inserter.load(index).join()).toBe(state);
      }),
      { numRuns: 100 },
    );
  });

  it('agrees with a map beyond every growth of its arrays and tables, and beyond its new partition', () => {
    const inserter = new Inserter(4);
    const stateOf = (i: number) => [i % 7, i >> 6, (i * 31) % 97, i & 63];
    const COUNT = 60_000;
    let inserted = 0;
    for (let i = 0; i < COUNT; i++) if (inserter.insert(stateOf(i), i >> 1) === i) inserted++;
    expect(inserted).toBe(COUNT);
    for (let i = 0; i < COUNT; i += 11) {
      expect(inserter.insert(stateOf(i))).toBe(-1);
      expect(inserter.load(i)).toEqual(stateOf(i));
    }
    expect(inserter.store.count).toBe(COUNT);
  });

  it('takes successors in batches', () => {
    const inserter = new Inserter(5);
    const { store } = inserter;
    const walked = new Map<string, number>([['0,0,0,0,0', 0]]);
    inserter.insert([0, 0, 0, 0, 0]);
    const batch = new Batch(5);
    const current = new Int32Array(5);
    for (let state = 0; state < store.count && store.count < 3000; state++) {
      store.open(state, current);
      const previous = current.slice();
      for (let slot = 0; slot < 5; slot++) {
        current[slot]! += 1 + (state % 3);
        inserter.counts[slot] = Math.max(inserter.counts[slot]!, current[slot]! + 1);
        // A slot that is touched and yet the same must not matter.
        store.stage(batch, current, previous, Int32Array.of((slot + 1) % 5, slot), 2, state);
        current[slot] = previous[slot]!;
      }
      store.findStaged(batch);
      for (let i = 0; i < batch.length; i++) {
        const wanted = [...previous];
        wanted[i]! += 1 + (state % 3);
        const known = walked.has(wanted.join());
        if (!known) walked.set(wanted.join(), walked.size);
        expect(store.addStaged(batch, i)).toBe(known ? -1 : walked.get(wanted.join()));
      }
      batch.length = 0;
      store.settle();
    }
    expect(store.count).toBe(walked.size);
    for (const [state, index] of walked) expect(inserter.load(index).join()).toBe(state);
  });

  it('leaves one state in 256 as a possible parent, and the real one among them', () => {
    const inserter = new Inserter(1);
    for (let i = 0; i < 5000; i++) inserter.insert([i], Math.floor(i / 2));
    for (const state of [1, 300, 4999]) {
      const parents = [...inserter.store.possibleParents(state, 0, 4999)];
      expect(parents).toContain(Math.floor(state / 2));
      expect(parents.length).toBeLessThanOrEqual(20);
    }
    expect([...inserter.store.possibleParents(4999, 2499, 2500)]).toEqual([2499]);
    expect([...inserter.store.possibleParents(4999, 2500, 2700)]).toEqual([]);
  });

  it('keeps what it has when it is full, whichever of its parts has to grow', () => {
    const needed = new Inserter(2).store.bytes;
    let refusals = 0;
    for (let bytesMax = needed; bytesMax < needed * 8; bytesMax += needed / 2) {
      const inserter = new Inserter(2, bytesMax);
      let stored = 0;
      const insertAll = () => {
        for (;;) {
          inserter.insert([stored % 5, stored]);
          stored++;
        }
      };
      expect(insertAll).toThrow(StoreFull);
      refusals++;
      const { store } = inserter;
      expect(store.bytes).toBeLessThanOrEqual(bytesMax);
      let wrong = 0;
      for (let index = 0; index < stored; index++) {
        const [first, second] = inserter.load(index);
        if (first !== index % 5 || second !== index) wrong++;
      }
      expect(wrong).toBe(0);
      expect(store.count).toBe(stored);
    }
    expect(refusals).toBeGreaterThan(10);
  });

  it.each([5000, 20_000])('goes on in another one with its arrays, with %i states', (count) => {
    const inserter = new Inserter(3);
    const stateOf = (i: number) => [i % 3, i, i % 5];
    for (let i = 0; i < count; i++) inserter.insert(stateOf(i), i - 1);
    const copy = Store.from(inserter.store.arrays(), () => inserter.counts);
    expect(copy.count).toBe(count);
    expect(copy.add(Int32Array.from(stateOf(4321)), 0)).toBe(-1);
    const state = new Int32Array(3);
    copy.load(4321, state);
    expect([...state]).toEqual(stateOf(4321));
    expect([...copy.possibleParents(count - 1, count - 2, count - 1)]).toEqual([count - 2]);
    expect(copy.add(Int32Array.of(2, 1, 4), 17)).toBe(count);
  });

  it('does not adopt arrays that its header does not describe', () => {
    const inserter = new Inserter(3);
    inserter.insert([0, 0, 0]);
    const arrays = inserter.store.arrays();
    const counts = () => inserter.counts;
    expect(() => Store.from({ ...arrays, header: arrays.header.map((word) => word + 1) }, counts)).toThrow(
      'not a store',
    );
    expect(() => Store.from({ ...arrays, parents: arrays.parents.subarray(1) }, counts)).toThrow('disagree');
    expect(() => Store.from({ ...arrays, states: arrays.states.subarray(1) }, counts)).toThrow('disagree');
    expect(() => Store.from({ ...arrays, halves: [arrays.halves[0].subarray(1), arrays.halves[1]] }, counts)).toThrow(
      'disagree',
    );
  });
});
