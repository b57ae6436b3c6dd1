/**
 * The worker threads of a search. They are started when a level is large enough to be worth it, and stay for its rest. Each owns the
 * rows of a *lane*: parts of a level are expanded by all of them, chunk by chunk, and then each absorbs what was found for its rows.
 * The coordinator, which owns XState, does what they leave. After the search they link the states of its graph (`liveness/links.ts`).
 *
 * Levels are synchronised, so counts, verdicts and the lengths of traces do not depend on the number of threads.
 */
import { Pool } from '../threads/pool.ts';
import { WorkerFailed } from '../threads/worker-failed.ts';
import type { Graph } from './liveness/graph.ts';
import { Budget } from './memory.ts';
import type { Absorbed, Expanded, ExpandJob, Linked, PartJob, PartResult } from './part.ts';
import { Pending, type SharedPending } from './pending.ts';
import type { Search } from './search.ts';

/** Fewer states are expanded faster without other threads. */
const PART_MIN = 2 ** 12;
/** In a smaller search what the coordinator does alone takes longer than what other threads save (docs/measurements.md). */
const START_STATES = 2 ** 22;
const START_MIN = 2 ** 15;
/** After so many states the caller gets its turn, to look at the clock and at signals. */
const PART_MAX = 2 ** 19;
/** Lanes for each thread, so that no thread waits long for another one, and their memory may be larger than an array. */
const LANES = 4;
/** States that a thread takes at a time, at most. */
const CHUNK = 2 ** 11;

/** In a smaller graph the coordinator is done before other threads have been of use. */
const LINK_STATES = 2 ** 20;
/** A region may be small: before they link all states the coordinator looks at such a share of them itself. */
const LINK_AFTER = 1 / 8;
/** After so many states the caller gets its turn. */
const LINK_PART = 2 ** 18;

export interface ThreadOptions {
  /** Fewer states of a level than this are left to the caller. */
  readonly partMin?: number;
  /** In a smaller search they are not started. */
  readonly startStates?: number;
  /** Of a graph of so many states, at how many the coordinator looks before they are used. */
  readonly linkAfter?: (states: number) => number;
  /** The module that the threads run. */
  readonly worker?: URL;
}

export class Threads {
  /** States that worker threads have expanded so far, in all searches; the coordinator did the others. */
  expanded = 0;
  /** The same for states that they have linked. */
  linked = 0;
  readonly count: number;
  readonly #options: ThreadOptions;
  #pool: Pool<PartJob, PartResult> | undefined;
  /** All threads have run something. */
  #isReady = false;
  #failure: WorkerFailed | undefined;
  /** By expanding job: memory for what is found. */
  #pending: readonly SharedPending[] = [];

  constructor(count: number, options: ThreadOptions = {}) {
    this.count = count;
    this.#options = options;
  }

  /**
   * Expands a part of the level that a search is in, and absorbs what is found; false when there is too little left of it to be worth
   * it, or when the threads are still on their way.
   *
   * @throws WorkerFailed
   */
  async expand(search: Search): Promise<boolean> {
    const { partMin = PART_MIN, startStates = START_STATES } = this.#options;
    if (this.#failure) throw this.#failure;
    if (!this.#isReady) {
      const isWorthIt = search.states >= startStates && search.leftOfLevel >= Math.max(partMin, START_MIN);
      if (!this.#pool && isWorthIt) void this.start();
      return false;
    }
    const part = search.openPart({ lanes: LANES * this.count, min: partMin, max: PART_MAX, chunk: CHUNK });
    if (!part) return false;
    const cursor = new Int32Array(new SharedArrayBuffer(4));
    const jobs = this.#pending.map((pending) => ({ ...part, kind: 'expand' as const, cursor, pending }));
    const expanded = (await this.#pool!.run(jobs)) as Expanded[];
    this.#pending = expanded.map(({ found }) => found);
    for (const { states } of expanded) this.expanded += states;
    const lanes = search.adoptExpanded(expanded);
    if (!lanes) return true;
    const found = expanded.map((one) => one.found);
    const absorbed = (await this.#pool!.run(
      lanes.map((lane, number) => ({ ...lane, kind: 'absorb', found, lane: number, lanes: lanes.length })),
    )) as Absorbed[];
    search.adoptAbsorbed(absorbed, expanded);
    return true;
  }

  /**
   * Links some states of a graph; false when that is not worth it, when all are linked, or when the threads are still on their way.
   *
   * @throws WorkerFailed
   */
  async link(graph: Graph): Promise<boolean> {
    const { linkAfter = linkAfterShare } = this.#options;
    if (this.#failure) throw this.#failure;
    if (graph.lookedUp < linkAfter(graph.count)) return false;
    if (!this.#isReady) {
      void this.start();
      return false;
    }
    const part = graph.openPart(LINK_PART);
    if (!part) return false;
    const cursor = new Int32Array(new SharedArrayBuffer(4));
    cursor[0] = part.from;
    const job = { ...part, kind: 'link' as const, cursor, chunk: CHUNK };
    const linked = (await this.#pool!.run(Array.from({ length: this.count }, () => job))) as Linked[];
    for (const { states } of linked) this.linked += states;
    graph.adoptLinked(linked);
    return true;
  }

  async close(): Promise<void> {
    const pool = this.#pool;
    this.#pool = undefined;
    this.#isReady = false;
    await pool?.close();
  }

  /** Starts the threads, which searches do when it is worth it; comes back when they can be used, or have failed. */
  async start(): Promise<void> {
    if (this.#pool) return;
    this.#pool = new Pool<PartJob, PartResult>(this.#options.worker ?? 'expand', this.count);
    this.#pending = Array.from({ length: this.count }, () => new Pending(new Budget()).share());
    try {
      await this.#pool.run(this.#pending.map((pending) => ({ ...NOTHING, pending })));
      this.#isReady = true;
    } catch (error) {
      if (!(error instanceof WorkerFailed)) throw error;
      this.#failure = error;
    }
  }
}

function linkAfterShare(states: number): number {
  return states < LINK_STATES ? Number.POSITIVE_INFINITY : states * LINK_AFTER;
}

const none = new Int32Array(0);
/** Loads the thread's code, and no more. */
const NOTHING = {
  kind: 'expand',
  tables: {
    ...{ trees: none, pool: none, records: [], values: [], slots: [], shifts: none, masks: none },
    ...{ partOf: new Uint8Array(0), changesOf: none, changes: 0 },
  },
  level: [],
  chunks: none,
  cursor: new Int32Array(new SharedArrayBuffer(4)),
  representatives: undefined,
  rows: 0,
} as const satisfies Omit<ExpandJob, 'pending'>;
