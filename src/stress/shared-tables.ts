/**
 * What threads look up: tables of integers in shared memory that one thread, which owns XState, fills, and any thread reads.
 * They have a fixed size, as nobody could be told of a larger one in the middle of a step; a run that needs more stops with a model error.
 */
import { ModelError } from '../system/errors.ts';
import { sharedInts } from '../tabulate/ints.ts';

/**
 * Three integers to one that is not 0; one thread adds, any thread looks up. What is in it stays as it is, so each thread keeps what it has
 * found in a small table of its own: the shared one is so large that nearly every look at it misses the processor's caches.
 */
export class SharedMap {
  readonly words: Int32Array;
  /** By hash, the entry that was looked up last. */
  readonly #near = new Int32Array(NEAR * ENTRY_WORDS);
  readonly #mask: number;
  readonly #what: string;
  #count = 0;

  constructor(what: string, words: Int32Array | number) {
    this.#what = what;
    this.words = typeof words === 'number' ? sharedInts(words * ENTRY_WORDS) : words;
    this.#mask = this.words.length / ENTRY_WORDS - 1;
  }

  /** 0 when there is none. */
  get(one: number, two: number, three: number): number {
    const near = this.#near;
    const hash = hashOf(one, two, three);
    const at = (hash & (NEAR - 1)) * ENTRY_WORDS;
    if (near[at] === one && near[at + 1] === two && near[at + 2] === three && near[at + 3] !== 0) return near[at + 3]!;
    const value = this.#getShared(hash, one, two, three);
    if (value !== 0) {
      near[at] = one;
      near[at + 1] = two;
      near[at + 2] = three;
      near[at + 3] = value;
    }
    return value;
  }

  #getShared(hash: number, one: number, two: number, three: number): number {
    const { words } = this;
    for (let place = hash & this.#mask; ; place = (place + 1) & this.#mask) {
      const at = place * ENTRY_WORDS;
      const value = Atomics.load(words, at + 3);
      if (value === 0) return 0;
      if (words[at] === one && words[at + 1] === two && words[at + 2] === three) return value;
    }
  }

  /** @throws ModelError `too-large` when it is three quarters full */
  set(one: number, two: number, three: number, value: number): void {
    if (++this.#count > this.#mask * 0.75) throw tooLarge(this.#what, this.#count);
    const { words } = this;
    let place = hashOf(one, two, three) & this.#mask;
    while (words[place * ENTRY_WORDS + 3] !== 0) place = (place + 1) & this.#mask;
    const at = place * ENTRY_WORDS;
    words[at] = one;
    words[at + 1] = two;
    words[at + 2] = three;
    Atomics.store(words, at + 3, value);
  }

  get count(): number {
    return this.#count;
  }
}

const ENTRY_WORDS = 4;
/** Entries of a thread's own table. */
const NEAR = 2 ** 12;

function hashOf(one: number, two: number, three: number): number {
  let hash = Math.imul(one, 0x9e3779b1) ^ Math.imul(two, 0x85ebca6b) ^ Math.imul(three, 0xc2b2ae35);
  hash ^= hash >>> 15;
  hash = Math.imul(hash, 0x2c1b3c6d);
  return hash ^ (hash >>> 13);
}

/** Lists of integers, one after the other; the place of a list is published in some other table once it is written. */
export class SharedPool {
  readonly words: Int32Array;
  #length = 1;

  constructor(words: Int32Array | number) {
    this.words = typeof words === 'number' ? sharedInts(words) : words;
  }

