/** `faultline validate`: whether a log of a run, or of what was observed of one, is a behaviour of the model. */
import type { Command } from 'commander';
import { UnknownStep, whyNot } from '../explain/why-not.ts';
import { whyNotText } from '../explain/words.ts';
import { EXIT } from '../system/verdict.ts';
import { eventLabel, scheduleOf } from '../trace/trace.ts';
import { type Log, LogError, parseLog } from '../validate/log.ts';
import { type Validation, validate } from '../validate/validate.ts';
import { describeSubject } from './check-result.ts';
import { DOCUMENT_VERSION, type TraceFile, type ValidateDocument } from './documents.ts';
import { type Environment, writeJson } from './environment.ts';
import { UsageError } from './errors.ts';
import { findTargetOfFile, TRUST } from './file-target.ts';
import { tellPhase } from './news.ts';
import { gather, parseSettings } from './parameters.ts';
import { readText } from './read-file.ts';
import { lookOf } from './report.ts';
import { buildSystem, type Subject, subjectFrom } from './target.ts';
import { parseCount, parseSeed, thousands } from './text.ts';
import { traceFileText } from './trace-file.ts';
import { validationText } from './validate-text.ts';
import { checkWritable, writeWhole } from './write-file.ts';

interface Options {
  readonly variant?: string;
  readonly set?: readonly string[];
  readonly maxStates?: string;
  readonly skew?: string;
  readonly traceOut?: string;
  readonly json?: true;
  readonly trust?: true;
}

const MAX_STATES_DEFAULT = 1_000_000;

export function defineValidate(command: Command, environment: Environment, done: (status: number) => void): void {
  command
    .description(DESCRIPTION)
    .usage('[options] [target] <log>')
    .argument('<log...>', 'JSON lines, the first one the header: see docs/validate.md; before it, what it is a log of')
    .option('--variant <name>', "the variant of the scenario, instead of the header's")
    .option('--set <name=value>', "sets a parameter, instead of the header's; repeatable", gather)
    .option(
      '--max-states <count>',
      `give up beyond so many states, each with its place in the log and its names (default: ${thousands(MAX_STATES_DEFAULT)})`,
    )
    .option(
      '--skew <microseconds>',
      'by how much the clocks of two CPUs may differ (default: the order is that of the file)',
    )
    .option('--trace-out <file>', 'write the run that explains the log, as replay reads it')
    .option('--json', 'print one JSON document')
    .option('--trust', TRUST)
    .addHelpText('after', EXAMPLES)
    .action(async (args: string[], options: Options) => done(await validateCommand(args, options, environment)));
}

const DESCRIPTION = [
  'Say whether a log is a behaviour of the model. A log of steps is a whole run: each step has to be possible where it is',
  'taken. A log of events is what was observed of a run, as tracepoints of a real kernel: there has to be a run that shows',
  'exactly these, with hidden steps in between, and with names that stand for those of the model. All runs are tried; the one',
  'that is shown violates nothing, if there is such a one.\n\nA log of your own module is validated when you name the module as',
  'well, wherever it lies now, or with --trust: a file alone loads no code.',
].join(' ');

const EXAMPLES = `
Status: 0 valid, and the run violates nothing, 1 valid, but every run that was found violates a property, or not a behaviour of
        the model, 2 unknown: a bound was hit, 3 usage, or the log cannot be read, 4 the model is wrong, 5 a bug in faultline

Examples:
  faultline validate run.jsonl
  faultline validate ./my-system.ts run.jsonl
  faultline validate observed.jsonl --variant no-discard     is it this driver that I have?
  faultline validate observed.jsonl --skew 5 --trace-out trace.json
  faultline replay trace.json --chart svg -o run.svg`;

