/** `faultline check`: searches systems exhaustively and says what holds. */

import { totalmem } from 'node:os';
import { constrainedMemory } from 'node:process';
import type { Command } from 'commander';
import type { Logger } from 'pino';
import type { CheckOptions, Progress, SearchKind } from '../explore/check.ts';
import { type CheckDocument, type CheckResultDocument, DOCUMENT_VERSION } from './documents.ts';
import { type Environment, toJson, writeJson } from './environment.ts';
import { UsageError } from './errors.ts';
import { createLog, isSilent } from './log.ts';
import { collectSettings } from './parameters.ts';
import { NO_PROGRESS, type ProgressDisplay, progressOn } from './progress.ts';
import { writeReport } from './report.ts';
import { runCheck, statusOf, traceFileOf, worst } from './run-check.ts';
import { argumentsOf, findTarget, type Subject, scenarioNameOf, subjectOf, type Target } from './target.ts';
import { parseBytes, parseCount, parseSeconds, parseSeed } from './text.ts';
import { checkWritable, writeWhole } from './write-file.ts';

interface Options {
  readonly all?: true;
  readonly variant?: string;
  readonly set?: readonly string[];
  readonly search?: string;
  readonly seed?: string;
  readonly walks?: string;
  readonly maxSteps?: string;
  readonly maxStates?: string;
  readonly maxSeconds?: string;
  readonly maxMemory?: string;
  readonly traceOut?: string;
  readonly json?: true;
  readonly quiet?: true;
  readonly logLevel?: string;
}

/** One search to make, and whether its status is its verdict or the agreement with the expected one. */
interface Job {
  readonly subject: Subject;
  readonly compared: boolean;
}

export function addCheck(program: Command, environment: Environment, done: (status: number) => void): void {
  program
    .command('check')
    .summary('search systems exhaustively and say what holds')
    .description(DESCRIPTION)
    .argument('[targets...]', 'scenarios of the catalogue, or modules as ./my-system.ts or ./my-system.ts#name')
    .option('--all', 'the whole catalogue, at its default sizes')
    .option('--variant <name>', 'only this variant; the status is that of its verdict')
    .option('--set <name=value>', "sets a scenario's parameter; repeatable", collectSettings)
    .option(
      '--search <order>',
      'bfs: near states first, for the shortest trace; dfs: far ones first; random: walks',
      'bfs',
    )
    .option('--seed <number>', 'random: makes these walks and no others (default: 1)')
    .option('--walks <count>', 'random: stop with `unknown` after this many walks (default: 1000)')
    .option('--max-steps <count>', 'random: end a walk after this many steps (default: 1000)')
    .option('--max-states <count>', 'stop with `unknown` beyond this many states')
    .option('--max-seconds <seconds>', 'stop with `unknown` after this time')
    .option(
      '--max-memory <size>',
      "stop with `unknown` before more is needed, as 512M or 2G (default: half of the machine's)",
    )
    .option('--trace-out <file>', 'write the trace of the one variant that is checked to a file, for replay')
    .option('--json', 'print one JSON document')
    .option('--quiet', 'no progress on stderr')
    .option('--log-level <level>', 'log JSON lines to stderr: error, warn, info, debug')
    .addHelpText('after', EXAMPLES)
    .action(async (targets: string[], options: Options) => done(await checkCommand(targets, options, environment)));
}

const DESCRIPTION = [
  'Search systems exhaustively and say what holds.\n\nWithout --variant, every variant of a scenario is checked and its',
  'verdict compared with the one that the scenario expects: the status is 0 when all agree. With --variant, and for a',
  'plain system, the status is that of the verdict. Bounds hold for each variant on its own. Several results give the',
  'worst status: 4 before 1 before 2.\n\nRandom walks (--search random) are for systems that are too large to be',
  'searched: they find violations, but never say `holds`. Traces that are not found breadth-first are shortened.',
].join(' ');

const EXAMPLES = `
Status: 0 holds, or all as expected; 1 violated, or not as expected; 2 unknown: a bound was hit, or Ctrl-C;
        3 usage; 4 the model is wrong; 5 a bug in faultline

Examples:
  faultline check --all                                         the whole catalogue
  faultline check pri-overflow                                  all variants of a scenario
  faultline check pri-overflow --variant no-discard             one variant, with its trace
  faultline check pri-overflow --variant fixed --set devices=3  a larger one
  faultline check ./my-system.ts                                your own module
  faultline check ./my-system.ts#checkout --max-seconds 60      one of its exports, with a bound
  faultline check pri-overflow --variant one-pass --set devices=4 --search random --seed 7
                                                                walks through what is too large to search
  faultline check pri-overflow --json | jq '.results[] | {variant, verdict, states}'`;

async function checkCommand(targets: readonly string[], options: Options, environment: Environment): Promise<number> {
  const jobs = await plan(targets, options, environment);
  const bounds = { ...searchOf(options), ...boundsOf(options) };
  const log = createLog(options.logLevel, environment);
  if (options.traceOut !== undefined) {
    if (jobs.length > 1) throw severalTraces(jobs.length);
    checkWritable(options.traceOut);
  }
  const progress = options.quiet || !isSilent(log) ? NO_PROGRESS : progressOn(environment);
  const results = await environment.interruptible((signal) => search(jobs, { ...bounds, signal }, progress, log));

  const status = worst(results.map((result, index) => statusOf(result, jobs[index]!.compared)));
  if (options.json) {
    writeJson(environment.stdout, {
      version: DOCUMENT_VERSION,
      kind: 'check',
      status,
      results,
    } satisfies CheckDocument);
  } else {
    const args = jobs.map(({ subject }) => argumentsOf(subject));
    writeReport(
      results.map((result, index) => ({ result, args: args[index]! })),
      environment,
    );
  }
  if (options.traceOut !== undefined) writeTrace(results[0]!, options.traceOut, environment);
  return status;
}

