/** Runs the points of a study: each with all seeds, on tables that are filled once. */
import { attempted, ModelError, UsageError } from '../system/errors.ts';
import type { ParameterValues } from '../system/parameters.ts';
import { bad, described } from '../system/shapes.ts';
import type { Run, RunOptions, RunProgress } from './run.ts';
import { Simulation } from './simulation.ts';
import { estimateOf } from './statistics.ts';
import { type Outcome, type Point, pointText, type Simulated, type Study, type StudyResult } from './study.ts';

/** Of work that has an end: no run gets that far. */
const NO_END = Number.MAX_SAFE_INTEGER;
/** Steps of work that has an end before it counts as work that has none. */
const STEPS_MAX = 100_000_000;

export interface RunsOptions {
  readonly seeds: readonly number[];
  /** In the place of the time that is given with the system. */
  readonly time?: number | undefined;
  /** How many steps a run of work that has an end may take; 100 million when it is left out. */
  readonly steps?: number;
}

export type Numbers = Readonly<Record<string, number>>;

/**
 * A run for each seed, in their order.
 *
 * @throws UsageError when a time is asked for and the work has an end; ModelError `endless-loop` when work that should have
 *   an end has none, and as `Simulation.run` does
 */
export function runSeeds(simulated: Omit<Simulated, 'read'>, options: RunsOptions): Run[] {
  const { simulation, ofSeed } = prepared(simulated, options);
  return options.seeds.map((seed) => ended(simulation.run(ofSeed(seed))));
}

/** What a run for a seed needs. */
function prepared(simulated: Omit<Simulated, 'read'>, { time, steps = STEPS_MAX }: RunsOptions) {
  const { system, timing, measures, population, warmUp } = simulated;
  const asked = time ?? simulated.time;
  if (time !== undefined && simulated.time === undefined) {
    throw new UsageError('this work has an end, so no time can be asked for', 'leave out the time (--for)');
  }
  if (time === undefined) checkTime(simulated);
  const simulation = new Simulation(system, timing, measures, population);
  const options = asked === undefined ? { time: NO_END, warmUp: 0, steps } : { time: asked, ...warmUpOf(warmUp, time) };
  return { simulation, ofSeed: (seed: number): RunOptions => ({ seed, ...options }) };
}

/** Only work that has an end is bounded by steps, and then it has none. */
function ended(run: Run): Run {
  if (run.ended === 'steps') throw endless(run);
  return run;
}

/** The model's, and not what somebody asks for. */
function checkTime({ time, warmUp }: Pick<Simulated, 'time' | 'warmUp'>): void {
  if (time === undefined) return;
  if (!(Number.isFinite(time) && time > 0)) throw bad(`timing: time is ${described(time)}, expected a number above 0`);
  if (warmUp !== undefined && !(warmUp >= 0 && warmUp < time)) {
    throw bad(
      `timing: warmUp is ${described(warmUp)}, expected from 0 to below ${time}`,
      'what is left of it is measured',
    );
  }
}

function endless({ steps, time }: Run): ModelError {
  return new ModelError(
    'endless-loop',
    `the work does not end: after ${steps} steps, at time ${time}, something is still going on; expected an end, as no time is given`,
    'give `time` where the work goes on for ever',
  );
}

/** The numbers that count of a run. @throws ModelError `bad-definition` when they are none */
export function numbersOf({ read }: Pick<Simulated, 'read'>, run: Run): Numbers {
  return checkedNumbers(attempted('read threw', () => read(run)));
}

/** A warm-up that was chosen for another time does not fit. */
function warmUpOf(warmUp: number | undefined, time: number | undefined) {
  return warmUp === undefined || time !== undefined ? {} : { warmUp };
}

function checkedNumbers(numbers: Numbers): Numbers {
  for (const [name, value] of Object.entries(numbers ?? {})) {
    if (typeof value !== 'number' || Number.isNaN(value)) {
      throw bad(
        `read: "${name}" is ${described(value)}, expected a number`,
        'a time that was never measured has no mean',
      );
    }
  }
  return numbers;
}

