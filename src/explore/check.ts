/**
 * Checks a system: an exhaustive search, or random walks, with bounds, progress and a verdict.
 *
 * `holds` is said only when the whole space was searched; a search that a bound or the caller stopped is `unknown` and
 * names the bound. Random walks never search the whole space: at best they find nothing wrong, which is `unknown`.
 */
import { ModelError } from '../system/errors.ts';
import { DEADLOCK_PROPERTY, type Property } from '../system/property.ts';
import { asSystem, propertyNames, type System } from '../system/system.ts';
import type { Bound, Verdict } from '../system/verdict.ts';
import { Occurrences } from '../tabulate/occurrences.ts';
import { type Path, stopped } from '../tabulate/path.ts';
import { Tables } from '../tabulate/tables.ts';
import { Walker } from '../tabulate/walker.ts';
import { type BitCoverage, BitstateSearch } from './bitstate.ts';
import {
  type Checkpoint,
  CheckpointError,
  differenceOf,
  type Identity,
  identityOf,
  versionsInUse,
} from './checkpoint.ts';
import { type Finding, type ViolationFinding, Violations } from './findings.ts';
import { diagnoseGrowth, type Growth } from './growth.ts';
import { HashCompactSearch } from './hash-compact.ts';
import { type Hollow, hollowIn } from './hollow.ts';
import { judging } from './judging.ts';
import { asksForProgress, Liveness } from './liveness/liveness.ts';
import { Resident, type ResidentOptions, StoreFull } from './memory.ts';
import { type Occurred, occurredIn } from './occurred.ts';
import { DEFAULT_BITS, judgeOptions, OptionsError, searchKindOf } from './options.ts';
import { ReducedSearch } from './partial-order/reduced-search.ts';
import { RandomWalks } from './random-walk.ts';
import { Search } from './search.ts';
import { type States, shorten, shortenRun } from './shorten.ts';
import { Symmetry } from './symmetry.ts';
import type { Threads } from './threads.ts';

/**
 * - `breadth-first`: near states first; every path to a violation is the shortest.
 * - `depth-first`: goes far at once, and covers the same states in the end.
 * - `random`: random walks that remember nothing, for spaces that are too large to be searched.
 *
 * The last two come by long paths, and shorten them.
 */
export type SearchKind = 'breadth-first' | 'depth-first' | 'random';

/**
 * - `exact`: whole states.
 * - `hash-compact`: of each state 64 bits, breadth-first; `holds` comes with the probability that a state was missed.
 * - `bitstate`: of each state three bits in an array of fixed size, depth-first; never says `holds`.
 */
export type StoreKind = 'exact' | 'hash-compact' | 'bitstate';

