/**
 * What a trace ends in, as a question that can be asked of other runs: does this one end in the same?
 */
import { ModelError } from '../system/errors.ts';
import { deadEndProperties } from '../tabulate/dead-end.ts';
import { errorIn, failingStep, type Path } from '../tabulate/path.ts';
import { Predicate } from '../tabulate/predicate.ts';
import type { Tables } from '../tabulate/tables.ts';
import type { Walker } from '../tabulate/walker.ts';

export type Goal =
  /** A state violates the property. */
  | { readonly kind: 'state'; isReached(state: Int32Array): boolean }
  /** A state in which no step is enabled violates it. */
  | { readonly kind: 'dead end'; isReached(state: Int32Array): boolean }
  /** A step breaks off with the same error, while the same message is taken. */
  | { readonly kind: 'error'; readonly code: string; readonly message: number };

export interface Ending {
  /** The violated property; left out for a model error. */
  readonly property?: string;
  /** It is violated because nothing can happen any more. */
  readonly deadEnd?: boolean;
}

/** Undefined when the path ends in nothing of the kind: an error outside of a step, or a property that is about whole runs. */
export function goalOf(tables: Tables, walker: Walker, path: Path, { property, deadEnd }: Ending): Goal | undefined {
  if (path.failed) return errorGoal(walker, path);
  if (property === undefined) return undefined;
  if (deadEnd) {
    const isReached = (state: Int32Array) => untroubled(() => deadEndProperties(tables, state).includes(property));
    return { kind: 'dead end', isReached };
  }
  const declared = tables.system.properties.find(({ name }) => name === property);
  if (declared?.kind === 'always') {
    const predicate = new Predicate(property, tables, declared.holds);
    return { kind: 'state', isReached: (state) => untroubled(() => !predicate.evaluate(state)) };
  }
  if (declared?.kind !== 'monitor') return undefined;
  const { slot, locals } = monitorOf(tables, property);
  return { kind: 'state', isReached: (state) => locals[state[slot]!]!.snapshot.hasTag('violation') };
}

/** The table of a monitor, by the name of its property. */
export function monitorOf(tables: Tables, property: string): Tables['actors'][number] {
  return tables.actors.slice(tables.actorCount).find(({ name }) => name === property)!;
}

function errorGoal(walker: Walker, path: Path): Goal | undefined {
  const failed = path.steps.at(-1)!;
  const error = errorIn(walker, failed.state);
  const message = failed.records.at(-1)?.message;
  // Coming to such an end thousands of times, to compare runs, would take minutes.
  if (error === undefined || message === undefined || error.code === 'endless-loop') return undefined;
  return { kind: 'error', code: error.code, message };
}

/** Whether the first failing step of a state fails as the goal says. */
export function failsAs(goal: Goal & { kind: 'error' }, walker: Walker, state: Int32Array): boolean {
  return (
    errorIn(walker, state)?.code === goal.code && failingStep(walker, state)?.records.at(-1)?.message === goal.message
  );
}

/** A property that cannot be evaluated in some other state is another matter. */
function untroubled(run: () => boolean): boolean {
  try {
    return run();
  } catch (error) {
    if (error instanceof ModelError) return false;
    throw error;
  }
}
