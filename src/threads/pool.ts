/** Pools of long-lived worker threads, each running one module of `workers/`. */
import { Piscina } from 'piscina';
import { threadEntry } from './entry.ts';
import { WorkerFailed } from './worker-failed.ts';

export class Pool<Job, Result> {
  readonly #piscina: Piscina<Job, Result>;

  /** @param worker the name of a module of `workers/`, or where another one is */
  constructor(worker: string | URL, threads: number) {
    const { url, options } = threadEntry(worker);
    this.#piscina = new Piscina<Job, Result>({
      filename: url.href,
      minThreads: threads,
      maxThreads: threads,
      concurrentTasksPerWorker: 1,
      idleTimeout: Number.POSITIVE_INFINITY,
      ...options,
    });
  }

  /**
   * Runs one job on each thread.
   *
   * @throws WorkerFailed
   */
  async run(jobs: readonly Job[]): Promise<Result[]> {
    return await Promise.all(jobs.map((job) => this.runOne(job)));
  }

  /** @throws WorkerFailed */
  async runOne(job: Job): Promise<Result> {
    try {
      return await this.#piscina.run(job);
    } catch (cause) {
      const text = cause instanceof Error ? cause.message : String(cause);
      throw new WorkerFailed(`a worker thread failed: ${text}`, { cause });
    }
  }

  async close(): Promise<void> {
    await this.#piscina.destroy();
  }
}
