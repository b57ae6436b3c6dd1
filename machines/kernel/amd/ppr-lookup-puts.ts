/** The thread of `ppr-lookup-v7.0.ts` that drops the reference to the device when the report is over, as torvalds/linux 3c6a2bac1524 does. */
import { pprLookupConfig, pprLookupParts, pprLookupStates } from './ppr-lookup-v7.0.ts';

export const pprLookupThreadPuts = pprLookupParts.createMachine({
  id: 'pprLookupThreadPuts',
  ...pprLookupConfig,
  states: {
    ...pprLookupStates,
    found: { on: { RUN: { target: 'polling', actions: ['report', 'dropEntry', 'putDevice'] } } },
  },
});
