/**
 * The worker threads of a search. They are started when a level is large enough to be worth it, stay for its rest, and expand
 * parts of levels; the coordinator, which owns XState, does what they leave.
 *
 * Levels are synchronised, so counts, verdicts and the lengths of traces do not depend on the number of threads.
 */
import { Pool } from '../threads/pool.ts';
import { WorkerFailed } from '../threads/worker-failed.ts';
import type { PartJob, PartResult } from './expand-part.ts';
import { Budget } from './memory.ts';
import type { Search } from './search.ts';
import { StateSet } from './state-set.ts';
import { WORDS_FOUND } from './store.ts';

/** Fewer states are expanded faster without other threads. */
const PART_MIN = 2 ** 12;
/** A search of so many states is worth starting threads, which takes as long as expanding a million, when its level is large. */
const START_STATES = 2 ** 21;
const START_MIN = 2 ** 15;
/** After so many states the caller gets its turn, to look at the clock and at signals. */
const PART_MAX = 2 ** 18;
/** Room for so many new states of each thread. */
const OUTBOX_STATES = 2 ** 19;

export interface ThreadOptions {
  /** Fewer states of a level than this are left to the caller. */
  readonly partMin?: number;
  /** Room for so many new states of each thread. */
  readonly outboxStates?: number;
  /** The module that the threads run. */
  readonly worker?: URL;
}

export class Threads {
  /** States that worker threads have expanded so far, in all searches; the coordinator did the others. */
  expanded = 0;
  readonly count: number;
  readonly #options: ThreadOptions;
  #pool: Pool<PartJob, PartResult> | undefined;
  /** All threads have run something. */
  #isReady = false;
  #failure: WorkerFailed | undefined;
  #outboxes: readonly Int32Array[] = [];

  constructor(count: number, options: ThreadOptions = {}) {
    this.count = count;
    this.#options = options;
  }

  /**
   * Expands a part of the level that a search is in; false when there is too little left of it to be worth it, or when the
   * threads are still on their way.
   *
   * @throws WorkerFailed
   */
  async expand(search: Search): Promise<boolean> {
    const { partMin = PART_MIN } = this.#options;
    if (this.#failure) throw this.#failure;
    if (!this.#isReady) {
      const isWorthIt = search.states >= START_STATES && search.leftOfLevel >= Math.max(partMin, START_MIN);
      if (!this.#pool && isWorthIt) void this.start();
      return false;
    }
    const part = search.openPart(partMin, PART_MAX);
    if (!part) return false;
    const cursor = new Int32Array(new SharedArrayBuffer(4));
    cursor[0] = part.from;
    do {
      const shared = search.share();
      if (!shared) return true;
      const jobs = this.#outboxes.map((outbox): PartJob => ({ ...shared, cursor, end: part.to, outbox }));
      const results = await this.#pool!.run(jobs);
      for (const { expanded } of results) this.expanded += expanded;
      search.adopt(results, this.#outboxes);
      if (search.finding) return true;
    } while (cursor[0]! < part.to);
    search.closePart(part.to);
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
    const words = (this.#options.outboxStates ?? OUTBOX_STATES) * WORDS_FOUND;
    this.#outboxes = Array.from({ length: this.count }, () => new Int32Array(new SharedArrayBuffer(words * 4)));
    try {
      await this.#pool.run(this.#outboxes.map(emptyPart));
      this.#isReady = true;
    } catch (error) {
      if (!(error instanceof WorkerFailed)) throw error;
      this.#failure = error;
    }
  }
}

/** Loads the thread's code, and no more. */
function emptyPart(outbox: Int32Array): PartJob {
  const none = new Int32Array(1);
  const pair = [none, none] as const;
  return {
    cursor: none,
    end: 0,
    states: { words: none, beside: new Uint8Array(1) },
    tables: { pool: none, records: pair, values: pair, widths: [0, 0] },
    set: new StateSet(new Budget()).share(),
    judge: { fine: [new Uint8Array(1), new Uint8Array(1)], pool: none, crossing: [], values: pair, widths: [0, 0] },
    outbox,
  };
}
