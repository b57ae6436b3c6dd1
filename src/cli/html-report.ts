/** `faultline report`: checks systems and writes what came out, with every trace to be stepped through, as one HTML file. */
import type { Command } from 'commander';
import { DiagramError } from '../diagram/diagram-error.ts';
import { machineGraph } from '../diagram/machine-graph.ts';
import { type Coverage, coverageMarks } from '../diagram/marks.ts';
import { renderReport } from '../report/page.ts';
import type { Report, ReportParameter, ReportResult, ReportScenario } from '../report/report.ts';
import { ModelError } from '../system/errors.ts';
import { describeParameters, rangeOf } from '../system/parameters.ts';
import type { System } from '../system/system.ts';
import { xstateIn } from '../system/xstate.ts';
import { renderChartSvg } from '../trace/chart-svg.ts';
import type { Trace } from '../trace/trace.ts';
import { statusOf, worst } from './check-result.ts';
import { replayCommand } from './check-text.ts';
import { readCoverage } from './diagram.ts';
import type { CheckResultDocument } from './documents.ts';
import type { Environment } from './environment.ts';
import { possibleNames, UsageError } from './errors.ts';
import { miscount, wantedOf } from './expectation.ts';
import { racesOf } from './explanation-text.ts';
import { type Job, planJobs, runJobs } from './jobs.ts';
import { type MachineFlags, withMachineFlags } from './machine-flags.ts';
import { tellPhase, within } from './news.ts';
import { gather } from './parameters.ts';
import { NO_PROGRESS, progressOn } from './progress.ts';
import { type SearchOptions, searchOptionsOf } from './search-options.ts';
import { searchersFor } from './searchers.ts';
import { quoted } from './shell-words.ts';
import { argumentsOf, buildSystem, type Subject } from './target.ts';
import { bytesText, inGroups, plural } from './text.ts';
import { checkWritable, writeWhole } from './write-file.ts';

interface Options
  extends MachineFlags,
    Pick<SearchOptions, 'allViolations' | 'workers' | 'maxStates' | 'maxSeconds' | 'maxMemory'> {
  readonly all?: true;
  readonly variant?: string;
  readonly set?: readonly string[];
  readonly property?: readonly string[];
  readonly output?: string;
  readonly coverage?: string;
  readonly quiet?: true;
}

/** `-o -` is stdout. */
const STDOUT = '-';

export function defineHtmlReport(command: Command, environment: Environment, done: (status: number) => void): void {
  command
    .description(DESCRIPTION)
    .argument('[targets...]', 'scenarios of the catalogue, or modules as ./my-system.ts or ./my-system.ts#name')
    .option('--all', 'the whole catalogue, at its default sizes')
    .option('--variant <name>', 'only this variant (default: all of them)')
    .option('--set <name=value>', "sets a scenario's parameter; repeatable", gather)
    .option('--property <name>', 'judge only this property, and leave the others out of the search; repeatable', gather)
    .option('--all-violations', 'go on after a violation, until it is known of every property whether it is violated')
    .option('-o, --output <file>', 'where the page goes; - for stdout')
    .option('--coverage <file>', 'a coverage file (JSON), instead of what the traces go through; for one system')
    .option(
      '--workers <count>',
      'threads for the large levels of a search, or for several searches (default: one for each core)',
    )
    .option('--max-states <count>', 'stop each search with `unknown` beyond this many states')
    .option('--max-seconds <seconds>', 'stop each search with `unknown` after this time')
    .option(
      '--max-memory <size>',
      "stop each search with `unknown` before more is needed, as 512M or 2G (default: half of the machine's)",
    )
    .option('--quiet', 'no progress on stderr')
    .addHelpText('after', EXAMPLES)
    .action(async (targets: string[], options: Options) => done(await reportCommand(targets, options, environment)));
  withMachineFlags(command);
}

const DESCRIPTION = [
  'Check systems and write one HTML page about them: verdicts, properties, parameters, and every trace with a message chart,',
  'what each step changes, and the diagrams of the machines with their states lit. The page needs no network and no',
  'server: it opens from a file, can be sent to somebody, and can be printed.\n\nSearches are those of check, and so is the',
  'status.',
].join(' ');

const EXAMPLES = `
Status: 0 holds, or all as expected; 1 violated, or not as expected; 2 unknown: a bound was hit, or Ctrl-C;
        3 usage, and nothing is written; 4 the model is wrong; 5 a bug in faultline

Examples:
  faultline report pri-overflow -o pri-overflow.html                       all variants of a scenario
  faultline report pri-overflow --variant no-discard -o no-discard.html    one of them
  faultline report lock-free-set --all-violations -o set.html              with all that each fault violates
  faultline report ./my-system.ts -o my-system.html                        your own module
  faultline report --all -o report.html                                    the whole catalogue`;

