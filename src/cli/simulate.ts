/** `faultline simulate`: runs a study, or a scenario with times, and says what came out. */
import { rmSync } from 'node:fs';
import type { Command } from 'commander';
import { outcomeOf, seedsTo } from '../simulate/run-study.ts';
import { type Point, pointText, SEEDS_DEFAULT } from '../simulate/study.ts';
import { summaryOf } from '../simulate/summary.ts';
import { EXIT } from '../system/verdict.ts';
import { DOCUMENT_VERSION, type SimulateDocument, type StudiesDocument } from './documents.ts';
import { type Environment, widthOf, writeJson } from './environment.ts';
import { UsageError } from './errors.ts';
import { parseModuleSpec, sameFile } from './loading/module-spec.ts';
import { tellPhase } from './news.ts';
import { gather } from './parameters.ts';
import { lookOf } from './report.ts';
import { csvOf, type Row } from './simulate-csv.ts';
import { writeStudyPlots } from './simulate-plots.ts';
import { simulateReport } from './simulate-report.ts';
import { simulateText, studiesText } from './simulate-text.ts';
import { TIMELINE_STEPS, timelineFor } from './simulate-timeline.ts';
import { type RunsMade, Simulators } from './simulators.ts';
import { parseCount, parseSeed, parseTime, plural, rounded, thousands } from './text.ts';
import { findTimed, simulatedOf, type TimedSubject, timedSubject } from './timed-target.ts';
import { checkOutputFiles, prepareFolder, writeWhole } from './write-file.ts';

interface Options {
  readonly variant?: string;
  readonly set?: readonly string[];
  readonly seeds?: string;
  readonly seed?: string;
  readonly for?: string;
  readonly workers?: string;
  readonly plots?: string;
  readonly csv?: string;
  readonly trace?: string;
  readonly report?: string;
  readonly breakdown?: true;
  readonly json?: true;
  readonly quiet?: true;
}

export function defineSimulate(command: Command, environment: Environment, done: (status: number) => void): void {
  command
    .description(DESCRIPTION)
    .argument(
      '[target]',
      'a study, or a scenario or module that has times (docs/timing.md); left out, lists the studies',
    )
    .option('--variant <name>', 'the variant of the scenario')
    .option('--set <name=value>', 'sets a parameter; repeatable', gather)
    .option(
      '--seeds <count>',
      `runs of each system, each with its own seed; at least 2 of a study (default: ${SEEDS_DEFAULT}, or what the study says)`,
    )
    .option('--seed <number>', 'the first seed; the others count up from it (default: 1)')
    .option('--for <time>', 'how long each run is, in simulated time, as 10s, 2.5ms or 300us')
    .option('--workers <count>', 'threads that share the runs (default: one for each core)')
    .option('--plots <dir>', 'draw what came out as SVG')
    .option('--csv <file>', 'write a line for each run')
    .option(
      '--breakdown',
      "tell where each measured time goes, in the beginning of the first seed's run, of a study of the first point that measures one",
    )
    .option(
      '--trace <file>',
      `write the beginning of the first seed's run (${thousands(TIMELINE_STEPS)} steps) for Perfetto (ui.perfetto.dev)`,
    )
    .option('--report <file>', 'write one HTML page: tables, plots, and one measured time through all components')
    .option('--json', 'print one JSON document')
    .option('--quiet', 'no progress on stderr')
    .addHelpText('after', EXAMPLES)
    .action(async (target: string | undefined, options: Options) =>
      done(
        await (target === undefined
          ? listStudies(options, environment)
          : simulateCommand(target, options, environment)),
      ),
    );
}

const DESCRIPTION = [
  'Simulate a system with times: the same XState machines, with how long each step takes, which CPUs and hardware units it needs, and how long',
  'messages are on their way. A study is a question about speed with the systems that answer it. Each run is a schedule that the untimed system can',
  'take, and all safety properties are watched. Figures are means over runs with different seeds, with the 95 % interval.',
  '\n\nA simulation looks at some runs only: it never says `holds`.',
].join(' ');

const EXAMPLES = `
Status: 0 done, 1 a safety property was violated in a run, 3 usage, 4 the model is wrong, or its times are

Examples:
  faultline simulate                              the studies
  faultline simulate hisi-sec --plots plots
  faultline simulate queue-size --seeds 20 --csv runs.csv
  faultline simulate ./my-scenario.ts --for 10s   your own, with its \`timing\`
  faultline simulate pri-overflow --variant fixed --breakdown --trace trace.json --report report.html
  faultline simulate hisi-sec --json | jq '.answer'`;

