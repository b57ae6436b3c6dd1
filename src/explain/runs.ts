/**
 * Sets of runs as graphs: every way from the start along the edges is the beginning of a run, and the runs that come to a
 * goal are those that an explanation compares.
 *
 * A *step* here is what starts it: a choice of an actor, a timer, a message that leaves a channel in one of the three ways. What
 * follows from it may differ from run to run. The *runner* of a step is who does it: the actor whose choice or timer it is, or
 * that a message is delivered to; where a message is lost, the channel.
 */
import { ModelError } from '../system/errors.ts';
import { failingStep, findStep, type Path, type PathStep, type StepKind } from '../tabulate/path.ts';
import { DELIVER, DUPLICATE, LOSE, type Tables } from '../tabulate/tables.ts';
import { START, type Walker } from '../tabulate/walker.ts';
import { failsAs, type Goal } from './goal.ts';

export interface Step {
  readonly kind: number;
  readonly message: number;
  readonly channelSlot: number;
  /** Of a lost message that is not the oldest of its queue; otherwise 0. */
  readonly place: number;
}

export interface Edge {
  readonly step: Step;
  /** A node that comes later: nodes are numbered level by level. */
  readonly to: number;
}

/** Node 0 is the start. */
export interface Runs {
  readonly edges: readonly (readonly Edge[])[];
  /** Nodes in which the goal is reached; no edge leaves them. */
  readonly goals: ReadonlySet<number>;
}

const KINDS: Readonly<Record<StepKind, number>> = {
  start: START,
  deliver: DELIVER,
  duplicate: DUPLICATE,
  lose: LOSE,
};

export function stepOf({ kind, message, channelSlot, place = 0 }: PathStep): Step {
  return { kind: KINDS[kind], message, channelSlot, place };
}

export function isSame(one: Step, other: Step): boolean {
  return (
    one.kind === other.kind &&
    one.message === other.message &&
    one.channelSlot === other.channelSlot &&
    one.place === other.place
  );
}

/** A slot; of a channel, that of its first part. */
export function runnerOf(tables: Tables, { kind, message, channelSlot }: Step): number {
  if (kind !== LOSE) return tables.messages[message]!.to;
  return tables.partsOf.get(tables.nameOf(channelSlot))![0]!.slot;
}

export function switchesIn(tables: Tables, steps: readonly Step[]): number {
  const runners = steps.map((step) => runnerOf(tables, step));
  return runners.filter((runner, at) => at > 0 && runner !== runners[at - 1]).length;
}

/** What a step comes to: the walker stands in the state after it, or tells by `failed` where it broke off. */
export interface Visit {
  step(walker: Walker): void;
  /** `message`: the last one that was to be taken. */
  failed?(walker: Walker, error: ModelError, message: number): void;
}

/** Runs the enabled steps that some slots start, in their order; one that fails hides only what else its slot could start. */
export function eachStep(walker: Walker, state: Int32Array, slots: readonly number[], visit: Visit): void {
  for (const slot of slots) {
    walker.begin([slot]);
    walker.current.set(state);
    if (visit.failed) walker.record = [];
    try {
      while (walker.next()) visit.step(walker);
    } catch (error) {
      if (!(error instanceof ModelError)) throw error;
      const message = walker.record?.at(-1)?.message ?? -1;
      walker.abort();
      visit.failed?.(walker, error, message);
    } finally {
      walker.record = undefined;
    }
  }
  walker.begin();
}

/** The path that takes some steps from a state; undefined when the last one is to fail and another one fails before it. */
export function pathAlong(walker: Walker, initial: Int32Array, steps: readonly Step[], goal: Goal): Path | undefined {
  const failed = goal.kind === 'error';
  const found: PathStep[] = [];
  let state = initial;
  for (const step of failed ? steps.slice(0, -1) : steps) {
    const next = findStep(walker, state, (at) => isSame(at, step))!;
    found.push(next);
    state = next.state;
  }
  if (!failed) return { initial, steps: found, failed };
  const last = failsAs(goal, walker, state) ? failingStep(walker, state) : undefined;
  return last && { initial, steps: [...found, last], failed };
}
