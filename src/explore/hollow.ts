/**
 * What is legal but hollow: parts of a system that can never matter, so that `holds` says less than it seems to. Nobody is to blame for
 * one, but each may be a mistake: a name that nobody sends is often one that somebody meant to send.
 *
 * What a machine lacks is known at once. That something never occurs is said only when the whole space was searched.
 */
import type { AnyStateMachine, AnyStateNode } from 'xstate';
import { closest } from '../system/errors.ts';
import {
  actionNameOf,
  actionsOf,
  descriptorsOf,
  implementationOf,
  isWildcard,
  missingDelaysOf,
  missingGuardsOf,
  nodesOf,
  raisedTypes,
  tagsOf,
  transitionsFrom,
} from '../system/message-types.ts';
import type { System } from '../system/system.ts';
import { openGuardsOf } from '../tabulate/open-guards.ts';
import type { Tables } from '../tabulate/tables.ts';
import { isConstrained } from './constrained.ts';
import { isTriggered } from './occurred.ts';
import type { Search } from './search.ts';
import type { Symmetry } from './symmetry.ts';

export interface Hollow {
  /**
   * - `trigger`: of a `leadsTo`, it never occurs
   * - `event`: a machine has transitions for a message that nobody ever sends
   * - `state`: nothing in its machine leads to it
   * - `action`, `guard`, `delay`: a machine names it, and nobody has implemented it
   * - `monitor`: none of its states is tagged `violation` or `hot`, or a tag is misspelt
   */
  readonly kind: 'trigger' | 'event' | 'state' | 'action' | 'guard' | 'delay' | 'monitor';
  /** The property, or the actor or monitor and what is hollow of it: `priq: STOP_MARKER`. */
  readonly subject: string;
  /** A sentence. */
  readonly text: string;
}

/** @param rows the search that ended, wherever, when it keeps whole states */
export function hollowIn(tables: Tables, rows: Search | undefined, symmetry: Symmetry | undefined): Hollow[] {
  const machines = machinesOf(tables.system);
  const whole = rows?.done && !rows.finding && !isConstrained(tables) ? rows : undefined;
  return [
    ...notTagged(tables.system),
    ...[...machines].flatMap(([machine, names]) => [...notImplemented(machine, names), ...notEntered(machine, names)]),
    ...(whole ? [...notTriggered(whole), ...notSent(tables, symmetry)] : []),
  ];
}

/** Machines with the actors and monitors that have them. */
function machinesOf({ actors, properties }: System): Map<AnyStateMachine, string[]> {
  const machines = new Map<AnyStateMachine, string[]>();
  const add = (machine: AnyStateMachine, name: string) =>
    machines.set(machine, [...(machines.get(machine) ?? []), name]);
  for (const [name, { machine }] of Object.entries(actors)) add(machine, name);
  for (const property of properties) if (property.kind === 'monitor') add(property.machine, property.name);
  return machines;
}

function notTagged({ properties }: System): Hollow[] {
  return properties.flatMap((property) => {
    if (property.kind !== 'monitor') return [];
    const tags = tagsOf(property.machine);
    const subject = property.name;
    const others = tags.filter((tag) => !MONITOR_TAGS.includes(tag));
    if (others.length < tags.length) return others.flatMap((tag) => misspelt(subject, tag));
    const had = tags.length === 0 ? '' : ` (there are: ${tags.join(', ')})`;
    const text = `the monitor "${subject}" has no state with the tag violation or hot${had}: nothing can violate it`;
    return [{ kind: 'monitor' as const, subject, text }];
  });
}

function misspelt(monitor: string, tag: string): Hollow[] {
  const meant = closest(tag, MONITOR_TAGS);
  if (meant === undefined) return [];
  const text = `the tag ${tag} of the monitor "${monitor}" says nothing: did you mean ${meant}?`;
  return [{ kind: 'monitor', subject: monitor, text }];
}

const MONITOR_TAGS: readonly string[] = ['violation', 'hot'];