export interface CheckOptions {
  /**
   * The properties to be judged, by name; the absence of deadlock, where a system asks for it, is one (`DEADLOCK_PROPERTY`). The
   * others are left out of the search: their monitors have no states, and what lies behind their violations is searched. Default: all.
   */
  readonly properties?: readonly string[];
  /**
   * Whether a breadth-first search of exact states goes on after a violation, until every property is decided: then each one's verdict
   * and the length of its trace are those of a search for it alone; only a cycle may be longer, of a system with monitors. Default: false.
   */
  readonly allViolations?: boolean;
  /** Default: breadth-first, but depth-first with `bitstate`. */
  readonly search?: SearchKind;
  /** What is kept of the states. Default: exact. */
  readonly store?: StoreKind;
  /** For `bitstate`: bytes of the bit array, at most 2 GiB. Default: 64 MiB. */
  readonly bits?: number;
  /** For `bitstate`: how many searches to make one after the other, with the seeds from `seed` on. Default: 1. */
  readonly swarm?: number;
  /** For random walks and `bitstate`: a whole number of at least 0 that stands for all random choices. Default: 1. */
  readonly seed?: number;
  /** For random walks: how many. Default: 1000. */
  readonly walks?: number;
  /** For random walks: the length of one that meets no dead end. Default: 1000. */
  readonly maxSteps?: number;
  /**
   * Worker threads of a breadth-first search, used where a level is large. Everything but the time is the same for any number.
   * The caller closes them. Default: none.
   */
  readonly threads?: Threads;
  /**
   * Whether a breadth-first search makes use of the symmetry that the system declares: it stores one of the states that differ
   * only in the names of interchangeable things. Verdicts and lengths of paths are the same. Default: true.
   */
  readonly symmetry?: boolean;
  /** Whether to keep account of what occurs in steps, for `coverageOf`. Not with `resume`. Default: false. */
  readonly coverage?: boolean;
  /**
   * Whether a breadth-first search of exact states follows only some of the steps of a state, where the order of the others makes no
   * difference to any property. Verdicts are the same. It rarely pays (docs/engine.md). Default: false.
   */
  readonly partialOrder?: boolean;
  /** Whether it leaves out states in which only one step is to be followed. Default: false. */
  readonly chains?: boolean;
  /** Stop with `unknown` when more states are found. Default: no bound. Not for random walks, which keep no states. */
  readonly maxStates?: number;
  /** Stop with `unknown` after this many seconds. Default: no bound. */
  readonly maxSeconds?: number;
  /** Stop with `unknown` before states, parents and tables need more bytes. What machines keep in their contexts is not counted. Default: 4 GiB. */
  readonly maxBytes?: number;
  /**
   * Stop with `unknown` before the process needs more memory: with contexts, the caller's own things and garbage, which
   * `maxBytes` cannot see. Default: no bound.
   */
  readonly resident?: ResidentOptions;
  /** Saves what a breadth-first search with exact states has done, so that it can be resumed. */
  readonly checkpoint?: {
    /** Seconds between two checkpoints; one more is saved when the search is stopped by `signal` or `maxSeconds`; not by `maxStates` or memory, within a step. */
    readonly every: number;
    /** For the user: what is searched. */
    readonly title: string;
    /** Takes a checkpoint, for `encodeCheckpoint` before it returns. What it throws ends the check. */
    save(checkpoint: Checkpoint): void;
  };
  /**
   * Goes on from there instead of starting anew; `maxSeconds` counts from now on. Properties are asked about all its states
   * again, and machines about all that they were asked.
   */
  readonly resume?: Checkpoint;
  /**
   * For `checkpoint` and `resume`: where the system comes from, texts by name, as digests of its sources and the values of its
   * parameters. A checkpoint with other ones is refused. The text of functions is compared anyway, but not what they refer to.
   */
  readonly origin?: Readonly<Record<string, string>>;
  /** Stops the search soon, with `unknown`. */
  readonly signal?: AbortSignal;
  /** Called about ten times a second. */
  readonly onProgress?: (progress: Progress) => void;
  /** Milliseconds that pass; tests give their own. */
  readonly clock?: () => number;
}

export interface Progress {
  readonly search: SearchKind;
  /**
   * `preparing`: the search has not begun; told once, at the start. `states`: they are being searched. `cycles`: they all are known, and fair
   * cycles are being looked for. `over`: nothing more is searched, and no bound counts any more; told once.
   */
  readonly phase: 'preparing' | 'states' | 'cycles' | 'over';
  readonly states: number;
  readonly steps: number;
  readonly depth: number;
  /** States to be expanded; for random walks, walks to be made; for cycles, states to be looked at, once for each property. */
  readonly waiting: number;
  /** About how many levels are left, where that can be told. */
  readonly levelsLeft?: number;
  readonly bytes: number;
  readonly seconds: number;
}

export interface PropertyResult {
  readonly name: string;
  readonly kind: Property['kind'] | 'deadlock';
  /** `open`: neither shown nor refuted, because the search stopped early. */
  /**
   * `not-looked-at`: it is not among the properties that were asked for; or it is about runs without an end, too, and the search has not
   * come to look for these.
   */
  readonly status: 'holds' | 'violated' | 'witnessed' | 'open' | 'not-looked-at';
}

/** A property that is violated, and how. */
export interface Violation {
  readonly property: string;
  /** In the last state of `path` no step is enabled. */
  readonly deadEnd: boolean;
  /** As in `CheckResult`. */
  readonly path?: Path;
}

/** A declared symmetry, and whether the search made use of it. */
export type Reduction = SymmetryReduction | OrderReduction;

export interface SymmetryReduction {
  readonly name: 'symmetry';
  readonly used: boolean;
  /**
   * Why it was not: `off`, the caller does not want it; `search`, this kind of search cannot; `progress`, there are properties of
   * progress, and fairness tells things apart that states do not.
   */
  readonly reason?: 'off' | 'search' | 'progress';
  /** How many renamings were used, the identity included; 1 when the reduction was not used. */
  readonly renamings: number;
  /** What is interchangeable: lists of things, each with its names. */
  readonly classes: System['symmetry'];
}

