/** `faultline list --machines` for people: a line for each machine, or a page. */
import { wrap } from '../diagram/layout-text.ts';
import type { MachineDocument } from './documents.ts';
import type { Colours } from './terminal.ts';

interface Look {
  readonly width: number;
  readonly colours: Colours;
}

/** By folder. */
export function machineTable(machines: readonly MachineDocument[], { width, colours }: Look): string {
  const folders = [...new Set(machines.map(folderOf))];
  const nameWidth = Math.max(...machines.map(({ name }) => name.length));
  const usedWidth = Math.max(...machines.map((machine) => usedIn(machine).length));
  const longest = Math.max(...machines.map(({ summary }) => summary.length));
  const room = width - nameWidth - usedWidth - 2 * GAP.length - INDENT.length;
  const summaryWidth = Math.min(longest, Math.max(SUMMARY_MIN, room));
  const line = (machine: MachineDocument) =>
    [
      INDENT + machine.name.padEnd(nameWidth),
      cut(machine.summary, summaryWidth).padEnd(summaryWidth),
      colours.dim(usedIn(machine)),
    ].join(GAP);
  const lines = folders.flatMap((folder) => [
    colours.bold(folder),
    ...machines.filter((machine) => folderOf(machine) === folder).map(line),
    '',
  ]);
  return `${lines.join('\n')}\n`;
}

/** Of its source. */
export function folderOf({ file }: MachineDocument): string {
  return file.slice(0, file.lastIndexOf('/'));
}

/** A paragraph whose spaces and line ends are to stay. */
export function isLaidOut(paragraph: string): boolean {
  return paragraph.split('\n').some((line) => /^(?: {2,}|- |\|)/.test(line));
}

const SUMMARY_MIN = 24;
const INDENT = '  ';
const GAP = '  ';

function usedIn({ uses: [first, ...more] }: MachineDocument): string {
  if (!first) return 'nowhere';
  return more.length === 0 ? first.scenario : `${first.scenario} +${more.length}`;
}

function cut(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, width - 1).trimEnd()}…`;
}

/** What `docs/machines` says of it, but for the diagram: `faultline diagram` draws that better. */
export function machinePage(machine: MachineDocument, { width, colours }: Look): string {
  const { name, file, description, simplifications, mirrors, input, events, sends, blocking, rest, uses } = machine;
  const part = (title: string, lines: readonly string[]) =>
    lines.length === 0 ? [] : [colours.bold(title), ...lines.map((line) => INDENT + line), ''];
  const flowing = (text: string, indent = '') =>
    isLaidOut(text) ? text.split('\n') : wrap(text, width - INDENT.length - indent.length).map((line) => indent + line);
  const item = (head: string, ...texts: readonly string[]) => [
    head,
    ...texts.filter((text) => text !== '').flatMap((text) => flowing(text, INDENT + INDENT)),
  ];
  const cited = Object.entries(mirrors).filter(([, cited]) => cited.length > 0);
  return [
    `${colours.bold(name)}  machines/${file}`,
    colours.dim(`import { ${name} } from 'faultline/machines'`),
    '',
    ...[...description, ...relatives(machine)].flatMap((text) => [...flowing(text), '']),
    ...part(
      'Its source cites',
      cited.flatMap(([what, cited]) => flowing(`${what}: ${cited.join(', ')}`)),
    ),
    ...part(
      'Input',
      input.flatMap((member) => item(`${memberName(member)}: ${member.type}`, member.description)),
    ),
    ...part(
      'Events that it takes',
      events.filter(isTaken).flatMap((event) => item(signature(event), whence(event), event.description)),
    ),
    ...part(
      'Messages that it sends',
      sends.flatMap(({ type, to, channels }) =>
        flowing(`${type} to ${to.join(', ')}${channels.length === 0 ? '' : ` through ${channels.join(', ')}`}`),
      ),
    ),
    ...unseen(machine).flatMap((text) => [...flowing(text), '']),
    ...part(
      'Blocking',
      blocking.map(
        ({ type, side, everywhere }) => `${type}, which it ${side}: in ${everywhere ? 'every system' : 'some systems'}`,
      ),
    ),
    ...part(
      'Rest',
      rest.map(({ where, scenarios }) => (rest.length === 1 ? where : `${where} (${scenarios.join(', ')})`)),
    ),
    ...part(
      'Simplifications',
      simplifications.flatMap((text) => flowing(text)),
    ),
    ...part(
      'Used in',
      uses.flatMap(({ scenario, variants, actors, properties }) => {
        const as = [...actors, ...properties.map((property) => `monitor of "${property}"`)].join(', ');
        return flowing(`${scenario}${variants === null ? '' : ` ${variants.join(', ')}`}: ${as}`);
      }),
    ),
    ...drawing(machine),
  ].join('\n');
}

type EventDocument = MachineDocument['events'][number];

/** Others take it, which have the same type of events. */
function isTaken({ states }: EventDocument): boolean {
  return states.length > 0;
}

function whence({ states, from, isChoice }: EventDocument): string {
  const where = states.includes('(root)') ? 'in every state' : `in ${states.join(', ')}`;
  const senders = [...(isChoice ? ['a choice'] : []), ...from];
  return senders.length === 0 ? where : `${where}; from ${senders.join(', ')}`;
}

function relatives({ versionOf, versions }: MachineDocument): string[] {
  return [
    ...(versionOf.length === 0 ? [] : [`Made of the parts of ${versionOf.join(', ')}.`]),
    ...(versions.length === 0 ? [] : [`Made of its parts: ${versions.join(', ')}.`]),
  ];
}

function unseen({ seenIn }: MachineDocument): string[] {
  return seenIn.every(({ complete }) => complete) ? [] : [`${seenText(seenIn)}: messages may be missing.`];
}

/** Where who sends what was found out, and whether it is all. */
export function seenText(seenIn: MachineDocument['seenIn']): string {
  const shown = seenIn.slice(0, SEEN_SHOWN).map(({ scenario, variant }) => `${scenario} ${variant}`);
  const more = seenIn.length - shown.length;
  const where = `${shown.join(', ')}${more > 0 ? `, and ${more} more` : ''}`;
  const all = seenIn.every(({ complete }) => complete);
  return `Who sends what was seen in ${all ? 'all states' : 'some of the states'} of ${where}`;
}

const SEEN_SHOWN = 3;

function drawing({ uses }: MachineDocument): string[] {
  const use = uses.find(({ actors }) => actors.length > 0);
  if (!use) return [];
  const actor = use.actors[0]!.replaceAll('*', '0');
  const variant = use.variants === null ? '' : ` --variant ${use.variants[0]}`;
  return [`draw it: npx faultline diagram ${use.scenario}#${actor}${variant}`, '', ''];
}

function signature({ type, payload }: MachineDocument['events'][number]): string {
  return payload.length === 0 ? type : `${type}(${payload.map(memberName).join(', ')})`;
}

function memberName({ name, optional }: MachineDocument['input'][number]): string {
  return optional ? `${name}?` : name;
}
