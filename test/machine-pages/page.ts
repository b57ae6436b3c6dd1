/** A machine's page, `docs/machines/<name>.md`, and the index of all of them. */
import type { MachineDocument } from '../../src/cli/documents.ts';
import { folderOf, isLaidOut, seenText } from '../../src/cli/machines-text.ts';

type Member = MachineDocument['input'][number];

/** @param names the machines that have pages, to which links can lead */
export function pageOf(machine: MachineDocument, names: ReadonlySet<string>): string {
  const { name, file, description, simplifications, input, events, sends, seenIn, rest, uses, mermaid } = machine;
  const link = (other: string) => (names.has(other) ? `[${other}](${other}.md)` : other);
  const links = (others: readonly string[]) => others.map(link).join(', ');
  return paragraphs([
    `<!-- Written by \`npm run generate\`. -->`,
    `# ${name}`,
    `\`import { ${name} } from 'faultline/machines'\`, source [machines/${file}](../../machines/${file})`,
    ...description.map(prose),
    ...(machine.versionOf.length === 0 ? [] : [`Made of the parts of ${links(machine.versionOf)}.`]),
    ...(machine.versions.length === 0 ? [] : [`Made of its parts: ${links(machine.versions)}.`]),
    ...mirrors(machine),
    '## Input',
    input.length === 0
      ? 'None.'
      : table(
          ['member', 'type', ''],
          input.map((member) => [code(memberName(member)), code(member.type), prose(member.description)]),
        ),
    '## Events that it takes',
    table(
      ['event', 'in the states', 'from', ''],
      events
        .filter(({ states }) => states.length > 0)
        .map((event) => [
          code(signatureOf(event)),
          statesText(event.states),
          [...(event.isChoice ? ['_a choice_'] : []), ...event.from.map(link)].join(', '),
          prose(event.description),
        ]),
    ),
    ...foreign(events),
    '## Messages that it sends',
    sends.length === 0
      ? 'None.'
      : table(
          ['message', 'to', 'through the channel'],
          sends.map(({ type, to, channels }) => [code(type), links(to), channels.join(', ')]),
        ),
    ...(seenIn.length === 0 ? [] : [`${seenText(seenIn)}.`]),
    '## Blocking',
    ...blockingText(machine),
    '## Rest',
    rest.length === 0
      ? 'It is no actor in any scenario.'
      : rest.map(({ where, scenarios }) => restText(where, scenarios, rest.length)).join('\n'),
    ...(simplifications.length === 0 ? [] : ['## Simplifications', ...simplifications.map(prose)]),
    '## Where it is used',
    uses.length === 0
      ? 'Nowhere.'
      : table(
          ['scenario', 'variants', 'as'],
          uses.map(({ scenario, variants, actors, properties }) => [
            scenario,
            variants?.join(', ') ?? 'all',
            [...actors.map(code), ...properties.map((property) => `monitor of "${prose(property)}"`)].join(', '),
          ]),
        ),
    '## Diagram',
    `\`\`\`mermaid\n${mermaid}\`\`\``,
  ]);
}

/** @param head what stands before the list */
export function indexOf(head: string, machines: readonly MachineDocument[]): string {
  const folders = [...new Set(machines.map(folderOf))];
  return paragraphs([
    head.trim(),
    ...folders.flatMap((folder) => [
      `## ${folder}`,
      table(
        ['machine', 'what it is', 'used in'],
        machines
          .filter((machine) => folderOf(machine) === folder)
          .map(({ name, summary, uses }) => [
            `[${name}](${name}.md)`,
            prose(summary),
            uses.map(({ scenario }) => scenario).join(', '),
          ]),
      ),
    ]),
  ]);
}

function mirrors({ mirrors: { files, functions, sections, versions, commits } }: MachineDocument): string[] {
  const rows = [
    ['files', files.map(code)],
    ['functions', functions.map(code)],
    ['specifications', sections],
    ['versions', versions],
    ['commits', commits.map(code)],
  ] as const;
  const cited = rows.filter(([, cited]) => cited.length > 0);
  if (cited.length === 0) return [];
  return [
    '## What its source cites',
    table(
      ['', ''],
      cited.map(([what, cited]) => [what, cited.join(', ')]),
    ),
  ];
}

function foreign(events: MachineDocument['events']): string[] {
  const types = events.filter(({ states }) => states.length === 0).map(({ type }) => code(type));
  return types.length === 0 ? [] : [`Its type knows of ${types.join(', ')} as well, which only other versions take.`];
}

function blockingText({ blocking }: MachineDocument): string[] {
  if (blocking.length === 0) return ['Nothing.'];
  const lines = blocking.map(({ type, side, everywhere }) => {
    const what = side === 'takes' ? 'which it takes' : 'which it sends';
    return `- ${code(type)}, ${what}: ${everywhere ? 'in every system' : 'in some systems'}`;
  });
  return [lines.join('\n')];
}

function restText(where: string, scenarios: readonly string[], count: number): string {
  return `- ${where}${count > 1 ? ` (${scenarios.join(', ')})` : ''}`;
}

function statesText(states: readonly string[]): string {
  return states.map((state) => (state === '(root)' ? 'all' : code(state))).join(', ');
}

function signatureOf({ type, payload }: MachineDocument['events'][number]): string {
  return payload.length === 0 ? type : `${type} { ${payload.map(memberName).join(', ')} }`;
}

function memberName({ name, optional }: Member): string {
  return optional ? `${name}?` : name;
}

// --- Markdown ---

function paragraphs(parts: readonly string[]): string {
  return `${parts.join('\n\n')}\n`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), `|${head.map(() => '---|').join('')}`, ...rows.map(line)].join('\n');
}

function code(text: string): string {
  return `\`${text}\``;
}

/** What is laid out stays as it is; elsewhere only backticks are markup. */
function prose(text: string): string {
  if (isLaidOut(text)) return `\`\`\`text\n${text}\n\`\`\``;
  return text
    .split(/(`[^`]*`)/)
    .map((part) => (part.startsWith('`') ? part : part.replaceAll(/[<*[\]]|(?<!\w)_|_(?!\w)/g, '\\$&')))
    .join('');
}