/** What the caller asked for beside: steps whose order nobody can notice are left out, or states with only one step to follow. */
export interface OrderReduction {
  readonly name: 'partial-order' | 'chains';
  readonly used: boolean;
  /** Why it was not: as for symmetry, or `search`, when it turned out not to go with it. */
  readonly reason?: 'search' | 'progress';
  /** States of which only some steps were followed, or that were not stored. */
  readonly left: number;
}

export interface CheckResult {
  readonly search: SearchKind;
  readonly store: StoreKind;
  /** Of the random walks, or of the first `bitstate` search. */
  readonly seed?: number;
  /** Of `hash-compact`, when the search came to its end: the chance that it missed a state, which might violate a property. */
  readonly missProbability?: number;
  /** Of `bitstate`. */
  readonly bitstate?: BitCoverage;
  readonly verdict: Verdict;
  /** The violated property. */
  readonly property?: string;
  /** In the last state of `path` no step is enabled. */
  readonly deadEnd?: boolean;
  /**
   * With `allViolations`: every property that was found violated. First those of states and dead ends, the shortest path first; then those
   * of progress, and those that nothing witnesses, in the order of their declaration. The first one is that of the verdict.
   */
  readonly violations?: readonly Violation[];
  /** Why the verdict is `unknown`; with `allViolations`, why the search ended before every property was decided. */
  readonly bound?: Bound;
  /** Why the verdict is `model-error`. */
  readonly error?: ModelError;
  /**
   * The path to the violation or the model error; none when a `reachable` or `happens` had no witness. Breadth-first it is
   * the shortest one, otherwise a shortened one. For a property of progress a lasso with `cycleStart`, or a path to a dead end.
   */
  readonly path?: Path;
  readonly properties: readonly PropertyResult[];
  /** What the system declares that makes its space smaller. With one that was used, states are counted up to it. */
  readonly reductions: readonly Reduction[];
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
  /** What is legal but hollow: it may be a mistake, and `holds` says nothing about it. */
  readonly hollow: readonly Hollow[];
  /** What keeps growing; given with `bound`, but not by random walks. */
  readonly growth?: readonly Growth[];
  /** What occurred, when that was asked for. */
  readonly occurred?: Occurred;
  /** Decodes the numbers in `path`. */
  readonly tables: Tables;
}

export type { BitCoverage };
export const DEFAULT_SEED = 1;
const DEFAULT_WALKS = 1000;
const DEFAULT_STEPS_MAX = 1000;
const DEFAULT_BYTES_MAX = 4 * 2 ** 30;
/** How long a slice of the search may keep the event loop waiting. */
const SLICE_MS = 50;
const PROGRESS_MS = 100;
/** How long a search whose time is over may look at what it has found for runs without progress. */
const GRACE_MS = 500;

/**
 * @throws ModelError when the definition itself cannot be tabulated; what goes wrong in a step comes back as
 *   `verdict: 'model-error'` with the path that leads there.
 * @param given may be a spread of a system: it is checked as a definition is
 * @throws UsageError for a property that the system does not have
 * @throws OptionsError when an option is none, has a value that it cannot have, or does not go with another one
 * @throws CheckpointError when `resume` is of another search
 */
