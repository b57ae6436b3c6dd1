/**
 * Is a log a behaviour of the model? A log of steps is one run, a log of events is what some run has shown: see `steps.ts` and
 * `events.ts`. Either way the answer comes with an ordinary trace, which live XState actors have confirmed.
 */
import type { ModelError } from '../system/errors.ts';
import type { System } from '../system/system.ts';
import type { Path } from '../tabulate/path.ts';
import { Tables } from '../tabulate/tables.ts';
import { replaySchedule } from '../trace/replay.ts';
import { SafetyProperties } from '../trace/safety.ts';
import { scheduleOf, type Trace, traceOf } from '../trace/trace.ts';
import { type BoundName, type EventsOptions, validateEvents } from './events.ts';
import { type Log, LogError, type LoggedStep } from './log.ts';
import { validateSteps } from './steps.ts';

export interface Violation {
  readonly property: string;
  /** The number of steps after which the run violates it first; what is undone at its end is violated there. */
  readonly after: number;
}

export interface Validation {
  /** `valid`: some run of the model is, or shows, the whole log. `invalid`: none is. `unknown`: `bound` came first. */
  readonly verdict: 'valid' | 'invalid' | 'unknown';
  readonly bound: 'states' | 'interrupted' | null;
  /** Lines of the log without its header. */
  readonly records: number;
  /** How many of them some run explains, from the first one on: all of them, if it is valid. */
  readonly explained: number;
  /** The run that explains them, as data and in the numbers of its tables. */
  readonly trace: Trace;
  readonly path: Path;
  readonly tables: Tables;
  /** What the run violates, in the order in which it does. */
  readonly violated: readonly Violation[];
  /** Every run that explains the log violates something; false as well when that is not known. */
  readonly everyRun: boolean;
  /** Nothing can follow the run. */
  readonly deadEnd: boolean;
  /** The last step of the run breaks off with this; only of a log of steps. */
  readonly error: ModelError | undefined;
  /** For a log of events: which names stand for what. */
  readonly names: readonly BoundName[];
  /** For a log of events: the log ends before the run's last step has shown everything. */
  readonly endsWithinStep: boolean;
  /** For a log of events: the states that were looked at, each with its place in the log and its names. */
  readonly states: number | null;
  /** What an invalid log has that the model has not. */
  readonly stuck: {
    /** The line of the file, from 1. */
    readonly line: number;
    readonly got: string;
    /** What could have happened, or been shown, instead. */
    readonly possible: readonly string[];
    /** For a log of events: in a sentence or two. */
    readonly reason?: string;
    /** For a log of steps: the step that is not possible. */
    readonly step?: LoggedStep;
  } | null;
}

/**
 * @throws LogError when a log of steps has none, and when the log does not fit the vocabulary
 * @throws ModelError when the model fails in a step that is not the log's last
 *
 * @example
 * ```ts
 * import { check, parseLog, validate, writeStepsLog } from 'faultline';
 * import { lights } from './lights.ts';
 *
 * const result = await check(lights);
 * if (result.verdict !== 'violated' || !result.trace) throw new Error(result.verdict);
 * const log = parseLog('lights.jsonl', writeStepsLog({ scenario: 'lights', variant: null, parameters: {} }, result.trace.steps));
 * (await validate(lights, log, { maxStates: 1000 })).verdict; // => 'valid'
 * ```
 */
export async function validate(system: System, log: Log, options: EventsOptions): Promise<Validation> {
  if (log.kind === 'steps' && log.records.length === 0) {
    const hint = 'any run begins so; was this one stopped before its first step?';
    throw new LogError(log.file, 2, 'got nothing after the header, expected steps', hint);
  }
  return validateAny(system, log, options);
}

/** The same, also of a run that ended where it began. */
export async function validateAny(system: System, log: Log, options: EventsOptions): Promise<Validation> {
  const tables = new Tables(system);
  const records = log.records.length;
  if (log.kind === 'steps') {
    const found = await validateSteps(tables, log, options);
    const told = confirmed(system, tables, found.path);
    const everyRun = found.verdict === 'valid' && told.violated.length > 0;
    return { records, tables, ...NO_EVENTS, ...told, ...found, everyRun };
  }
  const found = await validateEvents(tables, log, options);
  return { records, tables, error: undefined, ...confirmed(system, tables, found.path), ...found };
}

const NO_EVENTS = { names: [], endsWithinStep: false, states: null };

/** Runs a path again on live XState actors, and tells what it violates. */
function confirmed(system: System, tables: Tables, path: Path): Pick<Validation, 'trace' | 'violated' | 'deadEnd'> {
  const trace = traceOf(tables, path);
  const { violated: atEnd, deadEnd } = replaySchedule(system, scheduleOf(trace));
  const states = [path.initial, ...path.steps.map(({ state }) => state)];
  const along = new SafetyProperties(tables).violatedAlong(states);
  const undone = atEnd.filter((property) => !along.some((known) => known.property === property));
  const violated = [...along, ...undone.map((property) => ({ property, after: path.steps.length }))];
  return { trace, violated: violated.sort((a, b) => a.after - b.after), deadEnd };
}
