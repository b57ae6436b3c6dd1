/**
 * Which parts a search is put together from: the one referee of options. What does not go together is refused here, also for whoever
 * takes options in other words, as the command line does, and says how it spells them.
 *
 * A kind of search is a line of `WAYS`: in which order, over what store, and how it is made. Where whole states are kept the search
 * works on rows of them (`search.ts`); all others go over whole vectors (`vectors/vector-search.ts`).
 */
import { ModelError } from '../system/errors.ts';
import type { System } from '../system/system.ts';
import type { Tables } from '../tabulate/tables.ts';
import type { Explorer } from './explorer.ts';
import { Violations } from './findings.ts';
import { asksForProgress } from './liveness/liveness.ts';
import { type Resident, StoreFull } from './memory.ts';
import {
  type CheckOptions,
  judgeValues,
  OptionsError,
  OWN_SPELLING,
  type SearchKind,
  type Spelling,
  type StoreKind,
} from './options.ts';
import { ReducedSearch } from './partial-order/reduced-search.ts';
import { Search, type SearchLimits } from './search.ts';
import { Spill } from './spill.ts';
import { Symmetry } from './symmetry.ts';
import type { Shared } from './threads.ts';
import { BitStore } from './vectors/bit-store.ts';
import { DepthFirst } from './vectors/depth-first.ts';
import { FingerprintSearch } from './vectors/fingerprint-search.ts';
import { VectorParts, VectorSearch } from './vectors/vector-search.ts';
import { Walks } from './vectors/walks.ts';

