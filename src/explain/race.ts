/**
 * The race of a trace, named: which of its steps must come before which others, and where a thread is interrupted.
 */
import { footprintOf, type Path, type PathStep } from '../tabulate/path.ts';
import type { Tables } from '../tabulate/tables.ts';
import type { Walker } from '../tabulate/walker.ts';
import type { ChannelMessage } from '../trace/trace.ts';
import type { Goal } from './goal.ts';
import { type Orders, ordersOf, type RacingOrder } from './orders.ts';
import { reorderings } from './reorderings.ts';
import { isSame, runnerOf, stepOf } from './runs.ts';

/** A step of the trace, counted from 0, and the message by which it meets the other one, if there is one. */
export interface RacingStep {
  readonly step: number;
  readonly meets?: ChannelMessage;
}

/** `first` must come before `second`. */
export interface RaceOrder {
  readonly first: RacingStep;
  readonly second: RacingStep;
  /** False where the end can be reached the other way round, too, if something else is different. */
  readonly isNeeded: boolean;
  /**
   * Where it hits a thread between two of its steps: the one before `second`, and the steps of others that have to come between
   * these, the last of which is `first`.
   */
  readonly window?: { readonly after: RacingStep; readonly between: readonly number[] };
}

export interface Race {
  /** How many ways there are to interleave the steps of the trace, and how many of them come to the same end. Large ones are rounded. */
  readonly interleavings: number;
  readonly violating: number;
  /** What decides: every interleaving with these orders comes to the end of the trace, if `areEnough`. */
  readonly orders: readonly RaceOrder[];
  readonly areEnough: boolean;
}

/** @param nodesMax of the graph of interleavings; undefined is returned when these are too few */
export function raceOf(walker: Walker, path: Path, goal: Goal, nodesMax: number): Race | undefined {
  const runs = reorderings(walker, path.initial, path.steps.map(stepOf), goal, nodesMax);
  if (!runs) return undefined;
  const footprints = path.steps.map(footprintOf);
  const meet = (one: number, other: number) =>
    footprints[one]!.writes.some((slot) => footprints[other]!.reads.includes(slot)) ||
    footprints[other]!.writes.some((slot) => footprints[one]!.reads.includes(slot));
  const orders = ordersOf(runs, meet);
  return {
    interleavings: runs.interleavings,
    violating: runs.reaching,
    orders: orders.races
      .toSorted((one, other) => one.second - other.second || one.first - other.first)
      .map((order) => raceOrder(walker.tables, path, orders, order)),
    areEnough: orders.areEnough,
  };
}

function raceOrder(tables: Tables, path: Path, orders: Orders, { first, second, isNeeded }: RacingOrder): RaceOrder {
  const runners = path.steps.map((step) => runnerOf(tables, stepOf(step)));
  const stateBefore = (step: number) => path.steps[step - 1]?.state ?? path.initial;
  const meeting = (step: number, other: number): RacingStep => {
    const meets = meetingMessage(tables, path.steps[step]!, path.steps[other]!, [step, other].map(stateBefore));
    return meets ? { step, meets } : { step };
  };
  const order = { first: meeting(first, second), second: meeting(second, first), isNeeded };
  const runner = runners[second]!;
  const last = runners.findLastIndex((other, step) => other === runner && step < second);
  if (last < 0 || !isSequel(tables, path.steps[second]!, path.steps[last]!, stateBefore(last))) return order;
  const between = runners.flatMap((other, step) => {
    const isBetween = orders.isNeeded(last, step) && (step === first || orders.isNeeded(step, first));
    return isBetween && other !== runner ? [step] : [];
  });
  if (!between.includes(first)) return order;
  return { ...order, window: { after: meeting(last, between[0]!), between } };
}

/** Two choices that an environment could make in any order enclose nothing; two blocks of a thread do. */
function isSequel(tables: Tables, step: PathStep, earlier: PathStep, before: Int32Array): boolean {
  if (isSame(stepOf(step), stepOf(earlier))) return true;
  const { slot, options } = tables.actors[tables.messages[step.message]!.to]!;
  const start = options.data[before[slot]!]!;
  const enabled = tables.lists.data.subarray(start + 1, start + 1 + tables.lists.data[start]!);
  return !enabled.includes(step.message);
}

/** What a step does with what another one touches, too: a change rather than a look, of what stays changed rather than not. */
function meetingMessage(
  tables: Tables,
  step: PathStep,
  other: PathStep,
  before: readonly Int32Array[],
): ChannelMessage | undefined {
  const touched = new Set(footprintOf(other).reads);
  const changed = (slot: number) =>
    step.state[slot] !== before[0]![slot] || other.state[slot] !== before[1]![slot] ? 2 : 0;
  const worth = ({ slot, before, after }: PathStep['records'][number]) => changed(slot) + (before === after ? 0 : 1);
  // What starts the step is its name already.
  const shared = step.records.filter(({ slot, from }) => from !== undefined && touched.has(slot));
  const best = shared.toSorted((one, another) => worth(another) - worth(one))[0];
  if (!best) return undefined;
  const { to, event } = tables.messages[best.message]!;
  return { to: tables.nameOf(to), event };
}
