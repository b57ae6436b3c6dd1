/** `faultline export`: the tabulated system as a model for another checker. */
import { basename } from 'node:path';
import type { Command } from 'commander';
import { type Model, modelParts } from '../export/model.ts';
import { leftOutOfMurphi, toMurphi } from '../export/murphi.ts';
import { leftOutOfPromela, toPromela } from '../export/promela.ts';
import { exploreSpace, IncompleteSpace, MAX_STATES_DEFAULT, type SpaceOptions, turn } from '../export/space.ts';
import { leftOutOfTla, toTla } from '../export/tla.ts';
import type { System } from '../system/system.ts';
import { EXIT } from '../system/verdict.ts';
import type { Environment } from './environment.ts';
import { possibleNames, UsageError } from './errors.ts';
import { withMachineFlags } from './machine-flags.ts';
import { tellPhase } from './news.ts';
import { gather } from './parameters.ts';
import { tableProgressOn } from './progress.ts';
import { argumentsOf, buildSystem, findSubject, type Subject, type SubjectFlags, scenarioNameOf } from './target.ts';
import { parseCount, plural, thousands } from './text.ts';
import { checkWritable, writeWhole } from './write-file.ts';

interface Options extends SubjectFlags {
  readonly to?: string;
  readonly output?: string;
  readonly maxStates?: string;
  readonly depth?: string;
  readonly behind?: true;
}

interface Language {
  readonly name: string;
  write(model: Model, title: readonly string[], output: string): string;
  /** What models in this language do not say, in words. */
  leftOut(model: Model): string[];
}

const LANGUAGES: Readonly<Record<string, Language>> = {
  promela: { name: 'Promela', write: toPromela, leftOut: leftOutOfPromela },
  murphi: { name: 'Murphi', write: toMurphi, leftOut: leftOutOfMurphi },
  tla: { name: 'TLA+', write: toTla, leftOut: leftOutOfTla },
};

export function defineExport(command: Command, environment: Environment, done: (status: number) => void): void {
  command
    .description(DESCRIPTION)
    .argument('<target>', 'a scenario of the catalogue, or a module as ./my-system.ts or ./my-system.ts#name')
    .requiredOption('--to <language>', `the language: ${Object.keys(LANGUAGES).join(', ')}`)
    .option('--variant <name>', 'the variant of the scenario')
    .option('--set <name=value>', "sets a scenario's parameter; repeatable", gather)
    .option(
      '--property <name>',
      'write only this property, and what lies behind violations of the others; repeatable',
      gather,
    )
    .option('-o, --output <file>', 'write to a file instead of stdout')
    .option('--max-states <count>', `give up beyond this many states (default: ${thousands(MAX_STATES_DEFAULT)})`)
    .option('--depth <steps>', 'only what the first steps can do, for a system that is too large or without end')
    .option('--behind', 'what lies behind violations, too; there may be no end of it')
    .addHelpText('after', EXAMPLES)
    .action(async (target: string, options: Options) => done(await exportCommand(target, options, environment)));
  withMachineFlags(command);
}

const DESCRIPTION = [
  'Write a system, with its properties, as a model for another checker, which then finds the same number of states',
  'and steps, the same verdict, and as short a trace.\n\nAll states are searched first, up to those that violate a property: the',
  'model has what they can do, and nothing else. The file says how to run the checker on it. Where its language cannot say a',
  'property, the file and stderr name it.',
].join(' ');

const EXAMPLES = `
Status: 0 written, 2 there are more states than --max-states, 3 usage, 4 the model is wrong, 5 a bug in faultline

Examples:
  faultline export dining-philosophers --variant left-right --to promela -o phil.pml
  faultline export pri-overflow --variant fixed --set devices=1 --to murphi -o pri.m
  faultline export pri-overflow --variant no-discard --depth 12 --to promela -o race.pml
                                                        the first 12 steps, of a space without end
  faultline replay pri-overflow --variant no-discard --from-spin steps.txt
                                                        the trace that SPIN found, here`;

