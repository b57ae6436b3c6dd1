/**
 * Why an `always` is false in the last state of a trace: which actors make it false, by what, and since when.
 *
 * The *reason* is a smallest set of actors and channels that alone make it false: as long as they are as they are, it stays
 * false, whatever the others do, among all that they did along the trace. Of a chain of `&&` these are the ones that a false
 * part of it is about. It is found by evaluating the predicate itself; its code is not looked at.
 */
import { ModelError } from '../system/errors.ts';
import type { Property } from '../system/property.ts';
import type { Path } from '../tabulate/path.ts';
import { viewOf } from '../tabulate/predicate.ts';
import type { Tables } from '../tabulate/tables.ts';
import { observedView, type Read, tellingReads } from './reads.ts';

export interface ReasonPart {
  /** The actor or channel. */
  readonly name: string;
  /** The step, counted from 0, that last changed what it answers; null when that is as it was at the start. */
  readonly since: number | null;
  /** What the predicate asked it for, and was told. */
  readonly reads: readonly Pick<Read, 'question' | 'answer'>[];
}

export interface FalsePredicate {
  /** The last step, counted from 0, after which the predicate was false and before which it was true; null: false at the start. */
  readonly falseSince: number | null;
  readonly reason: readonly ReasonPart[];
  /** What it looked at besides, in the last state. */
  readonly others: readonly ReasonPart[];
}

type Always = Property & { kind: 'always' };

/** Evaluations that may be made to find the reason; then it is everything that was read. */
const EVALUATIONS_MAX = 20_000;

export function whyFalse(tables: Tables, path: Path, property: Always): FalsePredicate {
  const states = [path.initial, ...path.steps.map(({ state }) => state)];
  const last = states.at(-1)!;
  const judge = new Judge(tables, property);
  let since = states.length - 1;
  while (since > 0 && judge.value(states[since - 1]!) === false) since--;

  const now = judge.reads(last);
  const { reason, others } = judge.reason(states);
  const partOf = (slot: number): ReasonPart => {
    const name = tables.nameOf(slot);
    const own = now.filter(({ of }) => of === name);
    // Asked of an earlier state of this part alone, so that nothing else makes the predicate ask other questions.
    const isAsNow = (state: Int32Array) => {
      if (own.length === 0) return judge.isAlike(slot, state, last);
      const then = judge.reads(judge.mixed(last, slot, state)).filter(({ of }) => of === name);
      return own.every(({ question, answer }) =>
        then.some((read) => read.question === question && read.answer === answer),
      );
    };
    let changed = states.length - 1;
    while (changed >= 0 && isAsNow(states[changed]!)) changed--;
    // What the trace has changed comes first: the rest is wiring.
    const atStart = judge.reads(judge.mixed(last, slot, states[0]!));
    const isMoved = ({ question, answer }: Read) =>
      !atStart.some((read) => read.of === name && read.question === question && read.answer === answer);
    const [moved, fixed] = [true, false].map((wanted) => tellingReads(own).filter((read) => isMoved(read) === wanted));
    return { name, since: changed < 0 ? null : changed, reads: [...moved!, ...fixed!].map(asked) };
  };
  return { falseSince: since === 0 ? null : since - 1, reason: reason.map(partOf), others: others.map(partOf) };
}

function asked({ question, answer }: Read): Pick<Read, 'question' | 'answer'> {
  return { question, answer };
}

class Judge {
  readonly #tables: Tables;
  readonly #property: Always;
  #evaluations = 0;

  constructor(tables: Tables, property: Always) {
    this.#tables = tables;
    this.#property = property;
  }

  /** Undefined when it throws, as it may in a state that is a mixture of others. */
  value(state: Int32Array, note?: (slot: number) => void): boolean | undefined {
    this.#evaluations++;
    try {
      return Boolean(this.#property.holds(viewOf(this.#tables, state, note)));
    } catch {
      return undefined;
    }
  }

  /** What it asks in a state; without answers where it does not get along with stand-ins. */
  reads(state: Int32Array): Read[] {
    const reads: Read[] = [];
    try {
      const observed = Boolean(this.#property.holds(observedView(viewOf(this.#tables, state), reads)));
      return observed === this.value(state) ? reads : [];
    } catch (error) {
      if (error instanceof ModelError) throw error;
      return [];
    }
  }

  /** The slots of an actor, a monitor or a channel, of which one is given. */
  #slotsOf(slot: number): readonly number[] {
    const channel = this.#tables.channelAt(slot);
    return channel ? this.#tables.partsOf.get(channel.name)!.map((part) => part.slot) : [slot];
  }

  isAlike(slot: number, one: Int32Array, other: Int32Array): boolean {
    return this.#slotsOf(slot).every((each) => one[each] === other[each]);
  }

  /** A state in which one actor, monitor or channel is as in another state. */
  mixed(state: Int32Array, slot: number, other: Int32Array): Int32Array {
    const mixture = state.slice();
    for (const each of this.#slotsOf(slot)) mixture[each] = other[each]!;
    return mixture;
  }

  /** The slots of the reason, and the others that were read, in that order; of a channel, the first one. */
  reason(states: readonly Int32Array[]): { reason: number[]; others: number[] } {
    const last = states.at(-1)!;
    const read = new Set<number>();
    this.value(last, (slot) => read.add(this.#slotsOf(slot)[0]!));
    let reason = [...read];
    // What is read last decides, so the others are left out first.
    for (const slot of read) {
      const without = reason.filter((other) => other !== slot);
      if (this.#alwaysFalse(last, new Set(without), states)) reason = without;
    }
    return { reason, others: [...read].filter((slot) => !reason.includes(slot)) };
  }

  /** Whether it is false for all values of the other slots: it is run again for each value of a slot that it comes to read. */
  #alwaysFalse(state: Int32Array, fixed: ReadonlySet<number>, states: readonly Int32Array[]): boolean {
    const read: number[] = [];
    const value = this.value(state, (slot) => read.push(this.#slotsOf(slot)[0]!));
    if (value !== false || this.#evaluations > EVALUATIONS_MAX) return false;
    const open = read.find((slot) => !fixed.has(slot));
    if (open === undefined) return true;
    const decided = new Set([...fixed, open]);
    const different = states.filter((one, at) => states.findIndex((other) => this.isAlike(open, one, other)) === at);
    return different.every((other) => this.#alwaysFalse(this.mixed(state, open, other), decided, states));
  }
}
