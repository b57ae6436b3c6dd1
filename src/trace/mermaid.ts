/**
 * A trace as a Mermaid sequence diagram: actors and channels are participants, a step starts with a note across all of
 * them, an answer within a step is dotted, a lost message ends in a cross, a lock that is held is active, and a note says
 * what is in a channel.
 */
import { visible } from '../system/visible.ts';
import {
  type ChartMarks,
  countedText,
  cycleOf,
  type Hold,
  overtakingText,
  type Sequence,
  type SequenceMessage,
  type SequenceStep,
  sequenceOf,
} from './sequence.ts';
import { type Change, eventLabel, labelOf, stopText, type Trace } from './trace.ts';
import { changeTexts, cut } from './words.ts';

/** Longer texts make a diagram wider than any screen. */
const TEXT_MAX = 60;
/** What stands across all participants has more room. */
const STOP_MAX = 160;
/** As in the chart: the first and last messages of an endless step show what goes on. */
const MESSAGES_HEAD = 20;
const MESSAGES_TAIL = 4;

/** Behind the steps that race, and behind the one that ends in a violation; readable on light and on dark pages. */
const RACE_FILL = 'rgba(212, 167, 44, 0.2)';
const ALARM_FILL = 'rgba(207, 34, 46, 0.15)';

/**
 * A trace as a Mermaid sequence diagram, which GitHub draws.
 *
 * @example
 * ```ts
 * import { check, toMermaid } from 'faultline';
 * import { lights } from './lights.ts';
 *
 * const result = await check(lights);
 * if (result.verdict !== 'violated' || !result.trace) throw new Error(result.verdict);
 * toMermaid(result.trace).startsWith('sequenceDiagram'); // => true
 * ```
 */
