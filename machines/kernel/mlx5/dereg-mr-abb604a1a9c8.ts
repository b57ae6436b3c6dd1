/**
 * The thread of `dereg-mr.ts` from abb604a1a9c8 (v6.14) to 2ed25aa7f771 (mlx5_revoke_mr()): it holds `umem_mutex` while it stores the key, and so
 * takes rb_lock under it, and perhaps allocates.
 */
import { straightLine } from '../../parts/straight-line.ts';
import { deregMrConfig, deregMrParts, deregMrStates } from './dereg-mr.ts';

const endOfStore = ['unlockCache', 'clearPrivate', 'unlockUmem'] as const;

export const deregMrAbb604a1a9c8 = deregMrParts.createMachine({
  id: 'deregMrAbb604a1a9c8',
  ...deregMrConfig,
  states: {
    ...deregMrStates,
    ...straightLine({ revoking: ['lockUmem', 'revokeMkey'] }, 'storing'),
    allocating: {
      on: {
        RUN: { target: 'over', actions: [...endOfStore] },
        RECLAIM: { target: 'reclaiming', actions: 'callNotifier' },
      },
    },
    reclaiming: { on: { NOTIFIED: { target: 'over', actions: [...endOfStore] } } },
  },
});
