/**
 * The set of states seen so far, exact: every state is kept in full, packed to as few bits per slot as its values need,
 * beside the state that it was first reached from.
 *
 * States are numbered in the order of insertion, so a breadth-first frontier is a range of numbers. Membership is an
 * open-addressing table of (number + 1, hash) pairs with linear probing: the hash decides most misses without touching
 * the state, and a hit is always confirmed word by word. Everything lies in shared memory as flat 32-bit words.
 *
 * When a value outgrows its slot's bits, the layout is widened and all states are packed anew. Widths only grow, and with
 * headroom, so this happens a handful of times, mostly while the store is small.
 */
import { sharedInts } from '../tabulate/ints.ts';

/** Beyond this share of used slots the table doubles. */
const LOAD_MAX = 0.6;
const WORD_BITS = 32;
/** A layout is made for values this many times larger than those seen. */
const HEADROOM = 1.5;
const WORD_BYTES = 4;
const TABLE_BYTES = 2 * WORD_BYTES;

/** Thrown by an insertion that would need more memory than allowed; everything stored before is still there. */
export class StoreFull extends Error {}

/** Where each slot lies in a packed state: word, shift and mask, all by slot. Slots do not straddle words. */
export class Layout {
  readonly bits: Int32Array;
  readonly word: Int32Array;
  readonly shift: Int32Array;
  /** The largest value that fits; also the mask before shifting. */
  readonly limit: Int32Array;
  readonly words: number;

  constructor(bits: Int32Array) {
    this.bits = bits;
    this.word = new Int32Array(bits.length);
    this.shift = new Int32Array(bits.length);
    this.limit = new Int32Array(bits.length);
    // First fit, widest first: few words, and a slot's place does not depend on the order of actors.
    const free: number[] = [];
    for (const slot of Array.from(bits.keys()).sort((a, b) => bits[b]! - bits[a]! || a - b)) {
      const width = bits[slot]!;
      let word = free.findIndex((left) => left >= width);
      if (word < 0) word = free.push(WORD_BITS) - 1;
      this.word[slot] = word;
      this.shift[slot] = WORD_BITS - free[word]!;
      free[word]! -= width;
      this.limit[slot] = 2 ** width - 1;
    }
    this.words = Math.max(1, free.length);
  }

  pack(state: Int32Array, into: Int32Array): void {
    into.fill(0, 0, this.words);
    for (let slot = 0; slot < this.word.length; slot++) {
      into[this.word[slot]!]! |= state[slot]! << this.shift[slot]!;
    }
  }

  unpack(from: Int32Array, at: number, state: Int32Array): void {
    const { word, shift, limit } = this;
    for (let slot = 0; slot < word.length; slot++) {
      state[slot] = (from[at + word[slot]!]! >>> shift[slot]!) & limit[slot]!;
    }
  }
}

/**
 * A store as buffers, for another thread or a file to adopt. The header describes the rest:
 *
 * | word | |
 * |---|---|
 * | 0 | magic |
 * | 1 | version of this arrangement |
 * | 2 | states |
 * | 3 | capacity, in states |
 * | 4 | slots of the table |
 * | 5 | slots of a state, n |
 * | 6 to 5 + n | bits of each slot |
 */
export interface StoreBuffers {
  readonly header: Int32Array;
  readonly states: Int32Array;
  readonly parents: Int32Array;
  readonly table: Int32Array;
}

const MAGIC = 0x464c5354; // "FLST"
const VERSION = 1;
const HEADER_WORDS = 6;

export class Store {
  layout: Layout;
  /** States seen; they are numbered 0 to `count` - 1. */
  count = 0;
  /** `layout.words` words per state. */
  states: Int32Array;
  /** Per state, the one that it was first reached from; the initial state's is -1. */
  parents: Int32Array;
  #capacity = 1 << 12;
  /** Pairs (state + 1, hash); state + 1 is 0 in a free slot. */
  #table: Int32Array;
  #tableMask: number;

  readonly #bytesMax: number;

