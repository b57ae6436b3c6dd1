/**
 * Checks a system: an exhaustive search, or random walks, with bounds, progress and a verdict.
 *
 * `holds` is said only when the whole space was searched; a search that a bound or the caller stopped is `unknown` and
 * names the bound. Random walks never search the whole space: at best they find nothing wrong, which is `unknown`.
 */
import { ModelError } from '../system/errors.ts';
import { asSystem, type System } from '../system/system.ts';
import type { Bound } from '../system/verdict.ts';
import { Occurrences } from '../tabulate/occurrences.ts';
import { Tables } from '../tabulate/tables.ts';
import { checkConstraints } from './constrained.ts';
import { costliest } from './costly.ts';
import { judging } from './judging.ts';
import { asksForProgress, Liveness } from './liveness/liveness.ts';
import { Resident, StoreFull } from './memory.ts';
import { occurredIn } from './occurred.ts';
import type { CheckOptions, Progress } from './options.ts';
import { judgeOptions, type Plan, planOf, searchKindOf } from './plan.ts';
import { type CheckResult, resultOf } from './result.ts';
import { Saving } from './saving.ts';

export type { BitCoverage } from './explorer.ts';
export type { CheckOptions, Progress, SearchKind, StoreKind } from './options.ts';
export type { Reduction } from './plan.ts';
export type {
  CheckFacts,
  CheckResult,
  Holds,
  Misdefined,
  PropertyResult,
  Unknown,
  Violated,
  Violation,
} from './result.ts';

/** How long a slice of the search may keep the event loop waiting. */
const SLICE_MS = 50;
const PROGRESS_MS = 100;
/** How long a search whose time is over may look at what it has found for runs without progress. */
const GRACE_MS = 500;
const FIRST_SLICE = 256;
const SLICE_MIN = 16;

/**
 * @throws ModelError when the definition itself cannot be tabulated; what goes wrong in a step comes back as
 *   `verdict: 'model-error'` with the path that leads there.
 * @param given may be a spread of a system: it is checked as a definition is
 * @throws UsageError for a property that the system does not have
 * @throws OptionsError when an option is none, has a value that it cannot have, or does not go with another one
 * @throws CheckpointError when `resume` is of another search
 * @throws SpillError when states cannot be kept where `spill` says
 *
 * @example
 * ```ts
 * import { check } from 'faultline';
 * import { lights } from './lights.ts';
 *
 * const result = await check(lights, { maxSeconds: 60, onProgress: ({ states }) => console.error(states) });
 * result.verdict; // => 'violated'
 * if (result.verdict === 'violated') {
 *   result.property; // => 'never both green'
 *   result.trace?.steps.length; // => 2
 * }
 * ```
 */
export async function check(given: System, options: CheckOptions = {}): Promise<CheckResult> {
  judgeOptions(options);
  const system = asSystem(given);
  const clock = options.clock ?? (() => performance.now());
  const started = clock();
  options.onProgress?.({ ...NOTHING_SEARCHED, search: searchKindOf(options) });
  const resident = options.resident && new Resident(options.resident);
  const judged = options.properties ? judging(system, options.properties) : system;
  checkConstraints(judged);
  const plan = planOf(new Tables(judged), options, resident);
  try {
    return await checkBy(plan, { system, options, resident, clock, started });
  } finally {
    plan.explorer.dispose?.();
  }
}

/** What is checked, and since when. */
interface Asked {
  readonly system: System;
  readonly options: CheckOptions;
  readonly resident: Resident | undefined;
  readonly clock: () => number;
  readonly started: number;
}

async function checkBy(plan: Plan, { system, options, resident, clock, started }: Asked): Promise<CheckResult> {
  const { explorer } = plan;
  const before = options.resume?.seconds ?? 0;
  const seconds = () => before + (clock() - started) / 1000;
  if (resident) boundGrowth(explorer.tables, resident);
  options.onProgress?.(progressOf(plan, (clock() - started) / 1000, undefined));
  const occurrences = options.coverage ? new Occurrences(explorer.tables) : undefined;
  explorer.walker.occurrences = occurrences;
  const saving = Saving.of(plan, options, seconds);
  saving?.begin();
  const run = new Run(plan, { options, clock, seconds, resident, saving });
  await run.search();
  const liveness = await run.lookForCycles();
  const unsteady = await run.askAgain();
  options.onProgress?.({ ...progressOf(plan, seconds(), liveness), phase: 'over' });
  const { allViolations = false } = options;
  const result = resultOf({ plan, declared: system, allViolations, seconds: seconds(), liveness, unsteady });
  if (plan.full && result.path) {
    // Shortest traces are those of all steps; the reduced one is told only if they are too many.
    const full = await check(system, plan.full);
    if (full.path) return { ...full, reductions: result.reductions, seconds: seconds() };
  }
  return occurrences ? { ...result, occurred: occurredIn(plan, occurrences) } : result;
}

/** How a check is run, beside its plan. */
interface Circumstances {
  readonly options: CheckOptions;
  readonly clock: () => number;
  /** That the check has taken, with those of the search that it goes on from. */
  readonly seconds: () => number;
  readonly resident: Resident | undefined;
  readonly saving: Saving | undefined;
}

/** A check under way: its parts one after the other, in slices between which the caller gets its turn. */
class Run {
  readonly #plan: Plan;
  readonly #options: CheckOptions;
  readonly #clock: () => number;
  readonly #seconds: () => number;
  readonly #resident: Resident | undefined;
  readonly #saving: Saving | undefined;
  #reported: number;
  #liveness: Liveness | undefined;
  /** Why the search has not come to its end. */
  #stoppedBy: Bound | undefined;

