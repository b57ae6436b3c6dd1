/** What a search needs that stands for all images of its states: findings in any of them, and paths of the system itself. */
import { ModelError } from '../system/errors.ts';
import { deadEndProperties } from '../tabulate/dead-end.ts';
import { errorIn, failingStep, type Path } from '../tabulate/path.ts';
import { Predicate } from '../tabulate/predicate.ts';
import { Walker } from '../tabulate/walker.ts';
import { Checks } from './properties.ts';
import { concretePath } from './symmetric-path.ts';
import type { Symmetry } from './symmetry.ts';

/** What a path of representatives leads to, as a search found it in some state of the last orbit. */
type Found =
  | { readonly kind: 'violation'; readonly property: string; readonly deadEnd: boolean }
  | { readonly kind: 'model-error'; readonly error: ModelError; readonly inStep: boolean };

export class Orbits {
  readonly symmetry: Symmetry;
  /** The properties in a state itself, not in its images. */
  readonly checks: Checks;
  readonly #witnesses: readonly Predicate[];
  readonly #walker: Walker;

  constructor(symmetry: Symmetry) {
    const { tables } = symmetry;
    this.symmetry = symmetry;
    this.checks = new Checks(tables);
    this.#witnesses = tables.system.properties.flatMap((property) =>
      property.kind === 'reachable' ? [new Predicate(property.name, tables, property.witness)] : [],
    );
    this.#walker = new Walker(tables);
  }

  /** All images of a state, each once, itself first, each in an array of its own. */
  imagesOf(state: Int32Array): Int32Array[] {
    return this.symmetry.imagesOf(state);
  }

  /** A path of the system along these orbits, to a state in which there is what the search found. */
  pathTo(states: readonly Int32Array[], found: Found): Path {
    const representatives = states.map((state) => {
      const representative = state.slice();
      this.symmetry.canonicalise(representative);
      return representative;
    });
    const path = concretePath(this.symmetry, this.#walker, representatives, (state) => this.#isThere(found, state));
    if (found.kind === 'violation' || !found.inStep) return path;
    const failing = failingStep(this.#walker, path.steps.at(-1)?.state ?? path.initial)!;
    return { ...path, steps: [...path.steps, failing], failed: true };
  }

  #isThere(found: Found, state: Int32Array): boolean {
    const { tables } = this.symmetry;
    try {
      if (found.kind === 'violation') {
        const { property } = found;
        return found.deadEnd
          ? deadEndProperties(tables, state).includes(property)
          : this.checks.violates(state, property);
      }
      if (found.inStep) return errorIn(this.#walker, state)?.message === found.error.message;
      this.checks.violatedIn(state);
      for (const witness of this.#witnesses) witness.evaluate(state);
      deadEndProperties(tables, state);
    } catch (error) {
      if (!(error instanceof ModelError)) throw error;
      return found.kind === 'model-error' && error.message === found.error.message;
    }
    return false;
  }
}