/** Makes the searches one after the other; after an interrupt, the remaining ones are `unknown` at once. */
async function search(
  jobs: readonly Job[],
  options: CheckOptions,
  progress: ProgressDisplay,
  log: Logger,
): Promise<CheckResultDocument[]> {
  const results: CheckResultDocument[] = [];
  for (const [index, { subject }] of jobs.entries()) {
    const label = labelOf(subject, index, jobs.length);
    const { signal: _, ...bounds } = options;
    log.info({ label, parameters: subject.parameters, bounds }, 'check started');
    const onProgress = (state: Progress) => {
      progress.working(label, state);
      log.debug({ label, ...state }, 'progress');
    };
    const result = await runCheck(subject, { ...options, onProgress });
    const { verdict, property, bound, error, states, steps, depth, seconds } = result;
    log.info({ label, verdict, property, bound, error, states, steps, depth, seconds }, 'check finished');
    progress.finished(label, result);
    results.push(result);
  }
  progress.end();
  return results;
}

async function plan(targets: readonly string[], options: Options, { catalogue }: Environment): Promise<Job[]> {
  if (options.all) {
    const [option] = [targets[0], options.variant && '--variant', options.set && '--set'].filter(Boolean);
    if (option) throw new UsageError(`--all checks everything at its default size: it does not go with ${option}`);
    const all = catalogue.map((scenario): Target => ({ spec: scenario.name, scenario }));
    return all.flatMap((target) => jobsOf(target, options));
  }
  if (targets.length === 0) {
    const names = catalogue.map(({ name }) => name).join(', ');
    throw new UsageError('check needs a scenario, a module, or --all', `there are the scenarios: ${names}`);
  }
  if (targets.length > 1 && options.set) {
    throw new UsageError(`--set goes with one scenario, got ${targets.length}: ${targets.join(', ')}`);
  }
  const jobs: Job[] = [];
  for (const spec of new Set(targets)) jobs.push(...jobsOf(await findTarget(spec, catalogue), options));
  return jobs;
}

function jobsOf(target: Target, { variant, set = [] }: Options): Job[] {
  if ('system' in target || variant !== undefined) {
    return [{ subject: subjectOf(target, variant, set), compared: false }];
  }
  const variants = Object.keys(target.scenario.variants);
  return variants.map((name) => ({ subject: subjectOf(target, name, set), compared: true }));
}

const SEARCHES = new Map<string, SearchKind>([
  ['bfs', 'breadth-first'],
  ['dfs', 'depth-first'],
  ['random', 'random'],
]);

function searchOf({ search: name = 'bfs', seed, walks, maxSteps, maxStates }: Options): CheckOptions {
  const search = SEARCHES.get(name);
  if (!search) throw new UsageError(`--search ${name}: got ${JSON.stringify(name)}, expected bfs, dfs or random`);
  if (search !== 'random') {
    const [option] = [seed && '--seed', walks && '--walks', maxSteps && '--max-steps'].filter(Boolean);
    if (option) throw new UsageError(`${option} is for random walks: it goes with --search random`);
    return { search };
  }
  if (maxStates !== undefined) {
    const instead = 'bound them by --walks and --max-steps, or by --max-seconds';
    throw new UsageError('--max-states does not go with --search random: random walks keep no states', instead);
  }
  return {
    search,
    ...(seed !== undefined && { seed: parseSeed('--seed', seed) }),
    ...(walks !== undefined && { walks: parseCount('--walks', walks) }),
    ...(maxSteps !== undefined && { maxSteps: parseCount('--max-steps', maxSteps) }),
  };
}

function boundsOf({ maxStates, maxSeconds, maxMemory }: Options): CheckOptions {
  return {
    maxBytes: maxMemory === undefined ? defaultBytes() : parseBytes('--max-memory', maxMemory),
    ...(maxStates !== undefined && {
      maxStates: parseCount('--max-states', maxStates),
    }),
    ...(maxSeconds !== undefined && {
      maxSeconds: parseSeconds('--max-seconds', maxSeconds),
    }),
  };
}

/** Half of the machine's memory, or of what a container lets this process have. */
function defaultBytes(): number {
  const limit = constrainedMemory();
  const available = limit > 0 ? Math.min(totalmem(), limit) : totalmem();
  return Math.floor(available / 2);
}

function labelOf({ target, variant }: Subject, index: number, count: number): string {
  const name = [scenarioNameOf(target), ...(variant === null ? [] : [variant])].join(' ');
  return count === 1 ? name : `[${index + 1}/${count}] ${name}`;
}

function writeTrace(result: CheckResultDocument, path: string, { stderr }: Environment): void {
  const file = traceFileOf(result);
  if (file) writeWhole(path, `${toJson(file)}\n`);
  else stderr.write(`faultline: ${result.verdict}, without a trace: ${path} is not written\n`);
}

function severalTraces(count: number): UsageError {
  return new UsageError(`--trace-out is for one trace, but this checks ${count} variants`, 'choose one by --variant');
}
