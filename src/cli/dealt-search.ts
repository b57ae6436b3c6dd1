/** A search that another thread makes for the command: see `searchers.ts`. */
import type { CheckResultDocument } from './documents.ts';
import type { Catalogue } from './environment.ts';
import { boundsOf } from './jobs.ts';
import { runCheck } from './run-check.ts';
import type { DealtSearch } from './searchers.ts';
import { findTarget } from './target.ts';

export async function dealtSearch(
  { scenario, variant, parameters, judged, options, stop }: DealtSearch,
  catalogue: Catalogue,
): Promise<CheckResultDocument> {
  const target = await findTarget(scenario, catalogue);
  const signal = {
    get aborted() {
      return Atomics.load(stop, 0) !== 0;
    },
  } as AbortSignal;
  return await runCheck({ target, variant, parameters, judged }, { ...boundsOf({}), ...options, signal });
}
