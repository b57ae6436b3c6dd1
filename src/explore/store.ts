/**
 * The set of states seen so far, exact, in about a dozen bytes per state.
 *
 * A state is split in two halves (`partition.ts` says which slots go where). Each half is packed to as few bits per slot as
 * its values need and kept once, however many states share it; a state is then just the pair of its halves' numbers. Both
 * kinds of set are `TupleSet`s: full words, confirmed word by word, so no state is ever mistaken for another.
 *
 * States are numbered in the order of insertion, so a breadth-first frontier is a range of numbers. Of a state's parent
 * only the lowest byte of its number is kept: with the level that the parent must be in, one state in 256 is left to try.
 *
 * When a value outgrows its slot's bits, only the halves with that slot are packed anew. Numbers stay as they are.
 */
import type { Batch } from './batch.ts';
import { bitsFor, Layout } from './layout.ts';
import { Budget, GrowingBytes, StoreFull } from './memory.ts';
import { PairSet } from './pair-set.ts';
import { choosePartition } from './partition.ts';
import { TupleSet } from './tuple-set.ts';

/** The halves are chosen anew when so many states have shown what varies together, and later once more. */
const PARTITION_AT = [1 << 13, 1 << 18];
const SAMPLE_MAX = 1024;

/**
 * A store as flat arrays, for a file or another thread to adopt; the tables are built again from them. The header describes
 * the rest, in words:
 *
 * | | |
 * |---|---|
 * | magic, version | |
 * | states, slots of a state | |
 * | how often the halves have been chosen by what varies together | |
 * | then for each half: tuples, slots, and slot and bits of each of its slots | |
 */
export interface StoreArrays {
  readonly header: Int32Array;
  /** Two half numbers per state. */
  readonly states: Int32Array;
  /** The lowest byte of each state's parent. */
  readonly parents: Uint8Array;
  /** The packed tuples of each half. */
  readonly halves: readonly [Int32Array, Int32Array];
}

const MAGIC = 0x464c5354; // "FLST"
const VERSION = 2;

interface Half {
  layout: Layout;
  set: TupleSet;
  /** Where its words begin in `#base` and `#packed`. */
  offset: number;
}

export class Store {
  readonly #slotCount: number;
  readonly #valueCounts: () => readonly number[];
  readonly #budget: Budget;
  /** Each state as the numbers of its halves. */
  #states: PairSet;
  readonly #parents: GrowingBytes;
  #halves: [Half, Half];
  /** By slot: its half, and its word (from the start of `#packed`), shift and limit there. */
  #halfOf: Int32Array;
  #wordOf: Int32Array;
  #shiftOf: Int32Array;
  #limitOf: Int32Array;
  /** How often the slots have been split anew. */
  #partitions = 0;
  /** What `#packHalves` and `stage` found. */
  #first = 0;
  #second = 0;
  /** The state that successors are staged from: its number, its halves' numbers, its packed form, and a scratch copy of that. */
  #baseState = 0;
  #baseFirst = 0;
  #baseSecond = 0;
  #base = new Int32Array(2);
  #packed = new Int32Array(2);

  /**
   * @param valueCounts how many values each slot has shown so far; asked when a layout is made
   * @param bytesMax more than this throws `StoreFull`
   */
  constructor(slotCount: number, valueCounts: () => readonly number[], bytesMax = Number.POSITIVE_INFINITY) {
    this.#slotCount = slotCount;
    this.#valueCounts = valueCounts;
    this.#budget = new Budget(bytesMax);
    this.#states = new PairSet(this.#budget);
    this.#parents = new GrowingBytes(4096, this.#budget);
    const slots = Array.from({ length: slotCount }, (_, slot) => slot);
    const middle = Math.ceil(slotCount / 2);
    this.#halfOf = new Int32Array(slotCount);
    this.#wordOf = new Int32Array(slotCount);
    this.#shiftOf = new Int32Array(slotCount);
    this.#limitOf = new Int32Array(slotCount);
    this.#halves = this.#makeHalves([slots.slice(0, middle), slots.slice(middle)]);
    this.#place();
  }

