/** What can start a step in a unit, and tries of it: an actor, a member of a family, a channel. */
import type { Random } from '../tabulate/random.ts';
import type { Kind } from './layout.ts';
import { CONFLICT, DELIVERY, DISABLED, DUPLICATION, LOSS, NONE } from './outcomes.ts';
import type { Runtime } from './runtime.ts';

export class Starters {
  /** Those kinds that start steps. */
  readonly kinds: readonly number[];
  readonly #kinds: readonly Kind[];
  readonly #runtime: Runtime;
  readonly #random: Random;

  constructor(kinds: readonly Kind[], runtime: Runtime, random: Random) {
    this.kinds = kinds.flatMap(({ starts }, kind) => (starts ? [kind] : []));
    this.#kinds = kinds;
    this.#runtime = runtime;
    this.#random = random;
  }

  /**
   * Tries one step of a kind: which member and which of its options is drawn.
   *
   * @param pressure as in `Runtime.start`
   * @returns the outcome
   */
  tryAny(kind: number, phase: number, isDraining: boolean, pressure: number): number {
    const { sort, isLossy, isDuplicating } = this.#kinds[kind]!;
    const pick = this.#random.next() >>> 1;
    if (sort === 'channel') {
      const odd = !isDraining && (isLossy || isDuplicating) && this.#random.below(8) === 0;
      const how = !odd ? DELIVERY : isLossy && (!isDuplicating || (pick & 1) !== 0) ? LOSS : DUPLICATION;
      return this.#runtime.deliver(kind, pick, how, phase);
    }
    const member = sort === 'family' ? this.#runtime.recent.draw() : 0;
    return this.#runtime.start(kind, member, pick, phase, isDraining, pressure);
  }

  /** Tries all options of a starter, one after the other, until one can be taken: only then has it nothing to do. */
  tryAll(kind: number, member: number, phase: number, isDraining: boolean): number {
    const runtime = this.#runtime;
    const isChannel = this.#kinds[kind]!.sort === 'channel';
    const first = this.#random.next() >>> 1;
    let outcome = NONE;
    let tries = 0;
    do {
      outcome = isChannel
        ? runtime.deliver(kind, first + tries, DELIVERY, phase)
        : runtime.start(kind, member, first + tries, phase, isDraining, 0);
    } while ((outcome === DISABLED || outcome === CONFLICT) && ++tries < runtime.offered);
    return outcome;
  }
}
