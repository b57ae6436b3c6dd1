/** Where each slot of a half lies in its packed form: word, shift and mask. Slots do not straddle words. */

const WORD_BITS = 32;
/** A layout is made for values this many times larger than those seen. */
const HEADROOM = 1.5;

/** How many bits a slot gets that has shown `values` different values so far. */
export function bitsFor(values: number): number {
  return Math.max(1, WORD_BITS - Math.clz32(Math.ceil(values * HEADROOM) - 1));
}

export class Layout {
  /** The slots that it packs, and their bits, by place. */
  readonly slots: Int32Array;
  readonly bits: Int32Array;
  readonly word: Int32Array;
  readonly shift: Int32Array;
  /** The largest value that fits; also the mask before shifting. */
  readonly limit: Int32Array;
  readonly words: number;

  constructor(slots: Int32Array, bits: Int32Array) {
    this.slots = slots;
    this.bits = bits;
    this.word = new Int32Array(bits.length);
    this.shift = new Int32Array(bits.length);
    this.limit = new Int32Array(bits.length);
    // First fit, widest first: few words, and a slot's place does not depend on the order of actors.
    const free: number[] = [];
    for (const place of Array.from(bits.keys()).sort((a, b) => bits[b]! - bits[a]! || a - b)) {
      const width = bits[place]!;
      let word = free.findIndex((left) => left >= width);
      if (word < 0) word = free.push(WORD_BITS) - 1;
      this.word[place] = word;
      this.shift[place] = WORD_BITS - free[word]!;
      free[word]! -= width;
      this.limit[place] = 2 ** width - 1;
    }
    this.words = Math.max(1, free.length);
  }

  /** Packs its slots of a state into `into`, from `at` on. */
  pack(state: Int32Array, into: Int32Array, at: number): void {
    into.fill(0, at, at + this.words);
    for (let place = 0; place < this.slots.length; place++) {
      into[at + this.word[place]!]! |= state[this.slots[place]!]! << this.shift[place]!;
    }
  }

  /** The reverse: sets its slots of `state`. */
  unpack(from: Int32Array, at: number, state: Int32Array): void {
    const { slots, word, shift, limit } = this;
    for (let place = 0; place < slots.length; place++) {
      state[slots[place]!] = (from[at + word[place]!]! >>> shift[place]!) & limit[place]!;
    }
  }
}