/** What searches, and what is known of it beforehand. */
export interface Plan {
  readonly search: SearchKind;
  readonly store: StoreKind;
  /** Of the random walks, or of the first `bitstate` search. */
  readonly seed?: number;
  readonly explorer: Explorer;
  /** The same search, when it keeps whole states: for who goes through them. */
  readonly rows?: Search;
  /** The same search, when other threads can take part in it. */
  readonly shared?: Shared;
  /** When the search makes use of it. */
  readonly symmetry?: Symmetry;
  /** With what to search again for the shortest path, when this search leaves out steps. */
  readonly full?: CheckOptions;
  /** What the system declares that makes its space smaller, and what was asked for beside; grows with the search. */
  reductions(): Reduction[];
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

/** A kind of search. The first one with a store is the one that the store is for. */
interface Way {
  readonly search: SearchKind;
  readonly store: StoreKind;
  /** It keeps whole states, level by level: what goes on later, goes back or leaves something out needs that. */
  readonly keepsWholeLevels?: true;
  /** It goes level by level, so that other threads can take part. */
  readonly takesThreads?: true;
  make(tables: Tables, limits: SearchLimits, options: CheckOptions): Made;
}

/** What is made, with what it has of the system's reductions. */
type Made = Pick<Plan, 'explorer' | 'rows' | 'shared' | 'seed'> & Reducing & { readonly reduced?: ReducedSearch };

/** A symmetry, or why it is not used. */
interface Reducing {
  readonly symmetry?: Symmetry;
  readonly unreduced?: SymmetryReduction['reason'];
}

export const DEFAULT_SEED = 1;
/** Bytes of a bit array. */
const DEFAULT_BITS = 64 * 2 ** 20;
const DEFAULT_WALKS = 1000;
const DEFAULT_STEPS_MAX = 1000;
const DEFAULT_BYTES_MAX = 4 * 2 ** 30;

const WAYS: readonly Way[] = [
  { search: 'breadth-first', store: 'exact', keepsWholeLevels: true, takesThreads: true, make: byRows },
  { search: 'depth-first', store: 'exact', make: ofRows },
  { search: 'random', store: 'exact', make: byWalks },
  { search: 'breadth-first', store: 'hash-compact', takesThreads: true, make: byFingerprints },
  { search: 'depth-first', store: 'bitstate', make: bySwarm },
];

function byRows(tables: Tables, limits: SearchLimits, options: CheckOptions): Made {
  const reducing = symmetryOf(tables, options);
  const { symmetry } = reducing;
  const { partialOrder = false, chains = false, allViolations = false } = options;
  if ((partialOrder || chains) && !asksForAnyProgress(tables)) {
    const reduced = new ReducedSearch(tables, limits, { partialOrder, chains, symmetry });
    return { ...reducing, explorer: reduced, reduced };
  }
  const violations = allViolations ? new Violations() : undefined;
  const spill = options.spill === undefined ? undefined : new Spill(options.spill);
  return { ...reducing, ...rowsOf(new Search(tables, limits, { symmetry, violations, spill })) };
}

function ofRows(tables: Tables, limits: SearchLimits): Made {
  return rowsOf(new Search(tables, limits, { order: 'depth-first' }));
}

function rowsOf(rows: Search): Made {
  return { explorer: rows, rows, shared: rows };
}

function byWalks(tables: Tables, limits: SearchLimits, options: CheckOptions): Made {
  const { seed = DEFAULT_SEED, walks = DEFAULT_WALKS, maxSteps = DEFAULT_STEPS_MAX } = options;
  const parts = new VectorParts(tables, limits);
  return { explorer: new VectorSearch(parts, new Walks(parts, { seed, walks, maxSteps })), seed };
}

function byFingerprints(tables: Tables, limits: SearchLimits): Made {
  const search = new FingerprintSearch(new VectorParts(tables, limits));
  // What a run would violate that ends depends on which of its states' runs was first.
  return { explorer: search, ...(!asksForAnyProgress(tables) && { shared: search }) };
}

function bySwarm(tables: Tables, limits: SearchLimits, options: CheckOptions): Made {
  const { seed = DEFAULT_SEED, bits = DEFAULT_BITS, swarm = 1 } = options;
  const parts = new VectorParts(tables, limits);
  const store = new BitStore(parts, { seed, bits, swarm });
  return { explorer: new VectorSearch(parts, new DepthFirst(parts, store, seed)), seed };
}

/**
 * Puts a search together.
 *
 * @param options that `judgeOptions` has found to be in order
 * @throws ModelError when a declared symmetry cannot be one
 * @throws OptionsError when there is no room for a search that has done nothing yet
 * @throws SpillError when no file can be made where states are to go
 */
export function planOf(tables: Tables, options: CheckOptions, resident: Resident | undefined): Plan {
  const { maxStates = Number.POSITIVE_INFINITY, maxBytes = DEFAULT_BYTES_MAX } = options;
  const way = wayOf(options)!;
  try {
    const made = way.make(tables, { states: maxStates, bytes: maxBytes, resident }, options);
    const { explorer, rows, shared, seed, symmetry, reduced } = made;
    return {
      search: way.search,
      store: way.store,
      explorer,
      ...(seed !== undefined && { seed }),
      ...(rows && { rows }),
      ...(shared && { shared }),
      ...(symmetry && { symmetry }),
      ...(reduced && { full: { ...options, partialOrder: false, chains: false } }),
      reductions: () => reductionsOf(tables, options, made),
    };
  } catch (error) {
    if (!(error instanceof StoreFull)) throw error;
    throw new OptionsError(
      `not even the initial state can be stored in ${options.maxBytes} bytes`,
      'allow it some megabytes at least',
    );
  }
}

/** How the states are searched: what keeps only a part of them goes its own way. */
export function searchKindOf({ search, store = 'exact' }: Pick<CheckOptions, 'search' | 'store'>): SearchKind {
  return search ?? onlyWayOf(store).search;
}

/** The way of a store that has no choice; of whole states the one to take without another wish. */
function onlyWayOf(store: StoreKind): Way {
  return WAYS.find((way) => way.store === store)!;
}

/** Undefined when the kind of search does not go with the store. */
function wayOf(options: CheckOptions): Way | undefined {
  const { store = 'exact' } = options;
  return WAYS.find((way) => way.store === store && way.search === searchKindOf(options));
}

function keepsWholeLevels(options: CheckOptions): boolean {
  return wayOf(options)?.keepsWholeLevels === true;
}

/** Whether threads can take part in a search. */
export function takesThreads(options: CheckOptions): boolean {
  return wayOf(options)?.takesThreads === true;
}

// --- reductions ---

function asksForAnyProgress({ system }: Tables): boolean {
  return system.properties.some(asksForProgress);
}

/** One thing is interchangeable with nothing. */
function classesOf({ system }: Tables): System['symmetry'] {
  return system.symmetry.filter((things) => things.length > 1);
}

/** @throws ModelError when the declaration itself cannot be true */
function symmetryOf(tables: Tables, { symmetry = true }: CheckOptions): Reducing {
  if (!symmetry) return { unreduced: 'off' };
  // What is fair to one image of a state may be unfair to another: a cycle of orbits may be fair where no run is.
  if (asksForAnyProgress(tables)) return { unreduced: 'progress' };
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

function reductionsOf(tables: Tables, options: CheckOptions, { symmetry, unreduced, reduced }: Made): Reduction[] {
  const classes = classesOf(tables);
  const reductions: Reduction[] = [];
  if (classes.length > 0) {
    reductions.push(
      symmetry
        ? { name: 'symmetry', used: true, renamings: symmetry.size, classes }
        : { name: 'symmetry', used: false, reason: unreduced ?? 'search', renamings: 1, classes },
    );
  }
  const reason = asksForAnyProgress(tables) ? 'progress' : 'search';
  const reduction = (name: OrderReduction['name'], used: boolean, left = 0): OrderReduction => ({
    name,
    used,
    ...(!used && { reason }),
    left,
  });
  if (options.partialOrder) {
    reductions.push(reduction('partial-order', reduced?.partialOrder === true, reduced?.reduced));
  }
  if (options.chains) reductions.push(reduction('chains', reduced !== undefined, reduced?.skipped));
  return reductions;
}

// --- what does not go together ---

/**
 * Judges options before a search. What is `undefined` is left out.
 *
 * @throws OptionsError for the first thing that is wrong with them
 */
export function judgeOptions(options: CheckOptions, spelling: Spelling = OWN_SPELLING): void {
  judgeValues(options, spelling);
  judgeStore(options, spelling);
  judgeSearch(options, spelling);
  judgeReductions(options, spelling);
  judgeAllViolations(options, spelling);
  judgeCheckpoints(options, spelling);
  judgeSpill(options, spelling);
}

function judgeStore(options: CheckOptions, { option, search: spellSearch, store: spellStore, kinds }: Spelling): void {
  const { store = 'exact', search, bits, maxBytes } = options;
  if (store !== 'bitstate') {
    const extra = given(options, 'bits', 'swarm');
    if (extra) throw new OptionsError(`${option(extra)} is for bit arrays: it goes with ${spellStore('bitstate')}`);
  }
  if (store === 'exact') return;
  if (search !== undefined && !wayOf(options)) {
    throw new OptionsError(
      `${spellStore(store)} does not go with ${spellSearch(search)}: its search is ${kinds[onlyWayOf(store).search]}`,
      'leave the search out',
    );
  }
  if (options.threads && !takesThreads(options)) {
    throw new OptionsError(`${option('threads')} does not go with ${spellStore(store)}: it runs in one thread`);
  }
  if (store === 'bitstate' && maxBytes !== undefined && (bits ?? DEFAULT_BITS) >= maxBytes) {
    throw new OptionsError(
      `a bit array of ${megabytes(bits ?? DEFAULT_BITS)} does not fit into ${option('maxBytes')}, ${megabytes(maxBytes)}`,
      `make it smaller by ${option('bits')}`,
    );
  }
}

function judgeSearch(options: CheckOptions, { option, search: spellSearch, store: spellStore }: Spelling): void {
  const search = searchKindOf(options);
  if (search !== 'random') {
    const extra = given(options, 'walks', 'maxSteps');
    if (extra) throw new OptionsError(`${option(extra)} is for random walks: it goes with ${spellSearch('random')}`);
    if (options.seed !== undefined && options.store !== 'bitstate') {
      const two = `${spellSearch('random')} or ${spellStore('bitstate')}`;
      throw new OptionsError(`${option('seed')} is for random choices: it goes with ${two}`);
    }
  } else if (Number.isFinite(options.maxStates)) {
    throw new OptionsError(
      `${option('maxStates')} does not go with ${spellSearch('random')}: random walks keep no states`,
      `bound them by ${option('walks')} and ${option('maxSteps')}, or by ${option('maxSeconds')}`,
    );
  }
  if (options.threads && search !== 'breadth-first') {
    throw new OptionsError(
      `${option('threads')} goes with ${spellSearch('breadth-first')}, got ${spellSearch(search)}`,
    );
  }
}

function judgeReductions(options: CheckOptions, { option }: Spelling): void {
  const reduction = given(options, 'partialOrder', 'chains');
  if (!reduction) return;
  const name = option(reduction);
  if (!keepsWholeLevels(options))
    throw new OptionsError(`${name} is for a breadth-first search that keeps whole states`);
  if (options.coverage) {
    throw new OptionsError(
      `${name} does not go with ${option('coverage')}: the steps that it leaves out would count as not covered`,
    );
  }
  const other = given(options, 'resume', 'checkpoint');
  if (other) throw new OptionsError(`${name} does not go with ${option(other)}: what it has left out is not saved`);
}

function judgeAllViolations(options: CheckOptions, { option }: Spelling): void {
  if (!options.allViolations) return;
  const name = option('allViolations');
  if (!keepsWholeLevels(options)) {
    throw new OptionsError(
      `${name} is for a breadth-first search that keeps whole states`,
      `with another one, ask for one property at a time by ${option('properties')}`,
    );
  }
  const reduction = given(options, 'partialOrder', 'chains');
  if (!reduction) return;
  throw new OptionsError(
    `${option(reduction)} does not go with ${name}: it does not keep the lengths of paths, and looks for one violation only`,
    'leave it out',
  );
}

function judgeCheckpoints(options: CheckOptions, { option }: Spelling): void {
  const other = given(options, 'resume', 'checkpoint');
  if (!other) return;
  if (!keepsWholeLevels(options)) {
    throw new OptionsError(`${option(other)} is for a breadth-first search that keeps whole states`);
  }
  if (options.coverage) {
    throw new OptionsError(
      `${option('coverage')} does not go with ${option(other)}: a checkpoint does not know what has occurred`,
    );
  }
}

function judgeSpill(options: CheckOptions, { option }: Spelling): void {
  if (options.spill === undefined) return;
  const name = option('spill');
  if (!keepsWholeLevels(options)) {
    throw new OptionsError(
      `${name} is for a breadth-first search that keeps whole states`,
      'other searches take little memory, or keep nothing that could be left on disk',
    );
  }
  const other = given(options, 'partialOrder', 'chains', 'checkpoint', 'resume');
  if (!other) return;
  const isCheckpoint = other === 'checkpoint' || other === 'resume';
  const why = isCheckpoint
    ? 'a checkpoint is made of states in memory'
    : 'a search that leaves out steps keeps its states in memory';
  throw new OptionsError(`${name} does not go with ${option(other)}: ${why}`, 'leave one of them out');
}

/** The first of some options that is asked for. */
function given<Name extends keyof CheckOptions>(options: CheckOptions, ...names: readonly Name[]): Name | undefined {
  return names.find((name) => options[name] !== undefined && options[name] !== false);
}

function megabytes(bytes: number): string {
  return bytes >= 2 ** 20 ? `${Math.round(bytes / 2 ** 20)} MB` : `${bytes} bytes`;
}
