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
  const nameOf = (slot: number) => (tables.actors[slot] ?? tables.channels[slot - tables.actors.length])!.name;
  const partOf = (slot: number): ReasonPart => {
    const name = nameOf(slot);
    const own = now.filter(({ of }) => of === name);
    // Asked of an earlier state of this slot alone, so that nothing else makes the predicate ask other questions.
    const isAsNow = (state: Int32Array) => {
      if (own.length === 0) return state[slot] === last[slot];
      const then = judge.reads(last.with(slot, state[slot]!)).filter(({ of }) => of === name);
      return own.every(({ question, answer }) =>
        then.some((read) => read.question === question && read.answer === answer),
      );
    };
    let changed = states.length - 1;
    while (changed >= 0 && isAsNow(states[changed]!)) changed--;
    // What the trace has changed comes first: the rest is wiring.
    const atStart = judge.reads(last.with(slot, states[0]![slot]!));
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

  /** The slots of the reason, and the others that were read, in that order. */
  reason(states: readonly Int32Array[]): { reason: number[]; others: number[] } {
    const last = states.at(-1)!;
    const read = new Set<number>();
    this.value(last, (slot) => read.add(slot));
    const values = Array.from(last, (_, slot) => [...new Set(states.map((state) => state[slot]!))]);
    let reason = [...read];
    // What is read last decides, so the others are left out first.
    for (const slot of read) {
      const without = reason.filter((other) => other !== slot);
      if (this.#alwaysFalse(last, new Set(without), values)) reason = without;
    }
    return { reason, others: [...read].filter((slot) => !reason.includes(slot)) };
  }

  /** Whether it is false for all values of the other slots: it is run again for each value of a slot that it comes to read. */
  #alwaysFalse(state: Int32Array, fixed: ReadonlySet<number>, values: readonly (readonly number[])[]): boolean {
    const read: number[] = [];
    const value = this.value(state, (slot) => read.push(slot));
    if (value !== false || this.#evaluations > EVALUATIONS_MAX) return false;
    const open = read.find((slot) => !fixed.has(slot));
    if (open === undefined) return true;
    const decided = new Set([...fixed, open]);
    return values[open]!.every((other) => this.#alwaysFalse(state.with(open, other), decided, values));
  }
}
