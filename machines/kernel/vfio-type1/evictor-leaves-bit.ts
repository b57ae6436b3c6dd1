/**
 * The thread of `evictor.ts` that unmaps the page and leaves its bit, as the MMU notifier of v3 does where it gives up in the middle
 * (vfio_unmap_partial_iopf()): the fault handler believes the bit.
 */
import { evictorConfig, evictorParts, evictorStates } from './evictor.ts';

export const evictorLeavesBit = evictorParts.createMachine({
  id: 'evictorLeavesBit',
  ...evictorConfig,
  states: {
    ...evictorStates,
    unmapping: evictorParts.createStateConfig({
      on: { UNMAPPED: { target: 'syncing', actions: ['issueTlbi', 'issueSync'] } },
    }),
  },
});