function notImplemented(machine: AnyStateMachine, names: readonly string[]): Hollow[] {
  const actions = actionsOf(machine);
  const missingActions = actions
    .filter((action) => implementationOf(action, machine) === undefined)
    .map((action) => actionNameOf(action)!);
  return [
    ...hollowOnes('action', names, missingActions, 'is not implemented: XState does nothing and says nothing'),
    ...hollowOnes('guard', names, missingGuardsOf(machine), 'is not implemented: XState throws when it is asked'),
    ...hollowOnes('guard', names, openGuardsOf(machine)?.names ?? [], 'is not implemented: here it goes both ways'),
    ...hollowOnes('delay', names, missingDelaysOf(machine), 'is not implemented: XState does not wait at all'),
  ];
}

/** States to which no transition leads, from where one can come to; guards are not asked. */
function notEntered(machine: AnyStateMachine, names: readonly string[]): Hollow[] {
  const entered = new Set<AnyStateNode>();
  enter(machine.root, entered);
  // Within a state that nothing leads to nothing needs to be told.
  const first = nodesOf(machine.root).filter((node) => !entered.has(node) && entered.has(node.parent as AnyStateNode));
  const states = first.filter(({ type }) => type !== 'history').map(({ path }) => path.join('.'));
  return hollowOnes('state', names, states, 'is a state that nothing leads to');
}

/** A node, those around it, those that are entered with them, and where their transitions lead. */
function enter(node: AnyStateNode, entered: Set<AnyStateNode>): void {
  if (entered.has(node)) return;
  entered.add(node);
  const parent = node.parent as AnyStateNode | undefined;
  if (parent) enter(parent, entered);
  if (node.type === 'parallel') for (const child of Object.values(node.states)) enter(child as AnyStateNode, entered);
  // A history state leads where its state was before, and at first to its target, or where its state begins.
  const targets = node.type === 'history' ? [{ target: (node as { target?: unknown }).target }] : transitionsFrom(node);
  for (const { target } of targets as { target?: readonly AnyStateNode[] }[]) {
    if (Array.isArray(target)) for (const next of target) enter(next, entered);
  }
}

function notTriggered(search: Search): Hollow[] {
  return search.tables.system.properties.flatMap((property) => {
    if (property.kind !== 'leadsTo' || isTriggered(property, search, undefined) !== false) return [];
    const text = `the trigger of "${property.name}" never occurs: it holds for lack of an occasion`;
    return [{ kind: 'trigger' as const, subject: property.name, text }];
  });
}

/** Messages that a machine has transitions for that do something; what it raises for itself, and timers, count as sent. */
function notSent(tables: Tables, symmetry: Symmetry | undefined): Hollow[] {
  if (tables.system.unsent === 'ignore') return [];
  const actors = tables.actors.slice(0, tables.actorCount);
  const machineOf = (slot: number) => tables.system.actors[actors[slot]!.name]!.machine;
  const typesTo = actors.map(() => new Set<string>());
  for (const { to, event } of tables.messages) typesTo[to]?.add(event.type);
  const sent = new Map(actors.map(({ slot }) => [machineOf(slot), new Set<string>()]));
  typesTo.forEach((types, slot) => {
    // Of several things that may change places, a search may have seen only one get the message.
    for (const other of symmetry?.orbitOf(slot) ?? [slot])
      for (const type of types) sent.get(machineOf(other))!.add(type);
  });
  return [...sent.keys()].flatMap((machine) => {
    const raised = raisedTypes(machine);
    if (raised === undefined) return [];
    const doing = new Set<string>(machine.events as string[]);
    const types = descriptorsOf(machine).filter(
      (type) => doing.has(type) && !isWildcard(type) && !raised.has(type) && !sent.get(machine)!.has(type),
    );
    const names = actors.filter(({ slot }) => machineOf(slot) === machine).map(({ name }) => name);
    return hollowOnes('event', names, types, 'has transitions in its machine, and nobody ever sends it');
  });
}

function hollowOnes(kind: Hollow['kind'], names: readonly string[], parts: readonly string[], text: string): Hollow[] {
  const others = names.length === 1 ? '' : ` (and ${names.length - 1} more)`;
  return [...new Set(parts)].map((part) => ({
    kind,
    subject: `${names[0]}: ${part}`,
    text: `${part} of ${names[0]}${others} ${text}`,
  }));
}
