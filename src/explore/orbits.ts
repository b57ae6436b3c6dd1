/**
 * What a search needs to keep one state of each orbit: representatives in the place of successors, findings in all images
 * of a state, and paths of the system itself.
 *
 * A successor comes as a pair of halves' numbers and leaves as the pair of its representative. Neighbouring states have many
 * successors in common, so a small cache answers most of them; an entry that is overwritten is only found again.
 */
import { ModelError } from '../system/errors.ts';
import { deadEndProperties } from '../tabulate/dead-end.ts';
import { errorIn, failingStep, type Path } from '../tabulate/path.ts';
import { Predicate } from '../tabulate/predicate.ts';
import { Walker } from '../tabulate/walker.ts';
import type { Batch } from './batch.ts';
import type { Halves } from './halves.ts';
import { Checks } from './properties.ts';
import { concretePath } from './symmetric-path.ts';
import type { Symmetry } from './symmetry.ts';

const CACHE_BITS = 16;
/** The pair, and the pair of its representative. */
const ENTRY_WORDS = 4;

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
  readonly #state: Int32Array;
  readonly #cache = new Int32Array(ENTRY_WORDS << CACHE_BITS).fill(-1);
  /** Whose numbers are in the cache. */
  #halves: Halves | undefined;

  constructor(symmetry: Symmetry) {
    const { tables } = symmetry;
    this.symmetry = symmetry;
    this.checks = new Checks(tables);
    this.#witnesses = tables.system.properties.flatMap((property) =>
      property.kind === 'reachable' ? [new Predicate(property.name, tables, property.witness)] : [],
    );
    this.#walker = new Walker(tables);
    this.#state = new Int32Array(tables.slotCount);
  }

  get bytes(): number {
    return this.#cache.byteLength + this.symmetry.bytes;
  }

  /**
   * Puts the representatives of the successors in their places.
   *
   * @throws ModelError `not-symmetric`
   * @throws StoreFull
   */
  reduce({ first, second, length }: Batch, halves: Halves): void {
    if (halves !== this.#halves) {
      this.#halves = halves;
      this.#cache.fill(-1);
    }
    const cache = this.#cache;
    const state = this.#state;
    for (let i = 0; i < length; i++) {
      const one = first[i]!;
      const other = second[i]!;
      const at = placeOf(one, other);
      if (cache[at] !== one || cache[at + 1] !== other) {
        halves.load(0, one, state);
        halves.load(1, other, state);
        this.symmetry.canonicalise(state);
        cache[at] = one;
        cache[at + 1] = other;
        cache[at + 2] = halves.numberOf(0, state);
        cache[at + 3] = halves.numberOf(1, state);
      }
      first[i] = cache[at + 2]!;
      second[i] = cache[at + 3]!;
    }
  }

  /** Whether a state is an image of a representative. */
  isIn(state: Int32Array, representative: Int32Array): boolean {
    this.#state.set(state);
    this.symmetry.canonicalise(this.#state);
    return representative.every((value, slot) => this.#state[slot] === value);
  }

  /** All images of a state, itself first, each in an array of its own. */
  imagesOf(state: Int32Array): Int32Array[] {
    return Array.from({ length: this.symmetry.size }, (_, element) => this.symmetry.image(element, state));
  }

  /** A path of the system along these representatives, to a state in which there is what the search found. */
  pathTo(representatives: readonly Int32Array[], found: Found): Path {
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

function placeOf(one: number, other: number): number {
  const hash = Math.imul(Math.imul(one, 0xcc9e2d51) ^ Math.imul(other, 0x85ebca6b), 0x2c1b3c6d);
  return (hash >>> (32 - CACHE_BITS)) * ENTRY_WORDS;
}
