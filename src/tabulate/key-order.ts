/**
 * Local states that are equal as data, but whose contexts list their keys in another order.
 *
 * The tables merge them, for `{ p1: true, p0: true }` means what `{ p0: true, p1: true }` means, yet a machine can tell
 * them apart (`Object.keys`). So every question that is asked of a local state is asked of the other orders in which it
 * turned up, too, and a machine that answers differently is refused: its states must not be merged.
 */
import { orderedKey } from './plain.ts';
import type { LocalState } from './stepper.ts';

/** Takes a message or fires a timer in a local state; the answer is a key of the reaction. */
type Question = (local: LocalState) => string;

/** A dependence on the order shows with two of them; all would be too many for a context with many keys. */
const ORDERS_MAX = 4;

interface Orders {
  readonly locals: Map<string, LocalState>;
  readonly questions: Question[];
}

export class KeyOrders {
  readonly #byKey = new Map<string, Orders>();
  readonly #differs: (one: LocalState, other: LocalState) => Error;

  /** @param differs the error for two orders of the same data with different reactions */
  constructor(differs: (one: LocalState, other: LocalState) => Error) {
    this.#differs = differs;
  }

  /** A local state that a step has led to. */
  note(local: LocalState): void {
    let orders = this.#byKey.get(local.key);
    if (!orders) {
      orders = { locals: new Map(), questions: [] };
      this.#byKey.set(local.key, orders);
    }
    const order = orderedKey(local.snapshot.context);
    if (orders.locals.has(order) || orders.locals.size === ORDERS_MAX) return;
    orders.locals.set(order, local);
    if (orders.locals.size === 1) return;
    for (const question of [...orders.questions]) this.#compare(orders, question);
  }

  /** A question that the tables ask of a local state. */
  ask(local: LocalState, question: Question): void {
    const orders = this.#byKey.get(local.key);
    if (!orders) return;
    orders.questions.push(question);
    if (orders.locals.size > 1) this.#compare(orders, question);
  }

  #compare({ locals }: Orders, question: Question): void {
    const [one, ...others] = locals.values();
    const answer = question(one!);
    for (const other of others) {
      if (question(other) !== answer) throw this.#differs(one!, other);
    }
  }
}
