/** `faultline list`: the catalogue, and the machines of the library. */
import type { Command } from 'commander';
import { describeParameters, rangeOf } from '../system/parameters.ts';
import type { Scenario } from '../system/scenario.ts';
import {
  DOCUMENT_VERSION,
  type ListDocument,
  type MachineDocument,
  type MachinesDocument,
  type ParameterDocument,
} from './documents.ts';
import { type Colours, coloursFor, type Environment, widthOf, writeJson } from './environment.ts';
import { possibleNames, UsageError } from './errors.ts';
import { describeExpectation } from './expectation.ts';
import { machinePage, machineTable } from './machines-text.ts';
import { inGroups } from './text.ts';

export function defineList(command: Command, environment: Environment, done: (status: number) => void): void {
  command
    .description(
      'The scenarios of the catalogue, group by group: their variants with the expected verdicts, and their parameters. Or the machines that faultline/machines exports: what each mirrors, wants and does.',
    )
    .argument('[names...]', 'only these scenarios, or of these machines all that is known')
    .option('--machines', 'machines instead of scenarios')
    .option('--about <word>', '--machines: those that have this word in their name, text, events or messages')
    .option('--json', 'print one JSON document')
    .addHelpText('after', EXAMPLES)
    .action(async (names: string[], options: Options) => done(await listCommand(names, options, environment)));
}

const EXAMPLES = `
Examples:
  faultline list
  faultline list pri-overflow
  faultline list --json | jq -r '.scenarios[].name'
  faultline list --machines
  faultline list --machines --about reset
  faultline list --machines priQueue
  faultline list --machines --json | jq -r '.machines[] | select(.uses == []) | .name'`;

interface Options {
  readonly machines?: true;
  readonly about?: string;
  readonly json?: true;
}

async function listCommand(
  names: readonly string[],
  { machines, about, json }: Options,
  environment: Environment,
): Promise<number> {
  if (machines) return listMachines(names, about, json, environment);
  if (about !== undefined) throw new UsageError('--about is for machines', 'add --machines');
  return listScenarios(names, json, environment);
}

async function listScenarios(
  names: readonly string[],
  json: true | undefined,
  environment: Environment,
): Promise<number> {
  const { stdout } = environment;
  const asked = chosenFrom(await environment.catalogue(), names, 'scenario');
  const chosen = inGroups(asked, ({ group }) => group).map(describeScenario);
  if (json) {
    writeJson(stdout, { version: DOCUMENT_VERSION, kind: 'list', scenarios: chosen } satisfies ListDocument);
  } else {
    const colours = coloursFor(stdout, environment);
    for (const scenario of chosen) stdout.write(scenarioText(scenario, colours));
  }
  return 0;
}

function listMachines(
  names: readonly string[],
  about: string | undefined,
  json: true | undefined,
  environment: Environment,
): number {
  const { stdout } = environment;
  const named = chosenFrom(environment.machines(), names, 'machine');
  const machines = about === undefined ? named : named.filter((machine) => isAbout(machine, about));
  if (machines.length === 0) {
    throw new UsageError(
      `no machine is about "${about}"`,
      'a part of a word finds more; without --about all are listed',
    );
  }
  if (json) {
    writeJson(stdout, {
      version: DOCUMENT_VERSION,
      kind: 'machines',
      machines: [...machines],
    } satisfies MachinesDocument);
    return 0;
  }
  const width = widthOf(stdout, environment);
  const look = { width, colours: coloursFor(stdout, environment) };
  // For a program that reads it nothing is cut.
  const isRead = stdout.isTTY === true || environment.variables.COLUMNS !== undefined;
  if (names.length === 0)
    stdout.write(machineTable(machines, isRead ? look : { ...look, width: Number.POSITIVE_INFINITY }));
  else for (const machine of machines) stdout.write(machinePage(machine, look));
  return 0;
}

/** Whether what is told of a machine has the word, or a part of one, in whatever case. */
function isAbout({ name, summary, description, events, sends }: MachineDocument, word: string): boolean {
  const types = [...events, ...sends].map(({ type }) => type);
  return [name, summary, ...description, ...types].some((text) => text.toLowerCase().includes(word.toLowerCase()));
}

/**
 * Those that are named, all without a name.
 *
 * @throws UsageError for a name that there is not
 */
function chosenFrom<T extends { readonly name: string }>(
  all: readonly T[],
  names: readonly string[],
  what: string,
): readonly T[] {
  const known = all.map(({ name }) => name);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) throw new UsageError(`there is no ${what} "${unknown}"`, possibleNames(unknown, known));
  return all.filter(({ name }) => names.length === 0 || names.includes(name));
}

type ScenarioDocument = ListDocument['scenarios'][number];

function describeScenario(scenario: Scenario): ScenarioDocument {
  const { name, title, group, sources, variants } = scenario;
  return {
    name,
    title,
    group,
    sources: [...sources],
    parameters: describeParameters(scenario),
    variants: Object.entries(variants).map(([variant, { title, expected }]) => ({
      name: variant,
      title,
      expected: describeExpectation(expected),
    })),
  };
}

function scenarioText(
  { name, title, group, sources, variants, parameters }: ScenarioDocument,
  colours: Colours,
): string {
  const columnWidth = Math.max(...variants.map((variant) => variant.name.length), ...parameters.map(settingLength));
  const lines = [`${colours.bold(name)}  ${title}`, colours.dim(`  ${group}: ${sources.join(', ')}`)];
  for (const { name, title, expected } of variants) {
    const verdict = expected.verdict === 'holds' ? colours.green('holds   ') : colours.red('violated');
    lines.push(`  ${name.padEnd(columnWidth)}  ${verdict}  ${title}`);
  }
  for (const parameter of parameters) {
    const setting = `${parameter.name}=${String(parameter.default)}`;
    lines.push(
      `  ${setting.padEnd(columnWidth)}  ${colours.dim('--set   ')}  ${parameter.description} (${rangeOf(parameter)})`,
    );
  }
  return `${lines.join('\n')}\n\n`;
}

function settingLength({ name, default: value }: ParameterDocument): number {
  return name.length + 1 + String(value).length;
}
