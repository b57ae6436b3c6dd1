/**
 * Properties of progress on the explicit graph of the naive twin, by another way than the fast engine: no components, but
 * fixpoints over sets of states (Emerson and Lei, "Efficient Model Checking in Fragments of the Propositional Mu-Calculus", LICS
 * 1986), once for each set of strongly fair things that a run may stop enabling for ever.
 */
import type { EventObject } from 'xstate';
import type { Property, SystemView } from '../src/system/property.ts';
import type { System } from '../src/system/system.ts';

/** What starts a step. */
export interface Starter {
  readonly kind: 'choice' | 'timer' | 'deliver' | 'duplicate' | 'lose';
  readonly actor: string;
  readonly event: EventObject;
  readonly timer?: string;
  readonly channel?: string;
  /** Of a lost message that is not the oldest of its queue. */
  readonly place?: number;
}

export interface NaiveEdge {
  readonly to: number;
  readonly starter: Starter;
  /** What is treated fairly when it is taken; undefined when nobody cares. */
  readonly fair: Fair | undefined;
}

export interface NaiveState {
  readonly isInitial: boolean;
  readonly view: SystemView;
  /** The monitors that are hot. */
  readonly hot: readonly string[];
  readonly edges: readonly NaiveEdge[];
}

export interface Fair {
  readonly key: string;
  readonly strength: 'weak' | 'strong';
}

export function fairnessOf(system: System, { kind, actor, event, timer, channel }: Starter): Fair | undefined {
  if (kind === 'lose') return undefined;
  const owner = channel ?? actor;
  const declared = system.fairness[owner];
  const all = typeof declared === 'string' ? declared : undefined;
  const ofType = typeof declared === 'object' ? declared[event.type] : undefined;
  const byDefault = kind === 'choice' && event.type !== 'RUN' ? 'none' : 'weak';
  const strength = all ?? ofType ?? byDefault;
  if (strength === 'none') return undefined;
  if (channel !== undefined) {
    // To whomever: where receivers compete, none of them is owed anything.
    const receiver = system.channels[channel]!.competing ? channel : actor;
    return { key: JSON.stringify([channel, receiver, event]), strength };
  }
  if (all) return { key: owner, strength };
  return {
    key: JSON.stringify(timer !== undefined && !ofType ? [owner, 'timer', timer] : [owner, event.type]),
    strength,
  };
}

type Test = (state: NaiveState) => boolean;

/** Where runs that violate a property stay, and where they may begin; undefined for a property that is not about progress. */
export function regionOf(property: Property): { stays: Test; begins: Test | 'initial' } | undefined {
  switch (property.kind) {
    case 'eventually':
      return { stays: ({ view }) => !property.goal(view), begins: 'initial' };
    case 'leadsTo':
      return { stays: ({ view }) => !property.goal(view), begins: ({ view }) => property.trigger(view) };
    case 'infinitelyOften':
      return { stays: ({ view }) => !property.goal(view), begins: () => true };
    case 'monitor':
      return { stays: ({ hot }) => hot.includes(property.name), begins: () => true };
    default:
      return undefined;
  }
}

/** The first property of progress that a fair run violates. */
export function violatedProgress(system: System, states: readonly NaiveState[]): string | undefined {
  return system.properties.find((property) => {
    const region = regionOf(property);
    if (!region) return false;
    const stays = new Set([...states.keys()].filter((at) => region.stays(states[at]!)));
    const fair = fairStates(states, stays);
    const bad = new Set([...fair, ...[...stays].filter((at) => mayEnd(states[at]!))]);
    const { begins } = region;
    const isFirst = begins === 'initial' ? (state: NaiveState) => state.isInitial : begins;
    const first = [...states.keys()].filter((at) => isFirst(states[at]!));
    const reached = new Set(first.filter((at) => stays.has(at)));
    for (const at of reached) for (const { to } of states[at]!.edges) if (stays.has(to)) reached.add(to);
    return [...reached].some((at) => bad.has(at));
  })?.name;
}

/** Whether a fair run may end in a state: nothing is enabled there that somebody has to do. */
export function mayEnd({ edges }: NaiveState): boolean {
  return edges.every(({ fair }) => fair === undefined);
}

export function entitiesOf(states: readonly NaiveState[]): Fair[] {
  const all = states.flatMap(({ edges }) => edges.flatMap(({ fair }) => (fair ? [fair] : [])));
  return [...new Map(all.map((fair) => [fair.key, fair])).values()];
}

export function enables({ edges }: NaiveState, { key }: Fair): boolean {
  return edges.some(({ fair }) => fair?.key === key);
}

/** Sets of strongly fair things that a run may from some point on never enable. */
export function* givenUp(entities: readonly Fair[]): Generator<readonly Fair[]> {
  const strong = entities.filter(({ strength }) => strength === 'strong');
  for (let set = 0; set < 2 ** strong.length; set++) yield strong.filter((_, at) => ((set >> at) & 1) === 1);
}

/** Whether a step settles what a run owes to an entity. */
export function settles(state: NaiveState, edge: NaiveEdge, entity: Fair): boolean {
  return edge.fair?.key === entity.key || (entity.strength === 'weak' && !enables(state, entity));
}

/** The states of a set from which a fair run without an end stays in it. */
function fairStates(states: readonly NaiveState[], within: ReadonlySet<number>): Set<number> {
  const entities = entitiesOf([...within].map((at) => states[at]!));
  const fair = new Set<number>();
  for (const never of givenUp(entities)) {
    const owed = entities.filter((entity) => !never.includes(entity));
    const left = [...within].filter((at) => !never.some((entity) => enables(states[at]!, entity)));
    for (const at of alwaysAgain(states, new Set(left), owed)) fair.add(at);
  }
  return fair;
}

/** The largest part of a set from each state of which, within it, there is a step, and a way to settle each of these. */
function alwaysAgain(states: readonly NaiveState[], set: Set<number>, owed: readonly Fair[]): Set<number> {
  const goals = [
    () => true,
    ...owed.map((entity) => (at: number, edge: NaiveEdge) => settles(states[at]!, edge, entity)),
  ];
  for (let size = -1; size !== set.size; ) {
    size = set.size;
    for (const isGoal of goals) {
      const good = new Set(
        [...set].filter((at) => states[at]!.edges.some((edge) => set.has(edge.to) && isGoal(at, edge))),
      );
      for (let before = -1; before !== good.size; ) {
        before = good.size;
        for (const at of set) if (states[at]!.edges.some(({ to }) => good.has(to) && set.has(to))) good.add(at);
      }
      set = good;
    }
  }
  return set;
}
