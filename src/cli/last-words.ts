/** What the keeper of a process says for a command that it had to end: the results, so far as they were told. */
import type { Options } from './check.ts';
import { concludeCheck } from './check-output.ts';
import { judged } from './check-result.ts';
import type { Judged } from './junit.ts';
import type { KeptBound } from './news.ts';
import { processEnvironment } from './process-environment.ts';
import { explain } from './program.ts';
import type { Screen } from './screen.ts';

interface Searches {
  /** Of `check`, as they were typed. */
  readonly options: Options;
  readonly results: readonly Judged[];
}

interface Ending {
  readonly bound: KeptBound;
  /** Of the search that was under way. */
  readonly seconds: number;
  /** Indices of the searches that had ended. */
  readonly finished: ReadonlySet<number>;
}

/**
 * What the command would have said if its search had stopped here: of the search that was under way that it stopped by `bound`, of
 * those after it that they were not made.
 *
 * @returns the status
 */
export function conclude({ options, results }: Searches, { bound, seconds, finished }: Ending, screen: Screen): number {
  const environment = processEnvironment(screen, {
    catalogue: async () => [],
    interruptible: (run) => run(AbortSignal.abort()),
  });
  const current = results.findIndex((_, index) => !finished.has(index));
  const told = results.map((one, index) => {
    if (finished.has(index)) return one;
    const stopped = index === current ? { bound, seconds } : { bound: 'interrupted' as const };
    return { ...one, result: judged({ ...one.result, ...stopped, verdict: 'unknown' }) };
  });
  try {
    return concludeCheck(told, options, environment);
  } catch (error) {
    return explain(error, environment);
  }
}
