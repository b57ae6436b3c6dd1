/**
 * The least image of a state, and who keeps it.
 *
 * Slot by slot: of all that a group can bring to the slot, the least value stays, and the group becomes those that keep it there.
 * Where several ways bring it, all are followed as *candidates*, but those that have made the same of the state are one. What they
 * differ by keeps the state: these, and the group that is left, make all that keeps the least image.
 */
import type { Action, Actions, Subgroup } from './actions.ts';

export class LeastImage {
  readonly #actions: Actions;
  /** The slots in which it is looked for, in the order in which they are compared. */
  readonly #slots: Int32Array;
  #candidates: Candidates;
  #next: Candidates;
  readonly #scratch: Int32Array;
  readonly #arrivals: number[] = [];

  /** @param slots no renaming takes one of them elsewhere; the first ones count most */
  constructor(actions: Actions, slots: readonly number[], slotCount: number) {
    this.#actions = actions;
    this.#slots = Int32Array.from(slots);
    this.#candidates = new Candidates(this.#slots, slotCount);
    this.#next = new Candidates(this.#slots, slotCount);
    this.#scratch = new Int32Array(slotCount);
  }

  /** Replaces what a state holds in the slots by the least that a group makes of it, and says who makes it; there may be others. */
  find(state: Int32Array, group: Subgroup): Action {
    this.#search(state, group);
    return this.#candidates.ways[0]!;
  }

  /** All in a group that keep what a state holds in the slots, which is the least that it makes of it. */
  keepersOf(state: Int32Array, group: Subgroup): Subgroup {
    const found: Action[] = [];
    const left = this.#search(state, group, found);
    // The last ones differ by neighbours alone, in the usual case.
    return this.#actions.generatedBy([...left.generators, this.#candidates.ways[0]!, ...found.reverse()]);
  }

  /** @param keepers is given those that keep the state, as far as they are found @returns those that keep each of the least values */
  #search(state: Int32Array, all: Subgroup, keepers?: Action[]): Subgroup {
    const actions = this.#actions;
    let group = all;
    actions.meet(state, this.#slots);
    this.#candidates.clear();
    this.#candidates.add(state, actions.identity);
    for (const slot of this.#slots) {
      const { count, ways, vectors } = this.#candidates;
      if (group.size === 1 && count === 1) break;
      const place = group.at(slot);
      const { sources } = place;
      const own = place.valuesOf(vectors[0]![slot]!);
      if (count === 1 && sources.length === 1 && own.all.length === 1) {
        group = own.keepersOf(own.least);
        continue;
      }
      let least = Number.POSITIVE_INFINITY;
      // Where the least one so far comes from: candidates and their ways.
      let arrived = 0;
      for (let at = 0; at < count; at++) {
        for (let from = 0; from < sources.length; from++) {
          const image = place.ways[from]!.imageOf(sources[from]!, vectors[at]![sources[from]!]!);
          const values = place.valuesOf(image);
          if (values.least > least) continue;
          if (values.least < least) arrived = 0;
          least = values.least;
          this.#arrivals[arrived++] = at;
          this.#arrivals[arrived++] = from;
        }
      }
      const next = this.#next;
      next.clear();
      for (let arrival = 0; arrival < arrived; arrival += 2) {
        const [at, from] = [this.#arrivals[arrival]!, this.#arrivals[arrival + 1]!];
        const image = place.ways[from]!.imageOf(sources[from]!, vectors[at]![sources[from]!]!);
        const way = actions.product(place.valuesOf(image).wayFrom(image), place.ways[from]!);
        way.apply(vectors[at]!, this.#slots, this.#scratch);
        const same = next.find(this.#scratch);
        if (same < 0) next.add(this.#scratch, actions.product(way, ways[at]!));
        else keepers?.push(actions.product(actions.inverse(next.ways[same]!), actions.product(way, ways[at]!)));
      }
      group = place.valuesOf(least).keepersOf(least);
      this.#next = this.#candidates;
      this.#candidates = next;
    }
    const [vector] = this.#candidates.vectors;
    for (const slot of this.#slots) state[slot] = vector![slot]!;
    return group;
  }
}

/** What different ways have made of a state. */
class Candidates {
  count = 0;
  readonly vectors: Int32Array[] = [];
  /** By candidate: who has made it. */
  readonly ways: Action[] = [];
  readonly #hashes: number[] = [];
  readonly #slots: Int32Array;
  readonly #slotCount: number;

  constructor(slots: Int32Array, slotCount: number) {
    this.#slots = slots;
    this.#slotCount = slotCount;
  }

  clear(): void {
    this.count = 0;
  }

  add(state: Int32Array, way: Action): void {
    const at = this.count++;
    if (at === this.vectors.length) this.vectors.push(new Int32Array(this.#slotCount));
    for (const slot of this.#slots) this.vectors[at]![slot] = state[slot]!;
    this.ways[at] = way;
    this.#hashes[at] = this.#hashOf(state);
  }

  /** -1 when there is none like this. */
  find(state: Int32Array): number {
    const hash = this.#hashOf(state);
    for (let at = 0; at < this.count; at++) {
      if (this.#hashes[at] === hash && this.#isSame(this.vectors[at]!, state)) return at;
    }
    return -1;
  }

  #hashOf(state: Int32Array): number {
    let hash = 0;
    for (let at = 0; at < this.#slots.length; at++) hash = Math.imul(hash ^ state[this.#slots[at]!]!, 0x9e3779b1);
    return hash;
  }

  #isSame(one: Int32Array, other: Int32Array): boolean {
    for (let at = 0; at < this.#slots.length; at++) {
      const slot = this.#slots[at]!;
      if (one[slot] !== other[slot]) return false;
    }
    return true;
  }
}
