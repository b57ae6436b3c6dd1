/**
 * All interleavings of the steps of a trace, as far as the system lets them happen.
 *
 * An *interleaving* is a run that takes steps of the trace, each as often as the trace does, until the goal is reached or none of
 * those that are left is enabled. Each actor makes its own choices and timers in the order in which it makes them in the trace;
 * messages leave their channels in any order in which the channels give them out. One that reaches the goal before all steps
 * are taken ends there.
 */
import type { ModelError } from '../system/errors.ts';
import type { Tables } from '../tabulate/tables.ts';
import { START, type Walker } from '../tabulate/walker.ts';
import type { Goal } from './goal.ts';
import { type Edge, eachStep, isSame, type Runs, runnerOf, type Step } from './runs.ts';
import { isDeadEnd } from './shortest-runs.ts';

export interface Reorderings extends Runs {
  readonly edges: readonly (readonly OccurrenceEdge[])[];
  /** Per node, how many steps of each queue were taken. */
  readonly taken: readonly (readonly number[])[];
  /** Per step of the trace: its queue, that is the steps whose order among each other is fixed, and its place there. */
  readonly places: readonly { readonly queue: number; readonly rank: number }[];
  /** All interleavings, and those that reach the goal. Large numbers are rounded. */
  readonly interleavings: number;
  readonly reaching: number;
}

export interface OccurrenceEdge extends Edge {
  /** The step of the trace that is taken, counted from 0: of equal ones, the first that was not. */
  readonly occurrence: number;
}

/** Steps that may fail: errors are not tabulated, and so take their time. */
const FAILURES_MAX = 500;

/** @param nodesMax nodes that there may be; undefined is returned when these are too few */
export function reorderings(
  walker: Walker,
  initial: Int32Array,
  trace: readonly Step[],
  goal: Goal,
  nodesMax: number,
): Reorderings | undefined {
  const { tables } = walker;
  const queues: number[][] = [];
  const places = trace.map((step, at) => {
    let queue = queues.findIndex(([first]) => belongTogether(tables, trace[first!]!, step));
    if (queue < 0) queue = queues.push([]) - 1;
    return { queue, rank: queues[queue]!.push(at) - 1 };
  });
  const slots = slotsOf(walker, trace);

  const states: Int32Array[] = [initial];
  const taken: number[][] = [queues.map(() => 0)];
  const edges: OccurrenceEdge[][] = [[]];
  const goals = new Set<number>();
  const numbers = new Map<string, number>();
  let failures = 0;
  const add = (counts: number[], state: Int32Array): number => {
    const key = `${counts.join()} ${state.join()}`;
    let node = numbers.get(key);
    if (node === undefined) {
      node = states.length;
      numbers.set(key, node);
      states.push(state.slice());
      taken.push(counts);
      edges.push([]);
      if (goal.kind === 'state' && goal.isReached(state)) goals.add(node);
    }
    return node;
  };

  for (let node = 0; node < states.length; node++) {
    if (states.length > nodesMax || failures > FAILURES_MAX) return undefined;
    if (goals.has(node)) continue;
    const counts = taken[node]!;
    const follow = ({ kind, message, channelSlot, place }: Walker, lead: (counts: number[]) => number) => {
      const own = queues.findIndex((steps, queue) => {
        const next = trace[steps[counts[queue]!]!];
        return next !== undefined && isSame(next, { kind, message, channelSlot, place });
      });
      if (own < 0) return;
      const occurrence = queues[own]![counts[own]!]!;
      const to = lead(counts.with(own, counts[own]! + 1));
      edges[node]!.push({ step: trace[occurrence]!, occurrence, to });
    };
    const failed = (at: Walker, { code }: ModelError, message: number) => {
      failures++;
      if (goal.kind !== 'error' || goal.code !== code || goal.message !== message) return;
      // No state follows, so the node is none of those that are told apart by their states.
      follow(at, (after) => {
        goals.add(states.length);
        taken.push(after);
        edges.push([]);
        return states.push(states[node]!) - 1;
      });
    };
    const visit = { step: (at: Walker) => follow(at, (after) => add(after, at.current)) };
    eachStep(walker, states[node]!, slots, goal.kind === 'error' ? { ...visit, failed } : visit);
    if (goal.kind !== 'dead end' || edges[node]!.length > 0) continue;
    if (goal.isReached(states[node]!) && isDeadEnd(walker, states[node]!)) goals.add(node);
  }
  return { edges, goals, taken, places, ...countRuns(edges, goals) };
}

/** Choices and timers of one actor, or equal messages that leave a channel in the same way. */
function belongTogether(tables: Tables, one: Step, other: Step): boolean {
  if (one.kind !== START || other.kind !== START) return isSame(one, other);
  return runnerOf(tables, one) === runnerOf(tables, other);
}

/** The slots that can start the steps of the trace, in the order in which they are tried. */
function slotsOf({ tables }: Walker, trace: readonly Step[]): number[] {
  const own = new Set(
    trace.map(({ message, channelSlot }) => (channelSlot < 0 ? tables.messages[message]!.to : channelSlot)),
  );
  return [...own].sort((one, other) => one - other);
}

function countRuns(
  edges: readonly (readonly Edge[])[],
  goals: ReadonlySet<number>,
): Pick<Reorderings, 'interleavings' | 'reaching'> {
  const all = edges.map(() => 0);
  const good = edges.map(() => 0);
  for (let node = edges.length - 1; node >= 0; node--) {
    const isGoal = goals.has(node);
    all[node] = isGoal || edges[node]!.length === 0 ? 1 : 0;
    good[node] = isGoal ? 1 : 0;
    for (const { to } of edges[node]!) {
      all[node]! += all[to]!;
      good[node]! += good[to]!;
    }
  }
  return { interleavings: all[0]!, reaching: good[0]! };
}
