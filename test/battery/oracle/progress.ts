/**
 * Progress as docs/liveness.md defines it, decided on the explicit graph: components by Kosaraju's algorithm, and within each, fairness as
 * a Streett condition, by taking out what owes something that it cannot pay and decomposing the rest again.
 */
import type { Fairness, Property, SystemView } from '../../../src/system/property.ts';
import type { System } from '../../../src/system/system.ts';
import { canonical } from './canonical.ts';
import type { Edge, Node } from './search.ts';
import type { Step } from './steps.ts';

export type ProgressProperty = Extract<Property, { kind: 'eventually' | 'leadsTo' | 'infinitelyOften' | 'monitor' }>;

/** Monitors as well, which may have something to wait for. */
export function isProgress(property: Property): property is ProgressProperty {
  return ['eventually', 'leadsTo', 'infinitelyOften', 'monitor'].includes(property.kind);
}

interface Duty {
  /** What is to happen, whichever of its steps does it. */
  readonly thing: string;
  readonly fairness: Exclude<Fairness, 'none'>;
}

/** Whose turn a step is; undefined when nobody has to take it. */
function obliges(system: System, { kind, actor, event, timer, channel }: Step): Duty | undefined {
  if (kind === 'lose') return undefined;
  const declared = system.fairness[channel ?? actor];
  const own = typeof declared === 'object' && Object.hasOwn(declared, event.type) ? declared[event.type] : undefined;
  const duty = (fairness: Fairness, thing: unknown): Duty | undefined =>
    fairness === 'none' ? undefined : { fairness, thing: canonical(thing) };
  // Each message for itself.
  if (channel !== undefined) {
    const word = typeof declared === 'string' ? declared : own;
    return duty(word ?? 'weak', { channel, to: actor, event });
  }
  // An actor with one word is one thing, and so are its events of a type that has one.
  if (typeof declared === 'string') return duty(declared, { actor });
  if (own !== undefined) return duty(own, { actor, type: event.type });
  if (kind === 'timer') return duty('weak', { actor, timer });
  return duty(event.type === 'RUN' ? 'weak' : 'none', { actor, type: event.type });
}

/** Whether some fair run violates it that stays where no step fails: where one does it is not known what is enabled. */
export function violatesProgress(system: System, nodes: readonly Node[], property: ProgressProperty): boolean {
  const region = new Set([...owingRegion(system, nodes, property)].filter((at) => !nodes[at]!.fault));
  const graph = new FairGraph(system, nodes);
  return [...region].some((at) => graph.mayStop(at)) || graph.hasFairCycle(region);
}

/** The states that a run may come to and stay behind, once the property is about it, without doing what it asks for. */
function owingRegion(system: System, nodes: readonly Node[], property: ProgressProperty): ReadonlySet<number> {
  const isOwing = owes(system, property, nodes);
  const region = new Set<number>();
  const stack = nodes.flatMap((node, at) => (isOwing[at] && begins(property, node, at) ? [at] : []));
  for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
    if (region.has(at)) continue;
    region.add(at);
    for (const { target } of nodes[at]!.edges) if (isOwing[target]) stack.push(target);
  }
  return region;
}

/** By state: a run that stays in such states violates the property. */
export function owes(system: System, property: ProgressProperty, nodes: readonly Node[]): boolean[] {
  if (property.kind !== 'monitor') return nodes.map(({ view }) => !property.goal(view));
  const monitors = system.properties.filter(({ kind }) => kind === 'monitor');
  const at = monitors.indexOf(property);
  return nodes.map(({ state }) => state.monitors[at]!.snapshot.hasTag('hot'));
}

/** Whether the property is about what comes from here on. */
export function begins(property: ProgressProperty, { view }: { view: SystemView }, at: number): boolean {
  if (property.kind === 'eventually') return at === 0;
  return property.kind !== 'leadsTo' || property.trigger(view);
}