async function reportCommand(targets: readonly string[], options: Options, environment: Environment): Promise<number> {
  const { stdout } = environment;
  const output = outputOf(options);
  const search = searchOptionsOf({ ...options, symmetry: true }, false);
  const searchers = searchersFor(options, environment);
  // They load what the catalogue has while this thread does.
  if (options.all) searchers?.start();
  const jobs = await within(search.maxSeconds, () =>
    planJobs({ name: 'report', takesAll: 'reports on' }, targets, options, environment),
  );
  const coverage = coverageOf(options, jobs);
  if (output !== STDOUT) checkWritable(output);

  const progress = options.quiet ? NO_PROGRESS : progressOn(environment);
  let results: readonly CheckResultDocument[];
  try {
    results = await environment.interruptible((signal) =>
      runJobs(jobs, { ...search, signal }, progress, { searchers }),
    );
  } finally {
    await searchers?.close();
    await search.threads?.close();
  }
  tellPhase('drawing the report');
  const report = describe(jobs, results, coverage, { targets, options, environment });
  const page = await renderReport(report);
  if (output === STDOUT) stdout.write(page);
  else {
    writeWhole(output, page);
    stdout.write(`${output}: ${summaryOf(results)}, ${sizeText(Buffer.byteLength(page))}\n`);
  }
  return worst(results.map((result, index) => statusOf(result, jobs[index]!.compared)));
}

function outputOf({ output }: Options): string {
  if (output !== undefined && output !== '') return output;
  throw new UsageError('report needs to know where the page goes', 'say it by -o report.html, or -o - for stdout');
}

// --- what is checked ---

function coverageOf({ coverage }: Options, jobs: readonly Job[]): Coverage | undefined {
  if (coverage === undefined) return undefined;
  if (jobs.length === 1) return checkedCoverage(coverage, readCoverage(coverage), buildSystem(jobs[0]!.subject));
  throw new UsageError(`--coverage is about one system, but this checks ${jobs.length}`, 'choose one by --variant');
}

/** @throws UsageError when it names machines, states or transitions that the system does not have */
function checkedCoverage(path: string, coverage: Coverage, system: System): Coverage {
  const machines = new Map(Object.entries(system.actors).map(([name, { machine }]) => [name, machine]));
  for (const property of system.properties) {
    if (property.kind === 'monitor') machines.set(property.name, property.machine);
  }
  const known = [...machines].flatMap(([name, { id }]) => [name, id]);
  const unknown = Object.keys(coverage.machines).find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new UsageError(`${path} is about a machine "${unknown}"`, possibleNames(unknown, [...machines.keys()]));
  }
  try {
    for (const [name, machine] of machines) {
      for (const of of new Set([name, machine.id])) {
        if (Object.hasOwn(coverage.machines, of)) coverageMarks(machineGraph(machine), coverage, [of]);
      }
    }
  } catch (error) {
    if (error instanceof DiagramError) throw new UsageError(error.message, error.hint, { cause: error });
    throw error;
  }
  return coverage;
}

// --- what is said about it ---

interface Made {
  readonly targets: readonly string[];
  readonly options: Options;
  readonly environment: Environment;
}

function describe(
  jobs: readonly Job[],
  results: readonly CheckResultDocument[],
  coverage: Coverage | undefined,
  made: Made,
): Report {
  const withChart = results.filter(({ trace }) => trace !== null).length <= CHARTS_MAX;
  const scenarios = new Map<string, ReportScenario & { results: ReportResult[] }>();
  for (const [index, { subject }] of jobs.entries()) {
    const { target } = subject;
    const known = scenarios.get(target.spec) ?? { ...describeScenario(subject), results: [] };
    scenarios.set(target.spec, known);
    known.results.push(describeResult(subject, results[index]!, { coverage, withChart }));
  }
  return {
    title: titleOf([...scenarios.values()], made.options),
    command: commandOf(made),
    date: new Date()
      .toISOString()
      .replace('T', ' ')
      .replace(/:\d\d\..*/, ' UTC'),
    versions: [
      { name: 'Faultline', version: made.environment.version },
      { name: 'XState', version: xstateVersions(jobs) },
      { name: 'Node', version: process.version.replace(/^v/, '') },
    ],
    scenarios: inGroups([...scenarios.values()], ({ group }) => group),
  };
}