  /** @param bytesMax more than this throws `StoreFull`; counted at the peak of a growth, when old and new arrays coexist */
  constructor(slotCount: number, bytesMax = Number.POSITIVE_INFINITY) {
    this.#bytesMax = bytesMax;
    this.layout = new Layout(new Int32Array(slotCount).fill(1));
    this.states = sharedInts(this.#capacity * this.layout.words);
    this.parents = sharedInts(this.#capacity);
    this.#tableMask = (1 << 13) - 1;
    this.#table = sharedInts((this.#tableMask + 1) * 2);
  }

  /** Adds a packed state unless it is there; returns its number when it is new, -1 when it was known. */
  insert(packed: Int32Array, parent: number): number {
    const { words } = this.layout;
    const { states } = this;
    const table = this.#table;
    const mask = this.#tableMask;
    const hash = hashWords(packed, words);
    let at = hash & mask;
    for (;;) {
      const found = table[at * 2]!;
      if (found === 0) break;
      if (table[at * 2 + 1] === hash) {
        const base = (found - 1) * words;
        let word = 0;
        while (word < words && states[base + word] === packed[word]) word++;
        if (word === words) return -1;
      }
      at = (at + 1) & mask;
    }
    const state = this.count;
    const crowded = state + 1 > (mask + 1) * LOAD_MAX;
    // Both may throw, and before anything is written: a store that is full keeps what it had.
    if (state === this.#capacity) this.#grow();
    if (crowded) this.#ensure((mask + 1) * 2 * TABLE_BYTES);
    this.count++;
    table[at * 2] = state + 1;
    table[at * 2 + 1] = hash;
    const base = state * words;
    for (let word = 0; word < words; word++) this.states[base + word] = packed[word]!;
    this.parents[state] = parent;
    if (crowded) this.#growTable();
    return state;
  }

  /** The store's memory itself, not a copy, with a header of this moment. */
  buffers(): StoreBuffers {
    const { bits } = this.layout;
    const header = sharedInts(HEADER_WORDS + bits.length);
    header.set([MAGIC, VERSION, this.count, this.#capacity, this.#tableMask + 1, bits.length, ...bits]);
    return { header, states: this.states, parents: this.parents, table: this.#table };
  }

  /**
   * A store over existing buffers.
   *
   * @throws Error when the header does not describe them
   */
  static from({ header, states, parents, table }: StoreBuffers): Store {
    const [magic, version, count = 0, capacity = 0, tableSlots = 0, slotCount = 0] = header;
    if (magic !== MAGIC || version !== VERSION) {
      throw new Error(`not a store: magic ${magic} version ${version}, expected ${MAGIC} version ${VERSION}`);
    }
    const store = new Store(slotCount);
    const layout = new Layout(header.slice(HEADER_WORDS, HEADER_WORDS + slotCount));
    const lengths = [capacity * layout.words, capacity, tableSlots * 2];
    if ([states, parents, table].some((array, index) => array.length !== lengths[index]) || count > capacity) {
      throw new Error(`the store's header and its buffers disagree: ${count} states, expected lengths ${lengths}`);
    }
    Object.assign(store, { layout, count, states, parents });
    store.#capacity = capacity;
    store.#table = table;
    store.#tableMask = tableSlots - 1;
    return store;
  }

  load(state: number, into: Int32Array): void {
    this.layout.unpack(this.states, state * this.layout.words, into);
  }

  /**
   * Makes room for a state that does not fit: a wider layout, and every state packed anew.
   *
   * @param values the largest value of each slot so far; slots that have almost outgrown their bits are widened too,
   *   for the work is the same
   */
  widen(values: ArrayLike<number>): void {
    const old = this.layout;
    const bits = old.bits.map((width, slot) => Math.max(width, WORD_BITS - Math.clz32(values[slot]! * HEADROOM)));
    const layout = new Layout(bits);
    this.#ensure(this.#capacity * layout.words * WORD_BYTES);
    const states = allocate(this.#capacity * layout.words);
    const state = new Int32Array(bits.length);
    const packed = new Int32Array(layout.words);
    for (let index = 0; index < this.count; index++) {
      old.unpack(this.states, index * old.words, state);
      layout.pack(state, packed);
      states.set(packed, index * layout.words);
    }
    this.layout = layout;
    this.states = states;
    this.#rehash();
  }

  /** Memory in use, all in: states, parents and table. */
  get bytes(): number {
    return this.states.byteLength + this.parents.byteLength + this.#table.byteLength;
  }

  #ensure(bytes: number): void {
    if (this.bytes + bytes > this.#bytesMax) throw new StoreFull();
  }

  #grow(): void {
    const capacity = Math.ceil(this.#capacity * GROWTH);
    this.#ensure(capacity * this.layout.words * WORD_BYTES);
    this.#capacity = capacity;
    this.states = enlarged(this.states, this.#capacity * this.layout.words);
    this.parents = enlarged(this.parents, this.#capacity);
  }

  /** Doubles the table; the hashes are in it, so no state is touched. */
  #growTable(): void {
    const old = this.#table;
    const size = (this.#tableMask + 1) * 2;
    const table = allocate(size * 2);
    const mask = size - 1;
    for (let from = 0; from < old.length; from += 2) {
      if (old[from] === 0) continue;
      let at = old[from + 1]! & mask;
      while (table[at * 2] !== 0) at = (at + 1) & mask;
      table[at * 2] = old[from]!;
      table[at * 2 + 1] = old[from + 1]!;
    }
    this.#table = table;
    this.#tableMask = mask;
  }

  /** Fills the table anew after the states were packed in another way. */
  #rehash(): void {
    const { words } = this.layout;
    const { states } = this;
    const table = this.#table.fill(0);
    const mask = this.#tableMask;
    for (let state = 0; state < this.count; state++) {
      const hash = hashWords(states, words, state * words);
      let at = hash & mask;
      while (table[at * 2] !== 0) at = (at + 1) & mask;
      table[at * 2] = state + 1;
      table[at * 2 + 1] = hash;
    }
  }
}

/** States and parents grow by half: doubling would leave up to half of the largest arrays empty. */
const GROWTH = 1.5;

/** What the system cannot give is the same to a search as what it may not take. */
function allocate(length: number): Int32Array {
  try {
    return sharedInts(length);
  } catch (error) {
    if (error instanceof RangeError) throw new StoreFull();
    throw error;
  }
}

function enlarged(array: Int32Array, length: number): Int32Array {
  const grown = allocate(length);
  grown.set(array);
  return grown;
}

/** 32 bits of a packed state, mixed in the manner of MurmurHash3. */
function hashWords(words: Int32Array, count: number, from = 0): number {
  let hash = 0x2545f491;
  for (let i = from; i < from + count; i++) {
    let k = Math.imul(words[i]!, 0xcc9e2d51);
    k = (k << 15) | (k >>> 17);
    hash ^= Math.imul(k, 0x1b873593);
    hash = (hash << 13) | (hash >>> 19);
    hash = (Math.imul(hash, 5) + 0xe6546b64) | 0;
  }
  hash ^= hash >>> 16;
  hash = Math.imul(hash, 0x85ebca6b);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
