/**
 * Which things of the population steps are drawn for: mostly those that the unit used not long ago, as what happens to one page at
 * nearly the same time is what races are made of.
 */
import type { Random } from '../tabulate/random.ts';
import { FIRST_RECENT, FIRST_THING, RECENT, RECENT_COUNT, STATE } from './layout.ts';
import type { Transaction } from './transaction.ts';
import type { UnitMemory } from './unit-memory.ts';

/** So often another thing is drawn that a choice does not name already; then all are gone through. */
const DRAWS = 4;

export class RecentThings {
  readonly #unit: UnitMemory;
  readonly #memory: Int32Array;
  readonly #population: number;
  readonly #random: Random;
  /** Per family: where the state of its first member is in a unit, how far it is to the next one's, the state at the start. */
  readonly #families: Int32Array;

  /** @param initial by kind: the state at the start */
  constructor(unit: UnitMemory, random: Random, initial: readonly number[]) {
    this.#unit = unit;
    this.#memory = unit.memory;
    this.#population = unit.layout.population;
    this.#random = random;
    this.#families = Int32Array.from(
      unit.layout.kinds.flatMap(({ sort, offset, stride }, kind) =>
        sort === 'family' ? [offset + STATE, stride, initial[kind]!] : [],
      ),
    );
  }

  /** A thing of the unit: one in eight is any, the others were used not long ago. */
  draw(): number {
    const count = this.count;
    if (count === 0 || this.#random.below(8) === 0) return this.#random.below(this.#population);
    return this.at(this.#random.below(count));
  }

  get count(): number {
    return Math.min(RECENT, this.#memory[this.#unit.base + RECENT_COUNT]!);
  }

  /** @param place below `count`; a thing may stand at several */
  at(place: number): number {
    return this.#memory[this.#unit.base + FIRST_RECENT + place]!;
  }

  /** Whether the thing at a place stands at an earlier one, too. */
  isRepeated(place: number): boolean {
    const thing = this.at(place);
    for (let i = 0; i < place; i++) if (this.at(i) === thing) return true;
    return false;
  }

  /**
   * Draws the new things of a choice and remembers them.
   *
   * @param stack from `from` to below `to` the things that the choice names: new ones are -1 minus a number, the same for the same thing
   * @param slot of its starter, whose state names `known` things, which are not new
   * @returns false when there are not enough
   */
  fill(stack: Int32Array, from: number, to: number, transaction: Transaction, slot: number, known: number): boolean {
    const { words } = transaction;
    const named = slot * transaction.width + FIRST_THING;
    for (let i = from; i < to; i++) {
      const place = stack[i]!;
      if (place >= 0) continue;
      const thing = this.#drawOther(stack, from, i, words, named, known);
      if (thing < 0) return false;
      for (let j = i; j < to; j++) if (stack[j] === place) stack[j] = thing;
      this.#remember(thing);
    }
    return true;
  }

  /** A thing that is neither in the stack from `from` to below `to` nor among those that are named. */
  #drawOther(stack: Int32Array, from: number, to: number, words: Int32Array, named: number, known: number): number {
    const population = this.#population;
    let thing = this.draw();
    for (let tries = 0; tries < population + DRAWS; tries++) {
      let isFree = true;
      for (let i = from; i < to; i++) isFree &&= stack[i] !== thing;
      for (let i = 0; i < known; i++) isFree &&= words[named + i] !== thing;
      if (isFree) return thing;
      thing = tries < DRAWS ? this.draw() : (thing + 1) % population;
    }
    return -1;
  }

  /**
   * Puts a thing among the recent ones, in the place of one that is as at the start: those that are in some other state, as pages that
   * are present, are drawn again and again.
   */
  #remember(thing: number): void {
    const memory = this.#memory;
    const base = this.#unit.base;
    const count = memory[base + RECENT_COUNT]!++;
    let place = count % RECENT;
    for (let i = 0; i < RECENT && count >= RECENT; i++) {
      const at = (count + i) % RECENT;
      if (!this.#isInitial(memory[base + FIRST_RECENT + at]!)) continue;
      place = at;
      break;
    }
    memory[base + FIRST_RECENT + place] = thing;
  }

  #isInitial(thing: number): boolean {
    const families = this.#families;
    const base = this.#unit.base;
    for (let i = 0; i < families.length; i += 3) {
      if (this.#memory[base + families[i]! + thing * families[i + 1]!] !== families[i + 2]) return false;
    }
    return true;
  }
}
