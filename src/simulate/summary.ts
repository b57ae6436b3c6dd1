/** What several runs of one system say together. */
import { QUANTILE_SHARES } from './measures.ts';
import type { Run } from './run.ts';
import { type Estimate, estimateOf } from './statistics.ts';

/** An estimate is over the runs: the mean of what each of them gives. */
export interface Summary {
  readonly times: readonly {
    readonly name: string;
    readonly count: Estimate;
    /** Null where some run has measured none. */
    readonly mean: Estimate | null;
    readonly median: Estimate | null;
    readonly p99: Estimate | null;
    readonly max: number | null;
    readonly quantiles: readonly { readonly share: number; readonly time: Estimate }[];
  }[];
  readonly gauges: readonly { readonly name: string; readonly mean: Estimate; readonly max: number }[];
  readonly counters: readonly { readonly name: string; readonly count: Estimate; readonly rate: Estimate }[];
  readonly resources: readonly {
    readonly name: string;
    readonly utilisation: Estimate;
    readonly waiting: Estimate;
    readonly waitingMax: number;
  }[];
}

/**
 * @param runs at least one
 *
 * @example
 * ```ts
 * import { replicate, summaryOf } from 'faultline';
 * import { lights, timing } from './lights.ts';
 *
 * const { runs } = replicate(lights, timing, { seeds: [1, 2], time: 1000 });
 * typeof summaryOf(runs); // => 'object'
 * ```
 */
export function summaryOf(runs: readonly Run[]): Summary {
  const [first] = runs as [Run];
  const over = (read: (run: Run) => number) => estimateOf(runs.map(read));
  const most = (read: (run: Run) => number) => Math.max(...runs.map(read));
  return {
    times: Object.keys(first.times).map((name) => {
      const of = (run: Run) => run.times[name]!;
      const isMeasured = runs.every((run) => of(run).count > 0);
      const measured = (read: (run: Run) => number) => (isMeasured ? over(read) : null);
      return {
        name,
        count: over((run) => of(run).count),
        mean: measured((run) => of(run).mean),
        median: measured((run) => of(run).median),
        p99: measured((run) => of(run).p99),
        max: isMeasured ? most((run) => of(run).max) : null,
        quantiles: isMeasured
          ? QUANTILE_SHARES.map((share, at) => ({ share, time: over((run) => of(run).quantiles[at]!) }))
          : [],
      };
    }),
    gauges: Object.keys(first.gauges).map((name) => ({
      name,
      mean: over((run) => run.gauges[name]!.mean),
      max: most((run) => run.gauges[name]!.max),
    })),
    counters: Object.keys(first.counters).map((name) => ({
      name,
      count: over((run) => run.counters[name]!.count),
      rate: over((run) => run.counters[name]!.rate),
    })),
    resources: Object.keys(first.resources).map((name) => ({
      name,
      utilisation: over((run) => run.resources[name]!.utilisation),
      waiting: over((run) => run.resources[name]!.waiting),
      waitingMax: most((run) => run.resources[name]!.waitingMax),
    })),
  };
}
