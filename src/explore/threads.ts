/**
 * The worker threads of a search. They are started when a level is large enough to be worth it, and stay for its rest. Parts of a
 * level are expanded by all of them, chunk by chunk. What is known of states is divided in *lanes*, and each is added to by one thread
 * at a time, which absorbs what was found for it. The coordinator, which owns XState, does what they leave. After the
 * search they link the states of its graph (`liveness/links.ts`).
 *
 * Levels are synchronised, so counts, verdicts and the lengths of traces do not depend on the number of threads.
 */
import { Pool } from '../threads/pool.ts';
import { WorkerFailed } from '../threads/worker-failed.ts';
import type { Graph } from './liveness/graph.ts';
import type { Linked, PartJob, PartResult } from './part.ts';

/** Fewer states are expanded faster without other threads. */
const PART_MIN = 2 ** 12;
/** In a smaller search what the coordinator does alone takes longer than what other threads save (docs/measurements.md). */
const START_STATES = 2 ** 22;
const START_MIN = 2 ** 15;
/** After so many states the caller gets its turn, to look at the clock and at signals. */
const PART_MAX = 2 ** 19;
/** States that a thread takes at a time, at most. */
const CHUNK = 2 ** 11;

/** In a smaller graph the coordinator is done before other threads have been of use. */
const LINK_STATES = 2 ** 20;
/** A region may be small: before they link all states the coordinator looks at such a share of them itself. */
const LINK_AFTER = 1 / 8;
/** After so many states the caller gets its turn. */
const LINK_PART = 2 ** 18;

/** A search that other threads can take part in. */
export interface Shared {
  readonly states: number;
  /** States of the level that is being expanded that have not been yet. */
  readonly leftOfLevel: number;
  readonly sharing: Sharing;
}

/** How it is dealt to them. */
export interface Sharing {
  /**
   * Expands a part of the level that the search is in, and absorbs what is found.
   *
   * @returns how many states the threads have expanded; undefined when there is too little left of it to be worth it
   * @throws WorkerFailed
   */
  expand(crew: Crew, size: PartSize): Promise<number | undefined>;
}

/** The threads, when all of them have been started. */
export interface Crew {
  readonly count: number;
  /** @throws WorkerFailed */
  run(jobs: readonly PartJob[]): Promise<PartResult[]>;
}

/** Of a part of a level: how many states it must have and may have, and how many a thread takes at a time. */
export interface PartSize {
  readonly min: number;
  readonly max: number;
  readonly chunk: number;
}

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

/**
 * Worker threads of a search, for the option `threads` of `check`. They start when a search is large enough to be worth it.
 *
 * @example
 * ```ts
 * import { check, Threads } from 'faultline';
 * import { lights } from './lights.ts';
 *
 * const threads = new Threads(2);
 * try {
 *   const { states } = await check(lights, { threads, properties: ['north goes'] });
 *   states; // => 4
 * } finally {
 *   await threads.close();
 * }
 * ```
 */
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
  async expand(search: Shared): Promise<boolean> {
    const { partMin = PART_MIN, startStates = START_STATES } = this.#options;
    if (this.#failure) throw this.#failure;
    if (!this.#isReady) {
      const isWorthIt = search.states >= startStates && search.leftOfLevel >= Math.max(partMin, START_MIN);
      if (!this.#pool && isWorthIt) void this.start();
      return false;
    }
    const pool = this.#pool!;
    const crew = { count: this.count, run: (jobs: readonly PartJob[]) => pool.run(jobs) };
    const expanded = await search.sharing.expand(crew, { min: partMin, max: PART_MAX, chunk: CHUNK });
    this.expanded += expanded ?? 0;
    return expanded !== undefined;
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
    try {
      await this.#pool.run(Array.from({ length: this.count }, () => ({ kind: 'nothing' })));
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
