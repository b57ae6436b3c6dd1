/**
 * The states of a system up to those that violate a property, all or those of its first steps, by a plain breadth-first
 * search: what exports and graphs are made from.
 *
 * Unlike `check` it does not end at the first violation. When it ends, the tables have every local state, message and channel
 * content that can occur within these states.
 */
import { ModelError } from '../system/errors.ts';
import type { System } from '../system/system.ts';
import { hashAfter, hashOf, NumberedStates } from '../tabulate/numbered-states.ts';
import { initialStates } from '../tabulate/path.ts';
import { Tables } from '../tabulate/tables.ts';
import { Walker } from '../tabulate/walker.ts';
import { SafetyProperties } from '../trace/safety.ts';

export interface SpaceOptions {
  /** The most states; more are `IncompleteSpace`. Default: 3,000,000. */
  readonly maxStates?: number;
  /** The most memory for states, in bytes; more are `IncompleteSpace`. Default: 2 GiB. */
  readonly maxBytes?: number;
  /** Only the states that so many steps can lead to are expanded; the steps of these lead to the last ones. */
  readonly depth?: number | undefined;
  /** Whether states that violate a property are expanded, too. There may be no end of states behind them. Default: false. */
  readonly behind?: boolean;
  /** Stops with `IncompleteSpace`. */
  readonly signal?: AbortSignal;
  /** Called at each turn of the event loop: after some states, or some parts of a model that is made from them. */
  readonly onProgress?: (progress: SpaceProgress) => void;
}

export interface SpaceProgress {
  readonly states: number;
  readonly steps: number;
  readonly depth: number;
  /** States that are found and not expanded yet. */
  readonly waiting: number;
}

export const MAX_STATES_DEFAULT = 3_000_000;
/** The most memory for states. A state of ten thousand actors takes 40 kB, and has ten thousand steps. */
export const STATE_BYTES_MAX = 2 ** 31;
/** How many steps are run before the event loop gets a turn: few, for each may be the first to ask XState. */
const SLICE = 2048;

/** The space has more states than were allowed, or than there is room for, or its search was interrupted. */
export class IncompleteSpace extends Error {
  override readonly name = 'IncompleteSpace';
  readonly bound: 'states' | 'memory' | 'interrupted';
  readonly states: number;

  constructor(bound: IncompleteSpace['bound'], states: number) {
    const found = states.toLocaleString('en-US');
    const why = {
      states: `there are more than ${found} states`,
      memory: `there is no room for more than ${found} states of this size`,
      interrupted: `interrupted after ${found} states`,
    };
    super(why[bound]);
    this.bound = bound;
    this.states = states;
  }
}

export class Space {
  readonly tables: Tables;
  readonly walker: Walker;
  /** The initial states, each once. */
  readonly initial: readonly Int32Array[];
  /** For each of them, the first way to start that leads to it. */
  readonly ways: readonly number[];
  /** Edges of the graph that leave an expanded state. */
  steps = 0;
  /** Steps to the farthest state. */
  depth = 0;
  /** How many states have been looked at, in the order of their numbers: all, unless the search was of the first steps only. */
  expanded = 0;
  /** Of these, the ones that violate a property and were not expanded for that. */
  readonly cut = new Set<number>();
  readonly #states: NumberedStates;

