/**
 * Runs a trace again: through the tables, and step by step on live XState actors, which must agree.
 *
 * A schedule (`0/2/1`) is decoded by the tables: each number is a step's place among the enabled ones. A stored trace is
 * followed by what its steps are, so that it survives changes of the model that only renumber them. Either way the live
 * actors take the same steps, and after each of them every actor, every channel and the order of the messages must be what
 * the tables say. A difference is a bug of Faultline, not of the model, and stops with an `Error`.
 */

import { ModelError, UsageError } from '../system/errors.ts';
import type { System } from '../system/system.ts';
import { deadEndProperties } from '../tabulate/dead-end.ts';
import { isSame } from '../tabulate/ints.ts';
import {
  failingStep,
  findStep,
  forEachStep,
  type Path,
  type PathStep,
  type PossibleStep,
  possible,
  stopped,
} from '../tabulate/path.ts';
import { canonicalKey } from '../tabulate/plain.ts';
import { Tables } from '../tabulate/tables.ts';
import { Walker } from '../tabulate/walker.ts';
import { compare, compareMessages, compareStates } from './agreement.ts';
import { LiveSystem } from './live.ts';
import { unfairnessOf, violatedProgress } from './progress.ts';
import { SafetyProperties } from './safety.ts';
import {
  type EnabledStep,
  enabledStepOf,
  labelOf,
  SCHEDULE,
  stateOf,
  type Trace,
  type TraceStep,
  traceOf,
} from './trace.ts';

export interface Replay {
  readonly trace: Trace;
  /**
   * The properties that the end state violates: `always`, monitors; and those of progress and deadlock, where nothing can happen
   * any more; and those of progress, where the run stops or goes round a cycle for ever, and that is fair.
   */
  readonly violated: readonly string[];
  /** What a cycle, or a run that stops, leaves out for ever although fairness is asked for it; then it violates no progress. */
  readonly unfair: readonly string[];
  /** In the end state no step is enabled. */
  readonly deadEnd: boolean;
  /** Why the last step broke off; given with `trace.failed`. */
  readonly error?: ModelError;
  /** For a stored trace: its first step, counted from 0, that does not do what it did when the trace was stored. */
  readonly changedAt?: number;
}

/** The schedule or trace does not fit the model. */
export class ReplayError extends UsageError {
  override readonly name = 'ReplayError';
}

/**
 * @param schedule as `scheduleOf` writes it; empty for the initial state
 * @throws ReplayError when a number of it is no step that is enabled there, or its cycle does not close
 * @throws ModelError when the system cannot be started
 *
 * @example
 * ```ts
 * import { check, replaySchedule, scheduleOf } from 'faultline';
 * import { lights } from './lights.ts';
 *
 * const result = await check(lights);
 * if (result.verdict !== 'violated' || !result.trace) throw new Error(result.verdict);
 * replaySchedule(lights, scheduleOf(result.trace)).violated; // => ['never both green']
 * ```
 */
export function replaySchedule(system: System, schedule: string): Replay {
  if (!SCHEDULE.test(schedule)) {
    throw new ReplayError(
      `"${schedule}" is not a schedule`,
      'a schedule is a list of step numbers, as 0/2/1, as 0/2:1/3 when the last ones repeat for ever, or as 0/2: when the run stops there; before it, as in 3@0/2/1, which of several ways to start',
    );
  }
  const [way, steps] = schedule.includes('@') ? schedule.split('@') : ['0', schedule];
  const start = Number(way);
  if (start >= system.starts.length) {
    const there = system.starts.length === 1 ? 'there is one' : `there are ${system.starts.length}`;
    throw new ReplayError(
      `the schedule begins with the way to start ${start}, but ${there}, counted from 0`,
      'is this the schedule of another variant?',
    );
  }
  const [stem = [], cycle] = steps!.split(':').map((part) => (part === '' ? [] : part.split('/').map(Number)));
  const indices = [...stem, ...(cycle ?? [])];
  const end: End = cycle === undefined ? 'open' : cycle.length === 0 ? 'stop' : stem.length;
  return run(
    system,
    start,
    end,
    indices.map((index, at) => (options) => {
      const step = options.steps[index];
      if (step) return options.take(step);
      const place = `step ${at + 1} of the schedule is ${index}`;
      throw new ReplayError(`${place}, but ${options.describe()}`, 'is this the schedule of another variant?');
    }),
  );
}

