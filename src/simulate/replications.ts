/** The same system with several seeds, and what they say together. */
import { UsageError } from '../system/errors.ts';
import type { System } from '../system/system.ts';
import type { MeasureDefinition, Timing } from '../system/timing.ts';
import type { Run, RunOptions } from './run.ts';
import { Simulation } from './simulation.ts';
import { type Estimate, estimate } from './statistics.ts';

/** What is simulated, besides the system and its times. */
export interface SimulationOptions {
  readonly measures?: MeasureDefinition;
  /** So many things, where the system declares a `population`, instead of those few that it is declared with. */
  readonly population?: number;
}

export interface ReplicationOptions extends Omit<RunOptions, 'seed' | 'schedule' | 'log'>, SimulationOptions {
  readonly seeds: readonly number[];
  /** As a share of 1; 0.95 when left out. */
  readonly confidence?: number;
}

export interface Replications {
  readonly runs: readonly Run[];
  /** Of a number that each run gives. */
  of(read: (run: Run) => number): Estimate;
}

/**
 * One run: `Simulation.run` with what it needs. @throws as that does
 *
 * @example
 * ```ts
 * import { simulate } from 'faultline';
 * import { lights, timing } from './lights.ts';
 *
 * const run = simulate(lights, timing, { seed: 1, time: 1000 });
 * run.ended; // => 'time'
 * ```
 */
export function simulate(
  system: System,
  timing: Timing,
  // Plain JavaScript may leave it out; then it is told what is missing.
  { measures, population, ...options }: RunOptions & SimulationOptions = {} as RunOptions,
): Run {
  return new Simulation(system, timing, measures, population).run(options);
}

/**
 * A run for each seed, on one set of tables: XState is asked for each step once.
 *
 * @throws as `Simulation.run` does
 *
 * @example
 * ```ts
 * import { replicate } from 'faultline';
 * import { lights, timing } from './lights.ts';
 *
 * const { of } = replicate(lights, timing, { seeds: [1, 2, 3], time: 1000 });
 * of(({ steps }) => steps).mean > 10; // => true
 * ```
 */
export function replicate(
  system: System,
  timing: Timing,
  { seeds, measures, population, confidence, ...options }: ReplicationOptions = {} as ReplicationOptions,
): Replications {
  if (!Array.isArray(seeds))
    throw new UsageError(`seeds: got ${seeds}, expected a list of whole numbers, as [1, 2, 3]`);
  const simulation = new Simulation(system, timing, measures, population);
  const runs = seeds.map((seed) => simulation.run({ ...options, seed }));
  return { runs, of: (read) => estimate(runs.map(read), confidence) };
}
