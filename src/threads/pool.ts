/** Pools of long-lived worker threads, each running one module of `workers/`. */
import { Piscina } from 'piscina';

/** A worker thread has failed: what was found is not to be trusted. */
export class WorkerFailed extends Error {}

export class Pool<Job, Result> {
  readonly #piscina: Piscina<Job, Result>;

  /** @param worker the name of a module of `workers/`, or where another one is */
  constructor(worker: string | URL, threads: number) {
    // From source this file and the worker are .ts, in the package they are .js.
    const isSource = import.meta.url.endsWith('.ts');
    const module =
      worker instanceof URL ? worker : new URL(`../../workers/${worker}${isSource ? '.ts' : '.js'}`, import.meta.url);
    this.#piscina = new Piscina<Job, Result>({
      filename: module.href,
      minThreads: threads,
      maxThreads: threads,
      concurrentTasksPerWorker: 1,
      idleTimeout: Number.POSITIVE_INFINITY,
      ...(isSource && { execArgv: ['--import', sourceLoader()] }),
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

/**
 * A module by which a thread can load .ts files. What tsx does by itself turns them into CommonJS, where each use of an imported name is
 * a call: that makes inner loops two to four times slower. Named by its place, as a thread looks for packages from the current directory.
 */
function sourceLoader(): string {
  const text = `import { register } from ${JSON.stringify(import.meta.resolve('tsx/esm/api'))}; register();`;
  return `data:text/javascript,${encodeURIComponent(text)}`;
}
