/**
 * The thread of `evictor.ts` that unpins the page with its unmap, ahead of the CMD_SYNC: whoever reclaims may free the frame while the
 * IOTLB still leads to it.
 */
import { evictorConfig, evictorParts, evictorStates } from './evictor.ts';

export const evictorUnpinsFirst = evictorParts.createMachine({
  id: 'evictorUnpinsFirst',
  ...evictorConfig,
  states: {
    ...evictorStates,
    unmapping: evictorParts.createStateConfig({
      on: { UNMAPPED: { target: 'syncing', actions: ['clearMappedBit', 'unpin', 'issueTlbi', 'issueSync'] } },
    }),
    synced: evictorParts.createStateConfig({
      on: { RUN: { target: 'idle', actions: ['uncharge', 'unlock', 'forgetPage'] } },
    }),
  },
});
