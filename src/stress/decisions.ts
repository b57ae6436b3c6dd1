/**
 * The value of a predicate (or gauge) in the unit at hand, with nothing but a table of integers.
 *
 * Predicates are decision trees over slots: what has been read so far (a *path*: per slot its kind and which of the predicate's
 * things it belongs to, then what it holds, with the things in it by their places among those that the predicate knows) says whether
 * it is decided, and if not what is read next. The table has two hashes of a path for the path itself; who owns XState fills it.
 */
import { CHANNEL, FAMILY, FIRST_MESSAGE, FIRST_THING, MESSAGE_WORDS, STATE, sortsOf } from './layout.ts';
import { type Filler, type SharedBuffers, SharedMap } from './shared-tables.ts';
import type { Transaction } from './transaction.ts';
import type { UnitMemory } from './unit-memory.ts';

const PATH_MAX = 2048;
const JOINT_MAX = 256;

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
  readonly #stateThings: Int32Array;
  readonly #messageThings: Int32Array;
  readonly #sort: Uint8Array;
  readonly #filler: Filler;
  readonly #path = new Int32Array(PATH_MAX);
  #pathLength = 0;
  /** The things that the predicate knows, each once. */
  readonly #joint = new Int32Array(JOINT_MAX);
  /** By predicate: what it reads first. */
  readonly #firstReads: Int32Array;

  constructor({ unit, transaction, buffers, filler, predicates }: DecisionOptions) {
    this.#memory = unit.memory;
    this.#transaction = transaction;
    this.#table = new SharedMap('decisions', buffers.decisions);
    this.#stateThings = buffers.stateThings;
    this.#messageThings = buffers.messageThings;
    this.#sort = sortsOf(unit.layout.kinds);
    this.#filler = filler;
    this.#firstReads = new Int32Array(predicates);
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
    const path = this.#path;
    const source = isPeeking ? this.#memory : transaction.words;
    this.#pathLength = 0;
    let joint = 0;
    if (thing >= 0) this.#joint[joint++] = thing;
    let one = FIRST_HASH;
    let two = SECOND_HASH;
    for (let hashed = 0; ; ) {
      for (; hashed < this.#pathLength; hashed++) {
        one = firstHash(one, path[hashed]!);
        two = secondHash(two, path[hashed]!);
      }
      let next = hashed === 0 ? this.#firstReads[predicate]! : 0;
      if (next === 0) next = this.#table.get(predicate, one, two);
      if (next === 0) {
        if (isPeeking) return -1;
        if (!transaction.isConsistent()) return -1;
        next = this.#filler.decision(predicate, Array.from(path.subarray(0, this.#pathLength)));
      }
      if (hashed === 0) this.#firstReads[predicate] = next;
      if ((next & 1) !== 0) return next >> 1;
      const kind = (next >> 7) - 1;
      const place = (next >> 1) & 63;
      const member = this.#sort[kind] === FAMILY ? this.#joint[place]! : 0;
      const at = isPeeking
        ? transaction.unchangedAt(kind, member)
        : transaction.touch(kind, member) * transaction.width;
      if (at < 0) return -1;
      const second = source[at + STATE]!;
      if (this.#pathLength > PATH_MAX / 2) throw new Error('a predicate reads more than a stress run can follow');
      path[this.#pathLength++] = kind;
      path[this.#pathLength++] = place;
      path[this.#pathLength++] = second;
      if (this.#sort[kind] !== CHANNEL) {
        joint = this.#join(source, at + FIRST_THING, this.#stateThings[second]!, joint);
      } else {
        for (let i = 0; i < second; i++) {
          const entry = at + FIRST_MESSAGE + i * MESSAGE_WORDS;
          path[this.#pathLength++] = source[entry]!;
          joint = this.#join(source, entry + 1, this.#messageThings[source[entry]!]!, joint);
        }
      }
    }
  }

  /** Puts things into the path by their places; new ones take the next. @returns how many are known then */
  #join(source: Int32Array, from: number, count: number, known: number): number {
    let joint = known;
    for (let i = 0; i < count; i++) {
      const thing = source[from + i]!;
      let place = 0;
      while (place < joint && this.#joint[place] !== thing) place++;
      if (place === joint) this.#joint[joint++] = thing;
      this.#path[this.#pathLength++] = place;
    }
    return joint;
  }
}

/** The two hashes of a whole path, by which the table of decisions has it. */
export function hashesOf(path: readonly number[]): [number, number] {
  return [path.reduce(firstHash, FIRST_HASH), path.reduce(secondHash, SECOND_HASH)];
}

const FIRST_HASH = 0x1b873593;
const SECOND_HASH = 0x2545f491;

function firstHash(hash: number, word: number): number {
  const next = Math.imul(hash ^ word, 0xcc9e2d51);
  return (next << 13) | (next >>> 19);
}

function secondHash(hash: number, word: number): number {
  const next = Math.imul(hash ^ word, 0x9e3779b1);
  return next ^ (next >>> 15);
}
