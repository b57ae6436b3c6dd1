/**
 * The whole graph of a system, breadth-first over snapshots with a `Map`, and what docs/semantics.md says of it. Unlike the searches
 * that it judges it does not stop at what it finds, so that it knows all that any of them could tell.
 */
import type { AnyMachineSnapshot, StateValue } from 'xstate';
import { DEADLOCK_PROPERTY, type SystemView, selects } from '../../../src/system/property.ts';
import type { System } from '../../../src/system/system.ts';
import { canonical } from './canonical.ts';
import { keyOf, renamedKey, renamingsOf } from './names.ts';
import { isProgress, violatesProgress } from './progress.ts';
import { type Envelope, Fault, type GlobalState, type Step, Steps } from './steps.ts';

export interface Edge {
  readonly step: Step;
  readonly target: number;
}

export interface Node {
  readonly state: GlobalState;
  readonly view: SystemView;
  readonly depth: number;
  readonly edges: Edge[];
  /** Names of the `always` and monitors that it violates, in the order of declaration. */
  readonly violated: readonly string[];
  /** Names of what a dead end here violates; deadlock first. */
  deadEnd: readonly string[];
  fault?: { readonly step: Step; readonly code: string };
}

/** What a search must tell. */
export interface Verdict {
  readonly verdict: 'holds' | 'violated' | 'model-error';
  readonly property?: string;
  readonly states: number;
  readonly steps: number;
  readonly depth: number;
  /** Steps to a violation or the failing step, that one included. */
  readonly length?: number;
  /** All that the whole level of a model error has; which is told depends on an order that is not defined. */
  readonly codes?: ReadonlySet<string>;
  readonly witnessed: ReadonlySet<string>;
  /** Up to the declared symmetry; left out where the states are not symmetric. */
  readonly orbits?: { readonly states: number; readonly steps: number };
  readonly isProgress?: boolean;
}

export interface Graph {
  readonly system: System;
  readonly nodes: readonly Node[];
  readonly verdict: Verdict;
  /** Of the whole graph: each property that something violates, the safe ones by what the graph has, those of progress by a fair run. */
  readonly violated: ReadonlySet<string>;
  readonly codes: ReadonlySet<string>;
  readonly witnessed: ReadonlySet<string>;
  /** The initial state is the same whatever interchangeable things are called; otherwise nothing can be made of the symmetry. */
  readonly startsSymmetric: boolean;
}

/** @returns undefined when there are more states than that */
export function graphOf(system: System, maxStates: number): Graph | undefined {
  const steps = new Steps(system);
  const nodes: Node[] = [];
  const numbers = new Map<string, number>();
  /** How many edges and nodes had to be seen for a witness: at which level. */
  const witnesses = new Map<string, number>();
  const witness = (name: string, level: number) => {
    if (level < (witnesses.get(name) ?? Number.POSITIVE_INFINITY)) witnesses.set(name, level);
  };
  const hear = (messages: readonly Envelope[], level: number) => {
    for (const property of system.properties) {
      if (property.kind !== 'happens') continue;
      if (messages.some(({ to, event }) => selects(property.message, to, event))) witness(property.name, level);
    }
  };
  const add = (state: GlobalState, depth: number): number => {
    const key = keyOf(state);
    const known = numbers.get(key);
    if (known !== undefined) return known;
    const view = viewOf(system, state);
    for (const property of system.properties) {
      if (property.kind === 'reachable' && property.witness(view)) witness(property.name, depth);
    }
    nodes.push({ state, view, depth, edges: [], violated: violatedIn(system, state, view), deadEnd: [] });
    numbers.set(key, nodes.length - 1);
    return nodes.length - 1;
  };

  let initial: ReturnType<Steps['initial']>;
  try {
    initial = steps.initial();
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    const none = { states: 0, steps: 0, depth: 0, witnessed: new Set<string>() };
    const codes = new Set([error.code]);
    const verdict: Verdict = { verdict: 'model-error', ...none, codes };
    return { system, nodes, verdict, violated: new Set(), codes, witnessed: new Set(), startsSymmetric: true };
  }
  hear(initial.messages, 0);
  add(initial.state, 0);
  for (let at = 0; at < nodes.length; at++) {
    if (nodes.length > maxStates) return undefined;
    const node = nodes[at]!;
    for (const found of steps.from(node.state)) {
      if ('fault' in found) {
        node.fault = { step: found.step, code: found.fault.code };
      } else {
        // Heard with the level that is expanded, whose findings are told with the states of the next one.
        hear(found.taken.messages, node.depth + 1);
        node.edges.push({ step: found.step, target: add(found.taken.state, node.depth + 1) });
      }
    }
    if (node.edges.length === 0 && !node.fault) node.deadEnd = violatedAtDeadEnd(system, node.state);
  }
  return judged(system, nodes, witnesses);
}

function judged(system: System, nodes: readonly Node[], witnesses: ReadonlyMap<string, number>): Graph {
  const progress = system.properties.filter(isProgress);
  const unfair = progress.filter((property) => violatesProgress(system, nodes, property));
  const isWhole = !nodes.some(({ fault }) => fault);
  const unwitnessed = system.properties.filter(
    ({ kind, name }) => (kind === 'reachable' || kind === 'happens') && !witnesses.has(name),
  );
  // What has a run to be told comes first.
  const refuted = [...(isWhole ? unfair : []), ...unwitnessed];
  const [first] = refuted;
  const verdict =
    firstFinding(system, nodes, witnesses) ??
    ({
      ...(first ? { verdict: 'violated' as const, property: first.name } : { verdict: 'holds' as const }),
      ...(first && isProgress(first) && { isProgress: true }),
      ...countsTo(system, nodes, Number.POSITIVE_INFINITY),
      witnessed: new Set(witnesses.keys()),
    } satisfies Verdict);
  return {
    system,
    nodes,
    verdict,
    violated: new Set([
      ...nodes.flatMap((node) => [...node.violated, ...node.deadEnd]),
      // A search that stops early may not come to a step that fails.
      ...[...unfair, ...refuted].map(({ name }) => name),
    ]),
    codes: new Set(nodes.flatMap(({ fault }) => fault?.code ?? [])),
    witnessed: new Set(witnesses.keys()),
    startsSymmetric: startsSymmetric(system, nodes),
  };
}

