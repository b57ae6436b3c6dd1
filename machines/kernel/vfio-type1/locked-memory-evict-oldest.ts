/** Locked memory as in `locked-memory.ts`; at the limit the least recently mapped page goes. Nobody posted it; a review asked for it. */
import { lockedMemoryConfig, lockedMemoryParts } from './locked-memory.ts';

export const lockedMemoryEvictOldest = lockedMemoryParts.createMachine({
  id: 'lockedMemoryEvictOldest',
  ...lockedMemoryConfig,
  on: {
    CHARGE: [
      { guard: 'hasRoom', actions: ['pin', 'replyCharged'] },
      { actions: ['evictOldest', 'pin', 'replyCharged'] },
    ],
    USED: { actions: 'markUsed' },
  },
});
