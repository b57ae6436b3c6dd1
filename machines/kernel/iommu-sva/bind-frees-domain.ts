/**
 * The process of `bind.ts` with what comes after, in 7.0: the last unbind frees the domain, which invalidates its ASID, and the CMD_SYNC of that
 * (arm-smmu-v3-sva.c arm_smmu_sva_domain_free()) waits for all commands that were put into the queue before. Then the mm, and the PASID with it,
 * may go.
 */
import { straightLine } from '../../parts/straight-line.ts';
import { svaBindConfig, svaBindParts, svaBindStates } from './bind.ts';
import { awaitingSync } from './bind-awaits-commands.ts';

export const svaBindFreesDomain = svaBindParts.createMachine({
  id: 'svaBindFreesDomain',
  ...svaBindConfig,
  states: {
    unbound: svaBindStates.unbound,
    bound: svaBindStates.bound,
    ...straightLine({ stopped: 'clearDescriptor', cleared: 'eraseHandle', detached: 'issueSync' }, 'syncing'),
    syncing: awaitingSync,
    ...straightLine({ synced: 'putPasid' }, 'unbound'),
  },
});