async function listStudies({ json }: Options, environment: Environment): Promise<number> {
  const known = await environment.studies?.();
  const studies = await Promise.all((known?.names ?? []).map(async (name) => (await known!.named(name))!));
  const document: StudiesDocument = {
    version: DOCUMENT_VERSION,
    kind: 'studies',
    studies: studies.map(({ name, title, question, sources }) => ({ name, title, question, sources: [...sources] })),
  };
  if (json) writeJson(environment.stdout, document);
  else environment.stdout.write(studiesText(document, lookOf(environment.stdout, environment)));
  return EXIT.holds;
}

async function simulateCommand(spec: string, options: Options, environment: Environment): Promise<number> {
  const { stdout } = environment;
  const subject = timedSubject(await findTimed(spec, environment), options.variant, options.set ?? []);
  const asked = askedOf(options, subject);
  // What is wrong with a scenario or its times shows before threads are started.
  const unit = 'scenario' in subject ? (simulatedOf(subject, {}).timing.unit ?? 'us') : null;
  const isNewFolder = options.plots !== undefined && prepareFolder('--plots', options.plots);
  const outputs = { '--csv': options.csv, '--trace': options.trace, '--report': options.report };
  checkOutputFiles(Object.entries(outputs));
  checkKeptModule(spec, outputs);
  tellPhase(`simulating ${spec}`);
  const started = performance.now();
  const progress = new Progress(spec, asked.seeds.length, options, environment);
  const simulators = new Simulators(subject, asked, options.workers, environment);
  const all: { point: Point; made: RunsMade }[] = [];
  try {
    const simulate = async (points: readonly Point[]) => {
      progress.expect(points.length);
      const made = await simulators.simulate(points, (runs) => progress.add(runs));
      all.push(...points.map((point, at) => ({ point, made: made[at]! })));
      return made;
    };
    const { timeline: told, ...result } =
      'study' in subject
        ? {
            ...(await subject.study.run(subject.parameters, async (points) =>
              (await simulate(points)).map(({ numbers }, at) => outcomeOf(points[at]!, numbers!)),
            )),
            summary: null,
          }
        : { answer: [], tables: [], plots: [], summary: summaryOf((await simulate([{}]))[0]!.runs), timeline: {} };
    progress.clear();
    const points = told ? [told] : all.map(({ point }) => point);
    const isTimed = options.breakdown ?? options.trace ?? options.report;
    const timeline = isTimed === undefined ? undefined : timelineFor(subject, points, asked.seeds[0]!, asked.seconds);
    const found = timeline?.breakdowns ?? [];
    const breakdowns = options.breakdown || (options.report !== undefined && found.length > 0) ? found : null;
    const took = (performance.now() - started) / 1000;
    const document = documentOf(subject, options, asked.seeds, all, { ...result, breakdowns, unit }, took);
    if (options.json) writeJson(stdout, document);
    else stdout.write(simulateText(document, lookOf(stdout, environment)));
    if (options.csv !== undefined) writeWhole(options.csv, csvOf(rowsOf(all)));
    if (options.plots !== undefined) await writeStudyPlots(options.plots, document);
    if (options.report !== undefined) writeWhole(options.report, await simulateReport(document));
    if (options.trace === undefined) return document.status;
    if (timeline) {
      writeWhole(options.trace, JSON.stringify(timeline.trace));
      return document.status;
    }
  } catch (error) {
    // Nothing is drawn.
    if (isNewFolder) rmSync(options.plots!, { recursive: true });
    throw error;
  } finally {
    progress.clear();
    await simulators.close();
  }
  // Only here, for what has been drawn stays.
  throw noTrace(options.trace, subject);
}

function noTrace(path: string, { spec }: TimedSubject): UsageError {
  return new UsageError(
    `--trace ${path}: ${spec} simulates a population, whose steps are not kept, so nothing is written`,
    'leave it out, or simulate a system without a population',
  );
}

/** @throws UsageError when the module that is simulated would be written over */
function checkKeptModule(spec: string, outputs: Readonly<Record<string, string | undefined>>): void {
  const module = parseModuleSpec(spec);
  if (!module) return;
  for (const [option, path] of Object.entries(outputs)) {
    if (path !== undefined && sameFile(module, { path, name: undefined })) {
      throw new UsageError(`${option} ${path}: that is the module that is simulated`, 'give another file');
    }
  }
}

