/**
 * A predicate about all images of a state, without making them all.
 *
 * What it reads of an image decides what it says of it, so only images that differ in that have to be made. They are found as it reads:
 * whatever a group of renamings brings to the slot that it reads first leads to some images, and of each the group that keeps this
 * leads to those that differ in what it reads next. Images that are the same in all slots that it may read count once.
 */
import type { SystemView } from '../system/property.ts';
import { Predicate } from '../tabulate/predicate.ts';
import type { Subgroup } from './actions.ts';
import type { LeastImage } from './least-image.ts';
import type { Symmetry } from './symmetry.ts';

/** So many answers are remembered by what the state holds in the slots that were read. */
const ANSWERS_MAX = 2 ** 16;

/** Slots that a predicate may read in images of a state, and no renaming takes one of them elsewhere. */
interface Reading {
  readonly slots: readonly number[];
  readonly among: ReadonlySet<number>;
  readonly least: LeastImage;
  /** What states and their least images hold there that it holds in no image of. */
  readonly refuted: Set<string>;
}

/** A state predicate that holds where it holds in some image of the state; `reads` grows as it is evaluated. */
export class AnyImage {
  readonly reads = new Set<number>();
  readonly #symmetry: Symmetry;
  readonly #predicate: Predicate;
  /** Each has more slots than the one before. In a state, the first one counts that has all that is read in its images. */
  readonly #readings: Reading[] = [];
  readonly #image: Int32Array;

  constructor(symmetry: Symmetry, name: string, test: (view: SystemView) => boolean) {
    this.#symmetry = symmetry;
    this.#predicate = new Predicate(name, symmetry.tables, test);
    this.#image = new Int32Array(symmetry.tables.slotCount);
    this.#read([]);
  }

  evaluate(state: Int32Array): boolean {
    return this.#ask(state) === undefined;
  }

  /** Slots in which any state that holds the same is one in which it does not hold; which one comes next depends on the values of those before. */
  readsIn(state: Int32Array): number[] {
    return [...(this.#ask(state)?.slots ?? [])];
  }

  /** What had to be read to find that it holds in no image; undefined when it holds in some. */
  #ask(state: Int32Array): Reading | undefined {
    const symmetry = this.#symmetry;
    symmetry.actions.meet(state, symmetry.slots);
    for (const reading of this.#readings) {
      if (reading.refuted.has(heldIn(reading.slots, state))) return reading;
      const image = this.#image;
      image.set(state);
      const way = reading.least.find(image, symmetry.actions.all);
      const least = heldIn(reading.slots, image);
      if (!reading.refuted.has(least)) {
        way.apply(state, symmetry.slots, image);
        const holds = this.#holdsIn(image.slice(), symmetry.actions.all, 0, reading);
        if (holds === true) return undefined;
        if (holds === undefined) continue;
      }
      if (reading.refuted.size >= ANSWERS_MAX) reading.refuted.clear();
      reading.refuted.add(least).add(heldIn(reading.slots, state));
      return reading;
    }
    throw new Error('a predicate reads slots that there are not');
  }

  /** @returns undefined when it reads more than was thought */
  #holdsIn(image: Int32Array, group: Subgroup, known: number, reading: Reading): boolean | undefined {
    if (this.#predicate.evaluate(image)) return true;
    const reads = this.#predicate.readsIn(image);
    if (reads.every((slot) => reading.among.has(slot))) return this.#holdsInOthers(image, group, known, reads, reading);
    if (reading === this.#readings.at(-1)) this.#read([...reading.slots, ...reads]);
    return undefined;
  }

  /**
   * Whether it holds in something else that a group makes of an image; the group keeps the first `known` slots that it reads there.
   *
   * @returns undefined when it reads more than was thought
   */
  #holdsInOthers(
    image: Int32Array,
    group: Subgroup,
    known: number,
    reads: readonly number[],
    reading: Reading,
  ): boolean | undefined {
    const slot = reads[known];
    if (slot === undefined || group.size === 1) return false;
    const { actions, slots } = this.#symmetry;
    const { sources, ways } = group.at(slot);
    const own = group.at(slot).valuesOf(image[slot]!);
    const others = [image];
    for (let at = 0; at < sources.length; at++) {
      const value = ways[at]!.imageOf(sources[at]!, image[sources[at]!]!);
      const values = group.at(slot).valuesOf(value);
      for (const wanted of values.all) {
        const turn = actions.product(values.wayTo(wanted), values.wayFrom(value));
        const way = actions.product(turn, ways[at]!);
        way.apply(image, reading.slots, this.#image);
        if (others.some((one) => isSame(one, this.#image, reading.slots))) continue;
        const other = new Int32Array(image.length);
        way.apply(image, slots, other);
        others.push(other);
        const holds = this.#holdsIn(other, values.keepersOf(wanted), known + 1, reading);
        if (holds !== false) return holds;
      }
    }
    return this.#holdsInOthers(image, own.keepersOf(image[slot]!), known + 1, reads, reading);
  }

  /** Takes slots, and all that take their places, for what is read. */
  #read(slots: readonly number[]): void {
    const all = new Set(slots.flatMap((slot) => this.#symmetry.orbitOf(slot)));
    for (const slot of all) this.reads.add(slot);
    const least = this.#symmetry.leastImageIn([...all]);
    this.#readings.push({ slots: [...all], among: all, least, refuted: new Set() });
  }
}

function heldIn(slots: readonly number[], state: Int32Array): string {
  let held = '';
  for (let at = 0; at < slots.length; at++) held += `${state[slots[at]!]!} `;
  return held;
}

function isSame(one: Int32Array, other: Int32Array, slots: readonly number[]): boolean {
  for (let at = 0; at < slots.length; at++) if (one[slots[at]!] !== other[slots[at]!]) return false;
  return true;
}