/**
 * @param stored the trace; its states are not used
 * @throws ReplayError when the model does not allow one of its steps any more, or its cycle does not close
 *
 * @example
 * ```ts
 * import { check, replayTrace } from 'faultline';
 * import { lights } from './lights.ts';
 *
 * const result = await check(lights);
 * if (result.verdict !== 'violated' || !result.trace) throw new Error(result.verdict);
 * replayTrace(lights, result.trace).violated; // => ['never both green']
 * ```
 */
export function replayTrace(system: System, stored: Pick<Trace, 'start' | 'steps' | 'cycleStart' | 'stops'>): Replay {
  const { start = 0 } = stored;
  if (start >= system.starts.length) {
    throw new ReplayError(
      `the trace begins with a way to start that there is not any more, number ${start}`,
      'the model has changed, or this is the trace of another variant',
    );
  }
  const replay = run(
    system,
    start,
    stored.cycleStart ?? (stored.stops ? 'stop' : 'open'),
    stored.steps.map((step, place) => (options) => {
      const alike = (keyOf: (step: EnabledStep) => string) => {
        const wanted = keyOf(step);
        return options.steps.filter((candidate) => keyOf(options.read(candidate)) === wanted);
      };
      const exact = alike(stepKey);
      // Steps that JSON makes the same are told apart by their index.
      const stored = alike(jsonStepKey);
      const at = (steps: readonly PossibleStep[]) => steps.find(({ index }) => index === step.index);
      const found = at(exact) ?? at(stored) ?? exact[0] ?? stored[0];
      if (found) return options.take(found);
      const what = `step ${place + 1} of the trace, ${labelOf(step)}, is not possible`;
      throw new ReplayError(
        `${what}: ${options.describe()}`,
        'the model has changed, or this is the trace of another variant',
      );
    }),
  );
  const changedAt = replay.trace.steps.findIndex(
    (step, at) => jsonKey(effectOf(step)) !== jsonKey(effectOf(stored.steps[at]!)),
  );
  return changedAt < 0 ? replay : { ...replay, changedAt };
}

type Choose = (options: Options) => PathStep;

/** The first step of a cycle; or whether nothing more happens in the run, or its continuation is left open. */
type End = number | 'stop' | 'open';

function run(system: System, start: number, end: End, choices: readonly Choose[]): Replay {
  const tables = new Tables(system);
  const walker = new Walker(tables);
  walker.start(start);
  const initial = walker.current.slice();
  const steps: PathStep[] = [];
  let error: ModelError | undefined;
  let state: Int32Array = initial;
  for (const [at, choose] of choices.entries()) {
    if (error) throw new ReplayError(`step ${at} ends in a model error: ${error.message}`, 'nothing can follow it');
    const options = new Options(walker, state);
    const step = choose(options);
    if (step === options.failing) error = options.error;
    steps.push(step);
    state = step.state;
  }
  const cycleStart = typeof end === 'number' ? end : undefined;
  if (cycleStart !== undefined) requireCycle([initial, ...steps.map((step) => step.state)], cycleStart);
  const whole = { initial, steps, failed: error !== undefined, ...(cycleStart !== undefined && { cycleStart }) };
  const asked = end === 'stop' && !error ? stopped(walker, whole) : whole;
  const unfair = unfairnessOf(tables, asked);
  // Where somebody has to go on, no run stops.
  const path = unfair.length > 0 && end === 'stop' ? whole : asked;
  const trace = traceOf(tables, path);
  compareWithLive(tables, start, path, trace, error);
  if (error) return { trace, violated: [], unfair: [], deadEnd: false, error };
  const deadEnd = new Options(walker, state).steps.length === 0;
  const isFair = deadEnd || (end !== 'open' && unfair.length === 0);
  const violated = new Set([
    ...new SafetyProperties(tables).violatedIn(state),
    ...(deadEnd ? deadEndProperties(tables, state) : []),
    ...(isFair ? violatedProgress(tables, path) : []),
  ]);
  return { trace, violated: [...violated], unfair, deadEnd };
}