async function validateCommand(args: readonly string[], options: Options, environment: Environment): Promise<number> {
  const { stdout, catalogue } = environment;
  if (args.length > 2)
    throw new UsageError(`validate takes a target and a log, got ${args.length} arguments: ${args.join(' ')}`);
  const [file, given] = [...args].reverse() as [string, string | undefined];
  const maxStates =
    options.maxStates === undefined ? MAX_STATES_DEFAULT : parseCount('--max-states', options.maxStates);
  const skew = options.skew === undefined ? undefined : parseSeed('--skew', options.skew);
  if (options.traceOut !== undefined) checkWritable(options.traceOut);

  const log = asUsage(() => parseLog(file, readText('the log', file)));
  if (log.kind === 'steps' && skew !== undefined) {
    throw new UsageError(`--skew goes with a log of events, and ${file} is one of steps`, 'leave it out');
  }
  const subject = await subjectOfLog(log, given, options, catalogue);
  const { target } = subject;
  const vocabulary = 'scenario' in target ? target.scenario.observed : undefined;
  const system = buildSystem(subject);
  let validation: Validation;
  tellPhase(`validating ${file}`);
  try {
    validation = await environment.interruptible((signal) =>
      validate(system, log, {
        maxStates,
        signal,
        ...(vocabulary && { vocabulary }),
        ...(skew !== undefined && { skew }),
      }),
    );
  } catch (error) {
    throw usageOf(error);
  }
  const document = describe(log, subject, validation);
  if (options.traceOut !== undefined) writeWhole(options.traceOut, traceFileText(traceFileOf(document)));
  if (options.json) writeJson(stdout, document);
  else stdout.write(validationText(document, lookOf(stdout, environment), options.traceOut));
  return document.status;
}

function asUsage<T>(run: () => T): T {
  try {
    return run();
  } catch (error) {
    throw usageOf(error);
  }
}

function usageOf(error: unknown): unknown {
  return error instanceof LogError ? new UsageError(error.message, error.hint, { cause: error }) : error;
}

/** What the header says the log is of, but for what the command line says. */
async function subjectOfLog(
  { file, header }: Log,
  specified: string | undefined,
  { variant, set, trust }: Options,
  catalogue: Environment['catalogue'],
): Promise<Subject> {
  const ofHeader = async <T>(find: () => T | Promise<T>): Promise<T> => {
    try {
      return await find();
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      throw new UsageError(`${file}:1: ${error.message}`, error.hint, { cause: error });
    }
  };
  const asked = {
    file,
    what: 'this is a log',
    named: header.scenario,
    given: specified,
    trust: trust === true,
    command: 'validate',
  } as const;
  const target = await ofHeader(() => findTargetOfFile(asked, catalogue));
  const given = await ofHeader(() => subjectFrom(target, variant ?? header.variant, header.parameters));
  if (!set) return given;
  if ('system' in target) throw new UsageError(`${header.scenario} is a plain system, without parameters to set`);
  const settings = parseSettings(target.scenario, set);
  const names = set.map((setting) => setting.slice(0, setting.indexOf('=')));
  const changed = Object.fromEntries(names.map((name) => [name, settings[name]]));
  return subjectFrom(target, given.variant, { ...given.parameters, ...changed });
}

function describe({ file, kind }: Log, subject: Subject, validation: Validation): ValidateDocument {
  const { target, scenario, variant, parameters } = describeSubject(subject);
  const { verdict, bound, records, explained, states, violated, error, stuck, trace } = validation;
  return {
    version: DOCUMENT_VERSION,
    kind: 'validate',
    status: statusOf(validation),
    ...{ file, log: kind, target, scenario, variant, parameters },
    ...{ verdict, bound, records, explained, states },
    names: [...validation.names],
    endsWithinStep: validation.endsWithinStep,
    violated: [...violated],
    everyRun: validation.everyRun,
    deadEnd: validation.deadEnd,
    error: error ? { code: error.code, message: error.message, hint: error.hint } : null,
    stuck: stuck && {
      line: stuck.line,
      got: stuck.got,
      possible: [...stuck.possible],
      reason: stuck.reason ?? reasonOfStep(validation),
    },
    schedule: scheduleOf(trace),
    trace,
  };
}

function statusOf({ verdict, violated, error }: Validation): number {
  if (verdict === 'unknown') return EXIT.unknown;
  if (error) return EXIT.model;
  return verdict === 'valid' && violated.length === 0 ? EXIT.holds : EXIT.violated;
}

/** What keeps a step of a log from being taken where the steps before it have led. */
function reasonOfStep({ tables, path, stuck }: Validation): string {
  const { actor, channel, event } = stuck!.step!;
  try {
    const { head, items } = whyNotText(whyNot(tables, path, `${channel ?? actor} ${eventLabel(event)}`));
    return [head, ...items].join(' ');
  } catch (error) {
    if (error instanceof UnknownStep) return `${error.message}${error.hint && ` (${error.hint})`}.`;
    throw error;
  }
}

function traceFileOf({ target, variant, parameters, violated, deadEnd, schedule, trace }: ValidateDocument): TraceFile {
  const property = violated.find(({ after }) => after === trace.steps.length)?.property ?? null;
  const what = { target, variant, parameters, property, deadEnd };
  return { format: 'faultline-trace', version: DOCUMENT_VERSION, ...what, schedule, trace };
}
