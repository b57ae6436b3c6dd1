/** What `check` and `report` have in common: which systems are searched, and within which bounds. */
import type { Logger } from 'pino';
import type { MachineCoverages } from '../coverage/coverage.ts';
import type { CheckOptions, Progress } from '../explore/check.ts';
import type { Checkpoint } from '../explore/checkpoint.ts';
import { ModelError } from '../system/errors.ts';
import type { CheckResultDocument } from './documents.ts';
import type { Environment } from './environment.ts';
import { UsageError } from './errors.ts';
import { expectationOf } from './expectation.ts';
import { flagsOf, givenOf } from './machine-flags.ts';
import { defaultBytes, residentBoundOf } from './machine-memory.ts';
import { settled, tell, tellPhase, unhurried } from './news.ts';
import type { ProgressDisplay } from './progress.ts';
import { type RunOptions, runCheck } from './run-check.ts';
import type { Searchers } from './searchers.ts';
import {
  argumentsOf,
  buildSystem,
  findTarget,
  type Subject,
  type SubjectFlags,
  scenarioNameOf,
  subjectOf,
  type Target,
} from './target.ts';
import { parseBytes, parseCount, parseSeconds } from './text.ts';

interface TargetOptions extends SubjectFlags {
  readonly all?: true;
  /** With `all`: only what is known to be short. */
  readonly quick?: true;
}

export interface BoundOptions {
  readonly maxStates?: string;
  readonly maxSeconds?: string;
  readonly maxMemory?: string;
}

/** How its errors speak of a command: its name, and what `--all` makes it do to everything. */
interface PlannedCommand {
  readonly name: string;
  readonly takesAll: string;
}

/** One search to make, and whether its status is its verdict or the agreement with the expected one. */
export interface Job {
  readonly subject: Subject;
  readonly compared: boolean;
}

/** @throws UsageError, ModelError as a target's module does */
export async function planJobs(
  command: PlannedCommand,
  targets: readonly string[],
  options: TargetOptions,
  { catalogue }: Environment,
): Promise<Job[]> {
  const given = givenOf(options);
  if (options.all) {
    const others = [
      options.variant && '--variant',
      options.set && '--set',
      options.property && '--property',
      ...flagsOf(given),
    ];
    const [option] = [targets[0], ...others].filter(Boolean);
    if (option)
      throw new UsageError(`--all ${command.takesAll} everything at its default size: it does not go with ${option}`);
    const all = (await catalogue()).map((scenario): Target => ({ spec: scenario.name, scenario }));
    const jobs = all.flatMap((target) => jobsOf(target, options));
    return options.quick ? jobs.filter(isQuick) : jobs;
  }
  if (options.quick)
    throw new UsageError(
      '--quick is for --all: it says which searches of the whole catalogue are left out',
      'leave it out',
    );
  if (targets.length === 0) {
    const names = (await catalogue()).map(({ name }) => name).join(', ');
    throw new UsageError(`${command.name} needs a scenario, a module, or --all`, `there are the scenarios: ${names}`);
  }
  if (targets.length > 1 && options.set) {
    throw new UsageError(`--set goes with one scenario, got ${targets.length}: ${targets.join(', ')}`);
  }
  const jobs: Job[] = [];
  for (const spec of new Set(targets)) jobs.push(...jobsOf(await findTarget(spec, catalogue, given), options));
  // Not after searches that may take long.
  if (options.property) for (const { subject } of jobs) checkProperties(subject);
  return jobs;
}

function jobsOf(target: Target, { variant, set = [], property }: TargetOptions): Job[] {
  if ('system' in target || variant !== undefined) {
    return [{ subject: subjectOf(target, variant, set, property), compared: false }];
  }
  const variants = Object.keys(target.scenario.variants);
  return variants.map((name) => ({ subject: subjectOf(target, name, set, property), compared: true }));
}

/** Of what holds as few states as `--quick` says, and of what is violated as few steps, if its scenario says how many. */
function isQuick({ subject }: Job): boolean {
  const { verdict, counts, reduced, length } = expectationOf(subject) ?? {};
  const [size, max] =
    verdict === 'holds' ? [(reduced ?? counts)?.states, QUICK_STATES] : [length ?? undefined, QUICK_STEPS];
  return size !== undefined && size <= max;
}