/** @throws UsageError */
function askedOf({ seeds, seed, for: time }: Options, subject: TimedSubject) {
  const count =
    seeds === undefined ? ('study' in subject ? subject.study.seeds : SEEDS_DEFAULT) : parseCount('--seeds', seeds);
  const first = seed === undefined ? 1 : parseSeed('--seed', seed);
  if ('study' in subject && count < 2) {
    throw new UsageError(
      `--seeds ${seeds}: got ${count}, expected at least 2`,
      'one run says nothing of how sure it is',
    );
  }
  return {
    seeds: seedsTo(count).map((at) => first + at - 1),
    seconds: time === undefined ? null : parseTime('--for', time),
  };
}

type Told = Pick<SimulateDocument, 'answer' | 'tables' | 'plots' | 'summary' | 'breakdowns' | 'unit'> &
  Partial<Pick<SimulateDocument, 'notes'>>;

function documentOf(
  subject: TimedSubject,
  options: Options,
  seeds: readonly number[],
  all: readonly { point: Point; made: RunsMade }[],
  told: Told,
  seconds: number,
): SimulateDocument {
  const runs = all.flatMap(({ point, made }) => made.runs.map((run) => ({ point, run })));
  const violated = runs.flatMap(({ point, run }) =>
    run.violated ? [{ point: pointText(point), seed: run.seed, ...run.violated }] : [],
  );
  const [first] = all;
  const unused = 'scenario' in subject ? unusedOf(first!.made) : [];
  return {
    version: DOCUMENT_VERSION,
    kind: 'simulate',
    status: violated.length > 0 ? EXIT.violated : EXIT.holds,
    target: subject.spec,
    study: 'study' in subject ? subject.study.name : null,
    title: 'study' in subject ? subject.study.title : subject.scenario.title,
    question: 'study' in subject ? subject.study.question : null,
    scenario: 'scenario' in subject ? subject.scenario.name : null,
    variant: 'scenario' in subject ? subject.variant : null,
    parameters: subject.parameters,
    seeds: [...seeds],
    time: options.for ?? null,
    runs: runs.length,
    steps: sum(runs.map(({ run }) => run.steps)),
    machineSteps: sum(runs.map(({ run }) => run.machineSteps)),
    seconds,
    notes: [],
    ...told,
    violated,
    unused,
  };
}

/** What timed nothing in any of the runs. */
function unusedOf({ runs }: RunsMade): string[] {
  return runs[0]!.unused.filter((place) => runs.every(({ unused }) => unused.includes(place)));
}

function rowsOf(all: readonly { point: Point; made: RunsMade }[]): Row[] {
  return all.flatMap(({ point, made }) =>
    made.runs.map((run, at) => ({
      ...point,
      seed: run.seed,
      time: run.time,
      steps: run.steps,
      ...(made.numbers ? made.numbers[at] : readingsOf(run)),
    })),
  );
}

/** All that was measured in a run, by name. */
function readingsOf({ times, gauges, counters, resources }: RunsMade['runs'][number]): Row {
  const flat: Record<string, number> = {};
  for (const [what, readings] of Object.entries({ times, gauges, counters, resources })) {
    for (const [name, reading] of Object.entries(readings)) {
      for (const [key, value] of Object.entries(reading)) {
        if (typeof value === 'number') flat[`${what}.${name}.${key}`] = value;
      }
    }
  }
  return flat;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** A line on a terminal, while runs are made. */
class Progress {
  readonly #write: ((text: string) => void) | undefined;
  readonly #spec: string;
  readonly #seeds: number;
  #expected = 0;
  #made = 0;
  #steps = 0;

  constructor(spec: string, seeds: number, { quiet }: Options, environment: Environment) {
    const { stderr } = environment;
    this.#spec = spec;
    this.#seeds = seeds;
    if (stderr.isTTY !== true || quiet) return;
    this.#write = (text) => stderr.write(`\r\x1b[2K${text.slice(0, widthOf(stderr, environment) - 1)}`);
  }

  expect(points: number): void {
    this.#expected += points * this.#seeds;
    this.#show();
  }

  add({ runs }: RunsMade): void {
    this.#made += runs.length;
    this.#steps += sum(runs.map(({ machineSteps }) => machineSteps));
    this.#show();
  }

  clear(): void {
    this.#write?.('');
  }

  #show(): void {
    const done = `${this.#made} of ${plural(this.#expected, 'run')}`;
    this.#write?.(`${this.#spec}: ${done}, ${rounded(this.#steps)} machine steps`);
  }
}
