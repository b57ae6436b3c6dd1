/**
 * The value of a predicate (or gauge) in the unit at hand, with nothing but a table of integers.
 *
 * Predicates are decision trees over slots. At a node a slot is read: its kind, and which of the things that the predicate knows so far
 * it belongs to. What it holds, with the things in it by their places among those that the predicate knows, leads to another node, or to
 * the value. That takes one look-up for an actor, and for a channel one for its length and one for each message; more where many things
 * are named. Who owns XState lets the trees grow; what a thread asks is how it came to where it does not know any further.
 *
 * | key in the table | value |
 * |---|---|
 * | `ROOT`, predicate, 0 | a node |
 * | node, what is read, packed places | a node |
 *
 * A node is twice the place in the pool where its kind and thing stand, or if the predicate is decided one more than twice the value.
 */
import { CHANNEL, FAMILY, FIRST_MESSAGE, FIRST_THING, MESSAGE_WORDS, STATE, sortsOf } from './layout.ts';
import { type Filler, type SharedBuffers, SharedMap } from './shared-tables.ts';
import type { Transaction } from './transaction.ts';
import type { UnitMemory } from './unit-memory.ts';

const PATH_MAX = 2048;
const PLACE_BITS = 8;
/** Things that a predicate may know. */
const JOINT_MAX = 2 ** PLACE_BITS;
export const ROOT = -1;
/** What is read is still the same: more of its things. */
export const MORE = -1;
/** A look-up has so many things at most: their places in one word. */
export const PLACES_PER_KEY = 32 / PLACE_BITS;

export interface DecisionOptions {
  readonly unit: UnitMemory;
  readonly transaction: Transaction;
  readonly buffers: SharedBuffers;
  readonly filler: Filler;
  readonly predicates: number;
}

export class Decisions {
  readonly #memory: Int32Array;
  readonly #transaction: Transaction;
  readonly #table: SharedMap;
  readonly #pool: Int32Array;
  readonly #stateThings: Int32Array;
  readonly #messageThings: Int32Array;
  readonly #sort: Uint8Array;
  readonly #filler: Filler;
  /** What has been read since the root: per look-up the second and the third part of its key. */
  readonly #path = new Int32Array(PATH_MAX);
  #pathLength = 0;
  /** The things that the predicate knows, each once. */
  readonly #joint = new Int32Array(JOINT_MAX);
  #joined = 0;
  /** By predicate: its root. */
  readonly #roots: Int32Array;

  constructor({ unit, transaction, buffers, filler, predicates }: DecisionOptions) {
    this.#memory = unit.memory;
    this.#transaction = transaction;
    this.#table = new SharedMap('decisions', buffers.decisions);
    this.#pool = buffers.pool;
    this.#stateThings = buffers.stateThings;
    this.#messageThings = buffers.messageThings;
    this.#sort = sortsOf(unit.layout.kinds);
    this.#filler = filler;
    this.#roots = new Int32Array(predicates);
  }

  /**
   * The value in the state that the transaction would leave; what it reads becomes part of the transaction.
   *
   * @param thing of a family of predicates: which one's; otherwise -1
   * @returns -1 when it cannot be told because another thread is at work
   */
  evaluate(predicate: number, thing: number): number {
    return this.#follow(predicate, thing, false);
  }

  /**
   * Whether a predicate is decided by slots that the step has not changed: then it is as it was. Nothing of this becomes part of the
   * transaction, as a step that changes those slots looks at the predicate itself.
   */
  isAsBefore(predicate: number, thing: number): boolean {
    return this.#follow(predicate, thing, true) >= 0;
  }

  /** @param isPeeking reads what is in memory, and gives up at a slot that the step has changed */
  #follow(predicate: number, thing: number, isPeeking: boolean): number {
    const transaction = this.#transaction;
    const source = isPeeking ? this.#memory : transaction.words;
    this.#pathLength = 0;
    this.#joined = 0;
    if (thing >= 0) this.#joint[this.#joined++] = thing;
    let node = this.#roots[predicate]!;
    if (node === 0) {
      node = this.#table.get(ROOT, predicate, 0) || this.#ask(predicate, isPeeking);
      if (node < 0) return -1;
      this.#roots[predicate] = node;
    }
    while ((node & 1) === 0) {
      const kind = this.#pool[node >> 1]!;
      const place = this.#pool[(node >> 1) + 1]!;
      const member = this.#sort[kind] === FAMILY ? this.#joint[place]! : 0;
      const at = isPeeking
        ? transaction.unchangedAt(kind, member)
        : transaction.touch(kind, member) * transaction.width;
      if (at < 0) return -1;
      const second = source[at + STATE]!;
      if (this.#sort[kind] !== CHANNEL) {
        node = this.#descend(node, second, source, at + FIRST_THING, this.#stateThings[second]!);
      } else {
        node = this.#descend(node, second, source, at, 0);
        for (let i = 0; i < second; i++) {
          const entry = at + FIRST_MESSAGE + i * MESSAGE_WORDS;
          const message = source[entry]!;
          node = this.#descend(node, message, source, entry + 1, this.#messageThings[message]!);
        }
      }
      if (node === 0) node = this.#ask(predicate, isPeeking);
      if (node < 0) return -1;
    }
    return node >> 1;
  }

  /** @returns the node, or -1 when nothing can be asked now */
  #ask(predicate: number, isPeeking: boolean): number {
    if (isPeeking || !this.#transaction.isConsistent()) return -1;
    return this.#filler.decision(predicate, Array.from(this.#path.subarray(0, this.#pathLength)));
  }

  /**
   * One node further, by what is read there and the things that it names; new things take the next places.
   *
   * @param from the node, or 0 when that is not known; what is read becomes part of the path all the same
   */
  #descend(from: number, what: number, source: Int32Array, first: number, things: number): number {
    const joint = this.#joint;
    const path = this.#path;
    let node = from;
    let next = what;
    let i = 0;
    do {
      let packed = 0;
      for (const end = Math.min(things, i + PLACES_PER_KEY); i < end; i++) {
        const thing = source[first + i]!;
        let place = 0;
        while (place < this.#joined && joint[place] !== thing) place++;
        if (place === this.#joined) {
          if (place === JOINT_MAX)
            throw new Error(`a property reads of more than ${JOINT_MAX} things of the population`);
          joint[this.#joined++] = thing;
        }
        packed = (packed << PLACE_BITS) | place;
      }
      if (node !== 0) node = this.#table.get(node, next, packed);
      if (this.#pathLength === PATH_MAX) throw new Error('a property reads more than a stress run can follow');
      path[this.#pathLength++] = next;
      path[this.#pathLength++] = packed;
      next = MORE;
    } while (i < things);
    return node;
  }
}

/** The places that a key has, of so many things. */
export function placesIn(packed: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => (packed >> ((count - 1 - i) * PLACE_BITS)) & (2 ** PLACE_BITS - 1));
}
