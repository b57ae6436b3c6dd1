/** So many levels in a row must have become smaller before anything is said about those to come. */
const FALLING = 4;

/**
 * About how many levels a breadth-first search still has to expand, the current one included, if levels go on shrinking as the
 * last one did; undefined while they do not shrink.
 *
 * Levels of most systems shrink faster and faster towards the end, so this is rather too much than too little.
 *
 * @param starts the first state of each level, and at the end the number of states, when the last level is complete
 */
export function levelsLeft(starts: readonly number[]): number | undefined {
  const sizes = starts.slice(1).map((end, level) => end - starts[level]!);
  const last = sizes.slice(-FALLING - 1);
  if (last.length <= FALLING || last.some((size, at) => at > 0 && size >= last[at - 1]!)) return undefined;
  const [before, now] = [last.at(-2)!, last.at(-1)!];
  return 1 + Math.ceil(Math.log(now) / Math.log(before / now));
}
