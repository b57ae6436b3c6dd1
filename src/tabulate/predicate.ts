/**
 * A predicate over global states as a decision tree over questions: run once per combination of the answers that it actually
 * gets, and looked up afterwards.
 *
 * Each inner node names what the predicate looks at next within some slot (`questions.ts`), given what it has seen so far; each branch is
 * a class of local states or channel contents that give one answer; each leaf is the predicate's value.
 */
import type { AnyMachineSnapshot } from 'xstate';
import { closest, ModelError } from '../system/errors.ts';
import type { Envelope, SystemView } from '../system/property.ts';
import {
  AS_IT_IS,
  answerOf,
  isAskedTwice,
  Originals,
  readsOrder,
  type Showing,
  truthOf,
  twoAnswers,
} from './answers.ts';
import { DecisionTrees } from './decision-trees.ts';
import { Questions, StandIns, WHOLE } from './questions.ts';
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
  readonly #questions = new Questions();
  readonly #trees = new DecisionTrees();
  #tree = this.#trees.cell();
  #failure: ModelError | undefined;
  readonly #originals = new Originals();
  readonly #standIns: StandIns;
  /** It can tell stand-ins from what they stand for, so what it looks at is whole local states. */
  #isWhole = false;
  /** How often it was asked. */
  #asked = 0;

  constructor(name: string, tables: Tables, test: (view: SystemView) => boolean) {
    this.name = name;
    this.#asker = `property "${name}"`;
    this.#tables = tables;
    this.#test = test;
    this.#standIns = new StandIns(tables, this.#questions, this.#originals);
  }

  evaluate(state: Int32Array): boolean {
    const leaf = this.#trees.leafOf(this.#tree, state, this.#questions);
    return leaf < 0 ? this.#explore(state) : leaf === TRUE;
  }

  /** The slots that it reads in a state, in this order; which one comes next depends on the values of those before. */
  readsIn(state: Int32Array): number[] {
    this.evaluate(state);
    const path = this.#trees.pathOf(this.#tree, state, this.#questions);
    return [...new Set(path.map((question) => this.#questions.slotOf(question)))];
  }

  /** Runs the predicate and grows the tree along what it looked at. */
  #explore(state: Int32Array): boolean {
    if (this.#failure) throw this.#failure;
    try {
      const { looks, value } = this.#judge(state);
      const classes = looks.map((question) => this.#questions.classIn(question, state));
      if (this.#trees.grow(this.#tree, looks, classes, value ? TRUE : FALSE)) return value;
      if (this.#isWhole) throw this.#unsteady();
      this.#takeWhole();
      return this.#explore(state);
    } catch (error) {
      // What is not a function of the state need not show it a second time.
      if (error instanceof ModelError && error.code === 'not-repeatable') this.#failure = error;
      throw error;
    }
  }

  /** From now on whole local states are what it looks at; what is known in other terms is forgotten. */
  #takeWhole(): void {
    this.#isWhole = true;
    this.#trees.clear();
    this.#tree = this.#trees.cell();
  }

  /** Asks it about a state in all the ways in which its answer must be the same. */
  #judge(state: Int32Array): { looks: number[]; value: boolean } {
    const twice = isAskedTwice(this.#asked++);
    let seen = this.#isWhole ? undefined : this.#seeThrough(state);
    let looks = this.#standIns.looks;
    if (twice || seen === undefined) {
      const read = new Set<number>();
      const value = this.#ask(state, { twice, note: (slot) => read.add(slot) });
      if (value !== seen) {
        // Who tells stand-ins from what they stand for does so again; others do not know what they say.
        if (seen !== undefined && this.#seeThrough(state) !== seen) throw twoAnswers(this.#asker, seen, value);
        if (!this.#isWhole) this.#takeWhole();
        seen = value;
        looks = Array.from(read, (slot) => this.#questions.numberOf(slot, WHOLE));
      }
    }
    const value = seen;
    const reads = [...new Set(looks.map((question) => this.#questions.slotOf(question)))];
    for (const slot of reads) this.reads.add(slot);
    this.#askOtherOrders(state, reads, value);
    this.#tables.review.remember(this.#asker, () => {
      const kept = state.slice();
      const ask = () => {
        this.#askOtherOrders(kept, reads, value);
        return String(this.#ask(kept));
      };
      return { about: () => this.#asker, ask, answer: String(value) };
    });
    return { looks, value };
  }

  /** What it says of stand-ins, which note what it looks at; undefined when it does not get along with them. */
  #seeThrough(state: Int32Array): boolean | undefined {
    this.#standIns.begin();
    try {
      return truthOf(this.#asker, this.#test(this.#viewOf(state, this.#standIns)));
    } catch {
      // Whether it throws by itself, what is shown instead will tell.
      return undefined;
    }
  }

  /** @param options default: asked twice as often as any question of it; `note` hears of every slot that is read the first time */
  #ask(
    state: Int32Array,
    { twice = isAskedTwice(this.#asked++), note, instead }: { twice?: boolean; note?: Note; instead?: Instead } = {},
  ): boolean {
    const originals = this.#originals;
    const ask = (showing: Showing) => {
      const view = this.#viewOf(state, showing, showing === originals ? note : undefined, instead);
      return truthOf(this.#asker, this.#test(view));
    };
    return answerOf(this.#asker, ask, { twice, originals });
  }

  #viewOf(state: Int32Array, showing: Showing, note?: Note, instead?: Instead): SystemView {
    return viewOf(this.#tables, state, note, { showing, asker: this.#asker, ...(instead && { instead }) });
  }

  /** States that differ in nothing but the order of keys are one in the tables. */
  #askOtherOrders(state: Int32Array, reads: readonly number[], value: boolean): void {
    for (const slot of reads) {
      const actor = this.#tables.actors[slot];
      if (!actor) continue;
      for (const local of actor.stepper.otherOrdersOf(actor.locals[state[slot]!]!)) {
        if (this.#ask(state, { instead: { slot, local } }) !== value) throw readsOrder(this.#asker);
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

type Note = (slot: number) => void;

/** Stands for one of the local states of a state. */
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
  note: Note = () => {},
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
      const slots = parts.map(({ slot }) => slot);
      for (const slot of slots) note(slot);
      return showing.data(tables.envelopes(parts, state), slots);
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