export class FairGraph {
  readonly #nodes: readonly Node[];
  /** By state: what is enabled there and has to happen in the end. */
  readonly #enabled: readonly ReadonlyMap<string, Duty>[];
  readonly #dutyOf: (edge: Edge) => Duty | undefined;

  constructor(system: System, nodes: readonly Node[]) {
    const duties = new Map<Step, Duty | undefined>();
    for (const { edges } of nodes) for (const { step } of edges) duties.set(step, obliges(system, step));
    this.#nodes = nodes;
    this.#dutyOf = ({ step }) => duties.get(step);
    this.#enabled = nodes.map(({ edges }) => {
      const found = edges.flatMap((edge) => this.#dutyOf(edge) ?? []);
      return new Map(found.map((duty) => [duty.thing, duty]));
    });
  }

  mayStop(at: number): boolean {
    return this.#enabled[at]!.size === 0;
  }

  hasFairCycle(region: ReadonlySet<number>): boolean {
    for (const component of this.#components(region)) {
      const inside = [...component].flatMap((at) =>
        this.#nodes[at]!.edges.filter(({ target }) => component.has(target)),
      );
      if (inside.length === 0) continue;
      const taken = new Set(inside.map((edge) => this.#dutyOf(edge)?.thing));
      const unpaid = [...component]
        .flatMap((at) => [...this.#enabled[at]!.values()])
        .filter(({ thing }) => !taken.has(thing));
      // Whoever stays in a part of it leaves the same things out.
      if (unpaid.some(({ thing, fairness }) => fairness === 'weak' && this.#isAlwaysEnabled(thing, component)))
        continue;
      const strong = unpaid.filter(({ fairness }) => fairness === 'strong').map(({ thing }) => thing);
      if (strong.length === 0) return true;
      const rest = new Set([...component].filter((at) => !strong.some((thing) => this.#enabled[at]!.has(thing))));
      if (this.hasFairCycle(rest)) return true;
    }
    return false;
  }

  /** What a cycle leaves out although it is fair to it to have a turn. */
  unfairIn(cycle: readonly number[], taken: readonly Edge[]): string[] {
    const things = new Set(taken.map((edge) => this.#dutyOf(edge)?.thing));
    const states = new Set(cycle);
    const all = [...states].flatMap((at) => [...this.#enabled[at]!.values()]).filter(({ thing }) => !things.has(thing));
    return all
      .filter(({ thing, fairness }) => fairness === 'strong' || this.#isAlwaysEnabled(thing, states))
      .map(({ thing }) => thing);
  }

  #isAlwaysEnabled(thing: string, states: ReadonlySet<number>): boolean {
    return [...states].every((at) => this.#enabled[at]!.has(thing));
  }

  /** Kosaraju: backwards in the opposite order to that in which they were left forwards. */
  #components(region: ReadonlySet<number>): Set<number>[] {
    const before = new Map<number, number[]>([...region].map((at) => [at, []]));
    for (const at of region) for (const { target } of this.#nodes[at]!.edges) before.get(target)?.push(at);
    const left: number[] = [];
    const seen = new Set<number>();
    for (const root of region) {
      // A place in the list of edges with each state, so that no recursion is needed.
      const path: [number, number][] = seen.has(root) ? [] : [[root, 0]];
      seen.add(root);
      while (path.length > 0) {
        const top = path.at(-1)!;
        const edge = this.#nodes[top[0]]!.edges[top[1]++];
        if (!edge) left.push(path.pop()![0]);
        else if (region.has(edge.target) && !seen.has(edge.target)) {
          seen.add(edge.target);
          path.push([edge.target, 0]);
        }
      }
    }
    const components: Set<number>[] = [];
    const placed = new Set<number>();
    for (const root of left.reverse()) {
      if (placed.has(root)) continue;
      const component = new Set<number>();
      const stack = [root];
      for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
        if (placed.has(at)) continue;
        placed.add(at);
        component.add(at);
        stack.push(...before.get(at)!);
      }
      components.push(component);
    }
    return components;
  }
}
