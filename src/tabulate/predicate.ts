/**
 * A predicate over global states as a decision tree over slots: run once per combination of the local states that it
 * actually reads, and looked up afterwards.
 *
 * Each inner node names the slot that the predicate reads next, given what it has read so far; each branch is a local
 * state or channel content; each leaf is the predicate's value.
 */
import type { AnyMachineSnapshot } from 'xstate';
import { closest, ModelError, textOf } from '../system/errors.ts';
import type { Envelope, SystemView } from '../system/property.ts';
import { DecisionTrees } from './decision-trees.ts';
import type { Tables } from './tables.ts';

/** Leaves. */
const FALSE = 0;
const TRUE = 1;

export class Predicate {
  readonly name: string;
  /** The slots that it has read so far in any state: it cannot change while none of these does. */
  readonly reads = new Set<number>();
  readonly #tables: Tables;
  readonly #test: (view: SystemView) => boolean;
  readonly #trees = new DecisionTrees();
  readonly #tree = this.#trees.cell();

  constructor(name: string, tables: Tables, test: (view: SystemView) => boolean) {
    this.name = name;
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
    const reads: number[] = [];
    const value = this.#run(state, reads);
    const values = reads.map((slot) => state[slot]!);
    if (!this.#trees.grow(this.#tree, reads, values, value ? TRUE : FALSE)) throw this.#unsteady();
    return value;
  }

  #run(state: Int32Array, reads: number[]): boolean {
    const note = (slot: number) => {
      this.reads.add(slot);
      if (!reads.includes(slot)) reads.push(slot);
    };
    try {
      return Boolean(this.#test(viewOf(this.#tables, state, note)));
    } catch (error) {
      if (error instanceof ModelError) throw error;
      const text = textOf(error);
      throw new ModelError('exception', `property "${this.name}" threw: ${text}`, 'a predicate must not throw', {
        cause: error,
      });
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

/** A state as predicates see it; `note` hears of every slot that is read. */
export function viewOf(tables: Tables, state: Int32Array, note: (slot: number) => void = () => {}): SystemView {
  return {
    get(name: string): AnyMachineSnapshot {
      const slot = tables.slotOf(name);
      if (slot === undefined) throw unknown('actor', name, Object.keys(tables.system.actors));
      note(slot);
      return tables.actors[slot]!.locals[state[slot]!]!.snapshot;
    },
    channel(name: string): readonly Envelope[] {
      const channel = tables.channels.find((candidate) => candidate.name === name);
      if (!channel) throw unknown('channel', name, Object.keys(tables.system.channels));
      note(channel.slot);
      return tables.envelopes(channel, state[channel.slot]!);
    },
  };
}

function unknown(kind: string, name: string, known: readonly string[]): ModelError {
  const guess = closest(name, known);
  return new ModelError(
    'unknown-actor',
    `a property reads the ${kind} "${name}", which does not exist`,
    guess ? `did you mean "${guess}"?` : `there are: ${known.join(', ')}`,
  );
}