function describeScenario({ target, parameters }: Subject): Omit<ReportScenario, 'results'> {
  if ('system' in target) return { name: target.spec, title: null, group: null, sources: [], parameters: [] };
  const { name, title, group, sources } = target.scenario;
  return {
    name,
    title,
    group,
    sources,
    parameters: describeParameters(target.scenario).map((parameter): ReportParameter => {
      const value = parameters[parameter.name];
      return {
        name: parameter.name,
        value: String(value),
        isDefault: value === parameter.default,
        description: parameter.description,
        range: rangeOf(parameter),
      };
    }),
  };
}

/** With more traces than this, a picture of each would make the page twice as large. */
const CHARTS_MAX = 8;

interface Extras {
  readonly coverage: Coverage | undefined;
  readonly withChart: boolean;
}

function describeResult(subject: Subject, result: CheckResultDocument, { coverage, withChart }: Extras): ReportResult {
  const { target, variant, parameters } = subject;
  const { trace } = result;
  const title = 'scenario' in target && variant !== null ? (target.scenario.variants[variant]?.title ?? null) : null;
  return {
    ...{ variant, title, parameters, trace },
    system: systemOf(subject),
    verdict: result.verdict,
    expected: result.expected && {
      verdict: result.expected.verdict,
      properties: wantedOf(result.expected),
      numbers: miscount(result)?.expected ?? null,
    },
    asExpected: result.asExpected,
    property: result.property,
    deadEnd: result.deadEnd,
    bound: result.bound,
    missProbability: result.missProbability,
    growth: result.growth,
    costly: result.costly,
    error: result.error,
    search: result.search,
    ...{ states: result.states, steps: result.steps, depth: result.depth, seconds: result.seconds },
    properties: result.properties,
    violations:
      result.violations?.map(({ property, length, schedule }) => ({
        ...{ property, length },
        replay: schedule === null ? null : replayCommand(argumentsOf(subject), schedule),
      })) ?? null,
    replay: trace && replayCommand(argumentsOf(subject), trace.schedule),
    ...(coverage && { coverage }),
    ...(result.explanation && { explanation: result.explanation.text }),
    ...(trace && withChart && { chart: chartOf(result, trace) }),
  };
}

function chartOf({ property, deadEnd, error, explanation }: CheckResultDocument, trace: Trace): string {
  const races = racesOf(explanation);
  return renderChartSvg(trace, { deadEnd, races, ...(property !== null && { property }), ...(error && { error }) });
}

/** The check has said what is wrong with one that cannot be built. */
function systemOf(subject: Subject): System | undefined {
  try {
    return buildSystem(subject);
  } catch (error) {
    if (error instanceof ModelError) return undefined;
    throw error;
  }
}

function titleOf(scenarios: readonly ReportScenario[], { all, variant }: Options): string {
  if (all) return 'Faultline: the whole catalogue';
  return `Faultline: ${scenarios.map(({ name }) => name).join(', ')}${variant === undefined ? '' : `, ${variant}`}`;
}

function commandOf({ targets, options }: Made): string {
  const {
    all,
    variant,
    set = [],
    property = [],
    allViolations,
    output,
    coverage,
    workers,
    maxStates,
    maxSeconds,
    maxMemory,
  } = options;
  const values = {
    variant,
    coverage,
    workers,
    'max-states': maxStates,
    'max-seconds': maxSeconds,
    'max-memory': maxMemory,
  };
  return [
    'npx faultline report',
    ...(all ? ['--all'] : targets.map(quoted)),
    ...Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [`--${name} ${quoted(value)}`])),
    ...set.map((setting) => `--set ${quoted(setting)}`),
    ...property.map((name) => `--property ${quoted(name)}`),
    ...(allViolations ? ['--all-violations'] : []),
    `-o ${quoted(output!)}`,
  ].join(' ');
}

/** Modules may have brought copies of their own. */
function xstateVersions(jobs: readonly Job[]): string {
  return [...new Set(jobs.map(({ subject }) => xstateIn(buildSystem(subject)).version))].join(', ');
}

function summaryOf(results: readonly CheckResultDocument[]): string {
  const compared = results.filter(({ asExpected }) => asExpected !== null);
  const agreeing = compared.filter(({ asExpected }) => asExpected).length;
  const traces = results.filter(({ trace }) => trace !== null).length;
  const parts = [plural(results.length, 'system'), plural(traces, 'trace')];
  if (compared.length > 0) parts.push(`${agreeing} of ${compared.length} verdicts as expected`);
  return parts.join(', ');
}

function sizeText(bytes: number): string {
  return bytes < 2 ** 20 ? `${Math.ceil(bytes / 1024)} kB` : bytesText(bytes);
}