async function exportCommand(spec: string, options: Options, environment: Environment): Promise<number> {
  const { catalogue, stdout, stderr, version } = environment;
  const { to = '', output, behind = false } = options;
  const language = Object.hasOwn(LANGUAGES, to) ? LANGUAGES[to] : undefined;
  if (!language)
    throw new UsageError(`--to ${to}: there is no such language`, possibleNames(to, Object.keys(LANGUAGES)));
  const maxStates =
    options.maxStates === undefined ? MAX_STATES_DEFAULT : parseCount('--max-states', options.maxStates);
  const depth = options.depth === undefined ? undefined : parseCount('--depth', options.depth);
  const subject = await findSubject(spec, options, catalogue);
  const name = to === 'tla' ? moduleName(subject, output) : '';
  if (output !== undefined) checkWritable(output);

  const system = buildSystem(subject);
  tellPhase(`exploring ${argumentsOf(subject)}`);
  const progress = tableProgressOn(environment, argumentsOf(subject));
  try {
    const model = await environment
      .interruptible((signal) => tabulated(system, { maxStates, depth, behind, signal, onProgress: progress.working }))
      .finally(progress.end);
    const bounds = `${depth === undefined ? '' : ` --depth ${depth}`}${behind ? ' --behind' : ''}`;
    const title = [`Written by faultline ${version}: faultline export ${argumentsOf(subject)}${bounds} --to ${to}`];
    tellPhase(`writing the ${language.name} model`);
    const text = language.write(model, title, name);
    for (const what of language.leftOut(model))
      stderr.write(`faultline: left out of the ${language.name} model: ${what}\n`);
    if (output === undefined) {
      stdout.write(text);
    } else {
      writeWhole(output, text);
      stdout.write(`${output}: ${summary(model)}\n`);
    }
    return EXIT.holds;
  } catch (error) {
    if (!(error instanceof IncompleteSpace)) throw error;
    return explainIncomplete(error, stderr, [
      'raise --max-states, make the system smaller by --set, or export only what its first steps can do by --depth:',
      '`faultline check` says how many steps lead to a violation',
    ]);
  }
}

/** The model of all that the options ask for; the event loop has its turns while the tables are filled and gone through. */
async function tabulated(system: System, options: SpaceOptions): Promise<Model> {
  const space = await exploreSpace(system, options);
  const parts = modelParts(space);
  for (;;) {
    const { done, value } = parts.next();
    if (done) return value;
    await turn(space, options);
  }
}

/** What to do about a space that is too large; nothing has been written. */
export function explainIncomplete(
  error: IncompleteSpace,
  stderr: Environment['stderr'],
  hint: readonly string[],
): number {
  stderr.write(`faultline: ${error.message}: nothing is written\n`);
  if (error.bound !== 'interrupted') stderr.write(hint.map((line) => `  ${line}\n`).join(''));
  return EXIT.unknown;
}

function summary({ machines, channels, groups, states, steps, depth, isComplete }: Model): string {
  const rules = groups.reduce((sum, group) => sum + group.rules.length, 0);
  const monitors = machines.filter(({ isMonitor }) => isMonitor).length;
  return [
    plural(machines.length - monitors, 'actor'),
    plural(monitors, 'monitor'),
    plural(channels.length, 'channel'),
    plural(rules, 'rule'),
    plural(states, 'state'),
    isComplete ? plural(steps, 'step') : 'not all of its steps',
    `depth ${depth}`,
  ].join(', ');
}

/** TLC reads the module `X` from the file `X.tla`. */
function moduleName(subject: Subject, output: string | undefined): string {
  if (output === undefined || !output.endsWith('.tla')) {
    return scenarioNameOf(subject.target)
      .replaceAll(/\W+/g, '_')
      .replace(/^(?![A-Za-z])/, 'M');
  }
  const name = basename(output, '.tla');
  if (/^[A-Za-z]\w*$/.test(name)) return name;
  throw new UsageError(
    `-o ${output}: a TLA+ module has the name of its file, and ${JSON.stringify(name)} cannot be one`,
    `for example ${name.replaceAll(/\W+/g, '_').replace(/^(?![A-Za-z])/, 'M')}.tla`,
  );
}
