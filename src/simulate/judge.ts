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

/** What must not come to be. */
export interface Watch {
  readonly property: string;
  isViolated(): boolean;
  /** The slots that it has looked at so far: while none of them changes it says the same. */
  readonly reads: ReadonlySet<number>;
}

interface Watched extends Watch {
  isDue: boolean;
  registered: number;
}

/** @param stateOf asked each time */
export function watchesOf(tables: Tables, stateOf: () => Int32Array): Watch[] {
  return tables.system.properties.flatMap((property): Watch[] => {
    const { name } = property;
    if (property.kind === 'always') {
      const predicate = new Predicate(name, tables, property.holds);
      return [{ property: name, isViolated: () => !predicate.evaluate(stateOf()), reads: predicate.reads }];
    }
    if (property.kind !== 'monitor') return [];
    const { slot, locals } = tables.actors.find((actor) => actor.slot >= tables.actorCount && actor.name === name)!;
    const isViolated = () => locals[stateOf()[slot]!]!.snapshot.hasTag('violation');
    return [{ property: name, isViolated, reads: new Set([slot]) }];
  });
}

export class Judge {
  violated: Violated | undefined;
  readonly #watches: readonly Watched[];
  /** By slot: who has looked at it. */
  readonly #bySlot: (Watched[] | undefined)[];
  #due: Watched[] = [];

  /** @param slots so many of the first may be looked at */
  constructor(watches: readonly Watch[], slots: number) {
    this.#bySlot = Array.from({ length: watches.length === 0 ? 0 : slots }, () => undefined);
    this.#watches = watches.map((watch) => ({
      property: watch.property,
      isViolated: () => watch.isViolated(),
      reads: watch.reads,
      isDue: false,
      registered: 0,
    }));
  }

  /** In the initial state. */
  start(): void {
    this.violated = undefined;
    this.#due = [...this.#watches];
    for (const watch of this.#due) watch.isDue = true;
    this.settle(0, 0);
  }

  /** A slot has changed. */
  touch(slot: number): void {
    if (this.#watches.length === 0) return;
    const watches = this.#bySlot[slot];
    if (watches === undefined) return;
    for (const watch of watches) {
      if (watch.isDue) continue;
      watch.isDue = true;
      this.#due.push(watch);
    }
  }

  /** A step is over. */
  settle(time: number, step: number): void {
    if (this.#due.length === 0) return;
    for (const watch of this.#due) {
      watch.isDue = false;
      if (watch.isViolated()) this.violated ??= { property: watch.property, time, step };
      if (watch.registered !== watch.reads.size) this.#register(watch);
    }
    this.#due.length = 0;
  }

  #register(watch: Watched): void {
    watch.registered = watch.reads.size;
    for (const slot of watch.reads) {
      this.#bySlot[slot] ??= [];
      if (!this.#bySlot[slot].includes(watch)) this.#bySlot[slot].push(watch);
    }
  }
}
