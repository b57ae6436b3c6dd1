/**
 * Runs that come to an end, and violate a property of progress by that: for searches that keep no graph in which they could look for
 * cycles. A run may end where no step is enabled that somebody has to take.
 *
 * Of the run by which a search has come to a state it keeps one bit for each property: whether the run would violate it, if it ended
 * there. That follows from the bit of the run before its last step, and from the last state.
 */
import type { Property } from '../system/property.ts';
import { FairEntities } from '../tabulate/fairness.ts';
import { possibleSteps } from '../tabulate/path.ts';
import { Predicate } from '../tabulate/predicate.ts';
import { DELIVER, DUPLICATE, LOSE, type Tables } from '../tabulate/tables.ts';
import { START, type Walker } from '../tabulate/walker.ts';
import { asksForProgress } from './liveness/liveness.ts';

type Test = (state: Int32Array) => boolean;

interface Watched {
  readonly name: string;
  readonly kind: Property['kind'];
  /** It is fulfilled, for the time being; of a monitor, it is not hot. */
  readonly isGoal: Test;
  /** Of a `leadsTo`. */
  readonly isTrigger: Test;
}

const BITS = 31;
const NEVER: Test = () => false;
const KINDS = { deliver: DELIVER, duplicate: DUPLICATE, lose: LOSE, start: START };

export class EndedRuns {
  /** How many words it takes to say of a run which properties it would violate. */
  readonly words: number;
  readonly #watched: readonly Watched[];
  readonly #entities: FairEntities;
  readonly #tables: Tables;
  /** By kind, channel and message of a step: whether somebody has to take it. */
  readonly #owed = new Map<number, boolean>();

  /** Undefined when there are no properties of progress. */
  static of(tables: Tables): EndedRuns | undefined {
    const properties = tables.system.properties.filter(asksForProgress);
    return properties.length === 0 ? undefined : new EndedRuns(tables, properties);
  }

  private constructor(tables: Tables, properties: readonly Property[]) {
    this.#tables = tables;
    this.#watched = properties.map((property) => watchedOf(tables, property));
    this.#entities = new FairEntities(tables);
    this.words = Math.ceil(properties.length / BITS);
  }

  /** What a run would violate that ends in its first state. */
  begin(state: Int32Array, runs: Int32Array, at: number): void {
    runs.fill(0, at, at + this.words);
    this.#watched.forEach(({ kind }, place) => {
      if (kind === 'eventually') runs[at + Math.trunc(place / BITS)]! |= 1 << (place % BITS);
    });
    this.goOn(runs, at, state, runs, at);
  }

  /** The same for a run that has gone on to a state, from what is known of it before. */
  goOn(before: Int32Array, from: number, state: Int32Array, after: Int32Array, to: number): void {
    for (let word = 0; word < this.words; word++) {
      const bits = before[from + word]!;
      let next = 0;
      for (let bit = 0, place = word * BITS; bit < BITS && place < this.#watched.length; bit++, place++) {
        const was = (bits & (1 << bit)) !== 0;
        if (isViolated(this.#watched[place]!, was, state)) next |= 1 << bit;
      }
      after[to + word] = next;
    }
  }

  /** The first property that a run violates which ends here. */
  violatedBy(runs: Int32Array, at: number): string | undefined {
    for (let place = 0; place < this.#watched.length; place++) {
      if ((runs[at + Math.trunc(place / BITS)]! & (1 << (place % BITS))) !== 0) return this.#watched[place]!.name;
    }
    return undefined;
  }

  /** Whether somebody has to take the step that the walker has just made. */
  isOwed({ kind, message, channelSlot }: Pick<Walker, 'kind' | 'message' | 'channelSlot'>): boolean {
    const { length } = this.#tables.channels;
    const channel = channelSlot < 0 ? 0 : channelSlot - this.#tables.actors.length + 1;
    const key = (message * (length + 1) + channel) * 4 + kind;
    let isOwed = this.#owed.get(key);
    if (isOwed === undefined) {
      isOwed = this.#entities.of({ kind, message, channelSlot }) >= 0;
      this.#owed.set(key, isOwed);
    }
    return isOwed;
  }

  /** Whether a run may end in a state. */
  mayEndIn(walker: Walker, state: Int32Array): boolean {
    return !possibleSteps(walker, state).some(({ kind, message, channelSlot }) =>
      this.isOwed({ kind: KINDS[kind], message, channelSlot }),
    );
  }
}

function isViolated({ kind, isGoal, isTrigger }: Watched, was: boolean, state: Int32Array): boolean {
  switch (kind) {
    case 'eventually':
      return was && !isGoal(state);
    case 'leadsTo':
      return (was || isTrigger(state)) && !isGoal(state);
    default:
      return !isGoal(state);
  }
}

export function watchedOf(tables: Tables, property: Property): Watched {
  const { name, kind } = property;
  const test = (holds: (view: never) => boolean): Test => {
    const predicate = new Predicate(name, tables, holds as ConstructorParameters<typeof Predicate>[2]);
    return (state) => predicate.evaluate(state);
  };
  switch (kind) {
    case 'eventually':
    case 'infinitelyOften':
      return { name, kind, isGoal: test(property.goal), isTrigger: NEVER };
    case 'leadsTo':
      return { name, kind, isGoal: test(property.goal), isTrigger: test(property.trigger) };
    case 'monitor': {
      const { slot, locals } = tables.actors.slice(tables.actorCount).find((actor) => actor.name === name)!;
      return { name, kind, isGoal: (state) => !locals[state[slot]!]!.snapshot.hasTag('hot'), isTrigger: NEVER };
    }
    default:
      throw new Error(`${kind} is no property of progress`);
  }
}
