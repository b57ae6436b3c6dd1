/**
 * The safety properties run along with a simulation: monitors, and what must hold `always`. The first violation is told; that there is none
 * says nothing of other runs. What a run has to come to is no matter of a simulation.
 */
import { Predicate } from '../tabulate/predicate.ts';
import type { Tables } from '../tabulate/tables.ts';

export interface Violated {
  readonly property: string;
  readonly time: number;
  /** How many steps lead to it. */
  readonly step: number;
}

interface Watch {
  readonly property: string;
  isDue: boolean;
  isViolated(state: Int32Array): boolean;
  /** The slots that it has looked at so far: while none of them changes it says the same. */
  readonly reads: ReadonlySet<number>;
  registered: number;
}

export class Judge {
  violated: Violated | undefined;
  readonly #watches: readonly Watch[];
  /** By slot: who has looked at it. */
  readonly #bySlot: (Watch[] | undefined)[];
  #due: Watch[] = [];

  constructor(tables: Tables) {
    this.#bySlot = Array.from({ length: tables.slotCount }, () => undefined);
    this.#watches = tables.system.properties.flatMap((property) => {
      const { name } = property;
      if (property.kind === 'always') {
        const predicate = new Predicate(name, tables, property.holds);
        const isViolated = (state: Int32Array) => !predicate.evaluate(state);
        return [{ property: name, isDue: false, isViolated, reads: predicate.reads, registered: 0 }];
      }
      if (property.kind !== 'monitor') return [];
      const { slot, locals } = tables.actors.find((actor) => actor.slot >= tables.actorCount && actor.name === name)!;
      const isViolated = (state: Int32Array) => locals[state[slot]!]!.snapshot.hasTag('violation');
      return [{ property: name, isDue: false, isViolated, reads: new Set([slot]), registered: 0 }];
    });
  }

  /** @param state the initial one */
  start(state: Int32Array): void {
    this.violated = undefined;
    this.#due = [...this.#watches];
    for (const watch of this.#due) watch.isDue = true;
    this.settle(state, 0, 0);
  }

  /** A slot has changed. */
  touch(slot: number): void {
    const watches = this.#bySlot[slot];
    if (watches === undefined) return;
    for (const watch of watches) {
      if (watch.isDue) continue;
      watch.isDue = true;
      this.#due.push(watch);
    }
  }

  /** A step is over. */
  settle(state: Int32Array, time: number, step: number): void {
    if (this.#due.length === 0) return;
    for (const watch of this.#due) {
      watch.isDue = false;
      if (watch.isViolated(state)) this.violated ??= { property: watch.property, time, step };
      if (watch.registered !== watch.reads.size) this.#register(watch);
    }
    this.#due.length = 0;
  }

  #register(watch: Watch): void {
    watch.registered = watch.reads.size;
    for (const slot of watch.reads) {
      this.#bySlot[slot] ??= [];
      if (!this.#bySlot[slot].includes(watch)) this.#bySlot[slot].push(watch);
    }
  }
}
