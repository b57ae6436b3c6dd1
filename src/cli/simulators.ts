/**
 * Threads that simulate: the thread of a command deals out the points of a study, and the seeds of each. A run is the same wherever it
 * is made; a thread is told by names what to build.
 */
import { availableParallelism } from 'node:os';
import type { Run } from '../simulate/run.ts';
import type { Numbers } from '../simulate/run-study.ts';
import type { Point } from '../simulate/study.ts';
import type { ParameterValues } from '../system/parameters.ts';
import { Pool } from '../threads/pool.ts';
import { errorOf, type Failure, runsOf } from './dealt-simulation.ts';
import type { Environment } from './environment.ts';
import { parseCount } from './text.ts';
import type { TimedSubject } from './timed-target.ts';

/** Plain data. */
export interface DealtRuns {
  readonly spec: string;
  readonly variant: string | null;
  readonly parameters: ParameterValues;
  readonly point: Point;
  readonly seeds: readonly number[];
  /** In seconds, in the place of what the system says. */
  readonly seconds: number | null;
}

export interface RunsMade {
  readonly runs: readonly Run[];
  /** Of each run, what the study reads; null for a scenario. */
  readonly numbers: readonly Numbers[] | null;
}

/** The rest of what is asked: the same for all points. */
export interface Asked {
  readonly seeds: readonly number[];
  readonly seconds: number | null;
}

export class Simulators {
  readonly #subject: TimedSubject;
  readonly #asked: Asked;
  readonly #threads: number;
  readonly #pool: Pool<DealtRuns, RunsMade | Failure> | undefined;

  /** @param workers as `--workers` has it */
  constructor(subject: TimedSubject, asked: Asked, workers: string | undefined, { simulator }: Environment) {
    this.#subject = subject;
    this.#asked = asked;
    this.#threads = workers === undefined ? availableParallelism() : parseCount('--workers', workers);
    if (simulator !== undefined && this.#threads > 1) this.#pool = new Pool(simulator, this.#threads);
  }

  /**
   * All seeds of all points.
   *
   * @param onRuns hears of runs when they are made, point by point in no particular order
   */
  async simulate(points: readonly Point[], onRuns: (made: RunsMade) => void = () => {}): Promise<RunsMade[]> {
    const { seeds, seconds } = this.#asked;
    const { spec, parameters } = this.#subject;
    const variant = 'variant' in this.#subject ? this.#subject.variant : null;
    // Tables are filled once for each part: few parts, but no thread should wait for the last one.
    const parts = this.#pool ? Math.min(seeds.length, Math.ceil((2 * this.#threads) / points.length)) : 1;
    const jobs = points.flatMap((point, at) =>
      Array.from({ length: parts }, (_, part) => {
        const share = seeds.slice((part * seeds.length) / parts, ((part + 1) * seeds.length) / parts);
        return { at, job: { spec, variant, parameters, point, seeds: share, seconds } };
      }),
    );
    const made: RunsMade[] = new Array(jobs.length);
    let next = 0;
    const failures: unknown[] = [];
    // After a failure nothing more is begun, and what is under way is waited for: a thread must not be ended while it answers.
    const take = async () => {
      for (let at = next++; at < jobs.length && failures.length === 0; at = next++) {
        try {
          const runs = await this.#make(jobs[at]!.job);
          made[at] = runs;
          onRuns(runs);
        } catch (error) {
          failures.push(error);
        }
      }
    };
    await Promise.all(Array.from({ length: this.#pool ? this.#threads : 1 }, take));
    if (failures.length > 0) throw failures[0];
    return points.map((_, at) => {
      const shares = made.filter((__, index) => jobs[index]!.at === at);
      return {
        runs: shares.flatMap(({ runs }) => runs),
        numbers: shares[0]!.numbers && shares.flatMap(({ numbers }) => numbers!),
      };
    });
  }

  async #make(job: DealtRuns): Promise<RunsMade> {
    const made = this.#pool ? await this.#pool.runOne(job) : runsOf(this.#subject, job);
    if ('message' in made) throw errorOf(made);
    return made;
  }

  async close(): Promise<void> {
    await this.#pool?.close();
  }
}
