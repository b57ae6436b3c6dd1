import { describe, expect, it } from 'vitest';
import { Batch } from '../../src/explore/batch.ts';
import { Budget, GrowingBytes, GrowingInts, StoreFull } from '../../src/explore/memory.ts';
import { choosePartition } from '../../src/explore/partition.ts';
import { ADDED, KNOWN, NO_ROOM, StateSet } from '../../src/explore/state-set.ts';
import { type Scout, Store } from '../../src/explore/store.ts';
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

  it.each([
    ['small numbers', 2 ** 9],
    ['numbers of sixteen bits', 2 ** 16],
    ['large numbers', 2 ** 24],
  ])('tell pairs of %s that they know from others, through every growth', (_, limit) => {
    const set = new StateSet(new Budget());
    const random = fc.sample(fc.tuple(fc.nat(limit - 1), fc.nat(limit - 1)), { numRuns: 60_000, seed: seedOr(7) });
    const known = new Set<number>();
    if (!set.fits(limit, limit)) set.rebuild(limit, limit);
    for (const [first, second] of random) {
      let answer = set.insert(first, second);
      while (answer === NO_ROOM) {
        set.makeRoom(first, second);
        answer = set.insert(first, second);
      }
      const key = first * 2 ** 24 + second;
      if (answer !== (known.has(key) ? KNOWN : ADDED)) expect.fail(`${first},${second}: ${answer}`);
      known.add(key);
    }
    expect(set.count).toBe(known.size);
    for (const [first, second] of random)
      if (set.insert(first, second) !== KNOWN) expect.fail(`lost ${first},${second}`);
    // Neighbours and exchanged pairs are others.
    let others = 0;
    for (const [first, second] of random.slice(0, 2000)) {
      for (const [one, other] of [
        [second, first],
        [first ^ 1, second],
        [first, second ^ 1],
      ] as const) {
        if (known.has(one * 2 ** 24 + other)) continue;
        others++;
        expect(set.insert(one, other)).not.toBe(KNOWN);
        known.add(one * 2 ** 24 + other);
      }
    }
    expect(others).toBeGreaterThan(1000);
  });

  it('answer for a whole batch what they answer one by one', () => {
    const one = new StateSet(new Budget());
    const many = new StateSet(new Budget());
    const first = Int32Array.from({ length: 900 }, (_, i) => (i * 7) % 40);
    const second = Int32Array.from({ length: 900 }, (_, i) => (i * 11) % 13);
    many.find(first, second, 900);
    for (let i = 0; i < 900; i++) expect(many.insertFound(i)).toBe(one.insert(first[i]!, second[i]!));
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
    const halves = choosePartition(sample, [
      [0, 1],
      [2, 3],
    ]).map((slots) => slots.join());
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
    const halves = choosePartition({ states, footprints, lookedAt: 50 }, [
      [0, 1],
      [2, 3],
    ]).map((slots) => slots.join());
    expect(new Set(halves)).toEqual(new Set(['0,2', '1,3']));
  });
});

const NO_SCOUT: Scout = { deeperStates: () => [], footprintsOf: () => [] };

class Inserter {
  readonly store: Store;
  /** How often the slots were divided anew. */
  divided = 0;
  readonly #slots: number;

  constructor(slots: number, bytesMax?: number) {
    this.#slots = slots;
    this.store = new Store(slots, bytesMax);
  }

  insert(state: readonly number[], parent = 0): number {
    const added = this.store.add(Int32Array.from(state), parent);
    if (this.store.settle(NO_SCOUT)) this.divided++;
    return added;
  }

  load(index: number): number[] {
    const state = new Int32Array(this.#slots);
    this.store.load(index, state);
    return [...state];
  }
}

it('a batch leaves out only pairs that have been in it', () => {
  const batch = new Batch();
  let kept = 0;
  // Many more than are remembered, so that each place is taken again and again.
  for (let second = 0; second < 100_000; second++) {
    batch.push(1, second, 0);
    batch.dropRecent();
    kept += batch.length;
    batch.length = 0;
  }
  expect(kept).toBe(100_000);
  batch.push(1, 99_999, 0);
  batch.dropRecent();
  expect(batch.length).toBe(0);
});

describe('a store', () => {
  it('agrees with a map', () => {
    const values = fc.oneof(fc.nat(3), fc.nat(40), fc.nat(100_000));
    const runs = fc.integer({ min: 1, max: 12 }).chain((slots) =>
      fc.array(fc.array(values, { minLength: slots, maxLength: slots }), {
        minLength: 1,
        maxLength: 300,
        size: 'max',
      }),
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
    // What varies together stands in different halves at first.
    const stateOf = (i: number) => {
      const [one, other] = [i % 300, Math.floor(i / 300)];
      return [one, other, (other * 31) % 97, one & 63];
    };
    const COUNT = 60_000;
    let inserted = 0;
    for (let i = 0; i < COUNT; i++) if (inserter.insert(stateOf(i), i >> 1) === i) inserted++;
    expect(inserted).toBe(COUNT);
    expect(inserter.divided).toBe(1);
    expect(inserter.store.halves.sides.map(({ slots }) => [...slots].join()).sort()).toEqual(['0,3', '1,2']);
    for (let i = 0; i < COUNT; i += 11) {
      expect(inserter.insert(stateOf(i))).toBe(-1);
      expect(inserter.load(i)).toEqual(stateOf(i));
    }
    expect(inserter.store.count).toBe(COUNT);
  });

  it('keeps numbers of halves that need more than sixteen bits', () => {
    const store = new Store(2);
    const COUNT = 2 ** 16 + 1000;
    for (let i = 0; i < COUNT; i++) store.add(Int32Array.of(7, i), 0);
    const state = new Int32Array(2);
    for (const i of [0, 255, 256, 2 ** 16 - 1, 2 ** 16, COUNT - 1]) {
      store.load(i, state);
      expect([...state]).toEqual([7, i]);
    }
  });

  it('takes successors in batches', () => {
    const inserter = new Inserter(5);
    const { store } = inserter;
    const walked = new Map<string, number>([['0,0,0,0,0', 0]]);
    inserter.insert([0, 0, 0, 0, 0]);
    const batch = new Batch();
    const successor = new Int32Array(5);
    for (let state = 0; state < store.count && store.count < 30_000; state++) {
      const wanted: string[] = [];
      for (let slot = 0; slot < 5; slot++) {
        store.load(state, successor);
        successor[slot]! += 1 + (state % 3);
        batch.push(store.halves.numberOf(0, successor), store.halves.numberOf(1, successor), state);
        wanted.push(successor.join());
      }
      store.find(batch);
      wanted.forEach((key, i) => {
        const known = walked.has(key);
        if (!known) walked.set(key, walked.size);
        expect(store.addFound(batch, i)).toBe(known ? -1 : walked.get(key));
      });
      batch.length = 0;
      store.settle(NO_SCOUT);
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
    expect([...inserter.store.possibleParents(4999, 2499 - 256, 2499)]).toEqual([2499 - 256]);
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
});
