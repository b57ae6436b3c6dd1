/** `faultline list`: the catalogue, and the machines of the library. */
import type { Command } from 'commander';
import { wrap } from '../diagram/layout-text.ts';
import { describeParameters } from '../system/parameters.ts';
import type { Scenario } from '../system/scenario.ts';
import { propertyNames } from '../system/system.ts';
import { DOCUMENT_VERSION, type ListDocument, type MachineDocument, type MachinesDocument } from './documents.ts';
import { coloursFor, type Environment, widthOf, writeJson } from './environment.ts';
import { possibleNames, UsageError } from './errors.ts';
import { describeExpectation } from './expectation.ts';
import { machinePage, machineTable } from './machines-text.ts';
import { gather } from './parameters.ts';
import { headingOf, type ScenarioDocument, scenarioTable, scenarioText } from './scenarios-text.ts';
import { hasText, inGroups } from './text.ts';

export function defineList(command: Command, environment: Environment, done: (status: number) => void): void {
  command
    .description(
      'The scenarios of the catalogue, system by system, with where they come from; those that are named with their variants, the expected verdicts, and their parameters. Or the machines that faultline/machines exports: what each mirrors, wants and does.',
    )
    .argument('[names...]', 'all that is known of these scenarios, or of these machines')
    .option('--system <word>', 'only scenarios that tell of a system with this word in its name, or of this group')
    .option('--property <text>', 'only scenarios with a property that has this text in its name; repeatable', gather)
    .option(
      '--source <text>',
      'only scenarios that cite this: a race (B-09), a commit, a file, a function, a section; repeatable',
      gather,
    )
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
  faultline list --system smmu-pri
  faultline list --source io-pgfault.c --property "answered twice"
  faultline list --json | jq -r '.scenarios[].name'
  faultline list --machines
  faultline list --machines --about reset
  faultline list --machines priQueue
  faultline list --machines --json | jq -r '.machines[] | select(.uses == []) | .name'`;

interface Options extends Filters {
  readonly machines?: true;
  readonly about?: string;
  readonly json?: true;
}

/** Of scenarios; what is left out lets all pass. */
interface Filters {
  readonly system?: string;
  readonly property?: readonly string[];
  readonly source?: readonly string[];
}

async function listCommand(names: readonly string[], options: Options, environment: Environment): Promise<number> {
  const { machines, about, json } = options;
  if (!machines) {
    if (about !== undefined) throw new UsageError('--about is for machines', 'add --machines');
    return listScenarios(names, options, environment);
  }
  const filter = (['system', 'property', 'source'] as const).find((name) => options[name] !== undefined);
  if (filter !== undefined)
    throw new UsageError(`--${filter} is for scenarios`, 'leave out --machines, or use --about');
  return listMachines(names, about, json, environment);
}

async function listScenarios(names: readonly string[], options: Options, environment: Environment): Promise<number> {
  const { stdout } = environment;
  const catalogue = await environment.catalogue();
  const named = chosenFrom(catalogue, names, 'scenario', (name) => otherKind(name, catalogue, environment));
  const { system, property } = options;
  const passed = passing(named.map(describeScenario), options);
  const chosen = system === undefined ? inGroups(passed, headingOf) : mostAboutFirst(passed, system);
  if (options.json) {
    writeJson(stdout, { version: DOCUMENT_VERSION, kind: 'list', scenarios: chosen } satisfies ListDocument);
    return 0;
  }
  const look = { width: Math.min(widthOf(stdout, environment), WIDTH_MAX), colours: coloursFor(stdout, environment) };
  if (names.length > 0) for (const scenario of chosen) stdout.write(scenarioText(scenario, look));
  else {
    stdout.write(scenarioTable(chosen, look, { heading: system, property }));
    const hint = 'npx faultline list NAME tells the variants, parameters and properties of a scenario.';
    for (const line of wrap(hint, look.width)) stdout.write(`${line}\n`);
  }
  return 0;
}

/** How to ask for what is no scenario: a system, a race of the list that scenarios cite, a machine. */
function otherKind(name: string, catalogue: readonly Scenario[], environment: Environment): string | undefined {
  const isSystem = ({ group, systems = [] }: Scenario) => [...systems, group].includes(name);
  if (catalogue.some(isSystem)) return `it is a system: faultline list --system ${name}`;
  if (catalogue.some(({ sources }) => sources.some((cited) => cites(cited, name))))
    return `scenarios cite it: faultline list --source ${name}`;
  return isNamed(environment.machines(), name) ? `it is a machine: faultline list --machines ${name}` : undefined;
}

function isNamed(all: readonly { readonly name: string }[], name: string): boolean {
  return all.some((one) => one.name === name);
}

/** Of a table that people read: longer lines are hard to follow. */
const WIDTH_MAX = 80;

/** @throws UsageError for an empty text, and when none of them passes, with what there is */
function passing(
  scenarios: readonly ScenarioDocument[],
  { system, property = [], source = [] }: Filters,
): ScenarioDocument[] {
  const asked = [
    ...(system === undefined ? [] : [['--system', system] as const]),
    ...property.map((text) => ['--property', text] as const),
    ...source.map((text) => ['--source', text] as const),
  ];
  const [empty] = asked.find(([, text]) => text.trim() === '') ?? [];
  if (empty !== undefined) throw new UsageError(`${empty} got an empty text`, 'leave it out, and all are listed');
  const known = [...new Set(scenarios.flatMap(wordsOf))].sort();
  if (system !== undefined && !known.some((word) => hasWord(word, system))) {
    throw new UsageError(`none of these scenarios tells of a system "${system}"`, possibleNames(system, known));
  }
  const chosen = scenarios.filter(
    (scenario) =>
      (system === undefined || wordsOf(scenario).some((word) => hasWord(word, system))) &&
      source.every((wanted) => scenario.sources.some((cited) => cites(cited, wanted))) &&
      property.every((text) => scenario.properties.some((name) => hasText(name, text))),
  );
  if (chosen.length > 0) return chosen;
  throw new UsageError(
    `no scenario has ${asked.map(([option, text]) => `${option} "${text}"`).join(' and ')}`,
    'sources are found by whole words (B-09, io-pgfault.c), properties by a part of their name; faultline list --json has all',
  );
}

function wordsOf({ group, systems }: ScenarioDocument): readonly string[] {
  return [...systems, group];
}

function mostAboutFirst(scenarios: readonly ScenarioDocument[], system: string): ScenarioDocument[] {
  const distance = (scenario: ScenarioDocument) => Number(!hasWord(headingOf(scenario), system));
  return scenarios.toSorted((one, other) => distance(one) - distance(other));
}

/** A commit is the same one by fewer digits or by more. */
function cites(cited: string, wanted: string): boolean {
  const isCommit = (text: string) => /^[0-9a-f]{7,40}$/i.test(text);
  if (!isCommit(cited) || !isCommit(wanted)) return hasWord(cited, wanted);
  const [short = '', long = ''] = [cited.toLowerCase(), wanted.toLowerCase()].sort((a, b) => a.length - b.length);
  return long.startsWith(short);
}

/** As a whole word: B-0 is not in B-09. */
function hasWord(text: string, word: string): boolean {
  const [where, wanted] = [text.toLowerCase(), word.toLowerCase()];
  for (let at = where.indexOf(wanted); at >= 0; at = where.indexOf(wanted, at + 1)) {
    const isPart = (character: string | undefined) => character !== undefined && /[\p{L}\p{N}]/u.test(character);
    if (!isPart(where[at - 1]) && !isPart(where[at + wanted.length])) return true;
  }
  return false;
}

/** Of the systems of all variants, at default parameters. */
function propertiesOf(scenario: Scenario): string[] {
  const variants = Object.keys(scenario.variants);
  return [...new Set(variants.flatMap((variant) => propertyNames(scenario.build({}, variant))))];
}

async function listMachines(
  names: readonly string[],
  about: string | undefined,
  json: true | undefined,
  environment: Environment,
): Promise<number> {
  const { stdout } = environment;
  const catalogue = await environment.catalogue();
  const named = chosenFrom(environment.machines(), names, 'machine', (name) =>
    isNamed(catalogue, name) ? `it is a scenario: faultline list ${name}` : undefined,
  );
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
 * @param elsewhere how to ask for what has the name and is of another kind, if there is that
 * @throws UsageError for a name that there is not
 */
function chosenFrom<T extends { readonly name: string }>(
  all: readonly T[],
  names: readonly string[],
  what: string,
  elsewhere: (name: string) => string | undefined,
): readonly T[] {
  const known = all.map(({ name }) => name);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined)
    throw new UsageError(`there is no ${what} "${unknown}"`, elsewhere(unknown) ?? possibleNames(unknown, known));
  return all.filter(({ name }) => names.length === 0 || names.includes(name));
}

function describeScenario(scenario: Scenario): ScenarioDocument {
  const { name, title, group, systems = [], sources, variants } = scenario;
  return {
    name,
    title,
    group,
    systems: [...systems],
    sources: [...sources],
    parameters: describeParameters(scenario),
    properties: propertiesOf(scenario),
    variants: Object.entries(variants).map(([variant, { title, expected }]) => ({
      name: variant,
      title,
      expected: describeExpectation(expected),
    })),
  };
}