export function toMermaid(trace: Trace, marks: ChartMarks = {}): string {
  const { property, deadEnd, error, cycle, races = [] } = { ...cycleOf(trace), ...marks };
  const sequence = sequenceOf(trace);
  const ids = participants(trace);
  const all = [...ids.values()];
  const across = all.length > 1 ? `${all[0]},${all.at(-1)}` : all[0];
  const lines = ['sequenceDiagram', ...[...ids].map(([key, id]) => `  participant ${id} as ${escaped(key.slice(2))}`)];
  for (const [at, step] of sequence.steps.entries()) {
    if (cycle?.from === at) lines.push('  loop for ever');
    const isViolated = at === sequence.steps.length - 1 && (property !== undefined || trace.failed);
    const fill = isViolated ? ALARM_FILL : races.some((pair) => pair.includes(at)) ? RACE_FILL : undefined;
    if (fill !== undefined) lines.push(`  rect ${fill}`);
    lines.push(`  Note over ${across}: ${at + 1}. ${escaped(labelOf(step.step))}`);
    lines.push(...messageLines(step, ids, activations(sequence, at, ids)));
    for (const change of step.changes)
      lines.push(`  Note over ${ids.get(actorKey(change.name))}: ${changeLines(change)}`);
    for (const { channel, content } of step.queues) {
      const what = content.length === 0 ? 'empty' : `${content.length} queued: ${countedText(content)}`;
      lines.push(`  Note over ${ids.get(channelKey(channel))}: ${escaped(what)}`);
    }
    for (const change of step.ghosts) {
      lines.push(`  Note over ${across}: monitor ${escaped(change.name)}: ${changeLines(change)}`);
    }
    if (isViolated && property !== undefined) lines.push(`  Note over ${across}: violated: ${escaped(property)}`);
    if (fill !== undefined) lines.push('  end');
    if (cycle?.to === at && cycle.from <= at) lines.push('  end');
  }
  if (trace.steps.length === 0 && property !== undefined) {
    lines.push(`  Note over ${across}: violated: ${escaped(property)}`);
  }
  for (const [first, second] of races) {
    lines.push(`  Note over ${across}: the order of steps ${first + 1} and ${second + 1} decides`);
  }
  if (trace.stops) lines.push(`  Note over ${across}: ${escaped(stopText(trace.stops), STOP_MAX)}`);
  if (deadEnd) lines.push(`  Note over ${across}: nothing can happen any more`);
  const broken = trace.failed ? trace.steps.at(-1)!.messages.at(-1)?.to : undefined;
  if (broken !== undefined) {
    const why = error ? `: ${escaped(error.message)}` : ' here';
    lines.push(`  Note over ${ids.get(actorKey(broken))}: the model is wrong${why}`);
  }
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

function messageLines(
  { step, messages }: SequenceStep,
  ids: ReadonlyMap<string, string>,
  activations: ReadonlyMap<number, readonly string[]>,
): string[] {
  // A choice or a timer is told by the step's note; what leaves a channel is an arrow.
  const lines = messages.flatMap((message, index) => {
    if (step.channel === undefined && message.from === undefined) return [];
    return [[messageLine(message, ids), ...(activations.get(index) ?? [])]];
  });
  const hidden = lines.length - MESSAGES_HEAD - MESSAGES_TAIL;
  if (hidden <= 1) return lines.flat();
  const note = `  Note over ${ids.get(actorKey(step.actor))}: … and ${hidden} more messages …`;
  // Locks that are taken or released out of sight still are.
  const unseen = lines.slice(MESSAGES_HEAD, -MESSAGES_TAIL).flatMap((some) => some.slice(1));
  return [...lines.slice(0, MESSAGES_HEAD).flat(), note, ...unseen, ...lines.slice(-MESSAGES_TAIL).flat()];
}

/** What follows the messages of a step by which a lock is taken or released. */
function activations({ holds }: Sequence, at: number, ids: ReadonlyMap<string, string>): Map<number, string[]> {
  const lines = new Map<number, string[]>();
  const add = (place: Hold['from'] | undefined, line: string) => {
    if (place?.step === at) lines.set(place.message, [...(lines.get(place.message) ?? []), line]);
  };
  for (const { lock, from, to } of holds) {
    add(from, `  activate ${ids.get(actorKey(lock))}`);
    add(to, `  deactivate ${ids.get(actorKey(lock))}`);
  }
  return lines;
}

function messageLine(message: SequenceMessage, ids: ReadonlyMap<string, string>): string {
  const { fate, from, to, event, channel, answer } = message;
  const receiver = ids.get(to === channel ? channelKey(to) : actorKey(to));
  const overtaking = overtakingText(message);
  const remark = overtaking ?? (answer === 'automatic' ? 'automatic answer' : undefined);
  const label = `${escaped(eventLabel(event))}${remark === undefined ? '' : `, ${escaped(remark)}`}`;
  const sender = from === undefined ? ids.get(channelKey(channel!)) : ids.get(actorKey(from));
  const queue = channel === undefined ? receiver : ids.get(channelKey(channel));
  switch (fate) {
    case 'taken':
      return `  ${sender}${answer === 'none' ? '->>' : '-->>'}${receiver}: ${label}`;
    case 'queued':
      return `  ${sender}-)${queue}: ${label}`;
    case 'merged':
      return `  ${sender}-)${queue}: ${label}, there already`;
    case 'dropped':
      return `  ${sender}-x${queue}: ${label}, dropped`;
    case 'lost':
      return `  ${sender}--x${receiver}: ${label}, lost`;
    case 'ignored':
      return `  ${sender}-x${receiver}: ${label}, ignored`;
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
    .map((line) => escaped(line))
    .join('<br/>');
}

function actorKey(name: string): string {
  return `a ${name}`;
}

function channelKey(name: string): string {
  return `c ${name}`;
}

/** Mermaid ends a text at `#`, `;` and line ends, `<` starts a tag and `%%` a comment; it has entities for all of them. */
function escaped(text: string, max = TEXT_MAX): string {
  return cut(visible(text.replaceAll(/\s+/g, ' ')), max)
    .replaceAll(/[#;<%]/g, (character) => `#${character.charCodeAt(0)};`)
    .replaceAll(/\s+/g, ' ');
}
