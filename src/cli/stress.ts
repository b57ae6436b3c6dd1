/** `faultline stress`: runs many units of a scenario on real threads, and makes an ordinary trace of what it finds. */
import type { Command } from 'commander';
import type { Plan } from '../stress/plan.ts';
import { MIXES, PLACEMENTS } from '../stress/run-shape.ts';
import type { StressFinding } from '../stress/stress.ts';
import { ModelError } from '../system/errors.ts';
import { EXIT } from '../system/verdict.ts';
import { WorkerFailed } from '../threads/worker-failed.ts';
import { chartFormatOfFile } from './charts.ts';
import type { StressFindingDocument } from './documents.ts';
import { type Environment, widthOf, writeJson } from './environment.ts';
import { tellPhase } from './news.ts';
import { gather } from './parameters.ts';
import { lookOf } from './report.ts';
import { planOf, runStress, type StressResult } from './run-stress.ts';
import { coverageDocumentOf } from './stress-coverage.ts';
import { stressDocument } from './stress-document.ts';
import { LOG_DEFAULT, writeChart, writeLog, writeLogs, writeTrace } from './stress-files.ts';
import { confirm } from './stress-finding.ts';
import { writePlots } from './stress-plots.ts';
import {
  DEVICES_DEFAULT,
  ENGINES,
  PAGES_OF_UNIT_DEFAULT,
  SECONDS_DEFAULT,
  type SizeOptions,
  type StressRequest,
  stressRequest,
} from './stress-request.ts';
import { progressText, stressText } from './stress-text.ts';
import { checkOutputFiles, prepareFolder } from './write-file.ts';

interface Options extends SizeOptions {
  readonly log?: string;
  readonly traceOut?: string;
  readonly chartOut?: string;
  readonly plots?: string;
  /** False when it is switched off. */
  readonly explain: boolean;
  readonly coverage?: true;
  readonly json?: true;
  readonly quiet?: true;
}

export function defineStress(command: Command, environment: Environment, done: (status: number) => void): void {
  command
    .description(DESCRIPTION)
    .argument('<target>', 'a scenario of the catalogue, or a module, that says how it scales (docs/stress.md)')
    .option('--variant <name>', 'the variant of the scenario')
    .option('--beside <name>', 'another variant, which half of the units run, on the same threads')
    .option('--set <name=value>', 'sets a parameter of the system that a unit is; repeatable', gather)
    .option('--devices <count>', `devices of all units together (default: ${DEVICES_DEFAULT})`)
    .option('--pages <count>', `pages of all units together (default: ${PAGES_OF_UNIT_DEFAULT} for each unit)`)
    .option('--queue-entries <count>', "entries of each unit's hardware queue")
    .option('--threads <count>', 'worker threads; with 1 the run is the same each time (default: one for each core)')
    .option('--seconds <seconds>', `stop after this time (default: ${SECONDS_DEFAULT})`)
    .option('--steps <count>', 'stop after so many steps of all threads together')
    .option('--seed <number>', 'stands for all random choices (default: 1)')
    .option('--mix <name>', `how interleavings are chosen: ${Object.keys(MIXES).join(', ')} (default: all)`)
    .option('--placement <name>', `which threads run what: ${Object.keys(PLACEMENTS).join(', ')} (default: mixed)`)
    .option('--episode <steps>', 'steps from the initial state of a unit to its next start')
    .option('--engine <name>', `${ENGINES.join(' or ')}: the same run on live XState actors, slowly (default: tables)`)
    .option('--log <file>', 'write the steps of the episode with the finding, or of some episode, for validate')
    .option('--trace-out <file>', 'write the trace of what is found to a file, for replay')
    .option('--chart-out <file>', 'draw that trace; the suffix says how: .svg, .mmd, .txt')
    .option('--plots <dir>', 'draw throughput, memory, depths and durations as SVG')
    .option('--coverage', 'tell which transitions of the small system, searched exhaustively, the run has taken')
    .option('--no-explain', 'do not look for the race in a trace')
    .option('--json', 'print one JSON document')
    .option('--quiet', 'no progress on stderr')
    .addHelpText('after', EXAMPLES)
    .action(async (target: string, options: Options) => done(await stressCommand(target, options, environment)));
}

const DESCRIPTION = [
  'Run many units of a scenario, with hundreds of devices and up to a million pages, on worker threads that race for them in shared',
  'memory. All safety properties are watched while it runs. Each unit goes from its initial state through an episode of some thousand steps',
  'to a state of rest, where the books must close, and starts again; so what is found has a run from the initial state, which is cut',
  'down, run again on live XState actors, and explained.\n\nA stress run looks at some runs only: it never says `holds`.',
  '\n\nMixes:',
  ...Object.entries(MIXES).map(([name, what]) => `\n  ${name}: ${what}`),
  '\n\nPlacements, with several threads:',
  ...Object.entries(PLACEMENTS).map(([name, what]) => `\n  ${name}: ${what}`),
].join(' ');