export async function check(given: System, options: CheckOptions = {}): Promise<CheckResult> {
  judgeOptions(options);
  const system = asSystem(given);
  const { maxSeconds = Number.POSITIVE_INFINITY } = options;
  const clock = options.clock ?? (() => performance.now());
  const started = clock();
  options.onProgress?.({ ...NOTHING_SEARCHED, search: searchKindOf(options) });
  const resident = options.resident && new Resident(options.resident);
  const judged = options.properties ? judging(system, options.properties) : system;
  const explorer = explorerWithin(new Tables(judged), options, resident);
  const { search } = explorer;
  const { tables } = search;
  if (resident) {
    tables.onGrowth = (bytes) => {
      if (resident.hasRoomFor(bytes)) return;
      // Only once: to end a search may take some more answers.
      tables.onGrowth = undefined;
      throw new StoreFull();
    };
  }
  options.onProgress?.(progressOf(explorer, (clock() - started) / 1000, undefined));
  const occurrences = options.coverage ? new Occurrences(search.tables) : undefined;
  if (!(search instanceof ReducedSearch)) search.walker.occurrences = occurrences;
  const identity = options.checkpoint || options.resume ? identityFor(explorer, options) : undefined;
  if (options.resume) resume(explorer, options.resume, identity!);
  const before = options.resume?.seconds ?? 0;
  const seconds = () => before + (clock() - started) / 1000;
  let saved = clock();
  const save = () => {
    const snapshot = search instanceof Search && !search.done ? search.snapshot() : undefined;
    if (snapshot && options.checkpoint) {
      const { title } = options.checkpoint;
      options.checkpoint.save({ identity: { ...identity!, title }, seconds: seconds(), snapshot });
    }
    // Saving may take longer than the interval.
    saved = clock();
  };
  let bound: Bound | undefined;
  let liveness: Liveness | undefined;
  let slice = 256;
  let reported = clock();
  /** Between two slices: what the caller wants to know, and a turn of the event loop for its signals and timers. */
  const turn = async (): Promise<Bound | undefined> => {
    if (options.onProgress && clock() - reported >= PROGRESS_MS) {
      reported = clock();
      options.onProgress(progressOf(explorer, seconds(), liveness));
    }
    const late = seconds() - before > maxSeconds;
    if (options.checkpoint && clock() - saved >= options.checkpoint.every * 1000) save();
    await new Promise((resolve) => setImmediate(resolve));
    if (options.signal?.aborted) return 'interrupted';
    if (late) return 'seconds';
    return resident?.hasRoomFor(0) === false ? 'memory' : undefined;
  };

  while (!bound) {
    const sliceStarted = clock();
    const inParallel = search instanceof Search && (await options.threads?.expand(search)) === true;
    if (inParallel ? search.finding !== undefined : search.run(slice)) break;
    const elapsed = clock() - sliceStarted;
    if (!inParallel) slice = Math.max(16, Math.min(slice * 2, Math.round((slice * SLICE_MS) / Math.max(elapsed, 1))));
    bound = await turn();
  }
  // What follows has to do with what there is.
  tables.onGrowth = undefined;
  if (bound) {
    if (options.checkpoint) save();
    search.stop(bound);
  }
  const stoppedBy = search.finding?.kind === 'bound' ? search.finding.bound : undefined;
  const goesOn = !search.finding || stoppedBy === 'states' || stoppedBy === 'seconds';
  /** Does what is left to do, slice by slice; gives why it had to stop before its end. */
  const finish = async (work: Iterable<unknown>): Promise<Bound | undefined> => {
    const end = stoppedBy === 'seconds' ? clock() + GRACE_MS : Number.POSITIVE_INFINITY;
    let sliceStarted = clock();
    for (const pause of work) {
      if (pause !== 'a turn of the event loop' && clock() - sliceStarted < SLICE_MS) continue;
      const late = await turn();
      if ((late !== undefined && late !== stoppedBy) || clock() > end) return late ?? 'seconds';
      sliceStarted = clock();
    }
    return undefined;
  };
  if (search instanceof Search && goesOn && judged.properties.some(asksForProgress)) {
    liveness = new Liveness(search);
    try {
      const late = await finish(liveness.run());
      if (late) search.stop(late);
    } catch (error) {
      if (!(error instanceof StoreFull)) throw error;
      search.stop('memory');
    }
  }
  let unsteady: ModelError | undefined;
  if (search.finding?.kind !== 'model-error') {
    try {
      const late = await finish(tables.review.run());
      // What was found stays found.
      if (late && !search.finding) search.stop(late);
    } catch (error) {
      if (!(error instanceof ModelError)) throw error;
      unsteady = error;
    }
  }
  options.onProgress?.({ ...progressOf(explorer, seconds(), liveness), phase: 'over' });
  const result = resultOf(explorer, seconds(), liveness, options, system, unsteady);
  if (search instanceof ReducedSearch && result.path) {
    // Shortest traces are those of all steps; the reduced one is told only if they are too many.
    const full = await check(system, { ...options, partialOrder: false, chains: false });
    if (full.path) return { ...full, reductions: result.reductions, seconds: seconds() };
  }
  return occurrences ? { ...result, occurred: occurredIn(search, occurrences, explorer.symmetry) } : result;
}

