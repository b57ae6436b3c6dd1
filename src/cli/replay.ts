/** `faultline replay`: runs a trace again on live XState actors, shows it, and says whether it still violates anything. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { type WhyNot, whyNot } from '../explain/why-not.ts';
import { isRawTrail, scheduleOfForeign, traceFromRumur, traceFromSpin } from '../export/import.ts';
import { DEAD_ENDS_PROPERTY } from '../machine/check-machine.ts';
import { isDeadEnd } from '../machine/dead-ends.ts';
import { propertyNames, type System } from '../system/system.ts';
import { EXIT } from '../system/verdict.ts';
import { findStep, type Path, type PathStep } from '../tabulate/path.ts';
import { Tables } from '../tabulate/tables.ts';
import { Walker } from '../tabulate/walker.ts';
import { type Replay, replaySchedule, replayTrace } from '../trace/replay.ts';
import { SCHEDULE, scheduleOf, type Trace } from '../trace/trace.ts';
import { CHART_FORMATS, parseChartFormat } from './charts.ts';
import { describeSubject } from './check-result.ts';
import { DOCUMENT_VERSION, type ReplayDocument } from './documents.ts';
import type { Catalogue } from './environment.ts';
import { type Environment, writeJson } from './environment.ts';
import { possibleNames, UsageError } from './errors.ts';
import { questionOf, whyNotLines } from './explanation-text.ts';
import { findTargetOfFile, TRUST } from './file-target.ts';
import { isScriptName, parseModuleSpec } from './loading/module-spec.ts';
import { flagsOf, givenOf, withMachineFlags } from './machine-flags.ts';
import { tellPhase } from './news.ts';
import { gather } from './parameters.ts';
import { readText } from './read-file.ts';
import { formatTrace, isFormat, replaySummary, TRACE_FORMATS, type TraceFormat } from './replay-text.ts';
import { lookOf } from './report.ts';
import type { Question } from './run-check.ts';
import {
  argumentsOf,
  bareOf,
  buildSystem,
  findSubject,
  type Subject,
  type SubjectFlags,
  subjectFrom,
} from './target.ts';
import { readTraceFile } from './trace-file.ts';
import { checkWritable, writeWhole } from './write-file.ts';

interface Options extends SubjectFlags {
  readonly format?: string;
  readonly chart?: string;
  readonly output?: string;
  readonly whyNot?: string;
  readonly at?: string;
  readonly json?: true;
  readonly fromSpin?: string;
  readonly fromRumur?: string;
  readonly trust?: true;
}

export function defineReplay(command: Command, environment: Environment, done: (status: number) => void): void {
  command
    .description(DESCRIPTION)
    .usage(USAGE)
    .argument('<target|schedule|file...>', 'what check printed, or the file that check --trace-out wrote')
    .option('--variant <name>', 'the variant of the scenario')
    .option('--set <name=value>', "sets a scenario's parameter; repeatable", gather)
    .option('--property <name>', 'judge only this property, as check --property did; repeatable', gather)
    .option('--from-spin <file>', 'a trace of an exported model: what `spin -t MODEL.pml` printed, or MODEL.pml.trail')
    .option('--from-rumur <file>', 'a trace of an exported model: what its verifier printed')
    .option('--format <format>', `how to show the trace: ${TRACE_FORMATS.join(', ')} (default: chart)`)
    .option('--chart <format>', `draw the message chart: ${CHART_FORMATS.join(', ')}`)
    .option('--why-not <step>', "say what keeps a step of the trace from being enabled, as 'worker0 RUN'")
    .option('--at <count>', '--why-not: after so many steps of the trace (default: at its end)')
    .option('-o, --output <file>', 'write the trace, in its format, to a file')
    .option('--json', 'print one JSON document about the replay; with -o, the trace goes there in its format')
    .option('--trust', TRUST)
    .addHelpText('after', EXAMPLES)
    .action(async (args: string[], options: Options) => done(await replayCommand(args, options, environment)));
  withMachineFlags(command);
}

const USAGE = `[options] <target> <schedule>
       faultline replay [options] [target] <trace file>
       faultline replay [options] <target> --from-spin <file> | --from-rumur <file>`;

const DESCRIPTION = [
  'Run a trace again, on live XState actors, and show it.\n\nA schedule is the list of steps that check prints: each number',
  'chooses one of the steps that are enabled there. A trace file carries its scenario, variant and parameters; it is',
  'followed by what its steps are, not by their numbers, so that it survives changes of the model that only renumber',
  'them. A trace of your own module is replayed when you name the module as well, wherever it lies now, or with --trust: a file',
  'alone loads no code.\n\nThe steps after a colon, as in 0/2:1/3, go round for ever: that',
  'they do is verified, and so is that the run is fair.',
].join(' ');

const EXAMPLES = `
Status: 1 the last state violates a property, 0 it violates none, 2 the trace of SPIN or Rumur ends at the edge of what was
        exported, 3 the model does not allow the trace, 4 the last step is a mistake in the model, 5 tables and live actors
        disagree: a bug in faultline

Examples:
  faultline replay bounded-fifo --variant unordered 0/0/2
  faultline check pri-overflow --variant no-discard --trace-out trace.json
  faultline replay trace.json
  faultline replay ./my-system.ts trace.json
  faultline replay trace.json --chart svg -o trace.svg
  faultline replay trace.json --format itf -o trace.itf.json
  faultline replay trace.json --why-not 'worker1 RUN' --at 5
  faultline replay trace.json --json | jq '.violated'`;

/** A trace to run again. */
interface Asked {
  readonly subject: Subject;
  /** The property that a stored trace violated. */
  readonly property: string | null;
  /** The last step is expected to break off with a model error. */
  readonly failed: boolean;
  /** Another checker came to the edge of what was exported: what it found is no violation. */
  readonly isFrontier?: boolean;
  readonly run: (system: ReturnType<typeof buildSystem>) => Replay;
}