  /** @param ways to start, all of them unless said otherwise */
  constructor(system: System, ways?: readonly number[]) {
    this.tables = new Tables(system, { wholeChannels: true });
    this.walker = new Walker(this.tables);
    this.#states = new NumberedStates(this.tables.slotCount);
    const all = ways ?? [...system.starts.keys()];
    const found = initialStates(this.walker, all).map((state, at) => ({ way: all[at]!, state }));
    const distinct = found.filter(({ state }) => this.#states.numberOf(state) === this.#states.size - 1);
    this.initial = distinct.map(({ state }) => state);
    this.ways = distinct.map(({ way }) => way);
  }

  /** States so far; they are numbered in the order of their discovery, the initial ones first. */
  get size(): number {
    return this.#states.size;
  }

  /** All that is missing is what lies behind violations. */
  get isComplete(): boolean {
    return this.expanded === this.size;
  }

  /** Whether the steps of a state are part of the space. */
  isExpanded(number: number): boolean {
    return number < this.expanded && !this.cut.has(number);
  }

  /** A state, as a view that is valid until the search goes on. */
  at(number: number): Int32Array {
    return this.#states.at(number);
  }

  /** The number of a state; -1 when it was not reached. */
  find(state: Int32Array, hash?: number): number {
    return this.#states.find(state, hash);
  }

  /** @param hash as `hashOf` and `forEachStep` tell it */
  numberOf(state: Int32Array, hash?: number): number {
    return this.#states.numberOf(state, hash);
  }

  /** Memory of the states. */
  get bytes(): number {
    return this.size * this.tables.slotCount * Int32Array.BYTES_PER_ELEMENT;
  }

  /**
   * Runs all steps of a state; `visit` hears of each, while `walker` stands after it, and of the hash of the state after it.
   *
   * @throws ModelError when one of them is a mistake of the model
   */
  forEachStep(state: Int32Array, visit: (walker: Walker, hash: number) => void): void {
    const { walker } = this;
    walker.begin();
    walker.current.set(state);
    const hash = hashOf(state);
    try {
      while (walker.next()) visit(walker, hashAfter(hash, walker));
    } catch (error) {
      walker.abort();
      if (!(error instanceof ModelError)) throw error;
      const hint = [error.hint, '`faultline check` shows the trace that leads there'].filter(Boolean).join('\n');
      throw new ModelError(error.code, error.message, hint, { cause: error });
    }
  }
}

/**
 * @throws IncompleteSpace at the bound, or when interrupted
 * @throws ModelError when a step is a mistake of the model, or the model is no function of its states
 *
 * @example
 * ```ts
 * import { exploreSpace } from 'faultline';
 * import { lights } from './lights.ts';
 *
 * const space = await exploreSpace(lights, { behind: true, maxStates: 1000 });
 * space.size; // => 4
 * ```
 */
export async function exploreSpace(system: System, options: SpaceOptions = {}): Promise<Space> {
  const { maxStates = MAX_STATES_DEFAULT, maxBytes = STATE_BYTES_MAX, behind = false } = options;
  const { depth = Number.POSITIVE_INFINITY } = options;
  const space = new Space(system);
  const safety = new SafetyProperties(space.tables);
  let levelEnd = space.size;
  let turnAt = 0;
  for (let from = 0; from < space.size; from++) {
    if (from === levelEnd) {
      space.depth++;
      levelEnd = space.size;
    }
    if (space.depth > depth) break;
    if (behind || safety.isClean(space.at(from))) {
      space.forEachStep(space.at(from), (walker, hash) => {
        space.steps++;
        space.numberOf(walker.current, hash);
      });
    } else {
      space.cut.add(from);
    }
    space.expanded++;
    if (space.size > maxStates) throw new IncompleteSpace('states', maxStates);
    if (space.bytes > maxBytes) throw new IncompleteSpace('memory', space.size);
    if (space.steps + space.expanded < turnAt) continue;
    await turn(space, options);
    turnAt = space.steps + space.expanded + SLICE;
  }
  for (const _ of space.tables.review.run()) await turn(space, options);
  return space;
}

/**
 * Lets the event loop have a turn, for signals and for what people see meanwhile.
 *
 * @throws IncompleteSpace when interrupted
 */
export async function turn(
  space: Space,
  { signal, onProgress }: Pick<SpaceOptions, 'signal' | 'onProgress'>,
): Promise<void> {
  onProgress?.({ states: space.size, steps: space.steps, depth: space.depth, waiting: space.size - space.expanded });
  await new Promise((resolve) => setImmediate(resolve));
  if (signal?.aborted) throw new IncompleteSpace('interrupted', space.size);
}