function identityFor({ search, symmetry }: Explorer, { origin = {} }: CheckOptions): Omit<Identity, 'title'> {
  const system = identityOf(search.tables.system);
  const kinds = { search: 'breadth-first', store: 'exact', symmetry: symmetry !== undefined } as const;
  const allViolations = search instanceof Search && search.violations !== undefined;
  return { system, ...kinds, allViolations, versions: versionsInUse(search.tables.system), origin };
}

const NOTHING_SEARCHED = {
  ...{ phase: 'preparing', states: 0, steps: 0, depth: 0, waiting: 0, bytes: 0, seconds: 0 },
} as const satisfies Partial<Progress>;

/** @throws CheckpointError */
function resume({ search }: Explorer, { identity, snapshot }: Checkpoint, asked: Omit<Identity, 'title'>): void {
  const hint = `it is of \`${identity.title}\`; give the same arguments, or start anew without resuming`;
  const difference = differenceOf(identity, asked);
  if (difference !== undefined) throw new CheckpointError(`the checkpoint is of another search: ${difference}`, hint);
  let other: string | undefined;
  try {
    other = (search as Search).resume(snapshot);
  } catch (error) {
    if (!(error instanceof StoreFull)) throw error;
    throw new CheckpointError(
      'the checkpoint does not fit into the memory that the search may take',
      'let it have more',
    );
  }
  if (other === undefined) return;
  const why = 'something that its functions refer to has changed';
  throw new CheckpointError(
    `the checkpoint is of another version of the system: ${other} is not what it was (${why})`,
    hint,
  );
}

/** What searches, and how its paths are found. */
interface Explorer {
  readonly kind: SearchKind;
  readonly seed?: number;
  readonly search: Search | ReducedSearch | RandomWalks | HashCompactSearch | BitstateSearch;
  /** When the search makes use of it. */
  readonly symmetry?: Symmetry;
  /** Why it does not. */
  readonly unreduced?: Reduction['reason'];
  pathOf(finding: Exclude<Finding, { kind: 'bound' }>): Path;
}

/** @throws OptionsError when there is no room for a search that has done nothing yet */
function explorerWithin(tables: Tables, options: CheckOptions, resident: Resident | undefined): Explorer {
  try {
    return explorerOf(tables, options, resident);
  } catch (error) {
    if (!(error instanceof StoreFull)) throw error;
    throw new OptionsError(
      `not even the initial state can be stored in ${options.maxBytes} bytes`,
      'allow it some megabytes at least',
    );
  }
}

function explorerOf(tables: Tables, options: CheckOptions, resident: Resident | undefined): Explorer {
  const kind = searchKindOf(options);
  const { store = 'exact', maxStates = Number.POSITIVE_INFINITY, maxBytes = DEFAULT_BYTES_MAX } = options;
  const limits = { states: maxStates, bytes: maxBytes, resident };
  if (store === 'hash-compact') {
    const search = new HashCompactSearch(tables, limits);
    return { kind, search, pathOf: (finding) => search.pathOf(finding) };
  }
  if (store === 'bitstate') {
    const { seed = DEFAULT_SEED, bits = DEFAULT_BITS, swarm = 1 } = options;
    const search = new BitstateSearch(tables, { ...limits, seed, bits, swarm });
    return { kind, seed, search, pathOf: (finding) => shortened(tables, search.statesToFinding(), finding) };
  }
  switch (kind) {
    case 'breadth-first': {
      const { symmetry, unreduced } = symmetryOf(tables, options);
      const { partialOrder = false, chains = false, allViolations = false } = options;
      const isReduced = (partialOrder || chains) && !tables.system.properties.some(asksForProgress);
      const search = isReduced
        ? new ReducedSearch(tables, limits, { partialOrder, chains, symmetry })
        : new Search(tables, limits, { symmetry, violations: allViolations ? new Violations() : undefined });
      const pathOf: Explorer['pathOf'] = (finding) => search.pathOf(finding);
      return { kind, search, ...(symmetry ? { symmetry } : { unreduced }), pathOf };
    }
    case 'depth-first': {
      const search = new Search(tables, limits, { order: 'depth-first' });
      return { kind, search, pathOf: (finding) => shortened(tables, search.statesTo(finding.state), finding) };
    }
    case 'random': {
      const { seed = DEFAULT_SEED, walks = DEFAULT_WALKS, maxSteps = DEFAULT_STEPS_MAX } = options;
      const search = new RandomWalks(tables, { seed, walks, maxSteps, bytes: maxBytes });
      return { kind, seed, search, pathOf: (finding) => shortened(tables, search.statesTo(finding.state), finding) };
    }
    default:
      return kind satisfies never;
  }
}

