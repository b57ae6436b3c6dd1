/**
 * The worker threads of a search. They are started when a level is large enough to be worth it, stay for its rest, and expand
 * parts of levels; the coordinator, which owns XState, does what they leave.
 *
 * Levels are synchronised, so counts, verdicts and the lengths of traces do not depend on the number of threads.
 */
import { Piscina } from 'piscina';
import type { PartJob, PartResult } from './expand-part.ts';
import type { Search } from './search.ts';
import { WORDS_FOUND } from './store.ts';

/** Fewer states are expanded faster without other threads. */
const PART_MIN = 2 ** 12;
/** After so many states the caller gets its turn, to look at the clock and at signals. */
const PART_MAX = 2 ** 18;
/** Room for so many new states of each thread. */
const OUTBOX_STATES = 2 ** 19;

/** A worker thread has failed: what was found is not to be trusted. */
export class WorkerFailed extends Error {}

export interface ThreadOptions {
  /** Fewer states of a level than this are left to the caller. */
  readonly partMin?: number;
  /** Room for so many new states of each thread. */
  readonly outboxStates?: number;
  /** The module that the threads run. */
  readonly worker?: URL;
}

export class Threads {
  readonly #count: number;
  readonly #options: ThreadOptions;
  #pool: Piscina<PartJob, PartResult> | undefined;
  #outboxes: readonly Int32Array[] = [];

  constructor(count: number, options: ThreadOptions = {}) {
    this.#count = count;
    this.#options = options;
  }

  /**
   * Expands a part of the level that a search is in; false when there is too little left of it to be worth it.
   *
   * @throws WorkerFailed
   */
  async expand(search: Search): Promise<boolean> {
    const part = search.openPart(this.#options.partMin ?? PART_MIN, PART_MAX);
    if (!part) return false;
    this.#start();
    const cursor = new Int32Array(new SharedArrayBuffer(4));
    cursor[0] = part.from;
    do {
      const jobs = this.#outboxes.map((outbox): PartJob => ({ ...search.share(), cursor, end: part.to, outbox }));
      let results: PartResult[];
      try {
        results = await Promise.all(jobs.map((job) => this.#pool!.run(job)));
      } catch (cause) {
        const text = cause instanceof Error ? cause.message : String(cause);
        throw new WorkerFailed(`a worker thread failed: ${text}`, { cause });
      }
      search.adopt(results, this.#outboxes);
      if (search.finding) return true;
    } while (cursor[0]! < part.to);
    search.closePart(part.to);
    return true;
  }

  async close(): Promise<void> {
    await this.#pool?.destroy();
    this.#pool = undefined;
  }

  #start(): void {
    if (this.#pool) return;
    // From source this file and the worker are .ts, in the package they are .js.
    const isSource = import.meta.url.endsWith('.ts');
    this.#pool = new Piscina<PartJob, PartResult>({
      filename: (this.#options.worker ?? new URL(`../../workers/expand${isSource ? '.ts' : '.js'}`, import.meta.url))
        .href,
      minThreads: this.#count,
      maxThreads: this.#count,
      concurrentTasksPerWorker: 1,
      idleTimeout: Number.POSITIVE_INFINITY,
      // By its place: a thread looks for packages from the current directory.
      ...(isSource && { execArgv: ['--import', import.meta.resolve('tsx')] }),
    });
    const words = (this.#options.outboxStates ?? OUTBOX_STATES) * WORDS_FOUND;
    this.#outboxes = Array.from({ length: this.#count }, () => new Int32Array(new SharedArrayBuffer(words * 4)));
  }
}
