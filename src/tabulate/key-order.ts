/**
 * Local states, and messages, that are equal as data, but list their keys in another order.
 *
 * The tables merge them, for `{ p1: true, p0: true }` means what `{ p0: true, p1: true }` means, yet a machine can tell
 * them apart (`Object.keys`). So every question that is asked of one is asked of the other orders in which it turned up, too,
 * and a machine that answers differently is refused: its states must not be merged.
 */

/** Takes a message or fires a timer, say; the answer is a key of the reaction. */
type Question<T> = (one: T) => string;

/** A dependence on the order shows with two of them; all would be too many for a context with many keys. */
const ORDERS_MAX = 4;

interface Orders<T> {
  readonly variants: T[];
  readonly questions: Question<T>[];
}

export class KeyOrders<T> {
  readonly #byKey = new Map<unknown, Orders<T>>();
  readonly #isSame: (one: T, other: T) => boolean;
  readonly #differs: (one: T, other: T) => Error;

  /**
   * @param isSame whether two that are equal as data list their keys in one order
   * @param differs the error for two orders of the same data with different reactions
   */
  constructor(isSame: (one: T, other: T) => boolean, differs: (one: T, other: T) => Error) {
    this.#isSame = isSame;
    this.#differs = differs;
  }

  /**
   * What has turned up, under the key that it has in common with all its orders.
   *
   * @throws what `differs` makes, each time that this order turns up
   */
  note(key: unknown, variant: T): void {
    const { variants, questions } = this.#of(key);
    if (variants.length === ORDERS_MAX || variants.some((known) => this.#isSame(known, variant))) return;
    variants.push(variant);
    if (variants.length === 1) return;
    try {
      for (const question of [...questions]) this.#compare(variants, question);
    } catch (error) {
      // It was not all compared: the next time is like the first.
      variants.splice(variants.indexOf(variant), 1);
      throw error;
    }
  }

  /** A question that the tables ask. */
  ask(key: unknown, question: Question<T>): void {
    const { variants, questions } = this.#of(key);
    questions.push(question);
    if (variants.length > 1) this.#compare(variants, question);
  }

  /** The orders that have turned up, the one that stands for all first. */
  variantsOf(key: unknown): readonly T[] {
    return this.#byKey.get(key)?.variants ?? [];
  }

  #of(key: unknown): Orders<T> {
    let orders = this.#byKey.get(key);
    if (!orders) {
      orders = { variants: [], questions: [] };
      this.#byKey.set(key, orders);
    }
    return orders;
  }

  #compare(variants: readonly T[], question: Question<T>): void {
    const [one, ...others] = variants;
    const answer = question(one!);
    for (const other of others) {
      if (question(other) !== answer) throw this.#differs(one!, other);
    }
  }
}
