/**
 * The thread of `ppr-restarts.ts` that clears no more of the status than it has read, and discards partial requests before it restarts the
 * log. In no release.
 */
import { clearsWhatItRead, discardsPartial, pprRestartsParts, pprRestartsStates } from './ppr-restarts.ts';
import { pprConfig } from './ppr-v7.0.ts';

export const pprThreadRestartsDiscards = pprRestartsParts.createMachine({
  id: 'pprThreadRestartsDiscards',
  ...pprConfig,
  states: { ...pprRestartsStates, ...clearsWhatItRead, ...discardsPartial },
});