  /** The store's memory itself, not a copy, with a header of this moment. */
  arrays(): StoreArrays {
    const halves = this.#halves.map(({ layout, set }) => [
      set.count,
      layout.slots.length,
      ...Array.from(layout.slots).flatMap((slot, place) => [slot, layout.bits[place]!]),
    ]);
    const header = [MAGIC, VERSION, this.count, this.#slotCount, this.#partitions, ...halves.flat()];
    const tuplesOf = ({ set }: Half) => set.tuples.data.subarray(0, set.count * set.words);
    return {
      header: Int32Array.from(header),
      states: this.#states.pairs.data.subarray(0, this.count * 2),
      parents: this.#parents.data.subarray(0, this.count),
      halves: [tuplesOf(this.#halves[0]), tuplesOf(this.#halves[1])],
    };
  }

  /**
   * A store with the contents of another one.
   *
   * @throws Error when the header does not describe the arrays
   */
  static from(arrays: StoreArrays, valueCounts: () => readonly number[], bytesMax?: number): Store {
    const [magic, version, count = 0, slotCount = 0, partitions = 0, ...rest] = arrays.header;
    if (magic !== MAGIC || version !== VERSION) {
      throw new Error(`not a store: magic ${magic} version ${version}, expected ${MAGIC} version ${VERSION}`);
    }
    const store = new Store(slotCount, valueCounts, bytesMax);
    for (const { set } of store.#halves) set.release();
    const halves = arrays.halves.map((tuples): Half => {
      const [tupleCount = 0, places = 0] = rest.splice(0, 2);
      const described = rest.splice(0, places * 2);
      const layout = new Layout(
        Int32Array.from(described.filter((_, index) => index % 2 === 0)),
        Int32Array.from(described.filter((_, index) => index % 2 === 1)),
      );
      if (tuples.length !== tupleCount * layout.words)
        throw disagreement('a half', tuples.length, tupleCount * layout.words);
      const set = new TupleSet(layout.words, store.#budget);
      for (let at = 0; at < tuples.length; at += layout.words) set.insert(tuples, at);
      return { layout, set, offset: 0 };
    });
    store.#halves = [halves[0]!, halves[1]!];
    store.#partitions = partitions;
    if (arrays.states.length !== count * 2) throw disagreement('the states', arrays.states.length, count * 2);
    if (arrays.parents.length !== count) throw disagreement('the parents', arrays.parents.length, count);
    for (let state = 0; state < count; state++) {
      store.#insert(arrays.states[state * 2]!, arrays.states[state * 2 + 1]!, arrays.parents[state]!);
    }
    store.#place();
    return store;
  }

  /** States seen; they are numbered 0 to `count` - 1. */
  get count(): number {
    return this.#states.count;
  }

  /** Memory in use, all in. */
  get bytes(): number {
    return this.#budget.bytes;
  }

  /** Adds a whole state; its number when it is new, -1 when it was known. */
  add(state: Int32Array, parent: number): number {
    this.#packHalves(state);
    return this.#insert(this.#first, this.#second, parent);
  }

  /** Leaves the numbers of a whole state's halves in `#first` and `#second`. */
  #packHalves(state: Int32Array): void {
    if (!this.#fits(state)) this.#widen();
    const [first, second] = this.#halves;
    first.layout.pack(state, this.#packed, first.offset);
    second.layout.pack(state, this.#packed, second.offset);
    this.#first = first.set.insert(this.#packed, first.offset);
    this.#second = second.set.insert(this.#packed, second.offset);
    this.#packed.set(this.#base);
  }

  /** Reads a state and makes it the one that `stage` starts from. */
  open(state: number, into: Int32Array): void {
    this.#baseState = state;
    this.load(state, into);
    this.#readBase();
  }

  load(state: number, into: Int32Array): void {
    const pairs = this.#states.pairs.data;
    const [first, second] = this.#halves;
    first.layout.unpack(first.set.tuples.data, pairs[state * 2]! * first.set.words, into);
    second.layout.unpack(second.set.tuples.data, pairs[state * 2 + 1]! * second.set.words, into);
  }

  /**
   * Puts the state `current`, which differs from the opened one, `previous`, in the slots that `touched` lists, into the batch;
   * unless nothing differs.
   */
  stage(
    batch: Batch,
    current: Int32Array,
    previous: Int32Array,
    touched: Int32Array,
    touchedCount: number,
    steps: number,
  ): void {
    const packed = this.#packed;
    const halfOf = this.#halfOf;
    const wordOf = this.#wordOf;
    const shiftOf = this.#shiftOf;
    const limitOf = this.#limitOf;
    let changed = 0;
    let fits = true;
    for (let i = 0; i < touchedCount; i++) {
      const slot = touched[i]!;
      const value = current[slot]!;
      const difference = value ^ previous[slot]!;
      if (difference === 0) continue;
      if (value > limitOf[slot]!) fits = false;
      // The old and the new value cancel and set exactly the bits that differ.
      packed[wordOf[slot]!]! ^= difference << shiftOf[slot]!;
      changed |= 1 << halfOf[slot]!;
    }
    if (changed === 0) return;
    if (fits) {
      const halves = this.#halves;
      this.#first = (changed & 1) !== 0 ? halves[0].set.insert(packed, halves[0].offset) : this.#baseFirst;
      this.#second = (changed & 2) !== 0 ? halves[1].set.insert(packed, halves[1].offset) : this.#baseSecond;
      const base = this.#base;
      for (let i = 0; i < touchedCount; i++) {
        const word = wordOf[touched[i]!]!;
        packed[word] = base[word]!;
      }
    } else {
      packed.set(this.#base);
      this.#packHalves(current);
    }
    batch.push(this.#first, this.#second, this.#baseState, steps, touched, touchedCount);
  }

  /** Looks the successors of a batch up, before `addStaged` adds them one by one. */
  findStaged(batch: Batch): void {
    this.#states.find(batch.first, batch.second, batch.length);
  }

  /** Adds one successor of a batch; its number when it is new, -1 when it was known. */
  addStaged(batch: Batch, index: number): number {
    const state = this.#states.insertFound(index, batch.first[index]!, batch.second[index]!);
    if (state >= 0) this.#noteParent(state, batch.parent[index]!);
    return state;
  }

  /** To be called between batches, whose successors name halves by number: splits the slots anew when it is time. */
  settle(): void {
    if (this.count < (PARTITION_AT[this.#partitions] ?? Number.POSITIVE_INFINITY)) return;
    this.#partitions++;
    this.#repartition();
  }

  /** The states from `from` to `to` that may have been a state's parent. */
  *possibleParents(state: number, from: number, to: number): Generator<number> {
    const wanted = this.#parents.data[state]!;
    for (let parent = from + ((wanted - from) & 0xff); parent < to; parent += 256) yield parent;
  }

  #insert(first: number, second: number, parent: number): number {
    const state = this.#states.insert(first, second);
    if (state >= 0) this.#noteParent(state, parent);
    return state;
  }

  #noteParent(state: number, parent: number): void {
    if (state >= this.#parents.data.length) this.#parents.reserve(state + 1);
    this.#parents.data[state] = parent & 0xff;
  }

  #fits(state: Int32Array): boolean {
    for (let slot = 0; slot < this.#slotCount; slot++) if (state[slot]! > this.#limitOf[slot]!) return false;
    return true;
  }

  /** Packs the halves with slots that have outgrown their bits anew, with headroom. */
  #widen(): void {
    const counts = this.#valueCounts();
    for (const half of this.#halves) {
      const bits = half.layout.bits.map((width, place) => Math.max(width, bitsFor(counts[half.layout.slots[place]!]!)));
      if (bits.every((width, place) => width === half.layout.bits[place])) continue;
      const layout = new Layout(half.layout.slots, bits);
      const set = new TupleSet(layout.words, this.#budget);
      const state = new Int32Array(this.#slotCount);
      const packed = new Int32Array(layout.words);
      for (let number = 0; number < half.set.count; number++) {
        half.layout.unpack(half.set.tuples.data, number * half.set.words, state);
        layout.pack(state, packed, 0);
        set.insert(packed, 0);
      }
      half.set.release();
      half.layout = layout;
      half.set = set;
    }
    this.#place();
  }

  /** Splits the slots so that the halves repeat as much as they can; the numbers of states stay as they are. */
  #repartition(): void {
    const stride = Math.ceil(this.count / SAMPLE_MAX);
    const sample = Array.from({ length: Math.floor(this.count / stride) }, (_, index) => {
      const vector = new Int32Array(this.#slotCount);
      this.load(index * stride, vector);
      return vector;
    });
    const before = this.#budget.bytes;
    try {
      const halves = this.#makeHalves(choosePartition(sample, this.#slotCount));
      const states = new PairSet(this.#budget);
      const packed = new Int32Array(Math.max(...halves.map(({ layout }) => layout.words)));
      const vector = new Int32Array(this.#slotCount);
      const numberOf = ({ layout, set }: Half) => {
        layout.pack(vector, packed, 0);
        return set.insert(packed, 0);
      };
      for (let state = 0; state < this.count; state++) {
        this.load(state, vector);
        states.insert(numberOf(halves[0]), numberOf(halves[1]));
      }
      const tuples = ([one, other]: readonly [Half, Half]) => one.set.count + other.set.count;
      if (tuples(halves) < tuples(this.#halves)) {
        for (const set of [this.#states, ...this.#halves.map((half) => half.set)]) set.release();
        this.#halves = halves;
        this.#states = states;
        this.#place();
      } else {
        // The sample was misleading: what is there repeats more.
        this.#budget.bytes = before;
      }
    } catch (error) {
      if (!(error instanceof StoreFull)) throw error;
      // There is no room for both at once: it goes on with the halves that it has.
      this.#budget.bytes = before;
    }
  }

  #makeHalves(partition: readonly (readonly number[])[]): [Half, Half] {
    const counts = this.#valueCounts();
    const [first, second] = partition.map((slots): Half => {
      const layout = new Layout(
        Int32Array.from(slots),
        Int32Array.from(slots, (slot) => bitsFor(counts[slot]!)),
      );
      return { layout, set: new TupleSet(layout.words, this.#budget), offset: 0 };
    });
    return [first!, second!];
  }

  /** Follows a change of layouts: where each slot lies, and the base's packed form. */
  #place(): void {
    const [first, second] = this.#halves;
    first.offset = 0;
    second.offset = first.layout.words;
    const words = first.layout.words + second.layout.words;
    if (this.#base.length !== words) {
      this.#base = new Int32Array(words);
      this.#packed = new Int32Array(words);
    }
    this.#halves.forEach(({ layout, offset }, half) => {
      layout.slots.forEach((slot, place) => {
        this.#halfOf[slot] = half;
        this.#wordOf[slot] = offset + layout.word[place]!;
        this.#shiftOf[slot] = layout.shift[place]!;
        this.#limitOf[slot] = layout.limit[place]!;
      });
    });
    if (this.#states.count > 0) this.#readBase();
  }

  #readBase(): void {
    const [first, second] = this.#halves;
    const base = this.#base;
    this.#baseFirst = this.#states.pairs.data[this.#baseState * 2]!;
    this.#baseSecond = this.#states.pairs.data[this.#baseState * 2 + 1]!;
    for (let word = 0; word < first.set.words; word++) {
      base[word] = first.set.tuples.data[this.#baseFirst * first.set.words + word]!;
    }
    for (let word = 0; word < second.set.words; word++) {
      base[second.offset + word] = second.set.tuples.data[this.#baseSecond * second.set.words + word]!;
    }
    this.#packed.set(base);
  }
}

function disagreement(what: string, got: number, expected: number): Error {
  return new Error(`the store's header and its arrays disagree: ${what} has length ${got}, expected ${expected}`);
}
