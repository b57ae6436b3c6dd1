/**
 * Who keeps a unit of a resource over several steps: an actor whose step has taken one, for as long as it is in one of the states that
 * the resource's `keeps` names. Its activities that use the resource meanwhile work on that unit, any number of them at a time.
 *
 * The unit is *held* as long as it is kept or worked on. So when its actor leaves those states, an activity that works on it is
 * done first, as somebody's who has it for himself.
 */
import type { AnyMachineSnapshot, StateValue } from 'xstate';
import { isNamedBy } from './check-timing.ts';
import type { Resource } from './costs.ts';
import type { Steps } from './steps.ts';

/** In what states the actors of a column keep a unit of a resource. */
interface Term {
  readonly states: readonly StateValue[];
  /** By value of the column; what has not been asked for yet is undefined. */
  readonly isIn: (boolean | undefined)[];
  snapshotOf(value: number): AnyMachineSnapshot;
}

/** A number stands for the unit of an actor: this if it is kept, and this for each activity that works on it. */
const KEPT = 1;
const WORKED_ON = 2;

export class Holdings {
  /** Those of which units may be kept. */
  readonly resources: readonly number[];
  /** By column: whether its actors may keep something. */
  readonly mayKeep: Uint8Array;
  /** Actors that keep something, and whose local state has changed in this step. */
  readonly toReview: number[] = [];
  readonly #steps: Steps;
  readonly #count: number;
  /** By resource: undefined where nothing is kept of it; then by column. */
  readonly #terms: readonly ((Term | undefined)[] | undefined)[];
  /** By actor and resource, where there is one. */
  readonly #units = new Map<number, number>();
  /** By actor and resource, where there are any: its activities that wait for a unit. */
  readonly #waiting = new Map<number, number>();

  constructor(resources: readonly Resource[], steps: Steps) {
    const { actors, columnCount } = steps.gauged;
    this.#steps = steps;
    this.#count = resources.length;
    this.mayKeep = new Uint8Array(columnCount);
    this.#terms = resources.map(({ keepsIn }) => {
      if (keepsIn.length === 0) return undefined;
      const terms: (Term | undefined)[] = new Array(columnCount).fill(undefined);
      for (const { names, column, snapshotOf } of actors) {
        const states = keepsIn.filter(({ pattern }) => isNamedBy(pattern, names[0]!)).flatMap((one) => one.states);
        if (states.length === 0) continue;
        this.mayKeep[column] = 1;
        terms[column] = { states, isIn: [], snapshotOf };
      }
      return terms;
    });
    this.resources = [...resources.keys()].filter((resource) => this.#terms[resource] !== undefined);
  }

  start(): void {
    this.#units.clear();
    this.#waiting.clear();
  }

  /** Whether an actor is, as things are, in a state in which it keeps a unit. */
  #isIn(resource: number, actor: number): boolean {
    const term = this.#terms[resource]?.[this.#steps.columnOf(actor)];
    if (term === undefined) return false;
    const value = this.#steps.valueOf(actor);
    const known = term.isIn[value];
    if (known !== undefined) return known;
    const snapshot = term.snapshotOf(value);
    const isIn = term.states.some((state) => snapshot.matches(state as never));
    term.isIn[value] = isIn;
    return isIn;
  }

  /** An activity works on the unit that its actor keeps from now on. @returns false where it keeps none */
  join(resource: number, actor: number): boolean {
    if (this.#terms[resource] === undefined) return false;
    const key = this.#keyOf(resource, actor);
    const unit = this.#units.get(key);
    if (unit === undefined || (unit & KEPT) === 0) return false;
    this.#units.set(key, unit + WORKED_ON);
    return true;
  }

  /** One does not any more. @returns whether the unit is free */
  leave(resource: number, actor: number): boolean {
    const key = this.#keyOf(resource, actor);
    return this.#set(key, this.#units.get(key)! - WORKED_ON);
  }

  /**
   * A step of an actor has taken a unit.
   *
   * @param isWorkedOn an activity goes on with it
   * @returns whether the unit is one to be kept; not if the actor has one already
   */
  keep(resource: number, actor: number, isWorkedOn: boolean): boolean {
    if (this.#terms[resource] === undefined || !this.#isIn(resource, actor)) return false;
    const key = this.#keyOf(resource, actor);
    const unit = this.#units.get(key);
    if (unit === undefined) this.#units.set(key, isWorkedOn ? KEPT + WORKED_ON : KEPT);
    else this.#units.set(key, unit | KEPT);
    return unit === undefined;
  }

  /** The step of an activity that has worked on a unit has happened: its actor may have left the states, and be back. */
  renew(resource: number, actor: number): void {
    const key = this.#keyOf(resource, actor);
    if (this.#isIn(resource, actor)) this.#units.set(key, this.#units.get(key)! | KEPT);
  }

  /** An actor's state is looked at again. @returns whether a unit is free that it has kept */
  review(resource: number, actor: number): boolean {
    const key = this.#keyOf(resource, actor);
    const unit = this.#units.get(key);
    if (unit === undefined || (unit & KEPT) === 0 || this.#isIn(resource, actor)) return false;
    return this.#set(key, unit - KEPT);
  }

  moved(actor: number): void {
    for (const resource of this.resources) {
      if (!this.#units.has(this.#keyOf(resource, actor))) continue;
      this.toReview.push(actor);
      return;
    }
  }

  countWaiting(resource: number, actor: number, change: number): void {
    if (this.#terms[resource] === undefined) return;
    const key = this.#keyOf(resource, actor);
    const count = (this.#waiting.get(key) ?? 0) + change;
    if (count === 0) this.#waiting.delete(key);
    else this.#waiting.set(key, count);
  }

  hasWaiting(resource: number, actor: number): boolean {
    return this.#terms[resource] !== undefined && this.#waiting.has(this.#keyOf(resource, actor));
  }

  #set(key: number, unit: number): boolean {
    if (unit === 0) this.#units.delete(key);
    else this.#units.set(key, unit);
    return unit === 0;
  }

  #keyOf(resource: number, actor: number): number {
    return actor * this.#count + resource;
  }
}