async function replayCommand(args: readonly string[], options: Options, environment: Environment): Promise<number> {
  const { stdout, stderr } = environment;
  const { output, json } = options;
  const format = formatOf(options);
  const asked = await ask(args, options, environment.catalogue);
  if (output !== undefined) checkWritable(output);

  const question = questionOf(options);
  tellPhase(`replaying on live actors of ${argumentsOf(asked.subject)}`);
  const system = buildSystem(asked.subject);
  const document = describeReplay(asked, asked.run(system), (trace) => question && answerOn(system, trace, question));
  const { status, error } = document;
  if (output !== undefined) writeWhole(output, formatTrace(format, document, lookOf({ write: () => {} }, environment)));
  if (json) {
    writeJson(stdout, document);
    return status;
  }
  if (output === undefined)
    stdout.write(`${formatTrace(format, document, lookOf(stdout, environment))}${format === 'chart' ? '\n' : ''}`);
  // What is meant for programs has stdout to itself.
  const summaryTo = output === undefined && format !== 'chart' ? stderr : stdout;
  summaryTo.write(replaySummary(document, lookOf(summaryTo, environment)));
  if (status === EXIT.unknown)
    stderr.write(`faultline: ${FRONTIER}\n  export more by a larger --depth, or all there is without it\n`);
  if (document.whyNot) summaryTo.write(`\n${whyNotLines(document.whyNot, lookOf(summaryTo, environment))}\n`);
  // A chart has told it already.
  if (error && (output !== undefined || format !== 'chart'))
    stderr.write(`faultline: the model is wrong (${error.code}): ${error.message}\n  ${error.hint}\n`);
  return status;
}

const FRONTIER = 'the tool came to the edge of what was exported, behind which it knows nothing: no violation';

function formatOf(options: Options): TraceFormat {
  const { chart, json, output } = options;
  if (chart !== undefined && options.format !== undefined) {
    throw new UsageError('--chart and --format do not go together: each says how to show the trace', 'leave one out');
  }
  const format = chart === undefined ? (options.format ?? 'chart') : formatOfChart(chart);
  if (!isFormat(format)) {
    throw new UsageError(`--format ${format}: there is no such format`, possibleNames(format, TRACE_FORMATS));
  }
  if (json && format !== 'chart' && output === undefined) {
    const option = chart === undefined ? '--format' : '--chart';
    throw new UsageError(`--json and ${option} ${format} both want stdout`, 'say where the trace goes by -o FILE');
  }
  return format;
}

function formatOfChart(name: string): TraceFormat {
  const format = parseChartFormat(name);
  return format === 'text' ? 'chart' : format;
}

async function ask(args: readonly string[], options: Options, catalogue: Catalogue): Promise<Asked> {
  const [first = '', second] = args;
  if (options.fromSpin !== undefined || options.fromRumur !== undefined) return askForeign(args, options, catalogue);
  if (args.length > 2)
    throw new UsageError(`replay takes a target and a schedule, got ${args.length} arguments: ${args.join(' ')}`);
  if (second !== undefined) {
    return SCHEDULE.test(second)
      ? askSchedule(first, second, options, catalogue)
      : askFile(second, first, options, catalogue);
  }
  if (SCHEDULE.test(first)) {
    throw new UsageError(
      `replay needs to know what to run the schedule ${first} on`,
      'as in: replay pri-overflow --variant fixed 0/2/1',
    );
  }
  const isScript = isScriptName(parseModuleSpec(first)?.path ?? '');
  if (isScript || (await catalogue(first)).some(({ name }) => name === first)) {
    throw new UsageError(`replay needs to know which steps of ${first} to run`, 'a schedule as 0/2/1, or a trace file');
  }
  return askFile(first, undefined, options, catalogue);
}

async function askSchedule(spec: string, schedule: string, options: Options, catalogue: Catalogue): Promise<Asked> {
  const subject = await findSubject(spec, options, catalogue);
  return { subject, property: null, failed: false, run: (system) => replaySchedule(system, schedule) };
}

