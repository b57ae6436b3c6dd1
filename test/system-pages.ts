/**
 * `docs/systems`: the pages are written by hand, but for what stands between `<!-- diagram: SCENARIO VARIANT -->` and `<!-- end -->`, the
 * pictures, and the index, which are written from the catalogue (`npm run generate`).
 */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { catalogue } from '../machines/races/index.ts';
import type { Scenario } from '../src/system/scenario.ts';
import { run } from './cli/in-process.ts';

export const SYSTEM_PAGES = fileURLToPath(new URL('../docs/systems/', import.meta.url));

const INDEX = 'README.md';

const INDEX_HEAD = `<!-- Written by \`npm run generate\`. -->

# Systems

What the catalogue models, a page for each: how it works, with a picture of who sends what, the questions that were asked about it with
the commands that answer them, and what its model leaves out. \`npx faultline list --system NAME\` prints the scenarios of one.

In the sources of scenarios B-NN is a historic race (its header says which), D-NN a question that the list left open ([questions](../questions.md)),
H-NN a hypothesis of our own ([findings](../findings.md)), \`seed:NNN\` a thread of the list ([questions](../questions.md) names them).

| system | what it is | scenarios |
|---|---|---:|
`;

const DRAWN = /<!-- diagram: (\S+) (\S+) -->\n[\s\S]*?<!-- end -->/;

/** Names of systems that have a page, in the order of the index. */
export function systemsWithPage(): string[] {
  return readdirSync(SYSTEM_PAGES)
    .filter((file) => file.endsWith('.md') && file !== INDEX)
    .map((file) => file.slice(0, -'.md'.length))
    .sort();
}

/** The scenarios that tell of a system, those that are most about it first. */
export function scenariosOf(name: string): readonly Scenario[] {
  const of = (is: (systems: readonly string[]) => boolean) => catalogue.filter(({ systems = [] }) => is(systems));
  return [...of((systems) => systems[0] === name), ...of((systems) => systems.indexOf(name) > 0)];
}

/** Pages and pictures by file in `docs/systems`, as they must be. */
export async function systemPages(): Promise<ReadonlyMap<string, string>> {
  const files = new Map<string, string>();
  const rows: string[] = [];
  for (const name of systemsWithPage()) {
    const page = readFileSync(`${SYSTEM_PAGES}${name}.md`, 'utf8');
    const [, title] = /^# (.+)$/m.exec(page) ?? [];
    const [, scenario, variant] = DRAWN.exec(page) ?? [];
    if (title === undefined || scenario === undefined || variant === undefined) {
      throw new Error(`docs/systems/${name}.md: expected "# Title" and "<!-- diagram: SCENARIO VARIANT -->"`);
    }
    files.set(
      `${name}.md`,
      page.replace(DRAWN, () => drawnPart(name, scenario, variant)),
    );
    files.set(`${name}.svg`, await picture(scenario, variant));
    rows.push(`| [${name}](${name}.md) | ${title} | ${scenariosOf(name).length} |\n`);
  }
  return files.set(INDEX, INDEX_HEAD + rows.join('') + byNumber());
}

/** Which scenarios cite a race, a question or a hypothesis: whoever has its number finds them. */
function byNumber(): string {
  const scenarios = new Map<string, Scenario[]>();
  for (const scenario of catalogue) {
    const numbers = new Set(scenario.sources.flatMap((source) => source.match(/\b[BDH]-\d+\b/g) ?? []));
    for (const number of numbers) scenarios.set(number, [...(scenarios.get(number) ?? []), scenario]);
  }
  const entries = [...scenarios].sort(([one], [other]) => one.localeCompare(other));
  return [
    '\n## By number\n\nThe same scenarios by what they cite. `npx faultline list --source B-09` prints those of one.\n\n',
    '| number | scenario | what it is about |\n|---|---|---|\n',
    ...entries.flatMap(([number, of]) => of.map(({ name, title }) => `| ${number} | \`${name}\` | ${title} |\n`)),
  ].join('');
}

function drawnPart(name: string, scenario: string, variant: string): string {
  return [
    `<!-- diagram: ${scenario} ${variant} -->`,
    '',
    `![Who sends what in ${scenario}, variant ${variant}](${name}.svg)`,
    '',
    `The picture is \`npx faultline diagram ${scenario} --variant ${variant} -o ${name}.svg\`.`,
    '',
    '| scenario | what it is about | sources | variants that hold | violated |',
    '|---|---|---|---|---|',
    ...scenariosOf(name).map(row),
    '',
    '<!-- end -->',
  ].join('\n');
}

function row({ name, title, sources, variants }: Scenario): string {
  const expectedTo = (verdict: string) =>
    Object.keys(variants).filter((variant) => variants[variant]!.expected.verdict === verdict);
  const entries = sources.filter((source) => /^[A-Z]-\d+$|^CVE-|^seed:/.test(source));
  const cells = [
    `\`${name}\``,
    title,
    entries.join(', '),
    expectedTo('holds').join(', '),
    expectedTo('violated').join(', '),
  ];
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}

/** By the command that the page names. */
async function picture(scenario: string, variant: string): Promise<string> {
  const { status, stdout, stderr } = await run(['diagram', scenario, '--variant', variant, '--format', 'svg'], {
    catalogue,
  });
  if (status !== 0) throw new Error(`docs/systems: ${stderr}`);
  return stdout;
}