  /** @returns where the list starts, never 0 */
  add(list: readonly number[]): number {
    if (this.#length + list.length > this.words.length) throw tooLarge('lists', this.#length);
    const start = this.#length;
    this.words.set(list, start);
    this.#length += list.length;
    return start;
  }
}

/** `reactions` is asked with the places of a message's things among those of the state and the message in one word, so many bits each. */
export const PLACE_BITS = 5;

/** The places in such a word, of so many things. */
export function placesOf(packed: number, count: number): number[] {
  return Array.from({ length: count }, (_, at) => (packed >> (at * PLACE_BITS)) & (2 ** PLACE_BITS - 1));
}

/** An entry of `reactions`, beside the place of an effect in the pool. */
export const REFUSED = -1;
export const UNHANDLED = -2;
/** In an effect, in the place of the number of sends: the message comes to nothing. */
export const IGNORED = -1;

/** Bits of `stateFlags`. */
export const AT_REST = 1;
export const VIOLATION = 2;
export const HOT = 4;
/** The flags are known. */
export const KNOWN = 8;
/** The first of the latencies that the state belongs to. */
export const FIRST_LATENCY = 16;

/** Answers what the tables do not know yet; the answer is in the tables when it comes back. */
export interface Filler {
  reaction(state: number, message: number, places: number): number;
  options(state: number): number;
  flags(state: number): number;
  /** @param path what the predicate has read so far: see `decisions.ts` */
  decision(predicate: number, path: readonly number[]): number;
}

/** An option of a state: message, flags, how many new things, how many things, their places. */
export const OPTION_RUNS = 1;
export const OPTION_IS_PRESSURE = 2;

/** The value of a predicate that cannot be watched. */
export const UNWATCHED = 2 ** 20;

export interface SharedBuffers {
  /** (state, message, where the message's things stand among those of both) to an effect. */
  readonly reactions: Int32Array;
  /** See `decisions.ts`. */
  readonly decisions: Int32Array;
  readonly pool: Int32Array;
  /** By the place of an effect in the pool: whether a step that was done had it. */
  readonly happened: Uint8Array;
  /** By state: how many things it names; its flags; its options' list. */
  readonly stateThings: Int32Array;
  readonly stateFlags: Int32Array;
  readonly stateOptions: Int32Array;
  /** By message: its receiver's kind; how many things it names; lists of the monitors that see it and of what counts it, or 0. */
  readonly messageKind: Int32Array;
  readonly messageThings: Int32Array;
  readonly messageObservers: Int32Array;
  readonly messageCounters: Int32Array;
  /** By kind: which predicates have ever read such a slot, a bit for each; and which have read one that is not of their own thing. */
  readonly predicatesOf: Int32Array;
  readonly predicatesElsewhere: Int32Array;
}

/** The flags of states, which are asked for when they are not known yet; unlike other questions, this one may be asked for any state. */
export class StateFlags {
  readonly #flags: Int32Array;
  readonly #filler: Filler;

  constructor({ stateFlags }: SharedBuffers, filler: Filler) {
    this.#flags = stateFlags;
    this.#filler = filler;
  }

  of(state: number): number {
    const flags = this.#flags[state]!;
    return (flags & KNOWN) !== 0 ? flags : this.#filler.flags(state);
  }
}

const STATES = 2 ** 18;
const MESSAGES = 2 ** 17;
const POOL = 2 ** 24;

/** @param room what part of their usual size the tables have, a power of two */
export function newBuffers(kinds: number, room = 1): SharedBuffers {
  const [states, messages, pool] = [STATES * room, MESSAGES * room, POOL * room];
  return {
    reactions: sharedInts(2 ** 20 * room * ENTRY_WORDS),
    decisions: sharedInts(2 ** 21 * room * ENTRY_WORDS),
    pool: sharedInts(pool),
    happened: new Uint8Array(new SharedArrayBuffer(pool)),
    stateThings: sharedInts(states),
    stateFlags: sharedInts(states),
    stateOptions: sharedInts(states),
    messageKind: sharedInts(messages),
    messageThings: sharedInts(messages),
    messageObservers: sharedInts(messages),
    messageCounters: sharedInts(messages),
    predicatesOf: sharedInts(kinds),
    predicatesElsewhere: sharedInts(kinds),
  };
}

export function tooLarge(what: string, got: number): ModelError {
  return new ModelError(
    'too-large',
    `the tables of the stress run are full: ${got} ${what}`,
    'give each unit fewer devices, or a shorter queue: what a context may hold is then less',
  );
}
