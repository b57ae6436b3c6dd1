/** The thread of `ppr-restarts.ts` that clears no more of the status than it has read. In no release. */
import { clearsWhatItRead, pprRestartsParts, pprRestartsStates } from './ppr-restarts.ts';
import { pprConfig } from './ppr-v7.0.ts';

export const pprThreadRestartsClearsRead = pprRestartsParts.createMachine({
  id: 'pprThreadRestartsClearsRead',
  ...pprConfig,
  states: { ...pprRestartsStates, ...clearsWhatItRead },
});
