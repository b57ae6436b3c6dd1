import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Layout, Store, StoreFull } from '../../src/explore/store.ts';

/** Slots of 1 to 31 bits, each with a value that fits. */
const packing = fc
  .array(fc.integer({ min: 1, max: 31 }), { minLength: 1, maxLength: 40 })
  .chain((bits) =>
    fc.tuple(fc.constant(bits), fc.tuple(...bits.map((width) => fc.integer({ min: 0, max: 2 ** width - 1 })))),
  );

describe('a layout', () => {
  it('gives back what was packed', () => {
    fc.assert(
      fc.property(packing, fc.nat(5), ([bits, values], offset) => {
        const layout = new Layout(Int32Array.from(bits));
        const packed = new Int32Array(layout.words).fill(-1);
        layout.pack(Int32Array.from(values), packed);
        const words = new Int32Array(offset + layout.words);
        words.set(packed, offset);
        const state = new Int32Array(bits.length);
        layout.unpack(words, offset, state);
        expect([...state]).toEqual(values);
      }),
    );
  });

  it('lets no two slots overlap, and wastes no word', () => {
    fc.assert(
      fc.property(packing, ([bits]) => {
        const layout = new Layout(Int32Array.from(bits));
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

/** A store as the search uses it: whole states in, widened whenever one does not fit. */
class Inserter {
  readonly store: Store;
  readonly #largest: number[];

  constructor(slots: number, bytesMax?: number) {
    this.store = new Store(slots, bytesMax);
    this.#largest = new Array(slots).fill(1);
  }

  insert(state: readonly number[], parent = -1): number {
    const { store } = this;
    state.forEach((value, slot) => {
      this.#largest[slot] = Math.max(this.#largest[slot]!, value);
    });
    if (state.some((value, slot) => value > store.layout.limit[slot]!)) store.widen(this.#largest);
    const packed = new Int32Array(store.layout.words);
    store.layout.pack(Int32Array.from(state), packed);
    return store.insert(packed, parent);
  }

  load(index: number): number[] {
    const state = new Int32Array(this.#largest.length);
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
          const parent = map.size - 1;
          expect(inserter.insert(state, parent)).toBe(known === undefined ? map.size : -1);
          if (known === undefined) map.set(state.join(), map.size);
        }
        expect(inserter.store.count).toBe(map.size);
        for (const [state, index] of map) {
          expect(inserter.load(index).join()).toBe(state);
          expect(inserter.store.parents[index]).toBe(index - 1);
        }
      }),
      { numRuns: 100 },
    );
  });

  it('agrees with a map beyond every growth of its arrays and its table', () => {
    const inserter = new Inserter(3);
    const COUNT = 60_000;
    let inserted = 0;
    for (let i = 0; i < COUNT; i++) if (inserter.insert([i % 7, i >> 3, (i * 31) % 97], i - 1) === i) inserted++;
    expect(inserted).toBe(COUNT);
    for (let i = 0; i < COUNT; i += 11) {
      expect(inserter.insert([i % 7, i >> 3, (i * 31) % 97])).toBe(-1);
      expect(inserter.load(i)).toEqual([i % 7, i >> 3, (i * 31) % 97]);
      expect(inserter.store.parents[i]).toBe(i - 1);
    }
    expect(inserter.store.count).toBe(COUNT);
  });

  it('keeps what it has when it is full, whichever of its parts has to grow', () => {
    const needed = new Inserter(2).store.bytes;
    let refusals = 0;
    for (let bytesMax = needed; bytesMax < needed * 20; bytesMax += needed) {
      const inserter = new Inserter(2, bytesMax);
      let stored = 0;
      const insertAll = () => {
        for (;;) {
          // `widen` may be what fails, or the insertion after it.
          inserter.insert([stored % 5, stored], stored - 1);
          stored++;
        }
      };
      expect(insertAll).toThrow(StoreFull);
      refusals++;
      const { store } = inserter;
      expect(store.bytes).toBeLessThanOrEqual(bytesMax);
      expect(store.count).toBe(stored);
      let wrong = 0;
      for (let index = 0; index < stored; index++) {
        const [first, second] = inserter.load(index);
        if (first !== index % 5 || second !== index || inserter.insert([first, second]) !== -1) wrong++;
      }
      expect(wrong).toBe(0);
      expect(store.count).toBe(stored);
    }
    expect(refusals).toBeGreaterThan(15);
  });

  it('goes on in another one over its buffers', () => {
    const inserter = new Inserter(3);
    for (let i = 0; i < 5000; i++) inserter.insert([i % 3, i, i % 5], i - 1);
    const copy = Store.from(inserter.store.buffers());
    expect(copy.count).toBe(5000);
    const packed = new Int32Array(copy.layout.words);
    copy.layout.pack(Int32Array.of(4321 % 3, 4321, 4321 % 5), packed);
    expect(copy.insert(packed, 0)).toBe(-1);
    copy.layout.pack(Int32Array.of(3, 1, 1), packed);
    expect(copy.insert(packed, 17)).toBe(5000);
    expect(copy.parents[5000]).toBe(17);
  });

  it('does not adopt buffers that its header does not describe', () => {
    const { header, states, parents, table } = new Inserter(3).store.buffers();
    expect(() => Store.from({ header: header.map((word) => word + 1), states, parents, table })).toThrow('not a store');
    expect(() => Store.from({ header, states, parents: parents.subarray(1), table })).toThrow('disagree');
  });
});
