/** What each step of a trace changes, as tables: who, what, before, after. */
import { type ActorState, eventLabel, labelOf, type SystemState, statesOf, type Trace } from '../trace/trace.ts';
import { actorText, fieldChanges, stateText, timerText, valueText } from '../trace/words.ts';
import { type Html, html } from './html.ts';

interface Row {
  readonly what: string;
  readonly before: string;
  readonly after: string;
}

/** One section for the start and one for each step; the script shows one of them at a time, paper shows all. */
export function stepDetails(trace: Trace): Html {
  const states = statesOf(trace);
  return html`<section class="detail" data-step="0"><h5>0 · the start</h5>
${stateTable(trace.initial, 'The state at the start')}</section>
${trace.steps.map((step, at) => {
  const rows = [
    ...step.changes.map(({ name, before, after }) => ({
      name,
      isMonitor: name in trace.initial.monitors,
      rows: changesOf(before, after),
    })),
    ...channelChanges(states[at]!, states[at + 1]!),
  ];
  const failed = trace.failed && at === trace.steps.length - 1;
  const nothing = failed ? 'The step broke off.' : 'It changes nothing.';
  return html`<section class="detail" data-step="${at + 1}"><h5>${at + 1} · ${labelOf(step)}</h5>
${rows.length === 0 ? html`<p>${nothing}</p>` : diffTable(rows, at + 1)}</section>
`;
})}`;
}

/** Every actor, monitor and channel, and what it holds. */
export function stateTable(state: SystemState, caption: string): Html {
  const actors = [
    ...Object.entries(state.actors).map(([name, actor]) => [name, actor, false] as const),
    ...Object.entries(state.monitors).map(([name, monitor]) => [name, monitor, true] as const),
  ];
  return html`<div class="wide"><table class="state"><caption>${caption}</caption>
<thead><tr><th scope="col">who</th><th scope="col">state</th><th scope="col">holds</th></tr></thead>
<tbody>${actors.map(
    ([name, actor, isMonitor]) =>
      html`<tr><th scope="row">${whoText(name, isMonitor)}</th><td>${stateText(actor.value)}</td><td>${restOf(actor)}</td></tr>
`,
  )}${Object.entries(state.channels).map(
    ([name, messages]) =>
      html`<tr><th scope="row">${name}</th><td>${counted(messages.length)}</td><td>${contentText(messages)}</td></tr>
`,
  )}</tbody></table></div>
`;
}

function diffTable(changed: readonly { name: string; isMonitor: boolean; rows: readonly Row[] }[], step: number): Html {
  return html`<div class="wide"><table class="diff"><caption class="quiet">What step ${step} changes</caption>
<thead><tr><th scope="col">who</th><th scope="col">what</th><th scope="col">before</th><th scope="col">after</th></tr></thead>
${changed.map(
  ({ name, isMonitor, rows }) =>
    html`<tbody>${rows.map(
      ({ what, before, after }, index) =>
        html`<tr>${
          index === 0 && html`<th scope="rowgroup" rowspan="${rows.length}">${whoText(name, isMonitor)}</th>`
        }<td>${what}</td><td><del>${before}</del></td><td><ins>${after}</ins></td></tr>
`,
    )}</tbody>
`,
)}</table></div>
`;
}

function changesOf(before: ActorState, after: ActorState): Row[] {
  const rows: Row[] = [];
  const [from, to] = [stateText(before.value), stateText(after.value)];
  if (from !== to) rows.push({ what: 'state', before: from, after: to });
  for (const change of fieldChanges(before.context, after.context)) {
    rows.push({
      what: change.path === '' ? 'context' : change.path,
      before: change.kind === 'added' ? '' : valueText(change.before),
      after: change.kind === 'removed' ? '' : valueText(change.after),
    });
  }
  const timers = ({ timers = [] }: ActorState) => timers.map(timerText).join(', ');
  if (timers(before) !== timers(after)) rows.push({ what: 'timers', before: timers(before), after: timers(after) });
  return rows.length > 0 ? rows : [{ what: 'history', before: to, after: `${to}, with another history` }];
}

function channelChanges(before: SystemState, after: SystemState): { name: string; isMonitor: boolean; rows: Row[] }[] {
  return Object.keys(before.channels).flatMap((name) => {
    const [old, now] = [contentText(before.channels[name]!), contentText(after.channels[name]!)];
    return old === now ? [] : [{ name, isMonitor: false, rows: [{ what: 'messages', before: old, after: now }] }];
  });
}

function contentText(messages: SystemState['channels'][string]): string {
  return messages.length === 0 ? 'empty' : messages.map(({ to, event }) => `${eventLabel(event)} → ${to}`).join(', ');
}

function counted(messages: number): string {
  return messages === 1 ? '1 message' : `${messages} messages`;
}

function whoText(name: string, isMonitor: boolean): Html {
  return isMonitor ? html`<small>monitor</small> ${name}` : html`${name}`;
}

/** All but the state, which has a column of its own. */
function restOf(actor: ActorState): string {
  return actorText(actor).slice(stateText(actor.value).length).trim();
}
