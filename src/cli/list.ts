/** `faultline list`: the catalogue. */
import type { Command } from 'commander';
import { describeParameters, rangeOf } from '../system/parameters.ts';
import type { Scenario } from '../system/scenario.ts';
import { describeExpectation } from './check-result.ts';
import { DOCUMENT_VERSION, type ListDocument, type ParameterDocument } from './documents.ts';
import { type Colours, coloursFor, type Environment, writeJson } from './environment.ts';
import { possibleNames, UsageError } from './errors.ts';
import { inGroups } from './text.ts';

export function defineList(command: Command, environment: Environment, done: (status: number) => void): void {
  command
    .description(
      'The scenarios of the catalogue, group by group: their variants with the expected verdicts, and their parameters.',
    )
    .argument('[scenarios...]', 'only these')
    .option('--json', 'print one JSON document')
    .addHelpText('after', EXAMPLES)
    .action(async (names: string[], options: { json?: true }) => done(await listCommand(names, options, environment)));
}

const EXAMPLES = `
Examples:
  faultline list
  faultline list pri-overflow
  faultline list --json | jq -r '.scenarios[].name'`;

async function listCommand(
  names: readonly string[],
  { json }: { json?: true },
  environment: Environment,
): Promise<number> {
  const { stdout } = environment;
  const catalogue = await environment.catalogue();
  const known = catalogue.map(({ name }) => name);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new UsageError(`there is no scenario "${unknown}"`, possibleNames(unknown, known));
  }
  const asked = catalogue.filter(({ name }) => names.length === 0 || names.includes(name));
  const chosen = inGroups(asked, ({ group }) => group).map(describeScenario);
  if (json) {
    writeJson(stdout, { version: DOCUMENT_VERSION, kind: 'list', scenarios: chosen } satisfies ListDocument);
  } else {
    const colours = coloursFor(stdout, environment);
    for (const scenario of chosen) stdout.write(scenarioText(scenario, colours));
  }
  return 0;
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
