/**
 * A thread that deregisters an ODP MR since 2ed25aa7f771 (mlx5/mr.c __mlx5_ib_dereg_mr(), mlx5r_handle_mkey_cleanup(),
 * mlx5_umr_revoke_mr_with_lock()): the memory key is revoked by the hardware with `umem_mutex` held, and the umem forgets the MR; then, with
 * no lock of the umem, the key goes into the cache, which may need memory for an entry.
 *
 *   live -DEREG-> revoking -RUN-> storing -RUN-> allocating, with rb_lock held -RUN-> over
 *                                                                              -RECLAIM-> reclaiming -NOTIFIED-> over
 *
 * Versions: `dereg-mr-abb604a1a9c8.ts` holds the mutex to the end, `dereg-mr-v6.13.ts` does not take it, `dereg-mr-unlocked.ts` forgets the MR
 * without it.
 *
 * List 'ACQUIRE' as `blocking`.
 *
 * Simplifications: the key is cacheable; whatever the allocation does, it succeeds; page faults of the device have ended (they have a
 * reference to the key of their own).
 */
import { setup } from 'xstate';
import { call, send } from '../../parts/call.ts';
import { straightLine } from '../../parts/straight-line.ts';
import type { AllocatesEvent, AllocatesInput } from './allocates.ts';

export type DeregMrEvent = { type: 'DEREG' } | AllocatesEvent;

export interface DeregMrInput extends AllocatesInput {
  /** A `umem-odp.ts`, its `umem_mutex`, and a `../../hardware/mlx5/umr-qp.ts`. */
  readonly umem: string;
  readonly umemMutex: string;
  readonly qp: string;
}

/** What versions are made of. */
export const deregMrParts = setup({
  types: {
    input: {} as DeregMrInput,
    context: {} as DeregMrInput,
    events: {} as DeregMrEvent,
  },
  actions: {
    lockUmem: call('umemMutex', 'ACQUIRE'),
    unlockUmem: call('umemMutex', 'RELEASE'),
    revokeMkey: send('qp', 'REVOKE_MKEY'),
    clearPrivate: send('umem', 'CLEAR_PRIVATE'),
    // cache_ent_find_and_store()
    lockCache: call('cacheLock', 'ACQUIRE'),
    unlockCache: call('cacheLock', 'RELEASE'),
    callNotifier: call('notifier', 'INVALIDATE_RANGE'),
  },
});

export const deregMrConfig = {
  context: ({ input }: { input: DeregMrInput }) => input,
  initial: 'live',
} as const;

/** Another version replaces states. */
export const deregMrStates = {
  live: deregMrParts.createStateConfig({ on: { DEREG: 'revoking' } }),
  ...straightLine(
    { revoking: ['lockUmem', 'revokeMkey', 'clearPrivate', 'unlockUmem'], storing: 'lockCache' },
    'allocating',
  ),
  allocating: deregMrParts.createStateConfig({
    on: { RUN: { target: 'over', actions: 'unlockCache' }, RECLAIM: { target: 'reclaiming', actions: 'callNotifier' } },
  }),
  reclaiming: deregMrParts.createStateConfig({
    on: { NOTIFIED: { target: 'over', actions: 'unlockCache' } },
  }),
  over: deregMrParts.createStateConfig({ type: 'final' }),
};

export const deregMr = deregMrParts.createMachine({ id: 'deregMr', ...deregMrConfig, states: deregMrStates });