export const QUICK_STATES = 60;
export const QUICK_STEPS = 8;

/** @throws UsageError for a property that is none of the subject's; what is wrong with the model, its check says */
function checkProperties(subject: Subject): void {
  try {
    buildSystem(subject);
  } catch (error) {
    if (error instanceof ModelError) return;
    if (!(error instanceof UsageError)) throw error;
    throw new UsageError(`--property: ${argumentsOf({ ...subject, judged: [] })}: ${error.message}`, error.hint);
  }
}

/** @throws UsageError */
export function boundsOf({ maxStates, maxSeconds, maxMemory }: BoundOptions): CheckOptions {
  const maxBytes = maxMemory === undefined ? defaultBytes() : parseBytes('--max-memory', maxMemory);
  return {
    maxBytes,
    resident: residentBoundOf(maxBytes),
    ...(maxStates !== undefined && {
      maxStates: parseCount('--max-states', maxStates),
    }),
    ...(maxSeconds !== undefined && {
      maxSeconds: parseSeconds('--max-seconds', maxSeconds),
    }),
  };
}

interface Helpers {
  readonly log?: Logger | undefined;
  /** Hears of the coverage of each search, if that is asked for. */
  readonly onCoverage?: (coverage: MachineCoverages) => void;
  /** Other threads, which make some of the searches. */
  readonly searchers?: Searchers | undefined;
}

/** Makes the searches; after an interrupt, the remaining ones are `unknown` at once. */
export async function runJobs(
  jobs: readonly Job[],
  options: RunOptions,
  progress: ProgressDisplay,
  { log, onCoverage, searchers }: Helpers = {},
): Promise<CheckResultDocument[]> {
  const results: CheckResultDocument[] = [];
  const { checkpoint } = options;
  const saving = checkpoint && {
    // It may take long, and should not be broken off.
    checkpoint: { ...checkpoint, save: (state: Checkpoint) => unhurried(() => checkpoint.save(state)) },
  };
  const label = (index: number) => labelOf(jobs[index]!.subject, index, jobs.length);
  const finish = (index: number, result: CheckResultDocument) => {
    tell({ kind: 'result', index, result });
    const { verdict, property, bound, error, states, steps, depth, seconds } = result;
    log?.info(
      { label: label(index), verdict, property, bound, error, states, steps, depth, seconds },
      'check finished',
    );
    progress.finished(label(index), result);
    results[index] = result;
  };
  const search = async (index: number): Promise<CheckResultDocument> => {
    const { subject } = jobs[index]!;
    const { signal: _, threads: __, checkpoint: ___, resume: ____, origin: _____, ...bounds } = options;
    log?.info({ label: label(index), parameters: subject.parameters, bounds }, 'check started');
    tellPhase(`building ${label(index)}`);
    const onProgress = (state: Progress) => {
      const { phase, states, steps, depth, seconds } = state;
      if (phase === 'preparing') tell({ kind: 'bound', seconds: options.maxSeconds ?? null });
      if (phase === 'over') tell({ kind: 'bound', seconds: null });
      tellPhase(`${PHASES[phase]} ${label(index)}`);
      tell({ kind: 'counts', index, counts: { states, steps, depth, seconds } });
      progress.working(label(index), state);
      log?.debug({ label: label(index), ...state }, 'progress');
    };
    const onFound = (found: CheckResultDocument) => tell({ kind: 'result', index, result: found });
    const result = await runCheck(subject, { ...options, ...saving, onProgress }, { onCoverage, onFound });
    // What the model's code has left behind fails before there is a verdict.
    await settled();
    return result;
  };
  if (searchers?.isFor(jobs)) await searchers.share(jobs, options, search, finish);
  else for (const index of jobs.keys()) finish(index, await search(index));
  progress.end();
  return results;
}

const PHASES: Readonly<Record<Progress['phase'], string>> = {
  preparing: 'preparing the search of',
  states: 'searching',
  cycles: 'looking for cycles of',
  over: 'working out the result of',
};

function labelOf({ target, variant }: Subject, index: number, count: number): string {
  const name = [scenarioNameOf(target), ...(variant === null ? [] : [variant])].join(' ');
  return count === 1 ? name : `[${index + 1}/${count}] ${name}`;
}
