/**
 * The thread of `evictor-unlocks.ts` that takes the page off the charge with its unmap, while it is still pinned: a fault that has waited for
 * room pins another one before the CMD_SYNC is done.
 */
import { evictorConfig, evictorParts, evictorStates } from './evictor.ts';

export const evictorUnchargesFirst = evictorParts.createMachine({
  id: 'evictorUnchargesFirst',
  ...evictorConfig,
  states: {
    ...evictorStates,
    unmapping: evictorParts.createStateConfig({
      on: {
        UNMAPPED: { target: 'syncing', actions: ['clearMappedBit', 'issueTlbi', 'issueSync', 'uncharge', 'unlock'] },
      },
    }),
    synced: evictorParts.createStateConfig({ on: { RUN: { target: 'idle', actions: ['unpin', 'forgetPage'] } } }),
  },
});
