/**
 * Why a trace ends as it does: which of its steps race, what makes the property false, who waits for what.
 *
 * Nothing here needs the graph that the search has seen. Everything is found by running steps again, within bounds that keep it
 * below a second or so; where a bound is hit, the explanation says less, and says so.
 */
import type { Path } from '../tabulate/path.ts';
import type { Tables } from '../tabulate/tables.ts';
import { Walker } from '../tabulate/walker.ts';
import { type Calmest, calmest } from './calmest.ts';
import { type FalsePredicate, whyFalse } from './false-predicate.ts';
import { type Ending, type Goal, goalOf } from './goal.ts';
import { type Drive, drivesOf } from './monitor-drive.ts';
import { type Race, raceOf } from './race.ts';
import { reorderings } from './reorderings.ts';
import { pathAlong, stepOf, switchesIn } from './runs.ts';
import { isDeadEnd, shortestRuns } from './shortest-runs.ts';
import { type Staying, stayingOf } from './staying.ts';
import { type Wait, waitsIn } from './waits.ts';

export interface Explanation {
  /** How often a step is made by somebody else than the step before it. */
  readonly switches: number;
  /**
   * Among which traces it has the fewest switches: all that are as short and end in the same, the interleavings of the same
   * steps, or none others, as comparing them would take too long.
   */
  readonly calmestOf: 'shortest' | 'interleavings' | 'none';
  /** Null when there are too many interleavings of the steps to compare them. */
  readonly race: Race | null;
  /** For an `always`. */
  readonly predicate: FalsePredicate | null;
  /** For a monitor: the messages that changed its state, in their order. */
  readonly drives: readonly Drive[] | null;
  /** For a dead end. */
  readonly waits: readonly Wait[] | null;
  /**
   * For a run that violates a property of progress: why it goes on as it does, or stops. Then nothing is said of switches and races:
   * the property is about the whole run, and no other runs are compared with it.
   */
  readonly staying: Staying | null;
}

export interface Explained {
  readonly explanation: Explanation;
  /** The trace that is explained: calmer, where there is a calmer one; as long as the given one, or shorter where that is not the shortest. */
  readonly path: Path;
}

export interface ExplainOptions {
  /** No path to the same end is shorter than the given one, and no shorter one violates anything. */
  readonly isShortest: boolean;
}

/** Steps that are run to find all shortest traces. */
const WORK_MAX = 200_000;
/** Nodes of the graph of interleavings. */
const NODES_MAX = 20_000;

/**
 * Undefined where there is nothing to explain: a safety property that the initial state violates.
 *
 * @example
 * ```ts
 * import { check, explain } from 'faultline';
 * import { lights } from './lights.ts';
 *
 * const result = await check(lights);
 * if (result.verdict !== 'violated' || !result.trace) throw new Error(result.verdict);
 * const explained = explain(result.tables, result.path!, { property: result.property }, { isShortest: true });
 * explained?.path.steps.length; // => 2
 * ```
 */
export function explain(
  tables: Tables,
  found: Path,
  ending: Ending,
  { isShortest }: ExplainOptions,
): Explained | undefined {
  if (isAboutRun(tables, found, ending)) return { explanation: explanationOfRun(tables, found, ending), path: found };
  const walker = new Walker(tables);
  const goal = goalOf(tables, walker, found, ending);
  const end = found.steps.at(-1)?.state;
  if (!goal || !end) return undefined;
  if (goal.kind !== 'error' && !goal.isReached(end)) return undefined;
  if (goal.kind === 'dead end' && !isDeadEnd(walker, end)) return undefined;
  const { path, calmestOf } = calmed(walker, found, goal, isShortest);
  const { property, deadEnd } = ending;
  const declared = path.failed ? undefined : tables.system.properties.find(({ name }) => name === property);
  const last = path.steps.at(-1)!.state;
  const explanation: Explanation = {
    switches: switchesIn(tables, path.steps.map(stepOf)),
    calmestOf,
    race: raceOf(walker, path, goal, NODES_MAX) ?? null,
    predicate: declared?.kind === 'always' ? whyFalse(tables, path, declared) : null,
    drives: declared?.kind === 'monitor' ? drivesOf(tables, path, declared.name) : null,
    waits: deadEnd && !path.failed ? waitsIn(tables, last) : null,
    staying: null,
  };
  return { explanation, path };
}

/** Whether it is a property of progress that the path violates, and so by all of itself. */
function isAboutRun({ system }: Tables, { cycleStart, stops, failed }: Path, { property, deadEnd }: Ending): boolean {
  if (failed) return false;
  if (cycleStart !== undefined || stops) return true;
  const kind = system.properties.find(({ name }) => name === property)?.kind;
  return deadEnd === true && (kind === 'eventually' || kind === 'leadsTo' || kind === 'infinitelyOften');
}

function explanationOfRun(tables: Tables, path: Path, { deadEnd }: Ending): Explanation {
  return {
    switches: switchesIn(tables, path.steps.map(stepOf)),
    calmestOf: 'none',
    race: null,
    predicate: null,
    drives: null,
    waits: deadEnd ? waitsIn(tables, path.steps.at(-1)?.state ?? path.initial) : null,
    staying: stayingOf(tables, path),
  };
}

/** The path with the fewest switches among those that can be compared with it. */
function calmed(
  walker: Walker,
  path: Path,
  goal: Goal,
  isShortest: boolean,
): { path: Path; calmestOf: Explanation['calmestOf'] } {
  const { tables } = walker;
  const steps = path.steps.map(stepOf);
  const along = (found: Calmest | undefined) => found && pathAlong(walker, path.initial, found.steps, goal);
  const runs = isShortest ? shortestRuns(walker, path.initial, steps.length, goal, WORK_MAX) : undefined;
  const calmOfAll = runs && along(calmest(tables, runs));
  if (calmOfAll) return { path: calmOfAll, calmestOf: 'shortest' };
  const same = reorderings(walker, path.initial, steps, goal, NODES_MAX);
  const calmOfSame = same && along(calmest(tables, same));
  return calmOfSame ? { path: calmOfSame, calmestOf: 'interleavings' } : { path, calmestOf: 'none' };
}
