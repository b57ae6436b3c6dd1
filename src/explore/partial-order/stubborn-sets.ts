/**
 * Which steps of a state are enough: those of a *stubborn set* of starters (Valmari, "Stubborn sets for reduced state space
 * generation", 1989; with whole starters in the place of single steps they are Godefroid's persistent sets).
 *
 * A set of starters is stubborn in a state when nothing that the others may ever do before one of its steps is taken changes
 * what its steps look at, or looks at what they change. And when one of its steps changes what some property looks at, nobody
 * else may change what that property looks at. `docs/engine.md` says why that is enough.
 */
import type { Futures } from './futures.ts';
import { addTo, has, meet } from './masks.ts';
import type { Situation } from './situations.ts';

export class StubbornSets {
  readonly #starters: readonly number[];
  readonly #futures: Futures;
  /** What each property looks at. */
  #properties: readonly Int32Array[] = [];
  /** Of the state at hand, by starter: masks of what it may look at and change, and the starters that it cannot be without. */
  readonly #masks: Int32Array;
  readonly #needs: readonly Int32Array[];
  readonly #hasNeeds: Uint8Array;
  readonly #members: Int32Array;
  readonly #best: Int32Array;
  readonly #waiting: number[] = [];

  constructor(starters: readonly number[], futures: Futures) {
    const { words } = futures;
    this.#starters = starters;
    this.#futures = futures;
    this.#masks = new Int32Array(starters.length * 2 * words);
    this.#needs = starters.map(() => new Int32Array(words));
    this.#hasNeeds = new Uint8Array(starters.length);
    const slotsMax = words;
    this.#members = new Int32Array(slotsMax);
    this.#best = new Int32Array(slotsMax);
  }

  /** @param properties what each property looks at that a single step may not change unnoticed */
  respect(properties: readonly Int32Array[]): void {
    this.#properties = properties;
  }

  /**
   * A stubborn set of a state with as few enabled steps as one that grows from one starter can have, as a mask of places in the
   * list of starters; undefined when it would be all steps. Of the smallest, the first.
   *
   * @param situations of the starters, in their order
   */
  choose(state: Int32Array, situations: readonly Situation[]): Int32Array | undefined {
    const starters = this.#starters;
    const futures = this.#futures;
    let steps = 0;
    let able = 0;
    for (let i = 0; i < starters.length; i++) {
      steps += situations[i]!.effects.length;
      if (situations[i]!.effects.length > 0) able++;
    }
    if (able < 2) return undefined;
    for (let i = 0; i < starters.length; i++) {
      const slot = starters[i]!;
      futures.load(slot, state[slot]!, this.#masks, i * 2 * futures.words);
    }
    this.#hasNeeds.fill(0);
    let fewest = steps;
    for (let i = 0; i < starters.length && fewest > 1; i++) {
      const own = situations[i]!.effects.length;
      if (own === 0 || own >= fewest) continue;
      const count = this.#close(i, situations, fewest);
      if (count >= fewest) continue;
      fewest = count;
      this.#best.set(this.#members);
    }
    if (fewest === steps) return undefined;
    for (const slot of starters) futures.relyOn(slot, state[slot]!);
    return this.#best;
  }

  /** Collects all that a starter cannot be without; returns how many enabled steps that makes, at least `limit` if it gives up. */
  #close(seed: number, situations: readonly Situation[], limit: number): number {
    const members = this.#members;
    const waiting = this.#waiting;
    members.fill(0);
    addTo(members, seed);
    waiting.length = 0;
    waiting.push(seed);
    let steps = 0;
    for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
      steps += situations[at]!.effects.length;
      if (steps >= limit) return limit;
      const needs = this.#needsOf(at, situations[at]!);
      for (let word = 0; word < needs.length; word++) {
        let missing = needs[word]! & ~members[word]!;
        members[word]! |= missing;
        for (; missing !== 0; missing &= missing - 1) waiting.push(word * 32 + 31 - Math.clz32(missing & -missing));
      }
    }
    return steps;
  }

  #needsOf(at: number, { now: { reads, writes } }: Situation): Int32Array {
    const needs = this.#needs[at]!;
    if (this.#hasNeeds[at] === 1) return needs;
    this.#hasNeeds[at] = 1;
    needs.fill(0);
    const { words } = this.#futures;
    const masks = this.#masks;
    for (let i = 0; i < this.#starters.length; i++) {
      const looks = i * 2 * words;
      if (meet(reads, masks, looks + words) || meet(writes, masks, looks)) addTo(needs, i);
    }
    for (const property of this.#properties) {
      if (!meet(writes, property)) continue;
      for (let i = 0; i < this.#starters.length; i++) {
        if (!has(needs, i) && meet(property, masks, i * 2 * words + words)) addTo(needs, i);
      }
    }
    return needs;
  }
}