function shortened(tables: Tables, states: States, finding: Exclude<Finding, { kind: 'bound' }>): Path {
  if (finding.kind !== 'violation' || !finding.ofRun) return shorten(tables, states, finding);
  return shortenRun(tables, states, tables.system.properties.find(({ name }) => name === finding.property)!);
}

/** One thing is interchangeable with nothing. */
function classesOf({ system }: Tables): System['symmetry'] {
  return system.symmetry.filter((things) => things.length > 1);
}

/** @throws ModelError when the declaration itself cannot be true */
function symmetryOf(
  tables: Tables,
  { symmetry = true }: CheckOptions,
): { readonly symmetry?: Symmetry; readonly unreduced?: Reduction['reason'] } {
  if (!symmetry) return { unreduced: 'off' };
  // What is fair to one image of a state may be unfair to another: a cycle of orbits may be fair where no run is.
  if (tables.system.properties.some(asksForProgress)) return { unreduced: 'progress' };
  if (classesOf(tables).length === 0) return {};
  try {
    return { symmetry: new Symmetry(tables) };
  } catch (error) {
    if (!(error instanceof ModelError) || DECLARATION_ERRORS.has(error.code)) throw error;
    // A machine cannot start: the search says it, as it does without symmetry.
    return {};
  }
}

const DECLARATION_ERRORS: ReadonlySet<string> = new Set(['not-symmetric', 'bad-definition']);

function progressOf({ kind, search }: Explorer, seconds: number, liveness: Liveness | undefined): Progress {
  const { states, steps, depth, bytes } = search;
  const { waiting } = liveness ?? search;
  const phase = liveness ? ('cycles' as const) : ('states' as const);
  const left = search instanceof Search && search.waiting > 0 ? search.levelsLeft : undefined;
  const estimate = left === undefined ? {} : { levelsLeft: left };
  return { search: kind, phase, states, steps, depth, waiting, ...estimate, bytes, seconds };
}

function reductionsOf({ search, symmetry, unreduced }: Explorer, options: CheckOptions): Reduction[] {
  const classes = classesOf(search.tables);
  const reductions: Reduction[] = [];
  if (classes.length > 0) {
    reductions.push(
      symmetry
        ? { name: 'symmetry', used: true, renamings: symmetry.size, classes }
        : { name: 'symmetry', used: false, reason: unreduced ?? 'search', renamings: 1, classes },
    );
  }
  const isReduced = search instanceof ReducedSearch;
  const reason = search.tables.system.properties.some(asksForProgress) ? 'progress' : 'search';
  if (options.partialOrder) {
    const used = isReduced && search.partialOrder;
    const left = isReduced ? search.reduced : 0;
    reductions.push({ name: 'partial-order', used, ...(!used && { reason }), left });
  }
  if (options.chains) {
    reductions.push({
      name: 'chains',
      used: isReduced,
      ...(!isReduced && { reason }),
      left: isReduced ? search.skipped : 0,
    });
  }
  return reductions;
}

