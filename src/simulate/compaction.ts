/**
 * The trees of the steps, written anew starter by starter: each with its lists, deltas and extras behind it. As they grow they come to lie all
 * over the memory, and a step of a system with thousands of actors then waits for a page here and a line there.
 */
import { Ints } from '../tabulate/ints.ts';
import { DELTA, EFFECT_WORDS, EXTRAS, LIST_WORDS, OPERATION_WORDS, STEP_WORDS } from './step-words.ts';

/**
 * @param old the array of the trees, as `DecisionTrees` and `TimedSteps` write it
 * @param cells of all trees, which stay where they are
 * @param nothing where the empty delta stands; it stays there
 */
export function compacted(old: Ints, cells: Int32Array, nothing: number): Ints {
  const { data } = old;
  const fresh = new Ints(old.length);
  fresh.extend(nothing + 1);
  const copy = (from: number, words: number): number => {
    const at = fresh.length;
    fresh.extend(words);
    fresh.data.set(data.subarray(from, from + words), at);
    return at;
  };
  const list = (from: number): number => {
    const count = data[from]!;
    const words = LIST_WORDS + count * STEP_WORDS;
    const at = copy(from, words);
    for (let step = at + LIST_WORDS; step < at + words; step += STEP_WORDS) {
      const delta = fresh.data[step + DELTA]!;
      const extras = fresh.data[step + EXTRAS]!;
      if (delta !== nothing) fresh.data[step + DELTA] = copy(delta, 1 + 2 * data[delta]!);
      if (extras === 0) continue;
      const effects = 1 + EFFECT_WORDS * data[extras]!;
      fresh.data[step + EXTRAS] = copy(extras, effects + 1 + OPERATION_WORDS * data[extras + effects]!);
    }
    return at;
  };
  /** What a reference of a tree becomes. */
  const reference = (from: number): number => {
    if (from === 0) return 0;
    if (from < 0) return -1 - list(-1 - from);
    let branches = data[from + 1]!;
    while (branches > 1 && data[from + 1 + branches] === 0) branches--;
    const at = copy(from, 2 + branches);
    fresh.data[at + 1] = branches;
    for (let branch = at + 2; branch < at + 2 + branches; branch++) {
      const inner = reference(fresh.data[branch]!);
      fresh.data[branch] = inner;
    }
    return at;
  };
  for (const cell of cells) {
    const tree = reference(data[cell]!);
    fresh.data[cell] = tree;
  }
  return fresh;
}
