/** State graphs: all states of a system, or those near a trace; or what some of its actors see of them. */
import type { System } from '../system/system.ts';
import { deadEndProperties } from '../tabulate/dead-end.ts';
import { findStep } from '../tabulate/path.ts';
import { Predicate } from '../tabulate/predicate.ts';
import type { ActorTable, ChannelTable, Tables } from '../tabulate/tables.ts';
import type { Walker } from '../tabulate/walker.ts';
import { eventLabel, stepLabel } from '../trace/trace.ts';
import { stateText, timerText, valueText } from '../trace/words.ts';
import { exploreSpace, IncompleteSpace, Space, type SpaceOptions, type SpaceProgress, turn } from './space.ts';

export interface GraphNode {
  /** From 0, and that is an initial state, or the class that it is in. */
  readonly id: number;
  /** What the shown actors, monitors and channels are. */
  readonly values: Readonly<Record<string, string>>;
  /** How many states it stands for: 1, unless actors were chosen. */
  readonly states: number;
  /** Properties that it, or one of its states, violates. */
  readonly violated: readonly string[];
  /** It is on the trace. */
  readonly onTrace: boolean;
  /** Its steps are in the graph; those at the rim are left out. */
  readonly expanded: boolean;
}

export interface GraphEdge {
  readonly from: number;
  readonly to: number;
  readonly label: string;
  readonly onTrace: boolean;
}

export interface StateGraph {
  /** The nodes of the initial states. */
  readonly initial: readonly number[];
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
  /** Steps that none of the chosen actors notices; they are not among the edges. */
  readonly hiddenSteps: number;
}

export interface GraphOptions {
  /** The most nodes; more are `IncompleteSpace`. */
  readonly maxStates: number;
  /** Only what so many steps lead to: from the initial state, or from any state of the trace. */
  readonly depth?: number | undefined;
  /** With `around`: with which of several ways to start the trace begins. */
  readonly start?: number | undefined;
  /** The steps of a trace, as a schedule has them. */
  readonly around?: readonly number[] | undefined;
  /** Actors, monitors and channels: states in which all of these are alike become one node. */
  readonly by?: readonly string[] | undefined;
  /** Stops with `IncompleteSpace`. */
  readonly signal?: AbortSignal;
  /** Called at each turn of the event loop: after some states. */
  readonly onProgress?: (progress: SpaceProgress) => void;
}

/**
 * @throws IncompleteSpace when there are too many nodes, or when interrupted
 * @throws ModelError when a step is a mistake of the model
 * @throws RangeError for a schedule that the model does not allow; the caller has replayed it
 *
 * @example
 * ```ts
 * import { stateGraph } from 'faultline';
 * import { lights } from './lights.ts';
 *
 * const graph = await stateGraph(lights, { maxStates: 100 });
 * graph.nodes.length; // => 4
 * graph.edges.length; // => 8
 * ```
 */
export async function stateGraph(system: System, options: GraphOptions): Promise<StateGraph> {
  const { maxStates, depth, start = 0, around, by, signal, onProgress } = options;
  const bounds: SpaceOptions = {
    ...(by ? {} : { maxStates }),
    ...(signal && { signal }),
    ...(onProgress && { onProgress }),
  };
  const found = around
    ? await neighbourhood(system, start, around, depth ?? 1, bounds)
    : {
        space: await exploreSpace(system, {
          ...bounds,
          depth: depth === undefined ? undefined : depth - 1,
          behind: true,
        }),
        trace: NO_TRACE,
      };
  return by ? quotient(found, slotsOf(found.space.tables, by), maxStates) : plain(found);
}

/** @throws RangeError for a name that there is not */
export function slotsOf(tables: Tables, names: readonly string[]): number[] {
  const all = namesOf(tables);
  return names.map((name) => {
    const slot = all.indexOf(name);
    if (slot < 0) throw new RangeError(`there is no actor, monitor or channel "${name}"`);
    return slot;
  });
}

/** Of actors, monitors and channels, by slot. */
export function namesOf(tables: Tables): string[] {
  return [...tables.actors, ...tables.channels].map(({ name }) => name);
}

interface Found {
  readonly space: Space;
  readonly trace: Marked;
}

/** The states of a trace, and its steps as `state index`. */
interface Marked {
  readonly states: ReadonlySet<number>;
  readonly steps: ReadonlySet<string>;
}

const NO_TRACE: Marked = { states: new Set(), steps: new Set() };

