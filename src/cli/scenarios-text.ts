/** `faultline list` for people: the catalogue at a glance, or all of a scenario. */
import { wrap } from '../diagram/layout-text.ts';
import { rangeOf } from '../system/parameters.ts';
import type { ListDocument, ParameterDocument } from './documents.ts';
import type { Colours } from './terminal.ts';
import { hasText, plural } from './text.ts';

export type ScenarioDocument = ListDocument['scenarios'][number];

interface Look {
  readonly width: number;
  readonly colours: Colours;
}

/** What it stands below: the system that it is most about, else its group. */
export function headingOf({ group, systems }: Pick<ScenarioDocument, 'group' | 'systems'>): string {
  return systems[0] ?? group;
}

/** What was asked for. */
interface Asked {
  /** A system, which is the heading of all of them. */
  readonly heading: string | undefined;
  /** Texts in names of properties, which are told then. */
  readonly property: readonly string[] | undefined;
}

/** By heading, in this order: what each is about, and where it comes from. */
export function scenarioTable(
  scenarios: readonly ScenarioDocument[],
  { width, colours }: Look,
  { heading, property = [] }: Asked,
): string {
  const standsBelow = (scenario: ScenarioDocument) => heading ?? headingOf(scenario);
  const headings = [...new Set(scenarios.map(standsBelow))];
  const below = (heading: string) => scenarios.filter((scenario) => standsBelow(scenario) === heading);
  const found = ({ properties }: ScenarioDocument) =>
    properties.filter((name) => property.some((text) => hasText(name, text))).map((name) => `"${name}"`);
  const lines = headings.flatMap((heading) => [
    colours.bold(heading),
    ...below(heading).flatMap((scenario) => [
      ...hanging(scenario.name, scenario.title, width),
      ...[...found(scenario), `${variantCount(scenario)}; ${scenario.sources.join(', ')}`]
        .flatMap((text) => wrap(text, width - INDENT.length * 2))
        .map((line) => INDENT + INDENT + colours.dim(line)),
    ]),
    '',
  ]);
  return `${lines.join('\n')}\n`;
}

/** With its variants and their expected verdicts, and its parameters. */
export function scenarioText(scenario: ScenarioDocument, { width, colours }: Look): string {
  const { name, title, group, systems, sources, variants, parameters, properties } = scenario;
  const columnWidth = Math.max(...variants.map((variant) => variant.name.length), ...parameters.map(settingLength));
  const row = (name: string, word: string, text: string) => {
    const start = `${INDENT}${name.padEnd(columnWidth)}${INDENT}`;
    return beside(start + word, start.length + WORD_WIDTH, text, width);
  };
  const lines = [
    ...beside(colours.bold(name) + INDENT, name.length + INDENT.length, title, width),
    ...wrap(`${[group, ...systems].join(', ')}: ${sources.join(', ')}`, width - INDENT.length).map(
      (line) => INDENT + colours.dim(line),
    ),
    ...variants.flatMap(({ name, title, expected }) =>
      row(name, expected.verdict === 'holds' ? colours.green('holds     ') : colours.red('violated  '), title),
    ),
    ...parameters.flatMap((parameter) =>
      row(setting(parameter), colours.dim('--set     '), `${parameter.description} (${rangeOf(parameter)})`),
    ),
    `${INDENT}properties`,
    ...properties.flatMap((name) => beside(`${INDENT}- `, INDENT.length * 2, name, width)),
  ];
  return `${lines.join('\n')}\n\n`;
}

const INDENT = '  ';
/** Of `violated` and what follows it. */
const WORD_WIDTH = 10;
const TEXT_MIN = 24;

/** What begins a line, which people see in so many columns, and the text beside it, however many lines that takes. */
function beside(start: string, columns: number, text: string, width: number): string[] {
  return wrap(text, Math.max(width - columns, TEXT_MIN)).map(
    (line, index) => (index === 0 ? start : ' '.repeat(columns)) + line,
  );
}

/** The name, and beside it the text, which goes on below both. */
function hanging(name: string, text: string, width: number): string[] {
  const start = INDENT + name + INDENT;
  const [first = ''] = wrap(text, width - start.length);
  const rest = text.slice(first.length).trim();
  const below = rest === '' ? [] : wrap(rest, width - INDENT.length * 2);
  return [start + first, ...below.map((line) => INDENT + INDENT + line)];
}

function variantCount({ variants }: ScenarioDocument): string {
  const violated = variants.filter(({ expected }) => expected.verdict === 'violated').length;
  return `${plural(variants.length, 'variant')}, ${violated} violated`;
}

function setting({ name, default: value }: ParameterDocument): string {
  return `${name}=${String(value)}`;
}

function settingLength(parameter: ParameterDocument): number {
  return setting(parameter).length;
}
