/**
 * The states seen so far, exact, in about a dozen bytes each: seven for the state itself and its parent, and four in a table
 * that is a half to four fifths full (`state-set.ts`).
 *
 * A state is the pair of its halves' numbers (`halves.ts`). States are numbered in the order of insertion, so a breadth-first
 * frontier is a range of numbers. Of a state's parent only the lowest byte of its number is kept: with the level that the
 * parent must be in, one state in 256 is left to try.
 */
import type { Batch } from './batch.ts';
import { type Half, Halves, SIDES } from './halves.ts';
import { Budget, GrowingBytes, GrowingInts, type Resident, StoreFull } from './memory.ts';
import type { Footprint } from './observed.ts';
import { choosePartition, costOf, type Partition, type Sample } from './partition.ts';
import { NO_ROOM, type SharedStateSet, StateSet } from './state-set.ts';

/** The halves are chosen anew when so many states have shown what varies together, if it pays. */
const PARTITION_AT = [1 << 12, 1 << 15, 1 << 18, 1 << 20, 1 << 22];
/** So many states are looked at for it, and the steps of some of them. */
const SAMPLE_MAX = 1 << 10;
const FOOTPRINTS_OF = 64;
/** Which slots vary together is not worth finding out for more of them: it takes the cube of their number. */
const PARTITION_SLOTS_MAX = 256;
/** Another division must cost so much less to be worth the move. */
const PARTITION_GAIN = 0.75;

/** Looks further than the states that are stored: see `observed.ts`. */
export interface Scout {
  deeperStates(from: readonly Int32Array[]): readonly Int32Array[];
  footprintsOf(states: readonly Int32Array[]): readonly Footprint[];
}

/** Bits of a half's number in a state. */
const NUMBER_BITS = 24;
const NUMBER_MASK = 2 ** NUMBER_BITS - 1;
/** Beside the word of a state: its parent's lowest byte, and the upper two bytes of its second number. */
export const BYTES_BESIDE = 3;

/** Words of a state that another thread has found. */
export const WORDS_FOUND = 3;

/** All states, as a checkpoint keeps them. */
export interface StoredStates {
  readonly partition: Partition;
  /** How often the slots have been divided. */
  readonly partitions: number;
  /** By side: the values of all halves. */
  readonly halves: readonly [Int32Array, Int32Array];
  readonly words: Int32Array;
  readonly beside: Uint8Array;
}

/** The states themselves, for other threads to read. */
export interface SharedStates {
  readonly words: Int32Array;
  readonly beside: Uint8Array;
}

/** The halves of states by their numbers. */
export function statesOf({ words, beside }: SharedStates): {
  firstOf(state: number): number;
  secondOf(state: number): number;
} {
  return {
    firstOf: (state) => words[state]! & NUMBER_MASK,
    secondOf(state) {
      const at = state * BYTES_BESIDE;
      return (words[state]! >>> NUMBER_BITS) | (beside[at + 1]! << 8) | (beside[at + 2]! << 16);
    },
  };
}

export class Store {
  /** Replaced when the slots are divided anew. */
  halves: Halves;
  readonly budget: Budget;
  readonly #slotCount: number;
  /** Per state: the first half's number, and the lowest byte of the second one's. */
  readonly #words: GrowingInts;
  readonly #beside: GrowingBytes;
  #set: StateSet;
  #count = 0;
  #partitions = 0;

  /** @param bytesMax more than this throws `StoreFull` */
  constructor(slotCount: number, bytesMax = Number.POSITIVE_INFINITY, resident?: Resident) {
    this.#slotCount = slotCount;
    this.budget = new Budget(bytesMax, resident);
    this.#words = new GrowingInts(1024, this.budget);
    this.#beside = new GrowingBytes(4096, this.budget);
    this.#set = new StateSet(this.budget);
    const slots = Array.from({ length: slotCount }, (_, slot) => slot);
    const middle = Math.ceil(slotCount / 2);
    this.halves = new Halves([slots.slice(0, middle), slots.slice(middle)], this.budget);
  }

  /** States seen; they are numbered 0 to `count` - 1. */
  get count(): number {
    return this.#count;
  }

  /** Memory in use, all in. */
  get bytes(): number {
    return this.budget.bytes;
  }