/** All that can happen within some steps of a trace. */
async function neighbourhood(
  system: System,
  start: number,
  schedule: readonly number[],
  depth: number,
  options: SpaceOptions,
): Promise<Found> {
  const { maxStates = Number.POSITIVE_INFINITY } = options;
  // The states of the trace are the first ones, the rest follows level by level.
  const space = new Space(system, [start]);
  const states = new Set([0]);
  const steps = new Set<string>();
  let state = space.initial[0]!;
  for (const index of schedule) {
    const step = findStep(space.walker, state, (walker) => walker.index === index);
    if (!step) throw new RangeError(`the model does not allow the schedule ${schedule.join('/')}`);
    steps.add(`${space.find(state)} ${index}`);
    state = step.state;
    states.add(space.numberOf(state));
  }
  for (let level = 0; level < depth; level++) {
    for (const end = space.size; space.expanded < end; space.expanded++) {
      space.forEachStep(space.at(space.expanded), (walker, hash) => space.numberOf(walker.current, hash));
      if (space.size > maxStates) throw new IncompleteSpace('states', maxStates);
      await turn(space, options);
    }
  }
  return { space, trace: { states, steps } };
}

/** All steps of the expanded states. */
function forEachEdge(
  { space, trace }: Found,
  visit: (from: number, to: number, label: string, onTrace: boolean) => void,
): void {
  const labels = new Labels(space.tables);
  for (let from = 0; from < space.expanded; from++) {
    const onTrace = trace.states.has(from);
    space.forEachStep(space.at(from), (walker, hash) => {
      const marked = onTrace && trace.steps.has(`${from} ${walker.index}`);
      visit(from, space.find(walker.current, hash), labels.of(walker), marked);
    });
  }
}

/** What steps are called; a label depends on what starts a step only. */
class Labels {
  readonly #tables: Tables;
  readonly #known = new Map<string, string>();

  constructor(tables: Tables) {
    this.#tables = tables;
  }

  of({ kind, message, channelSlot, place }: Walker): string {
    const key = `${kind} ${message} ${channelSlot} ${place}`;
    let label = this.#known.get(key);
    if (label === undefined) {
      const kinds = ['deliver', 'duplicate', 'lose', 'start'] as const;
      label = stepLabel(this.#tables, { index: 0, kind: kinds[kind]!, message, channelSlot, place });
      this.#known.set(key, label);
    }
    return label;
  }
}

function plain(found: Found): StateGraph {
  const { space, trace } = found;
  const edges: GraphEdge[] = [];
  const hasSteps = new Uint8Array(space.size);
  forEachEdge(found, (from, to, label, onTrace) => {
    hasSteps[from] = 1;
    edges.push({ from, to, label, onTrace });
  });
  const named = new Describer(space);
  const shown = named.varying();
  const nodes = Array.from({ length: space.size }, (_, id): GraphNode => {
    const state = space.at(id);
    const expanded = id < space.expanded;
    const violated = named.violated(state, expanded && hasSteps[id] === 0);
    return { id, values: named.values(state, shown), states: 1, violated, onTrace: trace.states.has(id), expanded };
  });
  return { initial: [...space.initial.keys()], nodes, edges, hiddenSteps: 0 };
}

function quotient(found: Found, slots: readonly number[], maxNodes: number): StateGraph {
  const { space, trace } = found;
  const named = new Describer(space);
  const classes = new Map<string, number>();
  const members: { first: number; states: number; violated: Set<string>; onTrace: boolean; expanded: boolean }[] = [];
  const classOf = new Int32Array(space.size);
  for (let number = 0; number < space.size; number++) {
    const state = space.at(number);
    const key = slots.map((slot) => state[slot]).join(' ');
    const id = classes.get(key) ?? classes.size;
    if (id === classes.size) {
      if (id === maxNodes) throw new IncompleteSpace('states', maxNodes);
      classes.set(key, id);
      members.push({ first: number, states: 0, violated: new Set(), onTrace: false, expanded: true });
    }
    classOf[number] = id;
    const member = members[id]!;
    member.states++;
    member.onTrace ||= trace.states.has(number);
    member.expanded &&= number < space.expanded;
  }
  const merged = new Map<string, GraphEdge>();
  const hasSteps = new Uint8Array(space.size);
  let hiddenSteps = 0;
  forEachEdge(found, (from, to, label, marked) => {
    hasSteps[from] = 1;
    const [one, other] = [classOf[from]!, classOf[to]!];
    if (one === other) {
      hiddenSteps++;
      return;
    }
    const key = `${one} ${other} ${label}`;
    const known = merged.get(key);
    if (!known || (marked && !known.onTrace)) merged.set(key, { from: one, to: other, label, onTrace: marked });
  });
  for (let number = 0; number < space.size; number++) {
    const isDeadEnd = number < space.expanded && hasSteps[number] === 0;
    for (const name of named.violated(space.at(number), isDeadEnd)) members[classOf[number]!]!.violated.add(name);
  }
  const nodes = members.map(({ first, violated, ...rest }, id) => ({
    id,
    values: named.values(space.at(first), slots),
    ...rest,
    violated: [...violated],
  }));
  const initial = [...new Set(space.initial.map((_, number) => classOf[number]!))];
  return { initial, nodes, edges: [...merged.values()], hiddenSteps };
}

/** States in words. */
class Describer {
  readonly #space: Space;
  readonly #tables: Tables;
  readonly #texts: (string[] | undefined)[] = [];
  readonly #predicates: Predicate[];

