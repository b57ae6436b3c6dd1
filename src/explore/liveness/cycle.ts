/**
 * Fair cycles: closed walks through a fair component, from a given state, that leave out nothing that must be treated fairly.
 *
 * The shortest one is found breadth-first over pairs of a state and what the walk has done so far about each entity. There are
 * many such pairs, so this is for small components, or short cycles. In others a walk goes from the nearest step that settles
 * something to the next, and then back.
 */
import type { Label } from '../local-steps.ts';
import type { Graph } from './graph.ts';
import type { Levels } from './levels.ts';

export interface CycleStep {
  /** The state before it. */
  readonly state: number;
  readonly start: Label;
}

/** The pairs of the exact search are numbered by products of states and bits: as many bits as keep these exact. */
const BITS_MAX = 20;
const WORK_PER_TURN = 2048;

/**
 * What a walk has to do about entities, as bits. A weak one that is enabled where the walk begins has to be taken or disabled
 * somewhere: one bit says that it was. Others are disabled there, so they are settled. A strong one has to be taken if it is
 * enabled anywhere: one bit says that it is enabled, the next one that it was taken.
 */
class Duties {
  readonly weak: readonly number[];
  readonly strong: readonly number[];

  constructor(graph: Graph, state: number) {
    const enabled = enabledEntities(graph, state);
    const { all } = graph.entities;
    this.weak = [...enabled].filter((entity) => all[entity]!.strength === 'weak');
    this.strong = all.flatMap(({ strength }, entity) => (strength === 'strong' ? [entity] : []));
  }

  get bits(): number {
    return this.weak.length + 2 * this.strong.length;
  }

  /** What is done when a step of an entity, or of none (-1), is taken where these are enabled. */
  after(done: number, enabled: ReadonlySet<number>, taken: number): number {
    this.weak.forEach((entity, place) => {
      if (entity === taken || !enabled.has(entity)) done |= 1 << place;
    });
    this.strong.forEach((entity, index) => {
      const place = this.weak.length + 2 * index;
      if (enabled.has(entity)) done |= 1 << place;
      if (entity === taken) done |= 2 << place;
    });
    return done;
  }

  areDone(done: number): boolean {
    if ((done & ((1 << this.weak.length) - 1)) !== (1 << this.weak.length) - 1) return false;
    return this.strong.every((_, index) => ((done >> (this.weak.length + 2 * index)) & 3) !== 1);
  }
}

/**
 * The shortest fair cycle from a state within a component.
 *
 * @param lengthMax longer ones are of no use
 * @param work how many pairs may be looked at; what was is taken off
 * @returns undefined when there is none that short, or when it takes more work
 */
export function* shortestCycle(
  graph: Graph,
  state: number,
  isInside: (state: number) => boolean,
  lengthMax: number,
  work: { left: number },
): Generator<void, readonly CycleStep[] | undefined> {
  const duties = new Duties(graph, state);
  work.left--;
  if (duties.bits > BITS_MAX) return undefined;
  const pairs = [{ state, done: 0, parent: -1, start: undefined as Label | undefined }];
  const known = new Set<number>();
  let levelEnd = 1;
  for (let at = 0, length = 1; at < pairs.length && work.left > 0; at++) {
    if (at === levelEnd) {
      levelEnd = pairs.length;
      length++;
    }
    if (length > lengthMax) return undefined;
    if (--work.left % WORK_PER_TURN === 0) yield;
    const from = pairs[at]!;
    const enabled = enabledEntities(graph, from.state);
    for (let step = 0; step < graph.steps; step++) {
      const end = graph.end(step);
      if (!isInside(end)) continue;
      const done = duties.after(from.done, enabled, graph.entity(step));
      const key = end * 2 ** BITS_MAX + done;
      if (known.has(key)) continue;
      known.add(key);
      pairs.push({ state: end, done, parent: at, start: graph.start(step) });
      if (end !== state || !duties.areDone(done)) continue;
      const cycle: CycleStep[] = [];
      for (let pair = pairs.at(-1)!; pair.parent >= 0; pair = pairs[pair.parent]!) {
        cycle.unshift({ state: pairs[pair.parent]!.state, start: pair.start! });
      }
      return cycle;
    }
  }
  return undefined;
}

/** Some fair cycle from a state of a fair component, whose steps lead to each other. */
export function* someCycle(
  graph: Graph,
  state: number,
  isInside: (state: number) => boolean,
  levels: Levels,
): Generator<void, readonly CycleStep[]> {
  const { all } = graph.entities;
  const cycle: CycleStep[] = [];
  const open = new Set([...enabledEntities(graph, state)].filter((entity) => all[entity]!.strength === 'weak'));
  const taken = new Set<number>();
  let at = state;

  /** Goes on by a step of the state at hand. */
  const take = (step: number, enabled: ReadonlySet<number>) => {
    const entity = graph.entity(step);
    taken.add(entity);
    open.delete(entity);
    for (const other of open) if (all[other]!.strength === 'weak' && !enabled.has(other)) open.delete(other);
    for (const other of enabled) if (all[other]!.strength === 'strong' && !taken.has(other)) open.add(other);
    cycle.push({ state: at, start: graph.start(step) });
    at = graph.end(step);
  };
  /** A step that settles something at once; without anything to settle, -1. */
  const settling = (from: number): number => {
    const enabled = enabledEntities(graph, from);
    const disabled = [...open].some((entity) => all[entity]!.strength === 'weak' && !enabled.has(entity));
    for (let step = 0; step < graph.steps; step++) {
      if ((disabled || open.has(graph.entity(step))) && isInside(graph.end(step))) return step;
    }
    return -1;
  };
  const arrives = (to: number) => (open.size > 0 ? settling(to) >= 0 : to === state);

  const enabledFirst = enabledEntities(graph, state);
  let first = 0;
  while (!isInside(graph.end(first))) first++;
  take(first, enabledFirst);
  while (open.size > 0 || at !== state) {
    const way = yield* wayToNearest(at, isInside, arrives, levels);
    for (const next of way.slice(1)) {
      const enabled = enabledEntities(graph, at);
      take(graph.stepTo(next), enabled);
    }
    if (open.size === 0) continue;
    // The steps on the way may have settled what they led to.
    const step = settling(at);
    if (step >= 0) take(step, enabledEntities(graph, at));
  }
  return cycle;
}

/** The states from one to the nearest that will do, both included; the first one will not, unless no step is needed at all. */
function* wayToNearest(
  from: number,
  isInside: (state: number) => boolean,
  arrives: (state: number) => boolean,
  levels: Levels,
): Generator<void, readonly number[]> {
  levels.begin();
  levels.add(from);
  for (;;) {
    const { level, depth } = levels;
    if (level.length === 0) throw new Error('a component whose states do not all lead to each other');
    for (const state of level) {
      if (arrives(state)) return yield* levels.wayTo(state, depth, (_, at) => at === 0);
    }
    yield* levels.next(isInside);
  }
}

/** Expands a state, and says which entities are enabled in it. */
function enabledEntities(graph: Graph, state: number): Set<number> {
  const entities = new Set<number>();
  const steps = graph.expand(state);
  for (let step = 0; step < steps; step++) {
    const entity = graph.entity(step);
    if (entity >= 0) entities.add(entity);
  }
  return entities;
}