  constructor(plan: Plan, { options, clock, seconds, resident, saving }: Circumstances) {
    this.#plan = plan;
    this.#options = options;
    this.#clock = clock;
    this.#seconds = seconds;
    this.#resident = resident;
    this.#saving = saving;
    this.#reported = clock();
  }

  async search(): Promise<void> {
    const { explorer, shared } = this.#plan;
    const { threads } = this.#options;
    let bound: Bound | undefined;
    for (let slice = FIRST_SLICE; !bound; bound = await this.#turn()) {
      const started = this.#clock();
      const inParallel = shared !== undefined && (await threads?.expand(shared)) === true;
      if (inParallel ? explorer.finding !== undefined : explorer.run(slice)) break;
      const elapsed = Math.max(this.#clock() - started, 1);
      if (!inParallel) slice = Math.max(SLICE_MIN, Math.min(slice * 2, Math.round((slice * SLICE_MS) / elapsed)));
    }
    // What follows has to do with what there is.
    explorer.tables.onGrowth = undefined;
    if (bound) {
      this.#saving?.save();
      explorer.stop(bound);
    }
    this.#stoppedBy = explorer.finding?.kind === 'bound' ? explorer.finding.bound : undefined;
  }

  /** Looks for cycles without progress among the states that were kept, if there is something to be looked for. */
  async lookForCycles(): Promise<Liveness | undefined> {
    const { explorer, rows } = this.#plan;
    const goesOn = !explorer.finding || this.#stoppedBy === 'states' || this.#stoppedBy === 'seconds';
    if (!rows || !goesOn || !explorer.tables.system.properties.some(asksForProgress)) return undefined;
    const liveness = new Liveness(rows);
    this.#liveness = liveness;
    const { threads } = this.#options;
    const link = async () => liveness.graph !== undefined && (await threads?.link(liveness.graph)) === true;
    try {
      const late = await this.#finish(liveness.run(), link);
      if (late) explorer.stop(late);
    } catch (error) {
      if (!(error instanceof StoreFull)) throw error;
      explorer.stop('memory');
    }
    return liveness;
  }

  /** Asks functions again what they have answered; gives the error of one that says something else. */
  async askAgain(): Promise<ModelError | undefined> {
    const { explorer } = this.#plan;
    if (explorer.finding?.kind === 'model-error') return undefined;
    try {
      const late = await this.#finish(explorer.tables.review.run());
      // What was found stays found.
      if (late && !explorer.finding) explorer.stop(late);
      return undefined;
    } catch (error) {
      if (!(error instanceof ModelError)) throw error;
      return error;
    }
  }

  /** Between two slices: what the caller wants to know, and a turn of the event loop for its signals and timers. */
  async #turn(): Promise<Bound | undefined> {
    const { onProgress, signal, resume, maxSeconds = Number.POSITIVE_INFINITY } = this.#options;
    if (onProgress && this.#clock() - this.#reported >= PROGRESS_MS) {
      this.#reported = this.#clock();
      onProgress(progressOf(this.#plan, this.#seconds(), this.#liveness));
    }
    const late = this.#seconds() - (resume?.seconds ?? 0) > maxSeconds;
    this.#saving?.saveInTime();
    await new Promise((resolve) => setImmediate(resolve));
    if (signal?.aborted) return 'interrupted';
    if (late) return 'seconds';
    // Once is enough: what is left to do needs hardly any, and to look takes time.
    const looks = this.#stoppedBy !== 'memory';
    return looks && this.#resident?.hasRoomFor(0) === false ? 'memory' : undefined;
  }

  /**
   * Does what is left to do, slice by slice; gives why it had to stop before its end.
   *
   * @param help has a part of it done by others; false when there is nothing for them
   */
  async #finish(work: Iterable<unknown>, help = async () => false): Promise<Bound | undefined> {
    const stoppedBy = this.#stoppedBy;
    const end = stoppedBy === 'seconds' ? this.#clock() + GRACE_MS : Number.POSITIVE_INFINITY;
    let sliceStarted = this.#clock();
    for (const pause of work) {
      if (pause !== 'a turn of the event loop' && this.#clock() - sliceStarted < SLICE_MS) continue;
      do {
        const late = await this.#turn();
        if ((late !== undefined && late !== stoppedBy) || this.#clock() > end) return late ?? 'seconds';
      } while (await help());
      sliceStarted = this.#clock();
    }
    return undefined;
  }
}

/** Ends a search before its tables make the process need more memory than it may take. */
function boundGrowth(tables: Tables, resident: Resident): void {
  tables.onGrowth = (bytes) => {
    if (resident.hasRoomFor(bytes)) return;
    // Only once: to end a search may take some more answers.
    tables.onGrowth = undefined;
    throw new StoreFull();
  };
}

const NOTHING_SEARCHED = {
  ...{ phase: 'preparing', states: 0, steps: 0, depth: 0, waiting: 0, bytes: 0, seconds: 0 },
} as const satisfies Partial<Progress>;

function progressOf({ search, explorer }: Plan, seconds: number, liveness: Liveness | undefined): Progress {
  const { states, steps, depth, bytes } = explorer;
  const { waiting } = liveness ?? explorer;
  const phase = liveness ? ('cycles' as const) : ('states' as const);
  const left = explorer.waiting > 0 ? explorer.levelsLeft : undefined;
  const estimate = left === undefined ? {} : { levelsLeft: left };
  const part = costliest(explorer.tables, states);
  return {
    ...{ search, phase, states, steps, depth, waiting, ...estimate, bytes, seconds },
    ...(part && { costliest: part }),
  };
}
