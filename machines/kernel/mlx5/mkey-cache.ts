/**
 * A thread that adds an entry to mlx5's cache of memory keys, as on probe or on a registration (mlx5/mr.c mlx5_mkey_cache_init(),
 * mlx5r_cache_create_ent_locked()).
 *
 *   idle -CREATE_ENT-> allocating, with rb_lock held -RUN-> over
 *                                                    -RECLAIM-> reclaiming -NOTIFIED-> over
 *
 * List 'ACQUIRE' as `blocking`.
 */
import { setup } from 'xstate';
import { call } from '../../parts/call.ts';
import type { AllocatesEvent, AllocatesInput } from './allocates.ts';

export type MkeyCacheThreadEvent = { type: 'CREATE_ENT' } | AllocatesEvent;

export const mkeyCacheThread = setup({
  types: {
    input: {} as AllocatesInput,
    context: {} as AllocatesInput,
    events: {} as MkeyCacheThreadEvent,
  },
  actions: {
    lockCache: call('cacheLock', 'ACQUIRE'),
    callNotifier: call('notifier', 'INVALIDATE_RANGE'),
    unlockCache: call('cacheLock', 'RELEASE'),
  },
}).createMachine({
  id: 'mkeyCacheThread',
  context: ({ input }) => input,
  initial: 'idle',
  states: {
    idle: { on: { CREATE_ENT: { target: 'allocating', actions: 'lockCache' } } },
    allocating: {
      on: {
        RUN: { target: 'over', actions: 'unlockCache' },
        RECLAIM: { target: 'reclaiming', actions: 'callNotifier' },
      },
    },
    reclaiming: { on: { NOTIFIED: { target: 'over', actions: 'unlockCache' } } },
    over: { type: 'final' },
  },
});