  constructor(space: Space) {
    const { tables } = space;
    this.#space = space;
    this.#tables = tables;
    this.#predicates = tables.system.properties.flatMap((property) =>
      property.kind === 'always' ? [new Predicate(property.name, tables, property.holds)] : [],
    );
  }

  /** The slots that have more than one value in the graph; all, when there are none. */
  varying(): number[] {
    const { size } = this.#space;
    const initial = this.#space.initial[0]!;
    const slots = Array.from(initial, (_, slot) => slot);
    const varies = slots.map(() => false);
    for (let number = 0; number < size; number++) {
      const state = this.#space.at(number);
      for (const slot of slots) if (state[slot] !== initial[slot]) varies[slot] = true;
    }
    return varies.includes(true) ? slots.filter((slot) => varies[slot]) : slots;
  }

  values(state: Int32Array, slots: readonly number[]): Record<string, string> {
    const names = namesOf(this.#tables);
    return Object.fromEntries(slots.map((slot) => [names[slot]!, this.#textOf(slot, state[slot]!)]));
  }

  violated(state: Int32Array, isDeadEnd: boolean): string[] {
    const { actors, actorCount } = this.#tables;
    const monitors = actors
      .slice(actorCount)
      .filter(({ slot, locals }) => locals[state[slot]!]!.snapshot.hasTag('violation'));
    return [
      ...this.#predicates.filter((predicate) => !predicate.evaluate(state)).map(({ name }) => name),
      ...monitors.map(({ name }) => name),
      ...(isDeadEnd ? deadEndProperties(this.#tables, state) : []),
    ];
  }

  #textOf(slot: number, value: number): string {
    const { actors, channels } = this.#tables;
    this.#texts[slot] ??=
      slot < actors.length ? localTexts(actors[slot]!) : contentTexts(this.#tables, channels[slot - actors.length]!);
    return this.#texts[slot][value]!;
  }
}

/** The state value, and the members of the context that tell local states with this value apart. */
function localTexts({ locals }: ActorTable): string[] {
  const known = locals.map(({ snapshot, timers }) => ({
    state: stateText(snapshot.value),
    context: (snapshot.context ?? {}) as Record<string, unknown>,
    timers: timers.map(({ id }) => `timer ${timerText(id)}`),
  }));
  const varying = new Map<string, string[]>();
  for (const state of new Set(known.map((one) => one.state))) {
    const alike = known.filter((one) => one.state === state);
    const keys = [...new Set(alike.flatMap(({ context }) => Object.keys(context)))];
    varying.set(
      state,
      keys.filter((key) => new Set(alike.map(({ context }) => valueText(context[key]))).size > 1),
    );
  }
  return known.map(({ state, context, timers }) => {
    const fields = varying.get(state)!.filter((key) => key in context);
    const parts = [state === '-' ? '' : state, ...fields.map((key) => `${key}=${valueText(context[key])}`), ...timers];
    return parts.filter((part) => part !== '').join(' ') || '-';
  });
}

function contentTexts(tables: Tables, { contents }: ChannelTable): string[] {
  return contents.map((messages) => {
    const texts = messages.map((message) => {
      const { to, event } = tables.messages[message]!;
      return `${eventLabel(event)} to ${tables.nameOf(to)}`;
    });
    return `[${texts.join(', ')}]`;
  });
}