function requireCycle(states: readonly Int32Array[], cycleStart: number): void {
  const first = states[cycleStart];
  const last = states.at(-1)!;
  if (cycleStart < states.length - 1 && isSame(first!, last)) return;
  throw new ReplayError(
    `the steps from ${cycleStart + 1} to ${states.length - 1} are no cycle: they do not end in the state in which they begin`,
    'the model has changed, or this is the schedule or trace of another variant',
  );
}

/** What can happen in a state: the enabled steps in their order, and the one that fails, if there is one, after them. */
class Options {
  readonly steps: readonly PossibleStep[];
  readonly failing: PathStep | undefined;
  readonly error: ModelError | undefined;
  readonly #walker: Walker;
  readonly #state: Int32Array;

  constructor(walker: Walker, state: Int32Array) {
    this.#walker = walker;
    this.#state = state;
    const enabled: PossibleStep[] = [];
    try {
      forEachStep(walker, state, (step) => {
        enabled.push(possible(step));
      });
    } catch (error) {
      if (!(error instanceof ModelError)) throw error;
      this.error = error;
      // Nobody can say what comes after the failing step, so the enumeration ends with it.
      this.failing = failingStep(walker, state)!;
      enabled.push(this.failing);
    }
    this.steps = enabled;
  }

  take(step: PossibleStep): PathStep {
    if (step === this.failing) return this.failing;
    return findStep(this.#walker, this.#state, ({ index }) => index === step.index)!;
  }

  read(step: PossibleStep): EnabledStep {
    return enabledStepOf(this.#walker.tables, step);
  }

  describe(): string {
    const { steps } = this;
    if (steps.length === 0) return 'no step is enabled there';
    const listed = steps.slice(0, LISTED_MAX).map((step) => {
      const note = step === this.failing ? ', which ends in a model error' : '';
      return `\n  ${step.index}  ${labelOf(this.read(step))}${note}`;
    });
    if (steps.length > LISTED_MAX) listed.push(`\n  … and ${steps.length - LISTED_MAX} more`);
    const count = steps.length === 1 ? '1 step is' : `${steps.length} steps are`;
    return `${count} enabled there:${listed.join('')}`;
  }
}

const LISTED_MAX = 40;

// --- the comparison with live actors ---

/** Model errors that live actors run into as well; the others are refused by the tables before XState would notice. */
const LIVE_ERRORS: ReadonlySet<string> = new Set(['unhandled-message', 'exception', 'endless-loop']);

function compareWithLive(tables: Tables, start: number, path: Path, trace: Trace, error: ModelError | undefined): void {
  const live = new LiveSystem(tables.system, start);
  const { channels } = tables.system;
  compareStates('at the start', channels, trace.initial, live.state());
  for (const [at, step] of trace.steps.entries()) {
    const failing = error !== undefined && at === trace.steps.length - 1;
    if (failing && !LIVE_ERRORS.has(error.code)) return;
    const where = `in step ${at + 1}, ${labelOf(step)}`;
    const { messages, outcome } = live.step(step);
    const expected = failing ? error.code : 'done';
    const got = outcome instanceof ModelError ? outcome.code : outcome;
    compareMessages(where, step.messages, messages);
    compare(where, 'the outcome', expected, got);
    if (!failing) compareStates(where, channels, stateOf(tables, path.steps[at]!.state), live.state());
  }
}

// --- stored traces ---

/** What a step is. */
function stepOf({ kind, actor, event, timer, channel, place }: EnabledStep): Partial<TraceStep> {
  return {
    ...{ kind, actor, event },
    ...(timer !== undefined && { timer }),
    ...(channel !== undefined && { channel }),
    ...(place !== undefined && { place }),
  };
}

function stepKey(step: EnabledStep): string {
  return canonicalKey(stepOf(step), 'step');
}

/** As far as JSON keeps it: a trace of a `--json` document has lost its undefined members, and has strings for big integers. */
function jsonStepKey(step: EnabledStep): string {
  return jsonKey(stepOf(step));
}

function effectOf({ messages, changes }: TraceStep): Partial<TraceStep> {
  return { messages, changes };
}

function jsonKey(value: object): string {
  const text = JSON.stringify(value, (_, item: unknown) => {
    if (typeof item === 'bigint') return String(item);
    return typeof item === 'number' && !Number.isFinite(item) ? String(item) : item;
  });
  return canonicalKey(JSON.parse(text), 'step');
}
