/**
 * The thread of `ppr-waits.ts` that does not write zeros to the slot, as in 7.0 where SNP is on (`amd_iommu_snp_en`): there the log cannot
 * be written, and the hardware is said not to be late.
 */

import { pprConfig } from './ppr-v7.0.ts';
import { pprWaitsParts, pprWaitsStates } from './ppr-waits.ts';

export const pprThreadLeavesSlot = pprWaitsParts.createMachine({
  id: 'pprThreadLeavesSlot',
  ...pprConfig,
  states: {
    ...pprWaitsStates,
    copied: pprWaitsParts.createStateConfig({ on: { RUN: { target: 'taken', actions: ['moveHead', 'countEntry'] } } }),
  },
});
