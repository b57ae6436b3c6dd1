/** Looks at what a step has made of the properties of a unit, before it is committed. */
import type { Decisions } from './decisions.ts';
import { FAMILY, type Kind, MONITOR, STATE, sortsOf } from './layout.ts';
import { FIRST_MONITOR } from './outcomes.ts';
import type { RecentThings } from './recent-things.ts';
import { type SharedBuffers, type StateFlags, VIOLATION } from './shared-tables.ts';
import type { Transaction } from './transaction.ts';

/** A predicate that is watched; of a family one for each thing. */
export interface Watched {
  readonly isFamily: boolean;
  /** `always`: looked at after each step that changes what it reads. The others are sampled. */
  readonly isAlways: boolean;
  /** Its place among the system's properties: of several violated ones the first is told. */
  readonly rank: number;
}

export interface JudgeOptions {
  readonly kinds: readonly Kind[];
  readonly transaction: Transaction;
  readonly decisions: Decisions;
  readonly recent: RecentThings;
  readonly flags: StateFlags;
  readonly predicates: readonly Watched[];
  readonly buffers: SharedBuffers;
}

export class Judge {
  readonly #sort: Uint8Array;
  readonly #rank: Int32Array;
  readonly #transaction: Transaction;
  readonly #decisions: Decisions;
  readonly #recent: RecentThings;
  readonly #flags: StateFlags;
  readonly #predicates: readonly Watched[];
  readonly #predicatesOf: Int32Array;
  readonly #predicatesElsewhere: Int32Array;

  constructor({ kinds, transaction, decisions, recent, flags, predicates, buffers }: JudgeOptions) {
    this.#sort = sortsOf(kinds);
    this.#rank = Int32Array.from(kinds, ({ rank }) => rank);
    this.#transaction = transaction;
    this.#decisions = decisions;
    this.#recent = recent;
    this.#flags = flags;
    this.#predicates = predicates;
    this.#predicatesOf = buffers.predicatesOf;
    this.#predicatesElsewhere = buffers.predicatesElsewhere;
  }

  /**
   * Looks at the monitors and predicates that the step may have changed.
   *
   * @returns 0, or the finding of the first that is violated, or -1 when the step has to be given up
   */
  judge(): number {
    const { words, width, isDirty, kindOf, count } = this.#transaction;
    let mask = 0;
    let elsewhere = 0;
    let violated = 0;
    let rank = Number.MAX_SAFE_INTEGER;
    for (let slot = 0; slot < count; slot++) {
      if (isDirty[slot] === 0) continue;
      const kind = kindOf[slot]!;
      mask |= this.#predicatesOf[kind]!;
      elsewhere |= this.#predicatesElsewhere[kind]!;
      if (this.#sort[kind] !== MONITOR) continue;
      if ((this.#flags.of(words[slot * width + STATE]!) & VIOLATION) === 0) continue;
      if (this.#rank[kind]! < rank) {
        rank = this.#rank[kind]!;
        violated = FIRST_MONITOR + kind;
      }
    }
    for (; mask !== 0; mask &= mask - 1) {
      const predicate = 31 - Math.clz32(mask & -mask);
      const value = this.#judgeBy(predicate, count, (elsewhere & (1 << predicate)) !== 0);
      if (value < 0) return -1;
      if (value === 0 && this.#predicates[predicate]!.rank < rank) {
        rank = this.#predicates[predicate]!.rank;
        violated = 1 + predicate;
      }
    }
    return violated === 0 || this.#transaction.isConsistent() ? violated : -1;
  }

  /**
   * As `Decisions.evaluate`; of a family, of those things that the step may have something to do with.
   *
   * @param isElsewhere a slot has changed that predicates read which are not of its thing
   */
  #judgeBy(predicate: number, changed: number, isElsewhere: boolean): number {
    const decisions = this.#decisions;
    if (!this.#predicates[predicate]!.isFamily) return decisions.evaluate(predicate, -1);
    // The things of the changed slots, and those that were used not long ago.
    const { isDirty, kindOf, member } = this.#transaction;
    for (let slot = 0; slot < changed; slot++) {
      if (isDirty[slot] === 0 || this.#sort[kindOf[slot]!] !== FAMILY) continue;
      const value = decisions.evaluate(predicate, member[slot]!);
      if (value <= 0) return value;
    }
    if (!isElsewhere) return 1;
    const recent = this.#recent;
    const count = recent.count;
    for (let i = 0; i < count; i++) {
      const thing = recent.at(i);
      if (recent.isRepeated(i) || decisions.isAsBefore(predicate, thing)) continue;
      const value = decisions.evaluate(predicate, thing);
      if (value <= 0) return value;
    }
    return 1;
  }
}
