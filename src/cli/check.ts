/** `faultline check`: searches systems exhaustively and says what holds. */

import type { Command } from 'commander';
import { type MachineCoverages, unionOf } from '../coverage/coverage.ts';
import { coverageDocument } from '../coverage/document.ts';
import { definitionSiteOf } from '../system/definition-site.ts';
import { CHART_FORMATS } from './charts.ts';
import { chartOf, concludeCheck } from './check-output.ts';
import { CHECKPOINT_SECONDS, type CheckpointOptions, checkpointsOf } from './checkpoint-file.ts';
import type { CheckResultDocument } from './documents.ts';
import type { Environment } from './environment.ts';
import { UsageError } from './errors.ts';
import { questionOf } from './explanation-text.ts';
import { boundsOf, planJobs, QUICK_STATES, QUICK_STEPS, runJobs } from './jobs.ts';
import type { Judged } from './junit.ts';
import { createLog, isSilent } from './log.ts';
import { type MachineFlags, withMachineFlags } from './machine-flags.ts';
import { tell, unhurried, within } from './news.ts';
import { gather } from './parameters.ts';
import { NO_PROGRESS, progressOn } from './progress.ts';
import { unsearched } from './run-check.ts';
import { type SearchOptions, searchOptionsOf } from './search-options.ts';
import { searchersFor } from './searchers.ts';
import { argumentsOf } from './target.ts';
import { thousands } from './text.ts';
import { watchOf } from './watch-request.ts';
import { checkOutputFiles } from './write-file.ts';

/** The options of `check`, as they were typed. */
export interface Options extends SearchOptions, CheckpointOptions, MachineFlags {
  readonly all?: true;
  readonly quick?: true;
  readonly variant?: string;
  readonly set?: readonly string[];
  readonly property?: readonly string[];
  readonly traceOut?: string;
  readonly chart?: string;
  readonly chartOut?: string;
  readonly junit?: string;
  readonly sarif?: string;
  readonly markdown?: string;
  /** False when it is switched off. */
  readonly explain: boolean;
  readonly whyNot?: string;
  readonly at?: string;
  readonly strict?: true;
  readonly printSystem?: true;
  readonly watch?: true;
  readonly coverage?: true;
  readonly coverageOut?: string;
  readonly json?: true;
  readonly quiet?: true;
  readonly logLevel?: string;
}

export function defineCheck(command: Command, environment: Environment, done: (status: number) => void): void {
  command
    .description(DESCRIPTION)
    .argument('[targets...]', 'scenarios of the catalogue, or modules as ./my-system.ts or ./my-system.ts#name')
    .option('--all', 'the whole catalogue, at its default sizes')
    .option(
      '--quick',
      `--all: only what is known to be short: variants that hold with at most ${thousands(QUICK_STATES)} states, or are violated by a run of at most ${QUICK_STEPS} steps; cycles and what is not pinned are left out`,
    )
    .option('--variant <name>', 'only this variant; the status is that of its verdict')
    .option('--set <name=value>', "sets a scenario's parameter; repeatable", gather)
    .option('--property <name>', 'judge only this property, and leave the others out of the search; repeatable', gather)
    .option(
      '--all-violations',
      'bfs: go on after a violation, until it is known of every property whether it is violated',
    )
    .option(
      '--search <order>',
      'bfs: near states first, for the shortest trace; dfs: far ones first; random: walks (default: bfs)',
    )
    .option('--seed <number>', 'random, --bitstate: stands for all random choices (default: 1)')
    .option('--walks <count>', 'random: stop with `unknown` after this many walks (default: 1000)')
    .option('--max-steps <count>', 'random: end a walk after this many steps (default: 1000)')
    .option('--hash-compact', 'bfs: keep only 64 bits of a state; says how likely it is that one was missed')
    .option('--bitstate', 'dfs: keep a state as three bits in an array of fixed size; never says `holds`')
    .option('--bits <size>', '--bitstate: memory for the bit array, at most 2G (default: 64M)')
    .option('--swarm <count>', '--bitstate: so many searches one after the other, each of its own seed (default: 1)')
    .option(
      '--workers <count>',
      'threads for the large levels of a search (bfs), or for several searches (default: one for each core)',
    )
    .option('--no-symmetry', 'bfs: also search states that differ only in the names of interchangeable things')
    .option(
      '--partial-order',
      'bfs: follow only some steps of a state where the order of the others makes no difference',
    )
    .option('--chains', 'bfs: do not store states in which only one step is to be followed')
    .option('--max-states <count>', 'stop with `unknown` beyond this many states')
    .option('--max-seconds <seconds>', 'stop with `unknown` after this time')
    .option(
      '--max-memory <size>',
      "stop with `unknown` before more is needed, as 512M or 2G (default: half of the machine's)",
    )
    .option(
      '--spill <dir>',
      'bfs: keep states in files there when they take half of the memory; nothing is left of them',
    )
    .option(
      '--checkpoint <dir>',
      'bfs: save what one search has done to this directory, at intervals and when it is interrupted',
    )
    .option('--checkpoint-every <seconds>', `--checkpoint: the interval (default: ${CHECKPOINT_SECONDS})`)
    .option('--resume <dir>', 'bfs: go on from what --checkpoint saved there')
    .option('--force', '--checkpoint: replace what another search saved there, and take over its lock')
    .option('--trace-out <file>', 'write the trace of the one variant that is checked to a file, for replay')
    .option(
      '--chart <format>',
      `draw the trace of the one variant that is checked: ${CHART_FORMATS.join(', ')}; on stdout, the report on stderr`,
    )
    .option('--chart-out <file>', 'write the chart to a file (format: --chart, else by the suffix)')
    .option(
      '--no-explain',
      'do not look for the race in a trace, nor for the trace with the fewest switches between actors',
    )
    .option('--why-not <step>', "say what keeps a step of the trace from being enabled, as 'worker0 RUN'")
    .option('--at <count>', '--why-not: after so many steps of the trace (default: at its end)')
    .option('--junit <file>', 'write the results as JUnit XML, a test case per variant')
    .option('--sarif <file>', 'write what was found as SARIF 2.1.0, with traces as code flows')
    .option('--markdown <file>', 'write a comment for a pull request: verdicts, and traces as charts (docs/ci.md)')
    .option(
      '--strict',
      'the status is 1 as well when something is hollow: legal, but it can never matter; of a machine, when anything is found',
    )
    .option(
      '--coverage',
      'tell which states, transitions, guards and messages of the machines occurred, and which cannot',
    )
    .option('--coverage-out <file>', 'write that to a file (JSON) that diagram --coverage and report --coverage read')
    .option('--print-system', 'a machine: print the system that was made of it, as a module to go on from')
    .option('--watch', 'check again whenever the module changes, or what it imports within the project; Ctrl-C ends')
    .option('--json', 'print one JSON document')
    .option('--quiet', 'no progress on stderr')
    .option('--log-level <level>', 'log JSON lines to stderr: error, warn, info, debug')
    .addHelpText('after', EXAMPLES)
    .action(async (targets: string[], options: Options) => done(await checkCommand(targets, options, environment)));
  withMachineFlags(command);
}

