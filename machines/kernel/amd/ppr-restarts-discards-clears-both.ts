/** The thread of `ppr-restarts.ts` that discards partial requests before it restarts the log, and clears both bits. In no release. */
import { discardsPartial, pprRestartsParts, pprRestartsStates } from './ppr-restarts.ts';
import { pprConfig } from './ppr-v7.0.ts';

export const pprThreadRestartsDiscardsClearsBoth = pprRestartsParts.createMachine({
  id: 'pprThreadRestartsDiscardsClearsBoth',
  ...pprConfig,
  states: { ...pprRestartsStates, ...discardsPartial },
});