  firstOf(state: number): number {
    return this.#words.data[state]! & NUMBER_MASK;
  }

  secondOf(state: number): number {
    const beside = this.#beside.data;
    const at = state * BYTES_BESIDE;
    return (this.#words.data[state]! >>> NUMBER_BITS) | (beside[at + 1]! << 8) | (beside[at + 2]! << 16);
  }

  load(state: number, into: Int32Array): void {
    this.halves.load(0, this.firstOf(state), into);
    this.halves.load(1, this.secondOf(state), into);
  }

  /** Adds a whole state; its number when it is new, -1 when it was known. */
  add(state: Int32Array, parent: number): number {
    const first = this.halves.numberOf(0, state);
    const second = this.halves.numberOf(1, state);
    this.#fit();
    return this.#insert(first, second) ? this.#append(first, second, parent) : -1;
  }

  /** Looks the successors of a batch up, before `addFound` adds them one by one. */
  find(batch: Batch): void {
    this.#fit();
    this.#set.find(batch.first, batch.second, batch.length);
  }

  /** Adds one successor of a batch; its number when it is new, -1 when it was known. @throws StoreFull and adds nothing */
  addFound(batch: Batch, index: number): number {
    const answer = this.#set.insertFound(index);
    const first = batch.first[index]!;
    const second = batch.second[index]!;
    if (answer === NO_ROOM) {
      if (!this.#insert(first, second)) return -1;
      // Places have moved.
      this.#set.find(batch.first, batch.second, batch.length);
    } else if (!answer) return -1;
    return this.#append(first, second, batch.parent[index]!);
  }

  /** Makes room for what other threads will probably find, so that they seldom have to leave something. @throws StoreFull */
  reserve(count: number): void {
    this.#fit();
    this.#set.reserve(count);
  }

  /** For other threads, as long as nothing is added here. */
  share(): { readonly states: SharedStates; readonly set: SharedStateSet } {
    this.#fit();
    return { states: { words: this.#words.data, beside: this.#beside.data }, set: this.#set.share() };
  }

  /**
   * Numbers states that another thread has put into the set: the numbers of their halves, and their parent.
   *
   * @returns the number of the first one
   */
  adopt(found: Int32Array, count: number): number {
    const from = this.#count;
    this.#words.reserve(from + count);
    this.#beside.reserve((from + count) * BYTES_BESIDE);
    for (let at = 0; at < count * WORDS_FOUND; at += WORDS_FOUND)
      this.#append(found[at]!, found[at + 1]!, found[at + 2]!);
    return from;
  }

  /** Gives the memory back that only insertions need; nothing can be added any more. */
  close(): void {
    this.#set.release();
  }

  /** What `restore` needs; good until something is added. */
  dump(): StoredStates {
    const [one, other] = this.halves.sides;
    const valuesOf = ({ set }: Half) => set.tuples.data.subarray(0, set.count * set.words);
    return {
      partition: [[...one.slots], [...other.slots]],
      partitions: this.#partitions,
      halves: [valuesOf(one), valuesOf(other)],
      words: this.#words.data.subarray(0, this.#count),
      beside: this.#beside.data.subarray(0, this.#count * BYTES_BESIDE),
    };
  }

  /** Fills an empty store; false when a half or a state is there twice, which no store dumps. @throws StoreFull */
  restore({ partition, partitions, halves, words, beside }: StoredStates): boolean {
    this.halves.release();
    this.halves = new Halves(partition, this.budget);
    for (const side of SIDES) {
      const { set } = this.halves.sides[side];
      // A half without slots has one value, which has no words.
      const count = set.words === 0 ? 1 : halves[side].length / set.words;
      for (let number = 0; number < count; number++) {
        if (set.insert(halves[side], number * set.words) !== number) return false;
      }
    }
    this.#partitions = partitions;
    this.#words.reserve(words.length);
    this.#words.data.set(words);
    this.#beside.reserve(beside.length);
    this.#beside.data.set(beside);
    this.#count = words.length;
    return this.#rebuild();
  }

  /** The states from `from` to `to` that may have been a state's parent. */
  *possibleParents(state: number, from: number, to: number): Generator<number> {
    const wanted = this.#beside.data[state * BYTES_BESIDE]!;
    for (let parent = from + ((wanted - from) & 0xff); parent < to; parent += 256) yield parent;
  }

  /** To be called between batches, whose successors name halves by number; true when all halves have got new numbers. */
  settle(scout: Scout): boolean {
    if (this.#count < (PARTITION_AT[this.#partitions] ?? Number.POSITIVE_INFINITY)) return false;
    if (this.#slotCount > PARTITION_SLOTS_MAX) return false;
    this.#partitions++;
    const current = [Array.from(this.halves.sides[0].slots), Array.from(this.halves.sides[1].slots)] as const;
    const sample = this.#sample(scout);
    const partition = choosePartition(sample, current);
    if (costOf(sample, partition) > PARTITION_GAIN * costOf(sample, current)) return false;
    return this.#divide(partition);
  }

  #sample(scout: Scout): Sample {
    const stored = this.#storedStates(SAMPLE_MAX);
    const states = [...stored, ...scout.deeperStates(stored)];
    const looked = states.filter((_, index) => index % Math.ceil(states.length / FOOTPRINTS_OF) === 0);
    return {
      states,
      footprints: scout.footprintsOf(looked),
      lookedAt: looked.length,
    };
  }

  #storedStates(statesMax: number): Int32Array[] {
    const stride = Math.ceil(this.#count / statesMax);
    return Array.from({ length: Math.floor(this.#count / stride) }, (_, index) => {
      const vector = new Int32Array(this.#slotCount);
      this.load(index * stride, vector);
      return vector;
    });
  }

  /** Divides the slots anew; the numbers of states stay as they are. */
  #divide(partition: readonly [readonly number[], readonly number[]]): boolean {
    const before = this.budget.bytes;
    let halves: Halves | undefined;
    try {
      halves = new Halves(partition, this.budget);
      const vector = new Int32Array(this.#slotCount);
      const numbers = new Int32Array(this.#count * 2);
      for (let state = 0; state < this.#count; state++) {
        this.load(state, vector);
        numbers[state * 2] = halves.numberOf(0, vector);
        numbers[state * 2 + 1] = halves.numberOf(1, vector);
      }
      for (let state = 0; state < this.#count; state++)
        this.#write(state, numbers[state * 2]!, numbers[state * 2 + 1]!);
    } catch (error) {
      if (!(error instanceof StoreFull)) throw error;
      // There is no room for both at once: it goes on with the halves that it has.
      this.budget.giveBack(this.budget.bytes - before);
      return false;
    }
    this.halves.release();
    this.halves = halves;
    this.#rebuild();
    return true;
  }

  /** Makes the set fit for the numbers that halves have by now. */
  #fit(): void {
    const [one, other] = this.halves.sides;
    if (!this.#set.fits(one.set.count, other.set.count)) this.#rebuild();
  }

  /** False when a state is there twice. */
  #rebuild(): boolean {
    const [one, other] = this.halves.sides;
    if (Math.max(one.set.count, other.set.count) > NUMBER_MASK) throw new StoreFull();
    this.#set.rebuild(one.set.count, other.set.count);
    let isNew = true;
    for (let state = 0; state < this.#count; state++) {
      isNew = this.#insert(this.firstOf(state), this.secondOf(state)) && isNew;
    }
    return isNew;
  }

  /** True when the pair was new. */
  #insert(first: number, second: number): boolean {
    let answer = this.#set.insert(first, second);
    while (answer === NO_ROOM) {
      this.#set.makeRoom(first, second);
      answer = this.#set.insert(first, second);
    }
    return answer !== 0;
  }

  #append(first: number, second: number, parent: number): number {
    const state = this.#count;
    if (state >= this.#words.data.length) this.#words.reserve(state + 1);
    if ((state + 1) * BYTES_BESIDE > this.#beside.data.length) this.#beside.reserve((state + 1) * BYTES_BESIDE);
    this.#write(state, first, second);
    this.#beside.data[state * BYTES_BESIDE] = parent;
    this.#count++;
    return state;
  }

  #write(state: number, first: number, second: number): void {
    const at = state * BYTES_BESIDE;
    this.#words.data[state] = first | (second << NUMBER_BITS);
    this.#beside.data[at + 1] = second >>> 8;
    this.#beside.data[at + 2] = second >>> 16;
  }
}