const DESCRIPTION = [
  'Search systems exhaustively and say what holds.\n\nWithout --variant, every variant of a scenario is checked and its',
  'verdict compared with the one that the scenario expects: the status is 0 when all agree. With --variant, and for a',
  'plain system, the status is that of the verdict. Bounds hold for each variant on its own. Several results give the',
  'worst status: 4 before 1 before 2.\n\nA search ends with its first violation, which is the shortest one, and says nothing of the other',
  'properties. --all-violations goes on: every property has the verdict that a search for it alone would give, as --property makes',
  'one, and a trace of that length; a cycle may be longer, since it goes round the states of all monitors. What is behind a',
  'violation may have no end: bound it with --max-states, and what grows is told.\n\nRandom walks (--search random) are for systems that are too large to be',
  'searched: they find violations, but never say `holds`. Traces that are not found breadth-first are shortened.',
  '\n\nIn between are searches that keep less than whole states. --hash-compact says `holds` together with the',
  'probability that a state was missed; --bitstate finds violations, and says how much of the space it may have missed.',
].join(' ');

const EXAMPLES = `
Status: 0 holds, or all as expected; 1 violated, or not as expected; 2 unknown: a bound was hit, or Ctrl-C;
        3 usage; 4 the model is wrong; 5 a bug in faultline

Examples:
  faultline check --all                                         the whole catalogue
  faultline check --all --quick                                 what of it takes little, in some seconds
  faultline check pri-overflow                                  all variants of a scenario
  faultline check pri-overflow --variant no-discard             one variant, with its trace
  faultline check pri-overflow --variant fixed --set devices=3  a larger one
  faultline check pri-overflow --variant fixed --set devices=3 --checkpoint saved --no-symmetry
  faultline check pri-overflow --variant fixed --set devices=3 --resume saved --no-symmetry
                                                                a long one, killed and gone on with
  faultline check lock-free-set --variant store-instead-of-swap --all-violations
                                                                all that goes wrong, not only what goes wrong first
  faultline check pri-overflow --variant discard-first --property 'no group has members of two generations'
                                                                one property, whatever else is violated before
  faultline check ./my-system.ts                                your own module
  faultline check ./checkout.ts#checkout --event '{"type":"ADD","item":1}'
                                                                a machine as it stands (docs/bare-machines.md)
  faultline check ./my-system.ts#checkout --max-seconds 60      one of its exports, with a bound
  faultline check pri-overflow --variant one-pass --set devices=4 --search random --seed 7
                                                                walks through what is too large to search
  faultline check pri-overflow --variant no-discard --set devices=4 --bitstate --bits 256M --swarm 4
                                                                or searches that remember a little
  faultline check pri-overflow --variant no-discard --chart-out race.svg
                                                                and its message chart
  faultline check flush-deadlock --variant flush-under-lock --why-not 'worker0 RUN'
                                                                who waits for whom
  faultline check ./my-system.ts --watch                        again with every change that is saved
  faultline check --all --junit junit.xml --sarif faultline.sarif --markdown comment.md
                                                                for CI systems
  faultline check --all --coverage                              what no scenario ever tries
  faultline check pri-overflow --coverage-out pri.json && faultline diagram pri-overflow#priq --coverage pri.json
                                                                the same in the picture of a machine
  faultline check pri-overflow --json | jq '.results[] | {variant, verdict, states}'`;

