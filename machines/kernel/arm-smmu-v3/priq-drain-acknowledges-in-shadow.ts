/**
 * The loop of `priq-drain.ts` before 0d535967ac65 (v4.19): arm_smmu_priq_thread() sets OVACKFLG in its copy of CONS only, which would go out
 * with the CONS write of the next entry; but an active overflow lets no entry in.
 */
import { priq, priqConfig } from './priq.ts';
import { priqDrainStates } from './priq-drain.ts';

export const priqDrainThreadAcknowledgesInShadow = priq.createMachine({
  id: 'priqDrainThreadAcknowledgesInShadow',
  ...priqConfig,
  states: {
    ...priqDrainStates,
    acknowledging: priq.createStateConfig({
      on: { RUN: { target: 'discarding', actions: 'acknowledge' } },
    }),
  },
});
