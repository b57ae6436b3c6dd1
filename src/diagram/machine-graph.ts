/**
 * A machine as a picture needs it: states in document order and the transitions between them, all names as text.
 *
 * Every emitter works on this and on nothing else. It is read from the machine's own `StateNode` objects, so that
 * targets are resolved by XState itself, and from its configuration where XState adds entry and exit actions of its own
 * (for `after`). Invariant: every state node and every transition of the machine is in it exactly once.
 */
import type { AnyStateMachine, AnyStateNode, AnyTransitionDefinition } from 'xstate';
import { xstateOf } from '../system/xstate.ts';
import {
  type GraphState,
  type GraphTransition,
  type Invocation,
  isWithin,
  type MachineGraph,
  ROOT,
  type Trigger,
} from './machine-shape.ts';
import { remarksOf } from './remarks.ts';
import { actionText, delayText, guardText, shortText } from './words.ts';

export { type GraphState, type GraphTransition, isWithin, type MachineGraph, ROOT, type Trigger };

/**
 * @throws ModelError `unsupported-xstate`
 *
 * @example
 * ```ts
 * import { machineGraph } from 'faultline';
 * import { light } from './lights.ts';
 *
 * machineGraph(light, 'light').transitions.length; // => 2
 * ```
 */
export function machineGraph(machine: AnyStateMachine, name?: string): MachineGraph {
  xstateOf(machine);
  const states = nodesOf(machine.root).map(stateOf);
  const transitions = transitionsOf(machine).map(({ id, definition }) => transitionOf(id, definition));
  return {
    kind: 'machine',
    name: name ?? (machine.id === '(machine)' ? 'machine' : written(machine.id)),
    machineId: written(machine.id),
    states,
    transitions,
    notes: remarksOf({ states, transitions }),
  };
}

/**
 * Every transition of a machine with the id that diagrams and coverage files know it by. The definitions are XState's
 * own objects, the ones that its inspection events and `getNextTransitions` show.
 *
 * @example
 * ```ts
 * import { transitionsOf } from 'faultline';
 * import { light } from './lights.ts';
 *
 * transitionsOf(light).length; // => 2
 * ```
 */
export function transitionsOf(
  machine: AnyStateMachine,
): readonly { readonly id: string; readonly definition: AnyTransitionDefinition }[] {
  const taken = new Set<string>();
  return nodesOf(machine.root)
    .flatMap((node) => [...(node.always ?? []), ...[...node.transitions.values()].flat()])
    .map((definition: AnyTransitionDefinition) => {
      const name = `${pathOf(definition.source)} ${triggerText(triggerOf(definition))}`;
      let id = name;
      for (let index = 1; taken.has(id); index++) id = `${name}/${index}`;
      taken.add(id);
      return { id, definition };
    });
}

export function pathOf(node: AnyStateNode): string {
  // A key may contain a dot; XState writes that one as `\.` too.
  return node.path.length === 0 ? ROOT : node.path.map((key) => key.replaceAll('.', '\\.')).join('.');
}

/** `FETCH [isOnline] / startSpinner, log`: UML's notation, which all formats use for labels. */
export function transitionText(transition: GraphTransition): string {
  const from = transition.of === undefined ? [] : [`from ${transition.of}:`];
  return [...from, transition.event, ...reactionTexts(transition)].join(' ');
}

/** The guard and the actions of a transition's label, and what is special about it. */
function reactionTexts({ guard, actions, forbidden, reenter, between }: GraphTransition): string[] {
  return [
    ...(guard === null ? [] : [`[${guard}]`]),
    ...(actions.length === 0 ? [] : [`/ ${actions.join(', ')}`]),
    ...(forbidden ? ['(ignored)'] : []),
    ...(reenter ? ['(reenter)'] : []),
    ...(between === undefined ? [] : [`(${between})`]),
  ];
}

/** What a state says about itself, one line each: entry and exit actions, invoked actors, tags, output. */
export function stateLines({ entry, exit, invokes, tags, output, members, contents }: GraphState): string[] {
  return [
    ...(contents === undefined ? [] : [`${contents} inside, below`]),
    ...(members === undefined ? [] : [`${members.length} alike`]),
    ...(entry.length === 0 ? [] : [`entry / ${entry.join(', ')}`]),
    ...(exit.length === 0 ? [] : [`exit / ${exit.join(', ')}`]),
    ...invokes.map((invocation) => `invoke ${invocationText(invocation)}`),
    ...(tags.length === 0 ? [] : [`tags: ${tags.join(', ')}`]),
    ...(output === null ? [] : [`output: ${output}`]),
  ];
}

function invocationText({ name, src, systemId }: Invocation): string {
  const names = [...(name === src ? [] : [name]), ...(systemId === null ? [] : [`system id ${systemId}`])];
  return names.length === 0 ? src : `${src} (${names.join(', ')})`;
}

/** The root is drawn only where it has something to show: a picture of a plain machine needs no frame. */
export function rootHasOwn(graph: MachineGraph): boolean {
  const root = graph.states[0]!;
  return (
    root.kind !== 'compound' ||
    stateLines(root).length > 0 ||
    graph.transitions.some(({ source, targets, of }) => (source === ROOT && of === undefined) || targets.includes(ROOT))
  );
}

function nodesOf(node: AnyStateNode): AnyStateNode[] {
  return [node, ...Object.values(node.states).flatMap((child) => nodesOf(child as AnyStateNode))];
}

