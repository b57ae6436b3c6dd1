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
    return await Promise.all(
      points.map(async (point) => {
        const made = await Promise.all(
          Array.from({ length: parts }, async (_, part) => {
            const share = seeds.slice((part * seeds.length) / parts, ((part + 1) * seeds.length) / parts);
            const job = { spec, variant, parameters, point, seeds: share, seconds };
            const runs = this.#pool ? await this.#pool.runOne(job) : runsOf(this.#subject, job);
            if ('message' in runs) throw errorOf(runs);
            onRuns(runs);
            return runs;
          }),
        );
        return {
          runs: made.flatMap(({ runs }) => runs),
          numbers: made[0]!.numbers && made.flatMap(({ numbers }) => numbers!),
        };
      }),
    );
  }

  async close(): Promise<void> {
    await this.#pool?.close();
  }
}
