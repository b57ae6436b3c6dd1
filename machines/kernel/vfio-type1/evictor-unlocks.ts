/**
 * The thread of `evictor.ts` that waits for the CMD_SYNC without the container's lock, so that faults go on meanwhile, also on the page that
 * it has just unmapped. What keeps the frame is its pin, which it drops last.
 */
import { evictorConfig, evictorParts, evictorStates } from './evictor.ts';

export const evictorUnlocks = evictorParts.createMachine({
  id: 'evictorUnlocks',
  ...evictorConfig,
  states: {
    ...evictorStates,
    unmapping: evictorParts.createStateConfig({
      on: { UNMAPPED: { target: 'syncing', actions: ['clearMappedBit', 'issueTlbi', 'issueSync', 'unlock'] } },
    }),
    synced: evictorParts.createStateConfig({
      on: { RUN: { target: 'idle', actions: ['unpin', 'uncharge', 'forgetPage'] } },
    }),
  },
});