/** The numbers of all runs of a point. @throws as `runSeeds` and `numbersOf` do */
export function runPoint(simulated: Simulated, options: RunsOptions): Numbers[] {
  return runSeeds(simulated, options).map((run) => numbersOf(simulated, run));
}

/** The mean of each number over the runs. */
export function outcomeOf<Q extends Point>(point: Q, runs: readonly Numbers[]): Outcome<Q> {
  const names = Object.keys(runs[0] ?? {});
  return { point, values: Object.fromEntries(names.map((name) => [name, estimateOf(runs.map((run) => run[name]!))])) };
}

/** `1` to `count`. */
export function seedsTo(count: number): number[] {
  return Array.from({ length: count }, (_, at) => at + 1);
}

export interface StudyOptions {
  /** Those that are left out have their defaults. */
  readonly parameters?: ParameterValues;
  /** Runs a point. Default: as many as the study says. */
  readonly seeds?: number;
  /** In the unit of the study's timing, in the place of the time that it says. */
  readonly time?: number;
  /** Ends the study by throwing its reason: half of it has no answer. */
  readonly signal?: AbortSignal;
  /** Called at the start of each run and every few thousand steps. */
  readonly onProgress?: (progress: StudyProgress) => void;
}

export interface StudyProgress extends RunProgress {
  readonly point: Point;
}

/**
 * A whole study in this thread, with turns of the event loop. `faultline simulate` deals its points to threads.
 *
 * @throws as `runSeeds` does
 * @throws the reason of `signal`, once it is aborted
 *
 * @example
 * ```ts
 * import { defineStudy, runStudy } from 'faultline';
 * import { z } from 'zod';
 * import { lights, timing } from './lights.ts';
 *
 * const study = defineStudy({
 *   name: 'green',
 *   title: 'How often it is green',
 *   question: 'How many steps are there?',
 *   sources: [],
 *   parameters: z.object({}),
 *   seeds: 2,
 *   build: () => ({ system: lights, timing, time: 1000, read: ({ steps }) => ({ steps }) }),
 *   run: async ({ simulate }) => {
 *     const [outcome] = await simulate([{}]);
 *     return { answer: [`${outcome!.values.steps!.mean > 0}`], tables: [], plots: [] };
 *   },
 * });
 * (await runStudy(study, { signal: AbortSignal.timeout(60_000) })).answer; // => ['true']
 * ```
 */
export async function runStudy(study: Study, given: StudyOptions = {}): Promise<StudyResult> {
  const { parameters = {}, seeds = study.seeds, time, signal, onProgress } = given;
  const options = { seeds: seedsTo(seeds), ...(time !== undefined && { time }) };
  return await study.run(parameters, async (points) => {
    const outcomes: Outcome<Point>[] = [];
    for (const point of points) {
      try {
        const simulated = study.build(point, parameters);
        const { simulation, ofSeed } = prepared(simulated, options);
        const numbers: Numbers[] = [];
        for (const seed of options.seeds) {
          onProgress?.({ point, seed, time: 0, steps: 0 });
          const tell = onProgress && ((progress: RunProgress) => onProgress({ point, ...progress }));
          const watched = { ...(signal && { signal }), ...(tell && { onProgress: tell }) };
          numbers.push(numbersOf(simulated, ended(await simulation.runInTurns({ ...ofSeed(seed), ...watched }))));
        }
        outcomes.push(outcomeOf(point, numbers));
      } catch (error) {
        throw ofPoint(error, point);
      }
    }
    return outcomes;
  });
}

/** An error says at which point it was. */
export function ofPoint(error: unknown, point: Point): unknown {
  if (!(error instanceof ModelError)) return error;
  return new ModelError(error.code, `at ${pointText(point)}: ${error.message}`, error.hint, { cause: error });
}
