/**
 * All runs of a given length to a goal, where no shorter one comes to it: breadth-first, level by level, from the start.
 *
 * A state that was met on an earlier level is on none of them, for a shortest run to a goal is a shortest run to all its states.
 */
import { failingStep, findStep } from '../tabulate/path.ts';
import type { Walker } from '../tabulate/walker.ts';
import { failsAs, type Goal } from './goal.ts';
import { type Edge, eachStep, type Runs, stepOf } from './runs.ts';

/** What it costs to see whether a state has a failing step, in steps: errors are not tabulated. */
const WORK_OF_ERROR = 100;

/** @param workMax steps that may be run to find them; undefined is returned when these are too few */
export function shortestRuns(
  walker: Walker,
  initial: Int32Array,
  length: number,
  goal: Goal,
  workMax: number,
): Runs | undefined {
  const states: Int32Array[] = [initial];
  const edges: Edge[][] = [[]];
  const numbers = new Map<string, number>([[initial.join(), 0]]);
  // A failing step leads to no state.
  const levels = goal.kind === 'error' ? length - 1 : length;
  let work = 0;
  let from = 0;
  for (let level = 1; level <= levels; level++) {
    const end = states.length;
    for (; from < end; from++) {
      const ways = edges[from]!;
      const step = ({ kind, message, channelSlot, place, current }: Walker) => {
        work++;
        // Of the last level, by far the largest, only the goals are of interest.
        if (level === levels && goal.kind !== 'error' && !goal.isReached(current)) return;
        const key = current.join();
        let to = numbers.get(key);
        if (to === undefined) {
          to = states.length;
          numbers.set(key, to);
          states.push(current.slice());
          edges.push([]);
        }
        if (to >= end) ways.push({ step: { kind, message, channelSlot, place }, to });
      };
      eachStep(walker, states[from]!, walker.tables.starters, { step });
      if (work > workMax) return undefined;
    }
  }

  const goals = new Set<number>();
  for (let node = from; node < states.length; node++) {
    const state = states[node]!;
    if (goal.kind === 'error') {
      work += WORK_OF_ERROR;
      if (work > workMax) return undefined;
      if (!failsAs(goal, walker, state)) continue;
      edges[node]!.push({ step: stepOf(failingStep(walker, state)!), to: edges.length });
      goals.add(edges.length);
      edges.push([]);
    } else if (goal.isReached(state) && (goal.kind === 'state' || isDeadEnd(walker, state))) goals.add(node);
  }
  return { edges, goals };
}

export function isDeadEnd(walker: Walker, state: Int32Array): boolean {
  return findStep(walker, state, () => true) === undefined;
}