function resultOf(
  explorer: Explorer,
  seconds: number,
  liveness: Liveness | undefined,
  options: CheckOptions,
  declared: System,
  unsteady: ModelError | undefined,
): CheckResult {
  const { kind, seed, search, symmetry } = explorer;
  const { tables, finding } = search;
  const counts = {
    search: kind,
    store: storeOf(search),
    ...(seed !== undefined && { seed }),
    ...(search instanceof HashCompactSearch && search.done && { missProbability: search.missProbability }),
    ...(search instanceof BitstateSearch && { bitstate: search.coverage }),
    reductions: reductionsOf(explorer, options),
    states: search.states,
    steps: search.steps,
    depth: search.depth,
    seconds,
    bytesPerState: Math.max(search.bytes, liveness?.bytesMax ?? 0) / Math.max(1, search.states),
    xstateTransitions: tables.xstateTransitions,
    hollow: hollowIn(search, symmetry),
    tables,
  };
  const statusesWith = (violations: readonly Violation[]) => statuses(declared, search, liveness, violations);
  if (unsteady) return { ...counts, verdict: 'model-error', error: unsteady, properties: statusesWith([]) };
  let violations: readonly Violation[];
  let failure: { readonly error: ModelError; readonly path?: Path } | undefined;
  try {
    violations = violationsOf(explorer, liveness);
    failure = finding?.kind === 'model-error' ? failureOf(explorer, finding) : liveness?.error;
  } catch (error) {
    // What looks like a finding may be where a symmetry turns out not to be one.
    if (!(error instanceof ModelError) || !symmetry) throw error;
    return { ...counts, verdict: 'model-error', error, properties: statusesWith([]) };
  }
  const properties = statusesWith(violations);
  const told = { ...counts, properties, ...(options.allViolations && { violations }) };
  if (failure) return { ...told, verdict: 'model-error', ...failure };
  const stop = finding?.kind === 'bound' && {
    bound: finding.bound,
    ...('levels' in search && { growth: diagnoseGrowth(tables, search.levels) }),
  };
  const [first] = violations;
  if (first)
    return {
      ...told,
      ...(options.allViolations && stop),
      verdict: 'violated',
      ...(first.path ? first : { property: first.property }),
    };
  if (stop) return { ...told, ...stop, verdict: 'unknown' };
  // Without whole states there is no graph in which fair cycles could be looked for.
  if (!liveness && tables.system.properties.some(asksForProgress)) {
    return { ...told, verdict: 'unknown', bound: 'cycles' };
  }
  return { ...told, verdict: 'holds' };
}

/** What was found violated, in the order in which it would be found one after the other; one at most, unless all are asked for. */
function violationsOf(explorer: Explorer, liveness: Liveness | undefined): Violation[] {
  const { search } = explorer;
  const { tables, finding } = search;
  const noted = search instanceof Search ? search.violations : undefined;
  const found = noted ? noted.inOrder().map((one) => one.finding) : finding?.kind === 'violation' ? [finding] : [];
  const violations: Violation[] = [...found.map((one) => violationOf(explorer, one)), ...(liveness?.violations ?? [])];
  if (noted ? !search.done : finding || violations.length > 0) return violations;
  const unmet = tables.system.properties
    .filter(({ name }) => search.unwitnessed.has(name))
    .map(({ name }): Violation => ({ property: name, deadEnd: false }));
  return [...violations, ...(noted ? unmet : unmet.slice(0, 1))];
}

function violationOf(explorer: Explorer, finding: ViolationFinding): Violation {
  const { property } = finding;
  const path = explorer.pathOf(finding);
  if (!finding.ofRun) return { property, deadEnd: finding.deadEnd, path };
  const run = stopped(new Walker(explorer.search.tables), path);
  return { property, deadEnd: run.stops === undefined, path: run };
}

function failureOf(explorer: Explorer, finding: Extract<Finding, { kind: 'model-error' }>) {
  const { error, state } = finding;
  return state < 0 ? { error } : { error, path: explorer.pathOf(finding) };
}

function storeOf(search: Explorer['search']): StoreKind {
  if (search instanceof HashCompactSearch) return 'hash-compact';
  return search instanceof BitstateSearch ? 'bitstate' : 'exact';
}

function statuses(
  declared: System,
  search: Explorer['search'],
  liveness: Liveness | undefined,
  violations: readonly Violation[],
): PropertyResult[] {
  const judged = new Set(propertyNames(search.tables.system));
  const violated = new Set(violations.map(({ property }) => property));
  const statusOf = (name: string, property?: Property): PropertyResult['status'] => {
    if (!judged.has(name)) return 'not-looked-at';
    if (property?.kind === 'reachable' || property?.kind === 'happens') {
      if (!search.unwitnessed.has(name)) return 'witnessed';
      return search.done ? 'violated' : 'open';
    }
    if (violated.has(name)) return 'violated';
    if (property && asksForProgress(property) && !liveness?.isDecided(name)) return 'not-looked-at';
    return search.done ? 'holds' : 'open';
  };
  return [
    ...declared.properties.map((property) => {
      const { name, kind } = property;
      return { name, kind, status: statusOf(name, property) };
    }),
    ...(declared.deadlock === 'violation'
      ? [{ name: DEADLOCK_PROPERTY, kind: 'deadlock' as const, status: statusOf(DEADLOCK_PROPERTY) }]
      : []),
  ];
}