/** XState takes anything for a text, and passes it on. */
export function written(text: unknown): string {
  return typeof text === 'string' ? text : shortText(text);
}

function writtenIfAny(text: unknown): string | null {
  return text === undefined || text === null ? null : written(text);
}

function stateOf(node: AnyStateNode): GraphState {
  const initial = node.type === 'compound' ? node.initial : undefined;
  const target = initial?.target[0];
  return {
    path: pathOf(node),
    id: written(node.id),
    name: node.path.length === 0 ? written(node.id) : node.key,
    kind: node.type,
    parent: node.parent ? pathOf(node.parent) : null,
    children: Object.values(node.states).map((child) => pathOf(child as AnyStateNode)),
    initial: initial && target ? { target: pathOf(target), actions: texts(initial.actions) } : null,
    history: node.type === 'history' ? node.history || 'shallow' : null,
    historyDefault: node.type === 'history' ? historyDefault(node) : [],
    entry: texts(node.config.entry),
    exit: texts(node.config.exit),
    invokes: invocationsOf(node),
    tags: [...node.tags].map(written),
    output: node.output === undefined ? null : shortText(node.output),
    description: writtenIfAny(node.description),
  };
}

/** XState resolves it only as it runs: a path from the history state's parent, or an id. */
function historyDefault(node: AnyStateNode): string[] {
  const { target } = node.config as { target?: unknown };
  return list(target).map((item) => {
    if (typeof item !== 'string') return pathOf(item as AnyStateNode);
    if (item.startsWith('#')) return pathOf(node.machine.getStateNodeById(item) as AnyStateNode);
    const found = item
      .split(/(?<!\\)\./)
      .reduce<AnyStateNode | undefined>(
        (at, key) => at?.states[key.replaceAll('\\.', '.')] as AnyStateNode | undefined,
        node.parent as AnyStateNode,
      );
    return found ? pathOf(found) : item;
  });
}

function invocationsOf(node: AnyStateNode): Invocation[] {
  const configured = list(node.config.invoke) as { id?: string }[];
  // For logic that is given in place XState makes up a source.
  const sources = node.invoke.map(({ src }) =>
    typeof src === 'string' && !src.startsWith('xstate.invoke.') ? src : 'inline',
  );
  return node.invoke.map(({ systemId }, index) => {
    const src = sources[index]!;
    const id = configured[index]?.id ?? null;
    const alone = sources.filter((other) => other === src).length === 1;
    return { name: id ?? (alone ? src : `${src}#${index}`), src, id, systemId: systemId ?? null };
  });
}

function transitionOf(id: string, definition: AnyTransitionDefinition): GraphTransition {
  const source = pathOf(definition.source);
  const targets = (definition.target ?? []).map(pathOf);
  const trigger = triggerOf(definition);
  const inside = targets.every((target) => isWithin(target, source));
  const guard = trigger.kind === 'event' && trigger.type === ROUTE ? routeGuard(definition) : definition.guard;
  return {
    id,
    source,
    trigger,
    event: triggerText(trigger),
    guard: guard === undefined ? null : guardText(guard),
    actions: texts(definition.actions),
    targets,
    kind: targets.length === 0 ? 'internal' : inside && !definition.reenter ? 'local' : 'external',
    forbidden:
      targets.length === 0 &&
      definition.actions.length === 0 &&
      definition.guard === undefined &&
      !['always', 'after'].includes(trigger.kind),
    reenter: definition.reenter,
    description: writtenIfAny(definition.description),
  };
}

/** The event by which XState goes to a state that has a `route`; its guard compares the event's address, and more. */
const ROUTE = 'xstate.route';

function routeGuard({ target }: AnyTransitionDefinition): unknown {
  return (target?.[0]?.config as { route?: { guard?: unknown } } | undefined)?.route?.guard;
}

function triggerOf(definition: AnyTransitionDefinition): Trigger {
  const type = definition.eventType as string;
  const { source } = definition;
  if (type === '') return { kind: 'always' };
  if (source.after.includes(definition as (typeof source.after)[number])) {
    const { delay } = definition as unknown as { delay: unknown };
    return { kind: 'after', delay: delayText(delay), milliseconds: typeof delay === 'number' ? delay : null };
  }
  if (type === `xstate.done.state.${source.id}`) return { kind: 'done' };
  for (const [index, { id }] of source.invoke.entries()) {
    const { name } = invocationsOf(source)[index]!;
    if (type === `xstate.done.actor.${id}`) return { kind: 'actor-done', actor: name };
    if (type === `xstate.error.actor.${id}`) return { kind: 'actor-error', actor: name };
    if (type === `xstate.snapshot.${id}`) return { kind: 'actor-snapshot', actor: name };
  }
  return { kind: 'event', type };
}

function triggerText(trigger: Trigger): string {
  switch (trigger.kind) {
    case 'event':
      return trigger.type;
    case 'always':
      return 'always';
    case 'after':
      return `after ${trigger.delay}`;
    case 'done':
      return 'onDone';
    case 'actor-done':
      return `onDone ${trigger.actor}`;
    case 'actor-error':
      return `onError ${trigger.actor}`;
    case 'actor-snapshot':
      return `onSnapshot ${trigger.actor}`;
  }
}

function texts(actions: unknown): string[] {
  return list(actions).map(actionText);
}

/** XState takes one or a list of most things. */
function list(value: unknown): readonly unknown[] {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? value : [value];
}
