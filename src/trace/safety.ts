/** What the states of a run violate: `always`, and monitors. That it must come to something is no matter of single states. */
import { Predicate } from '../tabulate/predicate.ts';
import type { Tables } from '../tabulate/tables.ts';

export class SafetyProperties {
  readonly #violations: readonly { readonly property: string; isIn(state: Int32Array): boolean }[];

  constructor(tables: Tables) {
    const monitors = new Map(tables.actors.slice(tables.actorCount).map((actor) => [actor.name, actor]));
    this.#violations = tables.system.properties.flatMap((property) => {
      const { name } = property;
      if (property.kind === 'always') {
        const predicate = new Predicate(name, tables, property.holds);
        return [{ property: name, isIn: (state: Int32Array) => !predicate.evaluate(state) }];
      }
      if (property.kind !== 'monitor') return [];
      const { slot, locals } = monitors.get(name)!;
      return [{ property: name, isIn: (state: Int32Array) => locals[state[slot]!]!.snapshot.hasTag('violation') }];
    });
  }

  isClean(state: Int32Array): boolean {
    return !this.#violations.some(({ isIn }) => isIn(state));
  }

  /** The properties that a state violates. */
  violatedIn(state: Int32Array): string[] {
    return this.#violations.filter(({ isIn }) => isIn(state)).map(({ property }) => property);
  }

  /** The properties that a run violates, each with the number of steps after which it first does. */
  violatedAlong(states: readonly Int32Array[]): { property: string; after: number }[] {
    return this.#violations.flatMap(({ property, isIn }) => {
      const after = states.findIndex(isIn);
      return after < 0 ? [] : [{ property, after }];
    });
  }
}
