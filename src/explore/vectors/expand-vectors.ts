/** The inner loop of a search that keeps fingerprints: the successors of whole vectors, by look-ups alone, in any thread. */
import type { Ints } from '../../tabulate/ints.ts';
import type { Fingerprints } from '../fingerprints.ts';
import type { FoundSteps } from './found-steps.ts';
import type { LevelList } from './level-list.ts';
import type { StepTrees } from './tree-steps.ts';

export class VectorExpander {
  /** Steps of the states that have been expanded. */
  steps = 0;
  /** Places in the level of states without a step. */
  readonly deadEnds: Ints;
  /** The starter whose steps were not known when `expand` came back early. */
  missing = -1;
  readonly #lowMask: number;
  readonly #found: FoundSteps;
  readonly #state: Int32Array;
  /** The lists of the steps of the state at hand, by starter. */
  readonly #lists: Int32Array;

  constructor(slotCount: number, { lowMask }: Fingerprints, found: FoundSteps, deadEnds: Ints) {
    this.#lowMask = lowMask;
    this.#found = found;
    this.deadEnds = deadEnds;
    this.#state = new Int32Array(slotCount);
    this.#lists = new Int32Array(slotCount);
  }

  /**
   * Expands the states `from` to `to` of a list.
   *
   * @param start the place in its level of the list's first state
   * @param lanes how many there are, as for `laneOf`
   * @returns the place of the first one of whose steps something is not known yet, else `to`; those before it are done
   * @throws StoreFull
   */
  expand(tables: StepTrees, list: LevelList, start: number, from: number, to: number, lanes: number): number {
    const { trees, starters, cells, flips } = tables;
    const state = this.#state;
    const lists = this.#lists;
    const found = this.#found;
    const laneMask = (lanes - 1) & this.#lowMask;
    const { fingerprints } = list;
    let steps = 0;
    let at = from;
    states: for (; at < to; at++) {
      list.load(at, state);
      let count = 0;
      for (let i = 0; i < starters.length; i++) {
        const starter = starters[i]!;
        const own = cells[i]!;
        const value = state[starter]!;
        // The tree of a value that has none yet is in cell 0, which is free.
        let node = value < own.length ? trees[own[value]!]! : 0;
        while (node > 0) {
          const seen = state[trees[node]!]!;
          node = seen < trees[node + 1]! ? trees[node + 2 + seen]! : 0;
        }
        if (node === 0) {
          this.missing = starter;
          break states;
        }
        const first = -1 - node;
        lists[i] = first;
        count += trees[first]!;
      }
      const low = fingerprints[2 * at]!;
      const high = fingerprints[2 * at + 1]!;
      const place = start + at;
      for (let i = 0; i < starters.length; i++) {
        const first = lists[i]!;
        for (let each = first + 1, end = each + trees[first]!; each < end; each++) {
          const delta = trees[each]!;
          if (delta === 0) continue;
          const toLow = low ^ flips[2 * each]!;
          found.push(toLow & laneMask, toLow, high ^ flips[2 * each + 1]!, place, delta);
        }
      }
      steps += count;
      if (count === 0) this.deadEnds.push(place);
    }
    this.steps += steps;
    return at;
  }

  /** What starts the steps of the last state that was expanded: their labels. */
  labelsIn({ trees, starters }: StepTrees): number[] {
    return Array.from(this.#lists.subarray(0, starters.length)).flatMap((first) => {
      const count = trees[first]!;
      return [...trees.subarray(first + 1 + count, first + 1 + 2 * count)];
    });
  }
}