const EXAMPLES = `
Status: 0 nothing was found, 1 a violation, 2 interrupted by Ctrl-C before the end, 3 usage, 4 the model is wrong, 5 a thread died,
        or what it did is no behaviour of the model: a bug in faultline

Examples:
  faultline stress pri-overflow --variant no-discard
  faultline stress pri-overflow --variant fixed --devices 256 --pages 1000000 --seconds 600 --plots plots
  faultline stress pri-overflow --variant no-discard --threads 1 --seed 7 --trace-out trace.json
                                                              the same run each time
  faultline stress racing-unmap --variant fixed --mix storm --seconds 60
  faultline stress pri-overflow --variant fixed --beside no-discard
  faultline stress pri-overflow --variant fixed --steps 1000000 --coverage
  faultline stress pri-overflow --variant fixed --json | jq '.hits'`;

async function stressCommand(target: string, options: Options, environment: Environment): Promise<number> {
  const { stdout, stderr } = environment;
  const request = await stressRequest(target, options, environment.catalogue);
  checkOutputs(options);
  tellPhase(`preparing ${target}`);
  const plan = planOf(request);
  const beside = request.beside ? planOf(request.beside) : undefined;
  tellPhase(`stressing ${target}`);
  const result = await runShown(plan, request, options, environment, beside);
  if (result.failure !== undefined) return failed(plan, request, result, options, environment);

  const [foundIn, foundOf] = result.isBeside ? [beside!, request.beside!] : [plan, request];
  tellPhase(`telling what came of ${target}`);
  const finding = result.finding ? await describeFinding(foundIn, foundOf, result.finding, options, environment) : null;
  const coverage = options.coverage
    ? await environment.interruptible((signal) => coverageDocumentOf(plan, request, signal))
    : null;
  const document = stressDocument(plan, request, result, finding, coverage);
  if (options.json) writeJson(stdout, document);
  else stdout.write(stressText(document, lookOf(stdout, environment)));
  if (finding?.reproduced === false) {
    stderr.write(`faultline: this is a bug in faultline, please report it with ${finding.log}: ${finding.reason}\n`);
  }
  if (!finding && options.log !== undefined) writeLog(options.log, plan, request, result.logOf(0), environment);
  if (options.traceOut !== undefined) writeTrace(document, options.traceOut, environment);
  if (options.chartOut !== undefined) writeChart(document, options.chartOut, environment);
  if (options.plots !== undefined) await writePlots(options.plots, document);
  return document.status;
}

/** @throws UsageError when a file cannot be written later, or is wanted twice */
function checkOutputs({ log, traceOut, chartOut, plots }: Options): void {
  if (chartOut !== undefined) chartFormatOfFile(chartOut);
  checkOutputFiles(Object.entries({ '--log': log, '--trace-out': traceOut, '--chart-out': chartOut }));
  if (plots !== undefined) prepareFolder('--plots', plots);
}

/** With a line about it once a second, on a terminal. */
async function runShown(
  plan: Plan,
  request: StressRequest,
  { quiet }: Options,
  environment: Environment,
  beside: Plan | undefined,
): Promise<StressResult> {
  const { stderr, stressWorker } = environment;
  const isShown = stderr.isTTY === true && !quiet;
  try {
    return await environment.interruptible((signal) =>
      runStress(plan, request, {
        signal,
        ...(stressWorker && { worker: stressWorker }),
        ...(beside && { beside }),
        ...(isShown && {
          // A line that wraps cannot be rewritten in place.
          onSample: (sample, before) =>
            stderr.write(`\r\x1b[2K${progressText(sample, before).slice(0, widthOf(stderr, environment) - 1)}`),
        }),
      }),
    );
  } finally {
    if (isShown) stderr.write('\r\x1b[2K');
  }
}

async function describeFinding(
  plan: Plan,
  request: StressRequest,
  finding: StressFinding,
  { log, explain }: Options,
  environment: Environment,
): Promise<StressFindingDocument> {
  const confirmed = await confirm(plan, request, finding, { explain });
  const kept = log ?? (confirmed.reproduced ? null : LOG_DEFAULT);
  if (kept !== null) writeLog(kept, plan, request, finding.log, environment);
  const { variant } = request.subject;
  return { kind: finding.kind, variant, unit: finding.unit, loggedSteps: finding.log.length, log: kept, ...confirmed };
}

/**
 * There is no verdict. What was under way is kept: of a dead thread in any case, of a mistake in the model when a log is asked
 * for.
 */
function failed(
  plan: Plan,
  request: StressRequest,
  { failure, visited, logOf }: StressResult,
  { log }: Options,
  environment: Environment,
): number {
  const { stderr } = environment;
  const isMistake = failure instanceof ModelError;
  const path = log ?? (isMistake ? undefined : LOG_DEFAULT);
  const logs = visited.map((unit) => ({ unit, log: logOf(unit) }));
  const kept = path === undefined ? [] : writeLogs(path, plan, request, logs, environment);
  const where =
    kept.length > 0
      ? `the episodes that were under way are kept: ${kept.join(', ')}`
      : 'no episode was under way, so no log is kept';
  if (!(failure instanceof WorkerFailed)) {
    if (path !== undefined) stderr.write(`faultline: ${where}\n`);
    throw failure;
  }
  stderr.write(`faultline: ${failure.message}\n  there is no verdict; ${where}\n`);
  return EXIT.internal;
}
