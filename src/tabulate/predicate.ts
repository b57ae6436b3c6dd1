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
import { Ints } from './ints.ts';
import type { Tables } from './tables.ts';

/** A branch of a node: not explored yet, a leaf, or a node's index plus `FIRST_NODE`. */
const UNEXPLORED = 0;
const FALSE = 1;
const TRUE = 2;
const FIRST_NODE = 3;

export class Predicate {
  readonly name: string;
  /** The slots that it has read so far in any state: it cannot change while none of these does. */
  readonly reads = new Set<number>();
  readonly #tables: Tables;
  readonly #test: (view: SystemView) => boolean;
  readonly #slots: number[] = [];
  readonly #branches: Ints[] = [];
  #root = UNEXPLORED;

  constructor(name: string, tables: Tables, test: (view: SystemView) => boolean) {
    this.name = name;
    this.#tables = tables;
    this.#test = test;
  }

  evaluate(state: Int32Array): boolean {
    let at = this.#root;
    while (at >= FIRST_NODE) {
      const branches = this.#branches[at - FIRST_NODE]!;
      const value = state[this.#slots[at - FIRST_NODE]!]!;
      at = value < branches.length ? branches.data[value]! : UNEXPLORED;
    }
    return at === UNEXPLORED ? this.#explore(state) : at === TRUE;
  }

  /** Runs the predicate and grows the tree along what it read. */
  #explore(state: Int32Array): boolean {
    const reads: number[] = [];
    const value = this.#run(state, reads);
    const leaf = value ? TRUE : FALSE;
    if (reads.length === 0) {
      this.#root = leaf;
      return value;
    }
    if (this.#root === UNEXPLORED) this.#root = this.#node(reads[0]!);
    let at = this.#root;
    reads.forEach((slot, depth) => {
      if (this.#slots[at - FIRST_NODE] !== slot) throw this.#unsteady();
      const branches = this.#branches[at - FIRST_NODE]!;
      const choice = state[slot]!;
      let next = choice < branches.length ? branches.data[choice]! : UNEXPLORED;
      if (next === UNEXPLORED) {
        const following = reads[depth + 1];
        next = following === undefined ? leaf : this.#node(following);
        branches.set(choice, next);
      }
      at = next;
    });
    return value;
  }

  #node(slot: number): number {
    this.#slots.push(slot);
    this.#branches.push(new Ints(16));
    return this.#slots.length - 1 + FIRST_NODE;
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
      const text = error instanceof Error ? error.message : String(error);
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
