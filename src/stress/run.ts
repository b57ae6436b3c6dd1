/** A stress run of a system, without a scenario or a command: `stress`. */
import { UsageError } from '../system/errors.ts';
import type { StressDefinition } from '../system/scenario.ts';
import { asSystem, type System } from '../system/system.ts';
import { type NamedStep, namedSteps } from './log-steps.ts';
import { Plan } from './plan.ts';
import { MIXES, type Mix, THREADS_MAX } from './run-shape.ts';
import { shortenLog } from './shorten-log.ts';
import { StressRun, type StressTally } from './stress.ts';

export interface StressRunOptions {
  /** Steps of all units together after which the run ends. Default: no limit; then `seconds` or `signal` has to end it. */
  readonly steps?: number;
  /** Seconds after which it ends. Default: 10, unless `steps` are given. */
  readonly seconds?: number;
  /** Copies of the system. Default: 64. */
  readonly units?: number;
  /** Things of the population of each unit, where the system declares one. Default: 64. */
  readonly population?: number;
  /** Worker threads, at most 32. Default: 2. */
  readonly threads?: number;
  /** A whole number of at least 0. With one thread one seed is one run; with several their race decides as well. Default: 1. */
  readonly seed?: number;
  /** How interleavings are chosen. Default: all. */
  readonly mix?: Mix;
  /** What is counted, balanced and measured. Default: nothing but the properties of the system. */
  readonly definition?: StressDefinition;
  /** Ends the run soon. */
  readonly signal?: AbortSignal;
  /** Called once a second, with all that has been done so far. */
  readonly onProgress?: (tally: StressTally) => void;
}

/** What was found, in names: steps of one unit from its start, shortened. */
export interface StressFound {
  readonly kind: 'violation' | 'unhandled' | 'endless' | 'dead-end' | 'not-quiet' | 'unbalanced';
  /** The property, or the balance. */
  readonly property?: string;
  readonly steps: readonly NamedStep[];
}

export interface StressReport {
  /** A run without a finding proves nothing, so it never says `holds`. */
  readonly verdict: 'violated' | 'unknown';
  readonly found?: StressFound;
  readonly ended: 'found' | 'steps' | 'seconds' | 'interrupted';
  readonly seconds: number;
  readonly tally: StressTally;
}

const PROGRESS_MS = 1000;

/**
 * Runs many copies of a system on worker threads that race in shared memory, until something is found, or the run's end.
 *
 * @throws UsageError for options that make no sense
 * @throws ModelError when the system cannot be scaled, or is wrong
 * @throws WorkerFailed when a thread dies
 *
 * @example
 * ```ts
 * import { stress } from 'faultline';
 * import { lights } from './lights.ts';
 *
 * const { verdict, found } = await stress(lights, { steps: 100_000, units: 2, threads: 1 });
 * verdict; // => 'violated'
 * found?.property; // => 'never both green'
 * ```
 */
export async function stress(given: System, options: StressRunOptions = {}): Promise<StressReport> {
  const { units = 64, population = 64, threads = 2, seed = 1, mix = 'all', signal, onProgress } = options;
  const { steps = Number.POSITIVE_INFINITY, definition = { unit: 'unit' } } = options;
  const { seconds = options.steps === undefined ? 10 : undefined } = options;
  judge({ units, population, threads, seed, mix, steps, seconds: seconds ?? 1 });
  const plan = new Plan(asSystem(given), definition, { units, population });
  const run = new StressRun(plan, { threads, seed, mix, steps });
  const started = performance.now();
  let isLate = false;
  const stop = () => run.stop();
  const late = () => {
    isLate = true;
    stop();
  };
  signal?.addEventListener('abort', stop);
  if (signal?.aborted) stop();
  const ending = seconds === undefined ? undefined : setTimeout(late, seconds * 1000);
  const telling = onProgress && setInterval(() => onProgress(run.tally), PROGRESS_MS);
  try {
    const finding = await run.run();
    const found = finding && {
      kind: finding.kind,
      ...(finding.property !== undefined && { property: finding.property }),
      steps: namedSteps(plan, shortenLog(plan, finding)),
    };
    return {
      verdict: found ? 'violated' : 'unknown',
      ...(found && { found }),
      ended: found ? 'found' : signal?.aborted ? 'interrupted' : isLate ? 'seconds' : 'steps',
      seconds: (performance.now() - started) / 1000,
      tally: run.tally,
    };
  } finally {
    clearTimeout(ending);
    clearInterval(telling);
    signal?.removeEventListener('abort', stop);
  }
}

function judge({ mix, seed, seconds, ...counts }: Record<string, number | string>): void {
  for (const [name, value] of Object.entries(counts)) {
    const most = name === 'threads' ? THREADS_MAX : Number.POSITIVE_INFINITY;
    const fits = (Number.isInteger(value) || (name === 'steps' && value === most)) && Number(value) >= 1;
    if (fits && Number(value) <= most) continue;
    throw new UsageError(`${name}: got ${value}, expected a whole number from 1${most < 1e9 ? ` to ${most}` : ''}`);
  }
  if (!(Number.isSafeInteger(seed) && Number(seed) >= 0)) {
    throw new UsageError(`seed: got ${seed}, expected a whole number of at least 0`);
  }
  if (!(Number(seconds) > 0)) throw new UsageError(`seconds: got ${seconds}, expected a number above 0`);
  if (Object.hasOwn(MIXES, String(mix))) return;
  throw new UsageError(`mix: got ${mix}, expected one of ${Object.keys(MIXES).join(', ')}`);
}
