/**
 * Locked memory as in `locked-memory.ts`; at the limit the least recently mapped page goes that has been used since it was mapped. Without
 * one, the fault waits: list 'CHARGE' as `blocking`.
 */
import { lockedMemoryConfig, lockedMemoryParts } from './locked-memory.ts';

export const lockedMemoryEvictUsed = lockedMemoryParts.createMachine({
  id: 'lockedMemoryEvictUsed',
  ...lockedMemoryConfig,
  on: {
    CHARGE: [
      { guard: 'hasRoom', actions: ['pin', 'replyCharged'] },
      { guard: 'hasUsed', actions: ['evictUsed', 'pin', 'replyCharged'] },
    ],
    USED: { actions: 'markUsed' },
  },
});
