/**
 * Checks a system: an exhaustive search, or random walks, with bounds, progress and a verdict.
 *
 * `holds` is said only when the whole space was searched; a search that a bound or the caller stopped is `unknown` and
 * names the bound. Random walks never search the whole space: at best they find nothing wrong, which is `unknown`.
 */
import type { ModelError } from '../system/errors.ts';
import { DEADLOCK_PROPERTY } from '../system/property.ts';
import type { System } from '../system/system.ts';
import type { Bound, Verdict } from '../system/verdict.ts';
import type { Path } from '../tabulate/path.ts';
import { Tables } from '../tabulate/tables.ts';
import { DepthFirst } from './frontier.ts';
import { diagnoseGrowth, type Growth } from './growth.ts';
import { RandomWalks } from './random-walk.ts';
import { type Finding, Search } from './search.ts';
import { type States, shorten } from './shorten.ts';

/**
 * - `breadth-first`: near states first; every path to a violation is the shortest.
 * - `depth-first`: goes far at once, and covers the same states in the end.
 * - `random`: random walks that remember nothing, for spaces that are too large to be searched.
 *
 * The last two come by long paths, and shorten them.
 */
export type SearchKind = 'breadth-first' | 'depth-first' | 'random';

export interface CheckOptions {
  /** Default: breadth-first. */
  readonly search?: SearchKind;
  /** For random walks: a whole number of at least 0 that stands for all random choices. Default: 1. */
  readonly seed?: number;
  /** For random walks: how many. Default: 1000. */
  readonly walks?: number;
  /** For random walks: the length of one that meets no dead end. Default: 1000. */
  readonly maxSteps?: number;
  /** Stop with `unknown` when more states are found. Default: no bound. Not for random walks, which keep no states. */
  readonly maxStates?: number;
  /** Stop with `unknown` after this many seconds. Default: no bound. */
  readonly maxSeconds?: number;
  /** Stop with `unknown` before states, parents and tables need more bytes. Default: 4 GiB. */
  readonly maxBytes?: number;
  /** Stops the search soon, with `unknown`. */
  readonly signal?: AbortSignal;
  /** Called about ten times a second. */
  readonly onProgress?: (progress: Progress) => void;
  /** Milliseconds that pass; tests give their own. */
  readonly clock?: () => number;
}

export interface Progress {
  readonly search: SearchKind;
  readonly states: number;
  readonly steps: number;
  readonly depth: number;
  /** States to be expanded; for random walks, walks to be made. */
  readonly waiting: number;
  readonly bytes: number;
  readonly seconds: number;
}

export interface PropertyResult {
  readonly name: string;
  readonly kind: 'always' | 'monitor' | 'reachable' | 'happens' | 'deadlock';
  /** `open`: neither shown nor refuted, because the search stopped early. */
  readonly status: 'holds' | 'violated' | 'witnessed' | 'open';
}

export interface CheckResult {
  readonly search: SearchKind;
  /** Of the random walks. */
  readonly seed?: number;
  readonly verdict: Verdict;
  /** The violated property. */
  readonly property?: string;
  /** In the last state of `path` no step is enabled. */
  readonly deadEnd?: boolean;
  /** Why the verdict is `unknown`. */
  readonly bound?: Bound;
  /** Why the verdict is `model-error`. */
  readonly error?: ModelError;
  /**
   * The path to the violation or the model error; none when a `reachable` or `happens` had no witness. Breadth-first it is
   * the shortest one, otherwise a shortened one.
   */
  readonly path?: Path;
  readonly properties: readonly PropertyResult[];
  /** States found; for random walks, states that they went through, however often. */
  readonly states: number;
  /** Enabled steps of all expanded states. */
  readonly steps: number;
  /** Steps on the path to the farthest state: the shortest one breadth-first, otherwise the one that was gone. */
  readonly depth: number;
  readonly seconds: number;
  /** Memory of states, parents and tables, divided by the states. */
  readonly bytesPerState: number;
  readonly xstateTransitions: number;
  /** What keeps growing; given with `bound`, but not by random walks. */
  readonly growth?: readonly Growth[];
  /** Decodes the numbers in `path`. */
  readonly tables: Tables;
}

export const DEFAULT_SEED = 1;
const DEFAULT_WALKS = 1000;
const DEFAULT_STEPS_MAX = 1000;
const DEFAULT_BYTES_MAX = 4 * 2 ** 30;
/** How long a slice of the search may keep the event loop waiting. */
const SLICE_MS = 50;
const PROGRESS_MS = 100;

/**
 * @throws ModelError when the definition itself cannot be tabulated; what goes wrong in a step comes back as
 *   `verdict: 'model-error'` with the path that leads there.
 */
