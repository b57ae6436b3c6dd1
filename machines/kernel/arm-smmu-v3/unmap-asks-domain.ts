/** The unmap of `unmap.ts` that asks the domain which devices it has when their turn comes: arm_smmu_atc_inv_domain() (`domain.ts`). */
import { unmapConfig, unmapParts, unmapStates } from './unmap.ts';

export const unmapThreadAsksDomain = unmapParts.createMachine({
  id: 'unmapThreadAsksDomain',
  ...unmapConfig,
  // It waits for the CMD_SYNC only.
  on: { CONSUMED: {} },
  states: {
    ...unmapStates,
    firstDone: unmapParts.createStateConfig({
      on: { RUN: { target: 'secondInvalidation', actions: 'invalidateAtcs' } },
    }),
    secondInvalidation: unmapParts.createStateConfig({
      on: { SYNC_COMPLETE: 'invalidated', NO_ATS: 'invalidated' },
    }),
  },
});