async function checkCommand(targets: readonly string[], options: Options, environment: Environment): Promise<number> {
  if (!options.watch) return checkOnce(targets, options, environment);
  const watch = watchOf(targets, options);
  watch();
  try {
    return await checkOnce(targets, options, environment, watch);
  } finally {
    // Also what a function of the module has loaded late, and what a broken one has looked for.
    watch();
  }
}

async function checkOnce(
  targets: readonly string[],
  options: Options,
  environment: Environment,
  onLoaded: () => void = () => {},
): Promise<number> {
  const searchers = searchersFor(options, environment);
  // They load what the catalogue has while this thread does.
  if (options.all) searchers?.start();
  const jobs = await within(boundsOf(options).maxSeconds, () =>
    planJobs({ name: 'check', takesAll: 'checks' }, targets, options, environment),
  );
  onLoaded();
  const { explain } = options;
  const whyNot = questionOf(options);
  const search = searchOptionsOf(options, asksForCoverage(options));
  const log = createLog(options.logLevel, environment);
  chartOf(options);
  if (jobs.length > 1 && whyNot) throw severalTraces('--why-not', jobs.length);
  for (const [option] of outputsOf(options)) {
    if (jobs.length > 1 && ONE_TRACE.has(option)) throw severalTraces(option, jobs.length);
  }
  checkOutputFiles(outputsOf(options));
  const progress = options.quiet || !isSilent(log) ? NO_PROGRESS : progressOn(environment);
  const coverages: MachineCoverages[] = [];
  const onCoverage = (coverage: MachineCoverages) => coverages.push(coverage);
  const checkpoints = checkpointsOf(options, jobs, environment);
  const asked = { ...search, ...checkpoints.options, ...(whyNot && { whyNot }), explain };
  const known = jobs.map(({ subject, compared }): Judged => {
    const { target } = subject;
    const definedAt = definitionSiteOf('scenario' in target ? target.scenario : target.system);
    return { result: unsearched(subject, asked), args: argumentsOf(subject), compared, definedAt };
  });
  tell({ kind: 'searches', options, results: known });
  let results: readonly CheckResultDocument[] = [];
  try {
    results = await environment.interruptible((signal) =>
      runJobs(jobs, { ...asked, signal }, progress, { log, onCoverage, searchers }),
    );
  } finally {
    checkpoints.end(results[0]);
    await searchers?.close();
    await search.threads?.close();
  }
  const coverage = asksForCoverage(options) ? coverageDocument(unionOf(coverages)) : undefined;
  const judged = known.map((one, index) => ({ ...one, result: results[index]! }));
  // Files are written there: a change of the module must not break that off.
  return unhurried(() => concludeCheck(judged, options, environment, coverage));
}

/** The files that are asked for; `--chart` without one stands for stdout. */
function outputsOf({
  traceOut,
  chart,
  chartOut,
  junit,
  sarif,
  markdown,
  coverageOut,
}: Options): (readonly [string, string | undefined])[] {
  const charted = chart !== undefined || chartOut !== undefined;
  return [
    ...(traceOut === undefined ? [] : [['--trace-out', traceOut] as const]),
    ...(charted ? [[chart === undefined ? '--chart-out' : '--chart', chartOut] as const] : []),
    ...(junit === undefined ? [] : [['--junit', junit] as const]),
    ...(sarif === undefined ? [] : [['--sarif', sarif] as const]),
    ...(markdown === undefined ? [] : [['--markdown', markdown] as const]),
    ...(coverageOut === undefined ? [] : [['--coverage-out', coverageOut] as const]),
  ];
}

function asksForCoverage({ coverage, coverageOut }: Options): boolean {
  return coverage === true || coverageOut !== undefined;
}

const ONE_TRACE: ReadonlySet<string> = new Set(['--trace-out', '--chart', '--chart-out']);

function severalTraces(option: string, count: number): UsageError {
  return new UsageError(`${option} is for one trace, but this checks ${count} variants`, 'choose one by --variant');
}
