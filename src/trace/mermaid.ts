/**
 * A trace as a Mermaid sequence diagram: actors and channels are participants, a step starts with a note across all of
 * them, and a lost message ends in a cross.
 */
import { type Change, eventLabel, labelOf, type Trace, type TraceMessage, type TraceStep } from './trace.ts';
import { changeTexts, cut } from './words.ts';

/** Longer texts make a diagram wider than any screen. */
const TEXT_MAX = 60;
/** As in the chart: the first and last messages of an endless step show what goes on. */
const MESSAGES_HEAD = 20;
const MESSAGES_TAIL = 4;

export function toMermaid(trace: Trace): string {
  const ids = participants(trace);
  const all = [...ids.values()];
  const across = all.length > 1 ? `${all[0]},${all.at(-1)}` : all[0];
  const lines = ['sequenceDiagram', ...[...ids].map(([key, id]) => `  participant ${id} as ${escaped(key.slice(2))}`)];
  for (const [at, step] of trace.steps.entries()) {
    lines.push(`  Note over ${across}: ${at + 1}. ${escaped(labelOf(step))}`);
    lines.push(...messageLines(step, ids));
    for (const change of step.changes) {
      const id = ids.get(actorKey(change.name));
      const where = id ?? `${across}: monitor ${escaped(change.name)}`;
      lines.push(`  Note over ${where}: ${changeLines(change)}`);
    }
  }
  const broken = trace.failed ? trace.steps.at(-1)!.messages.at(-1)?.to : undefined;
  if (broken !== undefined) lines.push(`  Note over ${ids.get(actorKey(broken))}: the model is wrong here`);
  return `${lines.join('\n')}\n`;
}

/** Identifiers of those that take part, in the order of their declaration; by kind and name, for kinds may share names. */
function participants(trace: Trace): Map<string, string> {
  const active = new Set<string>();
  for (const step of trace.steps) {
    active.add(actorKey(step.actor));
    if (step.channel !== undefined) active.add(channelKey(step.channel));
    for (const { name } of step.changes) active.add(actorKey(name));
    for (const { from, to, channel } of step.messages) {
      if (from !== undefined) active.add(actorKey(from));
      active.add(channel === undefined || from === undefined ? actorKey(to) : channelKey(channel));
    }
  }
  const { actors, channels } = trace.initial;
  const declared = [...Object.keys(actors).map(actorKey), ...Object.keys(channels).map(channelKey)];
  // A trace without steps still is a diagram.
  const shown = active.size === 0 ? declared : declared.filter((key) => active.has(key));
  return new Map(shown.map((key, index) => [key, `p${index}`]));
}

function messageLines(step: TraceStep, ids: ReadonlyMap<string, string>): string[] {
  // A choice or a timer is told by the step's note; what leaves a channel is an arrow.
  const messages = step.channel === undefined ? step.messages.filter(({ from }) => from !== undefined) : step.messages;
  const lines = messages.map((message) => messageLine(message, ids));
  const hidden = lines.length - MESSAGES_HEAD - MESSAGES_TAIL;
  if (hidden <= 1) return lines;
  const note = `  Note over ${ids.get(actorKey(step.actor))}: … and ${hidden} more messages …`;
  return [...lines.slice(0, MESSAGES_HEAD), note, ...lines.slice(-MESSAGES_TAIL)];
}

function messageLine({ fate, from, to, event, channel }: TraceMessage, ids: ReadonlyMap<string, string>): string {
  const receiver = ids.get(actorKey(to));
  const label = escaped(eventLabel(event));
  const sender = from === undefined ? ids.get(channelKey(channel!)) : ids.get(actorKey(from));
  const queue = channel === undefined ? receiver : ids.get(channelKey(channel));
  switch (fate) {
    case 'taken':
      return `  ${sender}->>${receiver}: ${label}`;
    case 'queued':
      return `  ${sender}-)${queue}: ${label}`;
    case 'dropped':
      return `  ${sender}-x${queue}: ${label}, dropped`;
    case 'lost':
      return `  ${sender}--x${receiver}: ${label}, lost`;
    case 'refused':
      return `  ${sender}-x${receiver}: ${label}, not taken`;
    case 'blocked':
      return `  ${sender}-x${queue}: ${label}, waits`;
    default:
      return fate satisfies never;
  }
}

function changeLines({ before, after }: Change): string {
  return changeTexts(before, after, TEXT_MAX / 2)
    .map(escaped)
    .join('<br/>');
}

function actorKey(name: string): string {
  return `a ${name}`;
}

function channelKey(name: string): string {
  return `c ${name}`;
}

/** Mermaid ends a text at `#`, `;` and line ends, `<` starts a tag and `%%` a comment; it has entities for all of them. */
function escaped(text: string): string {
  return cut(text, TEXT_MAX)
    .replaceAll(/[#;<%]/g, (character) => `#${character.charCodeAt(0)};`)
    .replaceAll(/\s+/g, ' ');
}