function startsSymmetric(system: System, [initial]: readonly Node[]): boolean {
  const keys = renamingsOf(system).map((renaming) => renamedKey(system, initial!.state, renaming));
  return new Set(keys).size === 1;
}

/** What a search that finishes each level tells before it has come to the end. */
function firstFinding(
  system: System,
  nodes: readonly Node[],
  witnesses: ReadonlyMap<string, number>,
): Verdict | undefined {
  const rank = (name: string) => system.properties.findIndex((property) => property.name === name);
  const first = (names: readonly string[]) => [...names].sort((one, other) => rank(one) - rank(other))[0]!;
  const at = (depth: number) => nodes.filter((node) => node.depth === depth);
  const depthMax = nodes.at(-1)!.depth;
  for (let depth = -1; depth <= depthMax; depth++) {
    const level = at(depth);
    const counts = countsTo(system, nodes, depth);
    const witnessed = new Set([...witnesses].filter(([, seen]) => seen <= depth + 1).map(([name]) => name));
    const deadEnds = level.flatMap((node) => node.deadEnd);
    if (deadEnds.length > 0) {
      return { verdict: 'violated', property: first(deadEnds), ...counts, length: depth, witnessed };
    }
    const codes = new Set(level.flatMap(({ fault }) => fault?.code ?? []));
    if (codes.size > 0) return { verdict: 'model-error', ...counts, length: depth + 1, codes, witnessed };
    const violated = at(depth + 1).flatMap((node) => node.violated);
    if (violated.length > 0) {
      return { verdict: 'violated', property: first(violated), ...counts, length: depth + 1, witnessed };
    }
  }
  return undefined;
}

/** When all levels to this one, included, are expanded. */
function countsTo(system: System, nodes: readonly Node[], depth: number) {
  const found = nodes.filter((node) => node.depth <= depth + 1);
  const expanded = found.filter((node) => node.depth <= depth);
  const stepsOf = (some: readonly Node[]) => some.reduce((sum, { edges }) => sum + edges.length, 0);
  const orbits =
    system.symmetry.length > 0
      ? orbitsOf(system, found, (some) => stepsOf(some.filter((node) => node.depth <= depth)))
      : undefined;
  return { states: found.length, steps: stepsOf(expanded), depth: found.at(-1)!.depth, ...(orbits && { orbits }) };
}

function orbitsOf(system: System, nodes: readonly Node[], stepsOf: (nodes: readonly Node[]) => number) {
  const renamings = renamingsOf(system);
  const keys = new Set(nodes.map(({ state }) => keyOf(state)));
  const representatives = new Map<string, Node>();
  for (const node of nodes) {
    const images = renamings.map((renaming) => renamedKey(system, node.state, renaming));
    if (images.some((image) => !keys.has(image))) return undefined;
    const key = images.sort()[0]!;
    if (!representatives.has(key)) representatives.set(key, node);
  }
  return { states: representatives.size, steps: stepsOf([...representatives.values()]) };
}

function viewOf(system: System, state: GlobalState): SystemView {
  const actors = Object.keys(system.actors);
  const channels = Object.keys(system.channels);
  const monitors = system.properties.filter(({ kind }) => kind === 'monitor').map(({ name }) => name);
  return {
    get(name: string): AnyMachineSnapshot {
      const at = actors.indexOf(name);
      return (at >= 0 ? state.actors[at] : state.monitors[monitors.indexOf(name)])!.snapshot;
    },
    channel: (name) => state.channels[channels.indexOf(name)]!,
  };
}

function violatedIn(system: System, state: GlobalState, view: SystemView): string[] {
  const names: string[] = [];
  let monitor = 0;
  for (const property of system.properties) {
    if (property.kind === 'monitor' && state.monitors[monitor++]!.snapshot.hasTag('violation'))
      names.push(property.name);
    if (property.kind === 'always' && !property.holds(view)) names.push(property.name);
  }
  return names;
}

function violatedAtDeadEnd(system: System, state: GlobalState): string[] {
  const isStuck = Object.values(system.actors).some(({ rest, choices }, at) => {
    const { snapshot } = state.actors[at]!;
    if (snapshot.status !== 'active') return false;
    if (rest === undefined) return choices.length > 0;
    return !(typeof rest === 'function'
      ? rest(snapshot)
      : rest.some((value) => snapshot.matches(value as StateValue as never)));
  });
  const isDeadlock =
    system.deadlock === 'violation' && (isStuck || state.channels.some((content) => content.length > 0));
  const monitors = system.properties.filter(({ kind }) => kind === 'monitor');
  const hot = monitors.filter((_, at) => state.monitors[at]!.snapshot.hasTag('hot')).map(({ name }) => name);
  return [...(isDeadlock ? [DEADLOCK_PROPERTY] : []), ...hot];
}

/** How a trace names a step, whatever its number: no two steps of a state are named alike. */
export function nameOf({ kind, actor, event, timer, channel }: Step): string {
  return canonical({ kind, actor, event, timer, channel });
}
