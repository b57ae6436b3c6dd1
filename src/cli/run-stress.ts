/** Runs what a stress run was asked for: until its time or its steps are over, something is found, or Ctrl-C. */

import { runLive } from '../stress/live-run.ts';
import { Plan } from '../stress/plan.ts';
import { runTogether, type StressFinding, StressRun, type StressTally } from '../stress/stress.ts';
import { ModelError } from '../system/errors.ts';
import type { System } from '../system/system.ts';
import { UsageError } from './errors.ts';
import { defaultBytes, residentBytes } from './machine-memory.ts';
import { tell } from './news.ts';
import type { StressRequest } from './stress-request.ts';
import { buildSystem } from './target.ts';
import { bytesText, plural } from './text.ts';

/** What a run has done by some time. */
export interface Sample {
  /** Since the run was begun; the start of its threads counts. */
  readonly seconds: number;
  readonly tally: StressTally;
  /** Memory of the whole process. */
  readonly bytes: number;
  readonly tables: Plan['tables']['size'];
}

export interface StressResult {
  readonly finding: StressFinding | undefined;
  /** What the units of the other variant did. */
  readonly beside: StressTally | null;
  /** The finding is of the other variant. */
  readonly isBeside: boolean;
  /** What ended it early; the rest is what was done until then. */
  readonly failure: unknown;
  readonly interrupted: boolean;
  /** Once a second, and at the end. */
  readonly curve: readonly Sample[];
  readonly last: Sample;
  /** The steps of a unit's episode so far. */
  readonly logOf: StressRun['logOf'];
  /** The units that threads were in the middle of. */
  readonly visited: readonly number[];
}

export interface RunStressOptions {
  readonly signal: AbortSignal;
  /** Called once a second. */
  readonly onSample?: (sample: Sample, before: Sample) => void;
  /** The module that the threads run, for tests. */
  readonly worker?: URL;
  /** The units of the other variant. */
  readonly beside?: Plan;
}

const SAMPLE_MS = 1000;

/**
 * Lays out the units in memory.
 *
 * @throws UsageError when there is not enough memory
 * @throws ModelError when the system cannot be scaled
 */
export function planOf({ system, definition, units, pagesOfUnit, episode }: StressRequest): Plan {
  let plan: Plan;
  try {
    const population = pagesOfUnit ?? 0;
    plan = new Plan(system, definition, { units, population, ...(episode !== undefined && { episode }) });
  } catch (error) {
    const isTooLarge = error instanceof ModelError && error.code === 'too-large';
    // What a buffer of such a size throws.
    if (!isTooLarge && !(error instanceof RangeError)) throw error;
    throw new UsageError(`the run is too large: ${error.message}`, SMALLER, { cause: error });
  }
  const limit = defaultBytes();
  if (plan.bytes <= limit) return plan;
  const needs = `${bytesText(plan.bytes)} for ${plural(units, definition.unit)} and their logs`;
  throw new UsageError(`the run is too large: it needs ${needs}, and has ${bytesText(limit)}`, SMALLER);
}

const SMALLER = 'ask for fewer --devices or --pages, or a shorter --episode';

export async function runStress(
  plan: Plan,
  request: StressRequest,
  { signal, onSample = () => {}, worker, beside }: RunStressOptions,
): Promise<StressResult> {
  const { threads, seed, mix, placement, seconds, steps } = request;
  const each = steps === null ? Number.POSITIVE_INFINITY : Math.ceil(steps / (beside ? 2 : 1));
  const options = { threads, seed, mix, placement, steps: each, ...(worker && { worker }) };
  const run = new StressRun(plan, options);
  const other = beside && new StressRun(beside, options);
  const started = performance.now();
  const sample = (): Sample => ({
    seconds: (performance.now() - started) / 1000,
    tally: run.tally,
    bytes: residentBytes(),
    tables: plan.tables.size,
  });
  const curve = [sample()];
  const stop = () => {
    run.stop();
    other?.stop();
  };
  signal.addEventListener('abort', stop);
  if (signal.aborted) stop();
  const tick = () => {
    const before = curve.at(-1)!;
    curve.push(sample());
    onSample(curve.at(-1)!, before);
  };
  const ticking = setInterval(tick, SAMPLE_MS);
  tell({ kind: 'bound', seconds });
  const atEnd = () => {
    tell({ kind: 'bound', seconds: null });
    tick();
    stop();
  };
  const ending = seconds === null ? undefined : setTimeout(atEnd, seconds * 1000);
  let finding: StressFinding | undefined;
  let failure: unknown;
  try {
    if (request.engine === 'xstate') finding = await runLive(run, liveSystem(request));
    else {
      await runTogether(other ? [run, other] : [run]);
      finding = run.finding ?? other?.finding;
    }
  } catch (error) {
    failure = error;
  } finally {
    tell({ kind: 'bound', seconds: null });
    clearInterval(ticking);
    clearTimeout(ending);
    signal.removeEventListener('abort', stop);
  }
  // The threads are gone, and some of the memory with them.
  const last = { ...sample(), bytes: curve.at(-1)!.bytes };
  curve.push(last);
  return {
    ...{ finding, failure, curve, last },
    beside: other?.tally ?? null,
    isBeside: finding !== undefined && run.finding === undefined,
    interrupted: signal.aborted,
    logOf: (unit, count) => run.logOf(unit, count),
    visited: run.visited,
  };
}

/** A unit as it is, instead of a template: with all its pages. */
function liveSystem({ subject, definition, pagesOfUnit, system }: StressRequest): System {
  if (pagesOfUnit === null) return system;
  return buildSystem({ ...subject, parameters: { ...subject.parameters, [definition.pages!]: pagesOfUnit } });
}