export async function check(system: System, options: CheckOptions = {}): Promise<CheckResult> {
  const { maxSeconds = Number.POSITIVE_INFINITY } = options;
  const clock = options.clock ?? (() => performance.now());
  const explorer = explorerOf(new Tables(system), options);
  const { search } = explorer;
  const started = clock();
  const seconds = () => (clock() - started) / 1000;
  let bound: Bound | undefined;
  let slice = 256;
  let reported = started;

  for (;;) {
    const sliceStarted = clock();
    if (search.run(slice)) break;
    const elapsed = clock() - sliceStarted;
    slice = Math.max(16, Math.min(slice * 2, Math.round((slice * SLICE_MS) / Math.max(elapsed, 1))));
    if (options.onProgress && clock() - reported >= PROGRESS_MS) {
      reported = clock();
      options.onProgress(progressOf(explorer, seconds()));
    }
    if (seconds() > maxSeconds) bound = 'seconds';
    // A turn of the event loop, so that signals and timers of the caller get their chance.
    await new Promise((resolve) => setImmediate(resolve));
    if (options.signal?.aborted) bound = 'interrupted';
    if (bound) break;
  }
  if (bound) search.stop(bound);
  options.onProgress?.(progressOf(explorer, seconds()));
  return resultOf(explorer, seconds());
}

/** What searches, and how its paths are found. */
interface Explorer {
  readonly kind: SearchKind;
  readonly seed?: number;
  readonly search: Search | RandomWalks;
  pathOf(finding: Exclude<Finding, { kind: 'bound' }>): Path;
}

function explorerOf(tables: Tables, options: CheckOptions): Explorer {
  const {
    search: kind = 'breadth-first',
    maxStates = Number.POSITIVE_INFINITY,
    maxBytes = DEFAULT_BYTES_MAX,
  } = options;
  const limits = { states: maxStates, bytes: maxBytes };
  switch (kind) {
    case 'breadth-first': {
      const search = new Search(tables, limits);
      return { kind, search, pathOf: (finding) => search.pathTo(finding.state, isInStep(finding)) };
    }
    case 'depth-first': {
      let frontier: DepthFirst;
      const search = new Search(tables, limits, (store) => {
        frontier = new DepthFirst(store, maxBytes);
        return frontier;
      });
      const pathOf = (finding: Parameters<Explorer['pathOf']>[0]) => {
        const numbers = frontier.pathTo(finding.state);
        const states: States = {
          length: numbers.length,
          at(index) {
            const state = new Int32Array(tables.slotCount);
            search.store.load(numbers[index]!, state);
            return state;
          },
        };
        return shorten(tables, states, finding);
      };
      return { kind, search, pathOf };
    }
    case 'random': {
      const { seed = DEFAULT_SEED, walks = DEFAULT_WALKS, maxSteps = DEFAULT_STEPS_MAX } = options;
      const search = new RandomWalks(tables, { seed, walks, maxSteps, bytes: maxBytes });
      return { kind, seed, search, pathOf: (finding) => shorten(tables, search.statesTo(finding.state), finding) };
    }
    default:
      return kind satisfies never;
  }
}

function isInStep(finding: Finding): boolean {
  return finding.kind === 'model-error' && finding.inStep;
}

function progressOf({ kind, search }: Explorer, seconds: number): Progress {
  const { states, steps, depth, waiting, bytes } = search;
  return { search: kind, states, steps, depth, waiting, bytes, seconds };
}

function resultOf(explorer: Explorer, seconds: number): CheckResult {
  const { kind, seed, search } = explorer;
  const { tables, finding } = search;
  const bound = finding?.kind === 'bound' ? finding.bound : undefined;
  const counts = {
    search: kind,
    ...(seed !== undefined && { seed }),
    states: search.states,
    steps: search.steps,
    depth: search.depth,
    seconds,
    bytesPerState: search.bytes / Math.max(1, search.states),
    xstateTransitions: tables.xstateTransitions,
    tables,
  };
  if (bound) {
    return {
      ...counts,
      verdict: 'unknown',
      bound,
      properties: statuses(search),
      ...(search instanceof Search && { growth: diagnoseGrowth(tables, search.levels) }),
    };
  }
  if (finding?.kind === 'model-error') {
    const { error, state } = finding;
    const path = state >= 0 ? { path: explorer.pathOf(finding) } : {};
    return { ...counts, verdict: 'model-error', error, ...path, properties: statuses(search) };
  }
  if (finding?.kind === 'violation') {
    const { property, deadEnd } = finding;
    const path = explorer.pathOf(finding);
    return { ...counts, verdict: 'violated', property, deadEnd, path, properties: statuses(search, property) };
  }
  const unmet = tables.system.properties.find(({ name }) => search.unwitnessed.has(name));
  if (unmet) return { ...counts, verdict: 'violated', property: unmet.name, properties: statuses(search) };
  return { ...counts, verdict: 'holds', properties: statuses(search) };
}

function statuses(search: Explorer['search'], violated?: string): PropertyResult[] {
  const { system } = search.tables;
  const results: PropertyResult[] = system.properties.map(({ name, kind }) => {
    if (kind === 'reachable' || kind === 'happens') {
      if (!search.unwitnessed.has(name)) return { name, kind, status: 'witnessed' };
      return { name, kind, status: search.done ? 'violated' : 'open' };
    }
    if (name === violated) return { name, kind, status: 'violated' };
    return { name, kind, status: search.done ? 'holds' : 'open' };
  });
  if (system.deadlock === 'violation') {
    const status = violated === DEADLOCK_PROPERTY ? 'violated' : search.done ? 'holds' : 'open';
    results.push({ name: DEADLOCK_PROPERTY, kind: 'deadlock', status });
  }
  return results;
}
