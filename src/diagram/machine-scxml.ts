/**
 * A machine as SCXML (https://www.w3.org/TR/scxml/), as far as SCXML has what XState has.
 *
 * Names of guards stand in `cond`, names of actions in `script`: a reader must know them, as XState must. An `after` is
 * what SCXML has for it: a delayed `send` on entry, a `cancel` on exit, and a transition for that event. What SCXML has
 * no place for (tags, `reenter`, forbidden transitions, descriptions) is in attributes of a namespace of our own.
 */
import { escapeXml, identifiers } from './layout-text.ts';
import {
  type GraphState,
  type GraphTransition,
  type MachineGraph,
  ROOT,
  rootHasOwn,
  type Trigger,
} from './machine-graph.ts';
import { type Marks, NO_MARKS } from './marks.ts';

export const SCXML_NAMESPACE = 'http://www.w3.org/2005/07/scxml';
export const OWN_NAMESPACE = 'urn:faultline:diagram:1';

export function machineToScxml(graph: MachineGraph, marks: Marks = NO_MARKS): string {
  const { states, transitions } = graph;
  const byPath = new Map(states.map((state) => [state.path, state]));
  const idOf = identifiers(states.map(({ path }) => path));

  const element = (state: GraphState): string[] => {
    const { path, kind, children, initial, history, historyDefault, tags, description } = state;
    const tag = kind === 'atomic' || kind === 'compound' ? 'state' : kind;
    const own = transitions.filter(({ source }) => source === path);
    const attributes = attributesText({
      id: idOf(path),
      type: history ?? undefined,
      initial: plainInitial(state),
      'f:path': path,
      'f:output': kind === 'final' ? undefined : (state.output ?? undefined),
      'f:tags': tags.length === 0 ? undefined : tags.join(', '),
      'f:mark': marks.states.get(path),
      'f:description': description ?? undefined,
    });
    const body = [
      ...entry(state, own),
      ...exit(state, own),
      ...state.invokes.map(
        (invocation) =>
          `<invoke${attributesText({ type: 'xstate', src: invocation.src, id: eventName(invocation.name), 'f:systemId': invocation.systemId ?? undefined })}/>`,
      ),
      ...(initial && initial.actions.length > 0
        ? ['<initial>', `  ${transitionElement({ target: idOf(initial.target) }, initial.actions)}`, '</initial>']
        : []),
      ...(historyDefault.length === 0 ? [] : [transitionElement({ target: historyDefault.map(idOf).join(' ') }, [])]),
      ...own.map(transition),
      ...(state.output === null || kind !== 'final'
        ? []
        : ['<donedata>', `  <content>${escapeXml(state.output)}</content>`, '</donedata>']),
      ...children.flatMap((child) => element(byPath.get(child)!)),
    ];
    return body.length === 0 ? [`<${tag}${attributes}/>`] : [`<${tag}${attributes}>`, ...indent(body), `</${tag}>`];
  };

  /** As an attribute; with actions it needs an element. */
  const plainInitial = ({ initial }: GraphState) =>
    initial && initial.actions.length === 0 ? idOf(initial.target) : undefined;

  const timerOf = (state: string, delay: string) => `after.${eventName(delay)}.${idOf(state)}`;

  const entry = ({ path, entry }: GraphState, own: readonly GraphTransition[]): string[] => {
    const timers = delaysOf(own).map(({ delay, milliseconds }) => {
      const timer = timerOf(path, delay);
      const when = milliseconds === null ? { delayexpr: delay } : { delay: `${milliseconds}ms` };
      return `<send${attributesText({ event: timer, id: timer, ...when })}/>`;
    });
    const body = [...entry.map(script), ...timers];
    return body.length === 0 ? [] : ['<onentry>', ...indent(body), '</onentry>'];
  };

  const exit = ({ path, exit }: GraphState, own: readonly GraphTransition[]): string[] => {
    const timers = delaysOf(own).map(({ delay }) => `<cancel${attributesText({ sendid: timerOf(path, delay) })}/>`);
    const body = [...exit.map(script), ...timers];
    return body.length === 0 ? [] : ['<onexit>', ...indent(body), '</onexit>'];
  };

  const transition = (item: GraphTransition): string =>
    transitionElement(
      {
        event: eventOf(item.trigger, item.source),
        cond: item.guard ?? undefined,
        target: item.targets.length === 0 ? undefined : item.targets.map(idOf).join(' '),
        type: item.kind === 'local' ? 'internal' : undefined,
        'f:id': item.id,
        'f:reenter': item.reenter ? 'true' : undefined,
        'f:forbidden': item.forbidden ? 'true' : undefined,
        'f:mark': marks.transitions.get(item.id),
        'f:description': item.description ?? undefined,
      },
      item.actions,
    );

  const eventOf = (trigger: Trigger, source: string): string | undefined => {
    switch (trigger.kind) {
      case 'event':
        return eventName(trigger.type);
      case 'always':
        return undefined;
      case 'after':
        return timerOf(source, trigger.delay);
      case 'done':
        return `done.state.${idOf(source)}`;
      case 'actor-done':
        return `done.invoke.${eventName(trigger.actor)}`;
      case 'actor-error':
        return `error.platform.${eventName(trigger.actor)}`;
      case 'actor-snapshot':
        return `snapshot.invoke.${eventName(trigger.actor)}`;
    }
  };

  const root = states[0]!;
  // The document itself has no transitions, actions or regions: a root that has is a state within it.
  const framed = rootHasOwn(graph) || plainInitial(root) === undefined;
  const head = attributesText({
    xmlns: SCXML_NAMESPACE,
    'xmlns:f': OWN_NAMESPACE,
    version: '1.0',
    name: graph.name,
    initial: framed ? idOf(ROOT) : plainInitial(root),
  });
  const content = framed
    ? element(root)
    : element(root)
        .slice(1, -1)
        .map((line) => line.slice(2));
  return ['<?xml version="1.0" encoding="UTF-8"?>', `<scxml${head}>`, ...indent(content), '</scxml>', ''].join('\n');
}

function delaysOf(own: readonly GraphTransition[]) {
  const after = own.map(({ trigger }) => trigger).filter((trigger) => trigger.kind === 'after');
  return [...new Map(after.map((trigger) => [trigger.delay, trigger])).values()];
}

function transitionElement(
  attributes: Readonly<Record<string, string | undefined>>,
  actions: readonly string[],
): string {
  const head = `transition${attributesText(attributes)}`;
  return actions.length === 0 ? `<${head}/>` : `<${head}>${actions.map(script).join('')}</transition>`;
}

function script(action: string): string {
  return `<script>${escapeXml(action)}</script>`;
}

/** A descriptor must not hold spaces: SCXML takes several in one attribute. */
function eventName(type: string): string {
  return type.replaceAll(/\s+/g, '_');
}

function attributesText(values: Readonly<Record<string, string | undefined>>): string {
  return Object.entries(values)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => ` ${name}="${escapeXml(value!)}"`)
    .join('');
}

function indent(lines: readonly string[]): string[] {
  return lines.map((line) => `  ${line}`);
}
