/**
 * A predicate over global states as a decision tree over slots: run once per combination of the local states that it
 * actually reads, and looked up afterwards.
 *
 * Each inner node names the slot that the predicate reads next, given what it has read so far; each branch is a local
 * state or channel content; each leaf is the predicate's value.
 */
import type { AnyMachineSnapshot } from 'xstate';
import { closest, ModelError } from '../system/errors.ts';
import type { Envelope, SystemView } from '../system/property.ts';
import { AS_IT_IS, answerOf, isAskedTwice, Originals, readsOrder, type Showing, truthOf } from './answers.ts';
import { DecisionTrees } from './decision-trees.ts';
import type { LocalState } from './stepper.ts';
import type { Tables } from './tables.ts';

/** Leaves. */
const FALSE = 0;
const TRUE = 1;

export class Predicate {
  readonly name: string;
  /** As errors name it. */
  readonly #asker: string;
  /** The slots that it has read so far in any state: it cannot change while none of these does. */
  readonly reads = new Set<number>();
  readonly #tables: Tables;
  readonly #test: (view: SystemView) => boolean;
  readonly #trees = new DecisionTrees();
  readonly #tree = this.#trees.cell();
  #failure: ModelError | undefined;
  readonly #originals = new Originals();
  /** How often it was asked. */
  #asked = 0;

  constructor(name: string, tables: Tables, test: (view: SystemView) => boolean) {
    this.name = name;
    this.#asker = `property "${name}"`;
    this.#tables = tables;
    this.#test = test;
  }

  evaluate(state: Int32Array): boolean {
    const leaf = this.#trees.leafOf(this.#tree, state);
    return leaf < 0 ? this.#explore(state) : leaf === TRUE;
  }

  /** The slots that it reads in a state, in this order; which one comes next depends on the values of those before. */
  readsIn(state: Int32Array): number[] {
    this.evaluate(state);
    return this.#trees.pathOf(this.#tree, state);
  }

  /** Runs the predicate and grows the tree along what it read. */
  #explore(state: Int32Array): boolean {
    if (this.#failure) throw this.#failure;
    try {
      const { reads, value } = this.#judge(state);
      const values = reads.map((slot) => state[slot]!);
      if (!this.#trees.grow(this.#tree, reads, values, value ? TRUE : FALSE)) throw this.#unsteady();
      return value;
    } catch (error) {
      // What is not a function of the state need not show it a second time.
      if (error instanceof ModelError && error.code === 'not-repeatable') this.#failure = error;
      throw error;
    }
  }

  /** Asks it about a state in all the ways in which its answer must be the same. */
  #judge(state: Int32Array): { reads: number[]; value: boolean } {
    const read = new Set<number>();
    const note = (slot: number) => {
      this.reads.add(slot);
      read.add(slot);
    };
    const value = this.#ask(state, note);
    const reads = [...read];
    this.#askOtherOrders(state, reads, value);
    this.#tables.review.remember(this.#asker, () => {
      const kept = state.slice();
      const ask = () => {
        this.#askOtherOrders(kept, reads, value);
        return String(this.#ask(kept));
      };
      return { about: () => this.#asker, ask, answer: String(value) };
    });
    return { reads, value };
  }

  /** @param instead stands for one of the local states of the state */
  #ask(state: Int32Array, note: (slot: number) => void = () => {}, instead?: Instead): boolean {
    const ask = (showing: Showing) => {
      const view = viewOf(this.#tables, state, showing === this.#originals ? note : undefined, {
        showing,
        asker: this.#asker,
        ...(instead && { instead }),
      });
      return truthOf(this.#asker, this.#test(view));
    };
    return answerOf(this.#asker, ask, { twice: isAskedTwice(this.#asked++), originals: this.#originals });
  }

  /** States that differ in nothing but the order of keys are one in the tables. */
  #askOtherOrders(state: Int32Array, reads: readonly number[], value: boolean): void {
    for (const slot of reads) {
      const actor = this.#tables.actors[slot];
      if (!actor) continue;
      for (const local of actor.stepper.otherOrdersOf(actor.locals[state[slot]!]!)) {
        if (this.#ask(state, undefined, { slot, local }) !== value) throw readsOrder(this.#asker);
      }
    }
  }

  #unsteady(): ModelError {
    return new ModelError(
      'not-repeatable',
      `property "${this.name}" reads other actors than before in the same situation`,
      'a predicate may depend on nothing but the state that it is given',
    );
  }
}

interface Instead {
  readonly slot: number;
  readonly local: LocalState;
}

interface ViewOptions {
  /** How it is shown; default: as it is, and frozen. */
  readonly showing?: Showing;
  /** Who asks, for errors. */
  readonly asker?: string;
  readonly instead?: Instead;
}

/** A state as predicates see it; `note` hears of every slot that is read. */
export function viewOf(
  tables: Tables,
  state: Int32Array,
  note: (slot: number) => void = () => {},
  { showing = AS_IT_IS, asker = 'a property', instead }: ViewOptions = {},
): SystemView {
  return {
    get(name: string): AnyMachineSnapshot {
      const slot = tables.slotOf(name);
      if (slot === undefined) throw unknown(asker, 'actor', name, Object.keys(tables.system.actors));
      note(slot);
      const local = instead?.slot === slot ? instead.local : tables.actors[slot]!.locals[state[slot]!]!;
      return showing.snapshot(name, local, asker);
    },
    channel(name: string): readonly Envelope[] {
      const parts = tables.partsOf.get(name);
      if (!parts) throw unknown(asker, 'channel', name, Object.keys(tables.system.channels));
      for (const { slot } of parts) note(slot);
      return showing.data(tables.envelopes(parts, state));
    },
  };
}

function unknown(asker: string, kind: string, name: string, known: readonly string[]): ModelError {
  const guess = closest(name, known);
  return new ModelError(
    'unknown-actor',
    `${asker} reads the ${kind} "${name}", which does not exist`,
    guess ? `did you mean "${guess}"?` : `there are: ${known.join(', ')}`,
  );
}
