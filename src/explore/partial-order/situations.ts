/**
 * What each actor or channel can start in a state, and which slots that depends on and changes; computed once for all states in
 * which its steps look at the same (as in `moves.ts`, but for whole states, and with the footprints).
 *
 * A *starter* is an actor or a channel, by its slot: also one that has nothing to start here.
 */
import { DecisionTrees } from '../../tabulate/decision-trees.ts';
import { Ints } from '../../tabulate/ints.ts';
import type { Walker } from '../../tabulate/walker.ts';
import type { Footprint, Resources } from './resources.ts';

/** The steps of one starter in all states in which they look at the same. */
export interface Situation {
  /** What must stay as it is for its steps to stay as they are, refused ones included. */
  readonly now: Footprint;
  /** What its steps look at and change when others have the turn meanwhile. */
  readonly later: Footprint;
  /** Of each enabled step, in their order: `[slot, value afterwards]` of each slot that it changes. */
  readonly effects: readonly Int32Array[];
}

export class Situations {
  /** All actors and channels, in the order of steps. */
  readonly starters: readonly number[];
  readonly #walker: Walker;
  readonly #resources: Resources;
  readonly #trees = new DecisionTrees();
  /** By slot and value: the cell of its tree plus one. Leaves are places in `#found`. */
  readonly #cells: readonly Ints[];
  readonly #found: Situation[] = [];
  readonly #onStep: (watched: readonly number[]) => void;
  readonly #onFound: (starter: number, state: Int32Array, situation: Situation) => void;

  /**
   * @param onStep hears of the messages of each step that some property watches for
   * @param onFound hears of each situation, with a state that is in it
   */
  constructor(
    walker: Walker,
    resources: Resources,
    onStep: (watched: readonly number[]) => void,
    onFound: (starter: number, state: Int32Array, situation: Situation) => void,
  ) {
    const { tables } = walker;
    this.#walker = walker;
    this.#resources = resources;
    this.#onStep = onStep;
    this.#onFound = onFound;
    this.#cells = Array.from({ length: tables.slotCount }, () => new Ints());
    const slots = Array.from({ length: tables.slotCount }, (_, slot) => slot);
    // Monitors only observe.
    this.starters = slots.filter((slot) => slot < tables.actorCount || slot >= tables.actors.length);
  }

  get bytes(): number {
    return this.#trees.pool.bytes + this.#cells.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** @throws ModelError when one of its steps fails */
  of(starter: number, state: Int32Array): Situation {
    const cell = this.#cellOf(starter, state[starter]!);
    const leaf = this.#trees.leafOf(cell, state);
    return leaf >= 0 ? this.#found[leaf]! : this.#explore(starter, cell, state);
  }

  #cellOf(starter: number, value: number): number {
    const cells = this.#cells[starter]!;
    if (value >= cells.length || cells.data[value] === 0) cells.set(value, this.#trees.cell() + 1);
    return cells.data[value]! - 1;
  }

  #explore(starter: number, cell: number, state: Int32Array): Situation {
    const walker = this.#walker;
    const effects: Int32Array[] = [];
    const reads: number[] = [];
    walker.reads = reads;
    try {
      walker.begin([starter]);
      walker.current.set(state);
      while (walker.next()) {
        if (walker.watched.length > 0) this.#onStep(walker.watched);
        effects.push(effectOf(walker));
      }
    } catch (error) {
      walker.abort();
      throw error;
    } finally {
      walker.reads = undefined;
    }
    const situation = { ...this.#resources.footprints(starter, state, reads, effects), effects };
    // The tree is already that of the starter's value.
    const slots = [...new Set(reads)].filter((slot) => slot !== starter);
    const values = slots.map((slot) => state[slot]!);
    if (!this.#trees.grow(cell, slots, values, this.#found.push(situation) - 1)) {
      throw new Error('a step looked at other slots than before in the same situation');
    }
    this.#onFound(starter, state, situation);
    return situation;
  }
}

function effectOf({ touched, touchedCount, current, previous }: Walker): Int32Array {
  const effect: number[] = [];
  for (let i = 0; i < touchedCount; i++) {
    const slot = touched[i]!;
    if (current[slot] !== previous[slot]) effect.push(slot, current[slot]!);
  }
  return Int32Array.from(effect);
}