/** A trace that SPIN or Rumur found in an exported model. */
async function askForeign(args: readonly string[], options: Options, catalogue: Catalogue): Promise<Asked> {
  const { fromSpin, fromRumur } = options;
  if (fromSpin !== undefined && fromRumur !== undefined) {
    throw new UsageError('--from-spin and --from-rumur do not go together: there is one trace to replay');
  }
  const [tool, file] = fromSpin === undefined ? ['rumur', fromRumur!] : ['spin', fromSpin];
  if (args.length !== 1) {
    const got = args.length === 0 ? 'none' : args.join(' ');
    throw new UsageError(`--from-${tool} takes the target that was exported, and nothing else; got ${got}`);
  }
  const subject = await findSubject(args[0]!, options, catalogue);
  const trace =
    tool === 'spin'
      ? traceFromSpin(toldBySpin(file, readText('the trace', file)))
      : traceFromRumur(readText('the trace', file));
  const run: Asked['run'] = (system) => replaySchedule(system, scheduleOfForeign(system, trace));
  return { subject, property: null, failed: false, run, isFrontier: trace.isFrontier };
}

/** SPIN itself tells what a trail means whose model lies beside it; without either of them the trail stays as it is. */
function toldBySpin(file: string, output: string): string {
  const model = resolve(file).replace(/\.trail$/, '');
  if (!isRawTrail(output) || !file.endsWith('.trail') || !existsSync(model)) return output;
  // It leaves temporary files where it works.
  const { stdout, error } = spawnSync('spin', ['-t', '-k', resolve(file), model], { cwd: tmpdir(), encoding: 'utf8' });
  return error ? output : stdout;
}

async function askFile(path: string, spec: string | undefined, options: Options, catalogue: Catalogue): Promise<Asked> {
  const { target, variant, parameters, property, judged, trace, machine } = readTraceFile(path);
  const [flag] = flagsOf(givenOf(options));
  if (flag !== undefined) throw new UsageError(`${flag} does not go with a trace file: ${path} has its own events`);
  if (options.set) throw new UsageError(`--set does not go with a trace file: ${path} has its own parameters`);
  if (options.property)
    throw new UsageError(`--property does not go with a trace file: ${path} has its own properties`);
  if (options.variant !== undefined && options.variant !== variant) {
    const what = variant === null ? 'a system without variants' : `the variant "${variant}"`;
    throw new UsageError(`${path} is a trace of ${what}, not of "${options.variant}"`);
  }
  const asked = {
    file: path,
    what: `${path} is a trace`,
    named: target,
    given: spec,
    trust: options.trust === true,
    command: 'replay',
    machine,
  } as const;
  const subject = subjectFrom(await findTargetOfFile(asked, catalogue), variant, parameters, judged);
  const run: Asked['run'] = (system) => {
    const known = [...propertyNames(system), ...(bareOf(subject) ? [DEAD_ENDS_PROPERTY] : [])];
    if (property !== null && !known.includes(property)) {
      const what = `${path} violates ${JSON.stringify(property)}, which is no property of ${argumentsOf(subject)}`;
      throw new UsageError(what, possibleNames(property, known));
    }
    return replayTrace(system, trace);
  };
  return { subject, property, failed: trace.failed, run };
}

/** The trace once more in the numbers of tables, as far as its steps have states after them. */
function pathOn(system: System, { start, steps, failed }: Trace): { readonly tables: Tables; readonly path: Path } {
  const tables = new Tables(system);
  const walker = new Walker(tables);
  walker.start(start);
  const initial = walker.current.slice();
  const found: PathStep[] = [];
  for (const { index } of failed ? steps.slice(0, -1) : steps) {
    found.push(findStep(walker, found.at(-1)?.state ?? initial, (candidate) => candidate.index === index)!);
  }
  return { tables, path: { initial, steps: found, failed: false } };
}

function answerOn(system: System, trace: Trace, { step, at }: Question): WhyNot {
  const { tables, path } = pathOn(system, trace);
  return whyNot(tables, path, step, at);
}

/** What a machine on its own violates where a trace ends. */
function deadEndOf(subject: Subject, trace: Trace): string[] {
  const bare = bareOf(subject);
  if (!bare || trace.failed) return [];
  const { tables, path } = pathOn(bare.made.system, trace);
  return isDeadEnd(tables, path.steps.at(-1)?.state ?? path.initial) ? [DEAD_ENDS_PROPERTY] : [];
}

function describeReplay(
  { subject, property, failed, isFrontier = false }: Asked,
  replay: Replay,
  answer: (trace: Trace) => WhyNot | undefined,
): ReplayDocument {
  const { target, scenario, variant, parameters } = describeSubject(subject);
  const { trace, unfair, deadEnd, error, changedAt } = replay;
  const violated = [...replay.violated, ...deadEndOf(subject, trace)];
  const reproduced = failed ? error !== undefined : property === null ? null : violated.includes(property);
  return {
    version: DOCUMENT_VERSION,
    kind: 'replay',
    status: error ? EXIT.model : violated.length > 0 ? EXIT.violated : isFrontier ? EXIT.unknown : EXIT.holds,
    ...{ target, scenario, variant, parameters, property, reproduced },
    violated,
    unfair: [...unfair],
    deadEnd,
    error: error ? { code: error.code, message: error.message, hint: error.hint } : null,
    changedAt: changedAt ?? null,
    schedule: scheduleOf(trace),
    trace,
    whyNot: answer(trace) ?? null,
  };
}
