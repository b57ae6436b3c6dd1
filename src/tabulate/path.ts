/**
 * A path as integers: the states along it and, per step, which enabled step it was and what it did.
 *
 * The search keeps only parents; the steps are found again by running the enabled steps of each state until one gives the
 * next state. Where several do, the first one counts, so a path is the same in every run.
 */
import { ModelError } from '../system/errors.ts';
import { isSame } from './ints.ts';
import { DELIVER, DUPLICATE, LOSE, type Tables } from './tables.ts';
import { START, type StepRecord, Walker } from './walker.ts';

export type StepKind = 'start' | 'deliver' | 'duplicate' | 'lose';

export interface PathStep {
  /** Its place among the enabled steps of the state before it. */
  readonly index: number;
  readonly kind: StepKind;
  readonly message: number;
  /** The slot of the channel that the message leaves; -1 for a choice or timer. */
  readonly channelSlot: number;
  /** Of a lost message that is not the oldest of its queue: its place there, from 0. */
  readonly place?: number;
  readonly records: readonly StepRecord[];
  /** The state after it; for a step that failed, the state before it. */
  readonly state: Int32Array;
}

/** A step that is enabled in a state: what it is, and not what it does. There may be as many as actors, each with a state as long. */
export type PossibleStep = Omit<PathStep, 'records' | 'state'>;

export interface Path {
  readonly initial: Int32Array;
  readonly steps: readonly PathStep[];
  /** The last step threw a model error in its middle; its records end there. */
  readonly failed: boolean;
  /** Of a run without an end: the first step of those that repeat for ever. They end in the state before it. */
  readonly cycleStart?: number;
  /** Of a run that ends although steps are enabled: these. Nobody has to take any of them. */
  readonly stops?: readonly PossibleStep[];
}

const KINDS: Record<number, StepKind> = {
  [DELIVER]: 'deliver',
  [DUPLICATE]: 'duplicate',
  [LOSE]: 'lose',
  [START]: 'start',
};

/**
 * Runs the enabled steps of `from` until one is `wanted`, and returns it; undefined when none is.
 * A model error in a step passes through.
 */
export function findStep(walker: Walker, from: Int32Array, wanted: (walker: Walker) => boolean): PathStep | undefined {
  walker.begin();
  walker.current.set(from);
  try {
    for (;;) {
      walker.record = [];
      if (!walker.next()) return undefined;
      if (wanted(walker)) return captured(walker, walker.current.slice());
    }
  } catch (error) {
    walker.abort();
    throw error;
  } finally {
    walker.record = undefined;
    walker.begin();
  }
}

/**
 * Runs all enabled steps of a state, in their order; each is valid until the next one, with its state.
 * A model error in a step passes through, when those before it have been visited.
 */
export function forEachStep(walker: Walker, from: Int32Array, visit: (step: PathStep) => void): void {
  findStep(walker, from, () => {
    visit(captured(walker, walker.current));
    walker.record = [];
    return false;
  });
}

/** The wanted ones of the enabled steps of a state, in their order, each with the state after it. */
export function enabledSteps(
  walker: Walker,
  from: Int32Array,
  wanted: (step: PathStep) => boolean = () => true,
): PathStep[] {
  const steps: PathStep[] = [];
  forEachStep(walker, from, (step) => {
    if (wanted(step)) steps.push({ ...step, state: step.state.slice() });
  });
  return steps;
}

/** All enabled steps of a state, in their order. */
export function possibleSteps(walker: Walker, from: Int32Array): PossibleStep[] {
  const steps: PossibleStep[] = [];
  forEachStep(walker, from, (step) => {
    steps.push(possible(step));
  });
  return steps;
}

/** A step without what it does. */
export function possible({ index, kind, message, channelSlot, place }: PossibleStep): PossibleStep {
  return { index, kind, message, channelSlot, ...(place !== undefined && { place }) };
}

/** A path as a run that ends where it does: with `stops` unless no step is enabled there. */
export function stopped(walker: Walker, path: Path): Path {
  const stops = possibleSteps(walker, path.steps.at(-1)?.state ?? path.initial);
  return stops.length === 0 ? path : { ...path, stops };
}

/**
 * The initial states, one for each way to start; two of them may be the same.
 *
 * @param ways to start, all of them unless said otherwise
 * @throws ModelError when one cannot be started
 */
export function initialStates(
  walker: Walker,
  ways: readonly number[] = [...walker.tables.system.starts.keys()],
): Int32Array[] {
  return ways.map((way) => {
    walker.begin();
    walker.start(way);
    return walker.current.slice();
  });
}

/** The first way to start that leads to an initial state. */
export function startOf(tables: Tables, initial: Int32Array): number {
  if (tables.system.starts.length === 1) return 0;
  return initialStates(new Walker(tables)).findIndex((state) => isSame(state, initial));
}

/** The error of the first step of a state that fails, in the order of steps; undefined when none does. */
export function errorIn(walker: Walker, from: Int32Array): ModelError | undefined {
  walker.begin();
  walker.current.set(from);
  try {
    while (walker.next());
    return undefined;
  } catch (error) {
    if (error instanceof ModelError) return error;
    throw error;
  } finally {
    walker.abort();
  }
}

/** The step of a state that throws a model error, as far as it gets. */
export function failingStep(walker: Walker, from: Int32Array): PathStep | undefined {
  walker.begin();
  walker.current.set(from);
  try {
    do walker.record = [];
    while (walker.next());
    return undefined;
  } catch {
    walker.index++;
    const step = captured(walker, from);
    walker.abort();
    return step;
  } finally {
    walker.record = undefined;
    walker.begin();
  }
}

function captured(walker: Walker, state: Int32Array): PathStep {
  const { place } = walker;
  return {
    index: walker.index,
    kind: KINDS[walker.kind]!,
    message: walker.message,
    channelSlot: walker.channelSlot,
    ...(place > 0 && { place }),
    records: lastAttempt(walker.record!),
    state,
  };
}

/** The slots that a step depends on and those that it may change: two steps that touch nothing of each other commute. */
export interface Footprint {
  readonly reads: readonly number[];
  readonly writes: readonly number[];
}

export function footprintOf({ records, channelSlot }: Pick<PathStep, 'records' | 'channelSlot'>): Footprint {
  const leaves = channelSlot >= 0 ? [channelSlot] : [];
  // A slot that took a message was read even where its value stayed: another value might have refused it.
  const reads = new Set([...leaves, ...records.map((record) => record.slot)]);
  const writes = new Set([
    ...leaves,
    ...records.filter(({ before, after }) => before !== after).map((record) => record.slot),
  ]);
  const sorted = (slots: Set<number>) => [...slots].sort((a, b) => a - b);
  return { reads: sorted(reads), writes: sorted(writes) };
}

/** `next` records the steps that a refusal disabled, too; what belongs to the last one follows the last refusal. */
export function lastAttempt(records: readonly StepRecord[]): StepRecord[] {
  const end = records.at(-1);
  const disabled = records.findLastIndex(
    (record) => record !== end && (record.kind === 'refused' || record.kind === 'blocked'),
  );
  return records.slice(disabled + 1);
}
