/**
 * Which types of messages a machine has transitions for, as XState matches them: by name, `*`, or `a.*` for all that begins with
 * `a`. A forbidden transition (`EVENT: {}`) counts: the machine knows the message, and means to ignore it.
 */
import type { AnyStateMachine, AnyStateNode, EventObject } from 'xstate';
import type { Sent } from './property.ts';

const WILDCARD = '*';
/** Events that XState makes itself: timers of states, the end of a state, the start. */
const OWN_PREFIX = 'xstate.';

/** The names and wildcards that the transitions of a machine are for, those of events that XState makes left out. */
export const descriptorsOf = oncePerMachine((machine) => {
  const types = nodesOf(machine.root).flatMap(({ transitions }) => [...transitions.keys()] as string[]);
  return [...new Set(types)].filter((type) => !type.startsWith(OWN_PREFIX));
});

/** A node and all within it, in the order of the definition. */
export function nodesOf(node: AnyStateNode): AnyStateNode[] {
  return [node, ...Object.values(node.states).flatMap((child) => nodesOf(child as AnyStateNode))];
}

/** Each once. */
export const tagsOf = oncePerMachine((machine) => [...new Set(nodesOf(machine.root).flatMap(({ tags }) => tags))]);

/** Predicates ask about the same few machines again and again. */
function oncePerMachine(list: (machine: AnyStateMachine) => readonly string[]) {
  const known = new WeakMap<AnyStateMachine, readonly string[]>();
  return (machine: AnyStateMachine): readonly string[] => {
    const found = known.get(machine) ?? list(machine);
    known.set(machine, found);
    return found;
  };
}

export function isWildcard(descriptor: string): boolean {
  return descriptor === WILDCARD || descriptor.endsWith('.*');
}

/** Whether one of these names and wildcards selects a type, as in XState: `a.*` selects `a` as well as `a.b.c`. */
export function isSelected(type: string, descriptors: readonly string[]): boolean {
  return descriptors.some((descriptor) => {
    if (descriptor === type || descriptor === WILDCARD) return true;
    if (!descriptor.endsWith('.*')) return false;
    const prefix = descriptor.slice(0, -2);
    return type === prefix || type.startsWith(`${prefix}.`);
  });
}

/** What monitors call the sending of a message: this and its type. */
const SENT = 'sent.';

/** Names and wildcards of messages whose sends a monitor sees, and of those that it sees when they are taken. */
export function observedBy(machine: AnyStateMachine): {
  readonly sent: readonly string[];
  readonly taken: readonly string[];
} {
  const known = observations.get(machine);
  if (known) return known;
  const descriptors = descriptorsOf(machine);
  const found = {
    sent: descriptors.filter((type) => type.startsWith(SENT)).map((type) => type.slice(SENT.length)),
    taken: descriptors.filter((type) => !type.startsWith(SENT)),
  };
  observations.set(machine, found);
  return found;
}

/** Whether a monitor has a transition somewhere for a message that is taken; partial wildcards count as being for everything. */
export function observesTaken(machine: AnyStateMachine, type: string): boolean {
  return (machine.events as string[]).some((on) => !on.startsWith(SENT) && (on === type || on.endsWith('*')));
}

const observations = new WeakMap<AnyStateMachine, ReturnType<typeof observedBy>>();

/** What a monitor is told when a message is sent; undefined when it does not ask for that. */
export function sentEvent(machine: AnyStateMachine, from: string, to: string, message: EventObject): Sent | undefined {
  const asks = isSelected(message.type, observedBy(machine).sent);
  return asks ? { type: `${SENT}${message.type}`, from, to, message } : undefined;
}

/**
 * The types that a machine raises for itself; undefined when that cannot be read from its definition, because a function makes
 * the event or collects the actions.
 */
export function raisedTypes(machine: AnyStateMachine): ReadonlySet<string> | undefined {
  const raised = new Set<string>();
  for (const action of actionsOf(machine)) {
    const { type, event } = (implementationOf(action, machine) ?? {}) as { type?: unknown; event?: unknown };
    if (type === 'xstate.enqueueActions') return undefined;
    if (type !== 'xstate.raise') continue;
    const raisedType = (event as { type?: unknown } | undefined)?.type;
    if (typeof event === 'function' || typeof raisedType !== 'string') return undefined;
    raised.add(raisedType);
  }
  return raised;
}

/** All actions of a machine, as its definition has them: functions, names, or `{ type, params }`. */
export function actionsOf(machine: AnyStateMachine): unknown[] {
  return nodesOf(machine.root).flatMap((node) => [
    ...node.entry,
    ...node.exit,
    ...transitionsFrom(node).flatMap(({ actions }) => [...actions]),
  ]);
}

/** The transitions of one node: by event, `always`, and what is taken when it is entered. */
export function transitionsFrom(
  node: AnyStateNode,
): { readonly actions: readonly unknown[]; readonly guard?: unknown }[] {
  const initial = node.type === 'compound' ? [node.initial] : [];
  return [...[...node.transitions.values()].flat(), ...(node.always ?? []), ...initial];
}

/** The guards that a machine names, and that nobody has implemented. Those that `and`, `or` and `not` join are asked for, too. */
export function missingGuardsOf(machine: AnyStateMachine): string[] {
  const known = machine.implementations.guards as Readonly<Record<string, unknown>>;
  const named = nodesOf(machine.root)
    .flatMap(transitionsFrom)
    .flatMap(({ guard }) => guardNamesOf(guard));
  return [...new Set(named)].filter((name) => known[name] === undefined);
}

/** The delays that a machine names, and that nobody has implemented: XState does not wait for them at all. */
export function missingDelaysOf(machine: AnyStateMachine): string[] {
  const known = machine.implementations.delays as Readonly<Record<string, unknown>>;
  const named = actionsOf(machine)
    .map((action) => (implementationOf(action, machine) as { delay?: unknown } | undefined)?.delay)
    .filter((delay): delay is string => typeof delay === 'string');
  return [...new Set(named)].filter((name) => known[name] === undefined);
}

function guardNamesOf(guard: unknown): string[] {
  if (guard === undefined) return [];
  if (typeof guard === 'string') return [guard];
  if (typeof guard === 'function') return ((guard as { guards?: unknown[] }).guards ?? []).flatMap(guardNamesOf);
  return [(guard as { type: string }).type];
}

/** What a name stands for; undefined when nobody has implemented it. */
export function implementationOf(action: unknown, { implementations }: AnyStateMachine): unknown {
  const name = actionNameOf(action);
  return name === undefined ? action : (implementations.actions as Record<string, unknown>)[name];
}

export function actionNameOf(action: unknown): string | undefined {
  if (typeof action === 'string') return action;
  return typeof action === 'function' ? undefined : (action as { type?: string }).type;
}
