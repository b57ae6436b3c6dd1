/**
 * Threads that make whole searches: the thread of a command that has several of them to make deals some out.
 *
 * A thread has the catalogue, and is told what to search by names. What is told of a search is the same wherever it is made, but for its
 * time. Only searches that nobody follows closely are dealt: without bounds, which would count for several at once, and without
 * checkpoints, logs and coverage.
 */
import { availableParallelism } from 'node:os';
import { Pool } from '../threads/pool.ts';
import { WorkerFailed } from '../threads/worker-failed.ts';
import type { Options } from './check.ts';
import type { CheckResultDocument } from './documents.ts';
import type { Environment } from './environment.ts';
import type { Job } from './jobs.ts';
import type { RunOptions } from './run-check.ts';
import type { Subject } from './target.ts';
import { parseCount } from './text.ts';

/** Plain data. */
export interface DealtSearch extends Pick<Subject, 'variant' | 'parameters' | 'judged'> {
  /** Of the catalogue. */
  readonly scenario: string;
  readonly options: Omit<RunOptions, 'signal' | 'threads' | 'resident'>;
  /** Shared; not 0 when the search should stop. */
  readonly stop: Int32Array;
}

/** With fewer searches to make, the others are done before a thread has loaded what it needs. */
const JOBS_MIN = 8;
/** Each has a heap of its own, with all that it has loaded. */
const THREADS_MAX = 7;

export class Searchers {
  readonly count: number;
  readonly #module: string | URL;
  readonly #stop = new Int32Array(new SharedArrayBuffer(4));
  #pool: Pool<DealtSearch | undefined, CheckResultDocument> | undefined;

  /** @param module of `workers/`, or where another one is */
  constructor(module: string | URL, count: number) {
    this.#module = module;
    this.count = count;
  }

  /** Lets the threads load the whole catalogue, beside whatever is done meanwhile. */
  start(): void {
    this.#pool = new Pool(this.#module, this.count);
    // What goes wrong shows again when they are given something to do.
    this.#pool.run(new Array(this.count).fill(undefined)).catch(() => {});
  }

  isFor(jobs: readonly Job[]): boolean {
    return jobs.length >= JOBS_MIN && jobs.every(({ subject: { target } }) => isOfCatalogue(target));
  }

  /**
   * Makes all searches, some here and the others on the threads, in no particular order.
   *
   * @param search makes the one of an index here
   * @param finish hears of each result as it comes
   */
  async share(
    jobs: readonly Job[],
    options: RunOptions,
    search: (index: number) => Promise<CheckResultDocument>,
    finish: (index: number, result: CheckResultDocument) => void,
  ): Promise<void> {
    // As far as that is known, the largest come first: what comes last should be little.
    const left = [...jobs.keys()].sort((one, other) => stepsOf(jobs[other]!) - stepsOf(jobs[one]!));
    /** What a thread has failed to do, and what did not fit into the memory beside the others. */
    const alone: number[] = [];
    const take = async (make: (index: number) => Promise<CheckResultDocument | undefined>) => {
      for (let index = left.shift(); index !== undefined; index = left.shift()) {
        const result = await make(index);
        if (result === undefined || result.bound === 'memory') alone.push(index);
        else finish(index, result);
        if (result === undefined) return;
      }
    };
    const elsewhere = (index: number) => this.#search(jobs[index]!.subject, options);
    await Promise.all([take(search), ...Array.from({ length: this.count }, () => take(elsewhere))]);
    for (const index of alone) finish(index, await search(index));
  }

  /** Undefined when the thread has failed: whoever makes the search instead will see why. */
  async #search(
    { target, variant, parameters, judged }: Subject,
    options: RunOptions,
  ): Promise<CheckResultDocument | undefined> {
    if (!this.#pool) this.start();
    const { signal, threads: _, resident: __, ...plain } = options;
    const stop = () => Atomics.store(this.#stop, 0, 1);
    signal?.addEventListener('abort', stop);
    if (signal?.aborted) stop();
    try {
      const asked = { scenario: target.spec, variant, parameters, judged };
      return await this.#pool!.runOne({ ...asked, options: plain, stop: this.#stop });
    } catch (error) {
      if (error instanceof WorkerFailed) return undefined;
      throw error;
    } finally {
      signal?.removeEventListener('abort', stop);
    }
  }

  async close(): Promise<void> {
    await this.#pool?.close();
  }
}

/** How many threads a command may have, and whether it is asked for something that `NOT_WITH` names. */
type Asked = Pick<Options, 'workers'> & { readonly [Name in (typeof NOT_WITH)[number]]?: unknown };

/** Undefined where searches are not dealt out. */
export function searchersFor(options: Asked, { searcher }: Environment): Searchers | undefined {
  if (searcher === undefined || NOT_WITH.some((name) => options[name] !== undefined)) return undefined;
  const workers = options.workers === undefined ? availableParallelism() : parseCount('--workers', options.workers);
  return workers > 1 ? new Searchers(searcher, Math.min(workers - 1, THREADS_MAX)) : undefined;
}

const NOT_WITH = [
  // Short searches take less time than a second thread needs to load the catalogue and to warm up.
  'quick',
  'set',
  'maxStates',
  'maxSeconds',
  'maxMemory',
  'checkpoint',
  'resume',
  'whyNot',
  'coverage',
  'coverageOut',
  'logLevel',
] as const satisfies readonly (keyof Options)[];

function isOfCatalogue(target: Subject['target']): boolean {
  return 'scenario' in target && target.spec === target.scenario.name;
}

function stepsOf({ subject: { target, variant } }: Job): number {
  if (!('scenario' in target) || variant === null) return 0;
  const { expected } = target.scenario.variants[variant]!;
  return expected.verdict === 'holds' ? ((expected.reduced ?? expected.counts)?.[1] ?? 0) : 0;
}
