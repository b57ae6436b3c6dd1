/** The unmap of `unmap.ts` before 353e3cf8590c (v5.4): ATC_INV -> SYNC -> TLBI -> SYNC. */
import { unmapConfig, unmapParts, unmapStates } from './unmap.ts';

export const unmapThreadV53 = unmapParts.createMachine({
  id: 'unmapThreadV53',
  ...unmapConfig,
  states: {
    ...unmapStates,
    mapped: unmapParts.createStateConfig({
      on: { UNMAP_BUFFER: { target: 'firstInvalidation', actions: ['unmap', 'issueAtcInv', 'issueSync'] } },
    }),
    firstDone: unmapParts.createStateConfig({
      on: { RUN: { target: 'secondInvalidation', actions: ['issueTlbi', 'issueSync'] } },
    }),
  },
});
