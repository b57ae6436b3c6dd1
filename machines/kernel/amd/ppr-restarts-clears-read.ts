/** The thread of `ppr-restarts.ts` that clears no more of the status than it has read. In no release. */
import { clearsWhatItRead, pprRestartsConfig, pprRestartsParts, pprRestartsStates } from './ppr-restarts.ts';

export const pprThreadRestartsClearsRead = pprRestartsParts.createMachine({
  id: 'pprThreadRestartsClearsRead',
  ...pprRestartsConfig,
  states: { ...pprRestartsStates, ...clearsWhatItRead },
});
