/** The thread of `ppr-restarts.ts` that discards partial requests before it restarts the log, and clears both bits. In no release. */
import { discardsPartial, pprRestartsConfig, pprRestartsParts, pprRestartsStates } from './ppr-restarts.ts';

export const pprThreadRestartsDiscardsClearsBoth = pprRestartsParts.createMachine({
  id: 'pprThreadRestartsDiscardsClearsBoth',
  ...pprRestartsConfig,
  states: { ...pprRestartsStates, ...discardsPartial },
});
