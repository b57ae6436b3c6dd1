/**
 * Checks a system: an exhaustive breadth-first search with bounds, progress and a verdict.
 *
 * `holds` is said only when the whole space was searched; a search that a bound or the caller stopped is `unknown` and
 * names the bound.
 */
import type { ModelError } from '../system/errors.ts';
import { DEADLOCK_PROPERTY } from '../system/property.ts';
import type { System } from '../system/system.ts';
import type { Bound, Verdict } from '../system/verdict.ts';
import type { Path } from '../tabulate/path.ts';
import { Tables } from '../tabulate/tables.ts';
import { diagnoseGrowth, type Growth } from './growth.ts';
import { Search } from './search.ts';

export interface CheckOptions {
  /** Stop with `unknown` when more states are found. Default: no bound. */
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
  readonly states: number;
  readonly steps: number;
  readonly depth: number;
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
  readonly verdict: Verdict;
  /** The violated property. */
  readonly property?: string;
  /** In the last state of `path` no step is enabled. */
  readonly deadEnd?: boolean;
  /** Why the verdict is `unknown`. */
  readonly bound?: Bound;
  /** Why the verdict is `model-error`. */
  readonly error?: ModelError;
  /** The shortest path to the violation or the model error; none when a `reachable` or `happens` had no witness. */
  readonly path?: Path;
  readonly properties: readonly PropertyResult[];
  readonly states: number;
  /** Enabled steps of all expanded states. */
  readonly steps: number;
  /** Steps on the shortest path to the farthest state. */
  readonly depth: number;
  readonly seconds: number;
  /** Memory of states, parents and tables, divided by the states. */
  readonly bytesPerState: number;
  readonly xstateTransitions: number;
  /** What keeps growing; given with `bound`. */
  readonly growth?: readonly Growth[];
  /** Decodes the numbers in `path`. */
  readonly tables: Tables;
}

const DEFAULT_BYTES_MAX = 4 * 2 ** 30;
/** How long a slice of the search may keep the event loop waiting. */
const SLICE_MS = 50;
const PROGRESS_MS = 100;

/**
 * @throws ModelError when the definition itself cannot be tabulated; what goes wrong in a step comes back as
 *   `verdict: 'model-error'` with the path that leads there.
 */
export async function check(system: System, options: CheckOptions = {}): Promise<CheckResult> {
  const { maxStates = Number.POSITIVE_INFINITY, maxSeconds = Number.POSITIVE_INFINITY } = options;
  const clock = options.clock ?? (() => performance.now());
  const tables = new Tables(system);
  const search = new Search(tables, { states: maxStates, bytes: options.maxBytes ?? DEFAULT_BYTES_MAX });
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
      options.onProgress(progressOf(search, seconds()));
    }
    if (seconds() > maxSeconds) bound = 'seconds';
    // A turn of the event loop, so that signals and timers of the caller get their chance.
    await new Promise((resolve) => setImmediate(resolve));
    if (options.signal?.aborted) bound = 'interrupted';
    if (bound) break;
  }
  options.onProgress?.(progressOf(search, seconds()));
  return resultOf(search, bound, seconds());
}

function progressOf(search: Search, seconds: number): Progress {
  const { store, steps, depth, waiting, bytes } = search;
  return { states: store.count, steps, depth, waiting, bytes, seconds };
}

function resultOf(search: Search, stopped: Bound | undefined, seconds: number): CheckResult {
  const { tables, finding } = search;
  const bound = stopped ?? (finding?.kind === 'bound' ? finding.bound : undefined);
  const counts = {
    states: search.store.count,
    steps: search.steps,
    depth: search.depth,
    seconds,
    bytesPerState: search.bytes / Math.max(1, search.store.count),
    xstateTransitions: tables.xstateTransitions,
    tables,
  };
  if (bound) {
    return {
      ...counts,
      verdict: 'unknown',
      bound,
      properties: statuses(search),
      growth: diagnoseGrowth(tables, search.levels),
    };
  }
  if (finding?.kind === 'model-error') {
    const { error, state, inStep } = finding;
    const path = state >= 0 ? { path: search.pathTo(state, inStep) } : {};
    return { ...counts, verdict: 'model-error', error, ...path, properties: statuses(search) };
  }
  if (finding?.kind === 'violation') {
    const { property, deadEnd, state } = finding;
    const path = search.pathTo(state);
    return { ...counts, verdict: 'violated', property, deadEnd, path, properties: statuses(search, property) };
  }
  const unmet = tables.system.properties.find(({ name }) => search.unwitnessed.has(name));
  if (unmet) return { ...counts, verdict: 'violated', property: unmet.name, properties: statuses(search) };
  return { ...counts, verdict: 'holds', properties: statuses(search) };
}

function statuses(search: Search, violated?: string): PropertyResult[] {
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
