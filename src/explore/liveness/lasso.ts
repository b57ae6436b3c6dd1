/**
 * A run that violates a property of progress, as short as it can be made: a stem to a fair component, and a fair cycle in it; or
 * a stem to where a run may end: nothing is enabled there, or nothing that somebody has to do.
 *
 * Stems are found level by level, so that the first state of a component that is met is one with the shortest stem. From it, and
 * from those after it as long as they can still give something shorter, the shortest fair cycle is looked for. So the lasso is
 * the shortest there is, unless the work for that is too much; then it has the shortest stem, and some fair cycle.
 */
import { isSame } from '../../tabulate/ints.ts';
import { findStep, type Path, type PathStep, stopped } from '../../tabulate/path.ts';
import type { Tables } from '../../tabulate/tables.ts';
import { Walker } from '../../tabulate/walker.ts';
import type { Budget } from '../memory.ts';
import { type CycleStep, shortestCycle, someCycle } from './cycle.ts';
import type { FairComponents } from './fair-components.ts';
import type { Graph } from './graph.ts';
import { Levels } from './levels.ts';

/** How many pairs of states and duties may be looked at for shortest cycles: a part of a second. */
const CYCLE_WORK_MAX = 50_000;

/** Where stems may begin and go. */
export interface Stems {
  mayPass(state: number): boolean;
  /** The states from which a stem may go on by itself; how it comes to them, in so many steps, is not its business. */
  sourcesAt(depth: number): Iterable<number>;
  isSource(state: number, depth: number): boolean;
  /** No state is a source at a greater depth. */
  readonly lastDepth: number;
}

/** Stems that begin in one of the initial states. */
export function stemsFromStart(initials: readonly number[], mayPass: (state: number) => boolean): Stems {
  return {
    mayPass,
    sourcesAt: (depth) => (depth === 0 ? initials.filter(mayPass) : []),
    isSource: (_, depth) => depth === 0,
    lastDepth: 0,
  };
}

export interface Lasso {
  /** The states from an initial one to the one where the cycle begins, or the run ends. */
  readonly stem: readonly number[];
  /** Empty when the run ends. */
  readonly cycle: readonly CycleStep[];
}

/**
 * @param components the fair ones, and places to end; there must be one
 * @throws StoreFull
 */
export function* shortestLasso(
  graph: Graph,
  components: FairComponents,
  stems: Stems,
  budget: Budget,
): Generator<void, Lasso> {
  const levels = new Levels(graph, components.scratch, budget);
  try {
    const { state, depth, cycle } = yield* nearestEnd(graph, components, stems, levels);
    let stem = yield* levels.wayTo(state, depth, stems.isSource);
    const source = stem[0]!;
    if (!graph.initials.includes(source))
      stem = [...(yield* wayFromStart(graph, source, levels)).slice(0, -1), ...stem];
    return { stem, cycle: cycle ?? (yield* someCycle(graph, state, insideOf(components, state), levels)) };
  } finally {
    levels.release();
  }
}

/** Where a stem ends, and the cycle that begins there; without one there is one, but it has not been found. */
interface End {
  readonly state: number;
  readonly depth: number;
  readonly cycle: readonly CycleStep[] | undefined;
}

function* nearestEnd(graph: Graph, components: FairComponents, stems: Stems, levels: Levels): Generator<void, End> {
  const work = { left: CYCLE_WORK_MAX };
  let nearest: End | undefined;
  let best: End | undefined;
  let length = Number.POSITIVE_INFINITY;
  levels.begin();
  for (;;) {
    const { depth } = levels;
    for (const source of stems.sourcesAt(depth)) levels.add(source);
    const { level } = levels;
    if (level.length === 0 && depth > stems.lastDepth) break;
    for (const state of level) {
      if (depth >= length || work.left <= 0) break;
      if (components.mayEndIn(state)) {
        best = { state, depth, cycle: [] };
        length = depth;
      } else if (depth + 1 < length && components.componentOf(state) !== 0) {
        nearest ??= { state, depth, cycle: undefined };
        const cycle = yield* shortestCycle(graph, state, insideOf(components, state), length - depth - 1, work);
        if (!cycle) continue;
        best = { state, depth, cycle };
        length = depth + cycle.length;
      }
    }
    if (depth + 1 >= length || (work.left <= 0 && (best ?? nearest))) break;
    yield* levels.next(stems.mayPass);
  }
  const end = best ?? nearest;
  if (!end) throw new Error('there is a fair component, but no way to it');
  return end;
}

function insideOf(components: FairComponents, state: number): (other: number) => boolean {
  const component = components.componentOf(state);
  return (other) => components.componentOf(other) === component;
}

function* wayFromStart({ initials }: Graph, state: number, levels: Levels): Generator<void, readonly number[]> {
  levels.begin();
  for (const initial of initials) levels.add(initial);
  while (!levels.level.includes(state)) yield* levels.next(() => true);
  return yield* levels.wayTo(state, levels.depth, (_, depth) => depth === 0);
}

/** The states on a shortest way from an initial one to another. @param queue one word per state. @throws StoreFull */
export function* shortestWay(
  graph: Graph,
  state: number,
  queue: Int32Array,
  budget: Budget,
): Generator<void, readonly number[]> {
  const levels = new Levels(graph, queue, budget);
  try {
    return yield* wayFromStart(graph, state, levels);
  } finally {
    levels.release();
  }
}

/** The lasso as steps: `cycleStart` is given unless the run ends, and `stops` when it ends where steps are enabled. */
export function pathOf(graph: Graph, tables: Tables, { stem, cycle }: Lasso): Path {
  const walker = new Walker(tables);
  const vector = (state: number) => {
    const into = new Int32Array(tables.slotCount);
    graph.load(state, into);
    return into;
  };
  const step = (from: number, wanted: (walker: Walker) => boolean): PathStep => {
    const found = findStep(walker, vector(from), wanted);
    if (!found) throw new Error(`state ${from} has no such step any more`);
    return found;
  };
  const toNext = stem.slice(1).map((next, at) => {
    const target = vector(next);
    return step(stem[at]!, ({ current }) => isSame(target, current));
  });
  const around = cycle.map(({ state, start: { kind, message, channelSlot, place } }) =>
    step(
      state,
      (at) => at.kind === kind && at.message === message && at.channelSlot === channelSlot && at.place === place,
    ),
  );
  const steps = [...toNext, ...around];
  const initial = vector(stem[0]!);
  if (cycle.length > 0) return { initial, steps, failed: false, cycleStart: toNext.length };
  return stopped(walker, { initial, steps, failed: false });
}
