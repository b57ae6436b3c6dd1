/**
 * A trace as a message chart that can be stepped through: a list of steps, each with the list of its messages, laid out
 * on one lane for each actor and channel that takes part. It is a list for those who hear it, and a chart for those who
 * see it.
 */
import { eventLabel, labelOf, type Trace, type TraceMessage, type TraceStep } from '../trace/trace.ts';
import { changeTexts, stateText } from '../trace/words.ts';
import { type Html, html } from './html.ts';

/** As in the other charts: the first and last messages of an endless step show what goes on. */
const MESSAGES_HEAD = 20;
const MESSAGES_TAIL = 4;

interface Lanes {
  readonly names: readonly string[];
  readonly channels: ReadonlySet<string>;
  at(name: string): number;
}

export interface ChartEnd {
  /** What to say below the last step, and whether it is bad news. */
  readonly text: string;
}

export function chartHtml(trace: Trace, id: string, end: ChartEnd | null): Html {
  const lanes = lanesOf(trace);
  const steps = trace.steps.map((step, at) => stepHtml(step, at, { trace, lanes, id }));
  return html`<div class="chart-scroll" tabindex="0" role="group" aria-label="Message chart">
<div class="chart" style="--lanes:${lanes.names.length}">
<div class="lanes" aria-hidden="true">${lanes.names.map(
    (name) => html`<span${lanes.channels.has(name) ? html` class="channel"` : null}>${name}</span>`,
  )}</div>
<ol class="steps" aria-label="Steps">
<li class="step" id="${stepId(id, 0)}" data-step="0"><button type="button" class="step-name"><b>0</b> the start</button></li>
${steps}</ol>
${end && html`<p class="chart-end">${end.text}</p>`}</div></div>
`;
}

export function stepId(id: string, at: number): string {
  return `${id}--step-${at}`;
}

function stepHtml(step: TraceStep, at: number, where: { trace: Trace; lanes: Lanes; id: string }): Html {
  const { trace, lanes, id } = where;
  const failed = trace.failed && at === trace.steps.length - 1;
  const shown = step.messages.filter(
    (message, index) => index > 0 || message.channel !== undefined || (failed && message.fate === 'refused'),
  );
  const hidden = shown.length - MESSAGES_HEAD - MESSAGES_TAIL;
  const rows =
    hidden > 1
      ? [
          ...shown.slice(0, MESSAGES_HEAD).map((message) => messageHtml(message, lanes)),
          html`<li class="more">… and ${hidden} more …</li>`,
          ...shown.slice(-MESSAGES_TAIL).map((message) => messageHtml(message, lanes)),
        ]
      : shown.map((message) => messageHtml(message, lanes));
  const { actors, monitors } = trace.initial;
  const pills = step.changes.filter(({ name }) => name in actors);
  const watched = step.changes.filter(({ name }) => name in monitors);
  return html`<li class="step" id="${stepId(id, at + 1)}" data-step="${at + 1}"><button type="button" class="step-name"><b>${at + 1}</b> ${labelOf(step)}</button>
${
  rows.length > 0 &&
  html`<ul class="messages">${rows}</ul>
`
}${
  pills.length > 0 &&
  html`<div class="pills" aria-hidden="true">${pills.map(({ name, before, after }) => {
    const [from, to] = [stateText(before.value), stateText(after.value)];
    const text = from === to ? '•' : to;
    return html`<span style="--a:${lanes.at(name) + 1}" title="${changeTexts(before, after).join(', ')}">${text}</span>`;
  })}</div>
`
}${watched.map(
  ({ name, before, after }) =>
    html`<p class="watched">monitor “${name}”: ${changeTexts(before, after, 40).join(', ')}</p>
`,
)}</li>
`;
}

function messageHtml(message: TraceMessage, lanes: Lanes): Html {
  const { fate, from, to, event, channel } = message;
  const [start, end] = endsOf(message, lanes);
  const [low, high] = start < end ? [start, end] : [end, start];
  // The text stands where there is more room.
  const leftwards = low + high > lanes.names.length - 1;
  const kinds = [
    fate,
    start === end ? 'own' : start < end ? 'right' : 'left',
    ...(leftwards ? ['text-left'] : []),
    ...(from === undefined && channel !== undefined ? ['delivered'] : []),
  ];
  const route = from === undefined ? `${channel ?? ''} to ${to}` : `${from} to ${to}`;
  return html`<li class="${kinds.join(' ')}" style="--a:${low + 1};--b:${high + 2}"><span class="text"><span class="route">${route}: </span>${eventLabel(event)}${noteOf(message)}</span><i></i></li>
`;
}

function endsOf({ fate, from, to, channel }: TraceMessage, lanes: Lanes): [number, number] {
  const receiver = lanes.at(to);
  if (from === undefined) return [channel === undefined ? receiver : lanes.at(channel), receiver];
  const toChannel = channel !== undefined && fate !== 'taken' && fate !== 'refused' && fate !== 'ignored';
  return [lanes.at(from), toChannel ? lanes.at(channel) : receiver];
}

function noteOf({ fate, from, to, channel }: TraceMessage): Html | null {
  switch (fate) {
    case 'taken':
      return null;
    case 'queued':
      return html` <em>into ${channel}${to === channel ? '' : `, for ${to}`}</em>`;
    case 'merged':
      return html` <em>${to === channel ? '' : `for ${to}, `}is in ${channel} already</em>`;
    case 'dropped':
      return html` <em class="bad">✘ dropped: ${channel} is full</em>`;
    case 'lost':
      return html` <em class="bad">✘ lost in ${channel}</em>`;
    case 'ignored':
      return html` <em>ignored${from === undefined ? '' : ` by ${to}`}</em>`;
    case 'refused':
      return html` <em class="bad">✘ not taken${from === undefined ? '' : ` by ${to}`}</em>`;
    case 'blocked':
      return html` <em class="bad">waits: ${channel} is full</em>`;
    default:
      return fate satisfies never;
  }
}

/** Those that take part, in the order of their declaration; a channel may have an actor's name only in broken systems. */
function lanesOf(trace: Trace): Lanes {
  const active = new Set<string>();
  for (const step of trace.steps) {
    active.add(step.actor);
    for (const { name } of step.changes) active.add(name);
    for (const { from, to, channel } of step.messages) {
      for (const name of [from, to, channel]) if (name !== undefined) active.add(name);
    }
  }
  const { actors, channels } = trace.initial;
  const declared = [...Object.keys(actors), ...Object.keys(channels)];
  const names = active.size === 0 ? declared : declared.filter((name) => active.has(name));
  const places = new Map(names.map((name, index) => [name, index]));
  return { names, channels: new Set(Object.keys(channels)), at: (name) => places.get(name) ?? 0 };
}
