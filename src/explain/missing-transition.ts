/** Why an actor has no transition for an event now: its state has none, or their guards are false, by name and by what they read. */
import type { AnyMachineSnapshot, AnyStateMachine, EventObject } from 'xstate';
import { guardText } from '../diagram/words.ts';
import { stateText, valueText } from '../trace/words.ts';
import { observedContext, type Read, tellingReads } from './reads.ts';

export interface Missing {
  readonly kind: 'final' | 'no-transition' | 'guard' | 'ignored';
  readonly text: string;
}

/** Undefined when it has one that does something. */
export function missingTransition(
  machine: AnyStateMachine,
  snapshot: AnyMachineSnapshot,
  event: EventObject,
): Missing | undefined {
  const state = stateText(snapshot.value);
  if (snapshot.status !== 'active') return { kind: 'final', text: `it has ended, in state \`${state}\`` };
  const enabled = machine.getTransitionData(snapshot, event) as readonly Transition[];
  if (enabled.length > 0) {
    const isForbidden = enabled.every(({ target, actions }) => target === undefined && actions.length === 0);
    return isForbidden ? { kind: 'ignored', text: `state \`${state}\` ignores ${event.type}` } : undefined;
  }
  const guarded = transitionsFor(snapshot, event.type);
  if (guarded.length === 0) {
    const others = statesWith(machine, event.type);
    const where =
      others.length === 0
        ? ''
        : `, only ${others.slice(0, STATES_MAX).join(', ')}${others.length > STATES_MAX ? ', …' : ''}`;
    return { kind: 'no-transition', text: `state \`${state}\` has no transition for ${event.type}${where}` };
  }
  const texts = guarded.map(({ guard, source }) => {
    const reads = tellingReads(readsOf(guard, machine, snapshot, event)).map(
      ({ question, answer }) => `${question} = ${answer}`,
    );
    const because = reads.length === 0 ? '' : ` (${reads.slice(0, READS_MAX).join(', ')})`;
    return `guard \`${guardText(guard)}\` of \`${nameOf(source, machine)} ${event.type}\` is false${because}`;
  });
  return { kind: 'guard', text: [...new Set(texts)].join('; ') };
}

/** The members of a context that are not what they were at the start: `(context.holder = worker0)`, after a space. */
export function changedContext(now: AnyMachineSnapshot, first: AnyMachineSnapshot): string {
  const initial = (first.context ?? {}) as Record<string, unknown>;
  const changed = Object.entries((now.context ?? {}) as Record<string, unknown>)
    .map(([key, value]) => ({ key, text: valueText(value) }))
    .filter(({ key, text }) => text !== valueText(initial[key]));
  if (changed.length === 0) return '';
  return ` (${changed
    .slice(0, READS_MAX)
    .map(({ key, text }) => `context.${key} = ${text}`)
    .join(', ')})`;
}

const STATES_MAX = 4;
const READS_MAX = 3;

interface Node {
  readonly id: string;
  readonly key: string;
  readonly path: readonly string[];
  readonly order: number;
  readonly states: Readonly<Record<string, Node>>;
  readonly transitions: ReadonlyMap<string, readonly Transition[]>;
}

interface Transition {
  readonly target?: unknown;
  readonly actions: readonly unknown[];
  readonly guard?: unknown;
  readonly source: Node;
}

/** Of the active states, the inner ones first, as XState asks them. */
function transitionsFor(snapshot: AnyMachineSnapshot, type: string): Transition[] {
  const active = [...(snapshot as unknown as { _nodes: readonly Node[] })._nodes];
  return active.toSorted((one, other) => other.order - one.order).flatMap((node) => ofNode(node, type));
}

function ofNode({ transitions }: Node, type: string): Transition[] {
  return [...transitions].flatMap(([descriptor, list]) => (describes(descriptor, type) ? list : []));
}

/** `*` stands for all events, `a.*` for all that begin with `a.`. */
function describes(descriptor: string, type: string): boolean {
  if (descriptor === type || descriptor === '*') return true;
  return descriptor.endsWith('.*') && `${type}.`.startsWith(descriptor.slice(0, -1));
}

/** The event types, and wildcards, that some state has a transition for, be it only to ignore them. */
export function eventsOf(machine: AnyStateMachine): string[] {
  return [...new Set(nodesOf(machine).flatMap(({ transitions }) => [...transitions.keys()]))];
}

function nodesOf(machine: AnyStateMachine): Node[] {
  const all = (node: Node): Node[] => [node, ...Object.values(node.states).flatMap(all)];
  return all(machine.root as unknown as Node);
}

function statesWith(machine: AnyStateMachine, type: string): string[] {
  return nodesOf(machine)
    .filter((node) => ofNode(node, type).length > 0)
    .map((node) => `\`${nameOf(node, machine)}\``);
}

function nameOf({ path }: Node, machine: AnyStateMachine): string {
  return path.length === 0 ? machine.id : path.join('.');
}

/** Runs the guard once more, with an eye on what it reads of the context and the event. */
function readsOf(guard: unknown, machine: AnyStateMachine, snapshot: AnyMachineSnapshot, event: EventObject): Read[] {
  const reads: Read[] = [];
  for (const { test, params } of leavesOf(guard, machine)) {
    try {
      const args = { context: observedContext(snapshot.context, reads), event };
      test(args, typeof params === 'function' ? params(args) : params);
    } catch {
      // Nothing is known of what it reads; that it is false is known without it.
    }
  }
  return reads;
}

interface Leaf {
  readonly test: (args: object, params: unknown) => unknown;
  readonly params?: unknown;
}

/** The functions that a guard, or a combination of guards, consists of; `stateIn` reads nothing. */
function leavesOf(guard: unknown, machine: AnyStateMachine): Leaf[] {
  const { type, params, guards } = (guard ?? {}) as { type?: string; params?: unknown; guards?: readonly unknown[] };
  if (Array.isArray(guards)) return guards.flatMap((part) => leavesOf(part, machine));
  if (typeof guard === 'function') return 'check' in guard ? [] : [{ test: guard as Leaf['test'] }];
  const name = typeof guard === 'string' ? guard : type;
  const implementation: unknown = name === undefined ? undefined : machine.implementations.guards[name];
  if (typeof implementation !== 'function' || 'check' in implementation) {
    return implementation === undefined || implementation === guard ? [] : leavesOf(implementation, machine);
  }
  return [{ test: implementation as Leaf['test'], params }];
}
