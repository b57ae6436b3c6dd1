/**
 * The thread of `ppr-restarts.ts` that clears no more of the status than it has read, and discards partial requests before it restarts the
 * log. In no release.
 */
import {
  clearsWhatItRead,
  discardsPartial,
  pprRestartsConfig,
  pprRestartsParts,
  pprRestartsStates,
} from './ppr-restarts.ts';

export const pprThreadRestartsDiscards = pprRestartsParts.createMachine({
  id: 'pprThreadRestartsDiscards',
  ...pprRestartsConfig,
  states: { ...pprRestartsStates, ...clearsWhatItRead, ...discardsPartial },
});
