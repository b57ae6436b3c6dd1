/**
 * An ODP MR of an mlx5 device, with its umem, its memory key, and those who meet there: `dereg` deregisters it, `cache` adds an entry to the cache
 * of keys, and each `madvise0` takes pages of it away. Each of them runs the MR's notifier by itself: in `deregNotifier`, `cacheNotifier`,
 * `notifier0`.
 */
import { always, happens, reachable } from '../../src/system/property.ts';
import { actor, combineActors, family } from '../../src/system/system.ts';
import { umrQp } from '../hardware/mlx5/umr-qp.ts';
import { mutex } from '../kernel/locking/mutex.ts';
import type { DeregMrInput } from '../kernel/mlx5/dereg-mr.ts';
import type { InvalidateRangeInput } from '../kernel/mlx5/invalidate-range.ts';
import { mkeyCacheThread } from '../kernel/mlx5/mkey-cache.ts';
import { umemOdp } from '../kernel/mlx5/umem-odp.ts';
import { madviseThread } from '../kernel/mm/madvise.ts';
import type { Rig } from './assemble.ts';
import { actorOf, type Version } from './version.ts';

const RUN = { type: 'RUN' } as const;
const RECLAIM = { type: 'RECLAIM' } as const;
const MR = { umem: 'umem', umemMutex: 'umemMutex', qp: 'qp' } as const;

export const NO_UMR_ERROR = 'no work request is posted for a memory key that has been revoked';

interface OdpMr<D, I> {
  readonly callers: number;
  /** A version of the thread that deregisters, and one of the notifier. */
  readonly dereg: D;
  readonly notifier: I;
}

export function odpMr<D extends Version<DeregMrInput>, I extends Version<InvalidateRangeInput>>(mr: OdpMr<D, I>) {
  const { callers, dereg, notifier } = mr;
  const notifierOf = (name: string) => actorOf(notifier, { input: { name, ...MR }, choices: [RUN], rest: ['idle'] });
  const actors = combineActors(
    {
      qp: actor(umrQp),
      umem: actor(umemOdp),
      umemMutex: actor(mutex),
      rbLock: actor(mutex),
      dereg: actorOf(dereg, {
        input: { name: 'dereg', cacheLock: 'rbLock', notifier: 'deregNotifier', ...MR },
        choices: [{ type: 'DEREG' }, RUN, RECLAIM],
        rest: ['live', 'over'],
      }),
      deregNotifier: notifierOf('deregNotifier'),
      cache: actor(mkeyCacheThread, {
        input: { name: 'cache', cacheLock: 'rbLock', notifier: 'cacheNotifier' },
        choices: [{ type: 'CREATE_ENT' }, RUN, RECLAIM],
        rest: ['idle', 'over'],
      }),
      cacheNotifier: notifierOf('cacheNotifier'),
    },
    family('madvise', callers, (index) =>
      actor(madviseThread, {
        input: { name: `madvise${index}`, notifier: `notifier${index}` },
        choices: [{ type: 'MADVISE' }],
        rest: ['idle', 'over'],
      }),
    ),
    family('notifier', callers, (index) => notifierOf(`notifier${index}`)),
  );
  return {
    actors,
    blocking: ['ACQUIRE'],
    always: [always(NO_UMR_ERROR, (view) => !view.get('qp').matches('error'))],
    shows: [
      happens('a notifier zaps entries of the key', { type: 'UPDATE_XLT' }),
      reachable('a notifier is called when the key has been revoked', (view) => {
        return view.get('qp').matches('revoked') && view.get('notifier0').matches('called');
      }),
      reachable('an allocation for the cache reclaims pages of the MR', (view) =>
        view.get('cacheNotifier').matches('zapping'),
      ),
      reachable('the MR has gone, and its key is in the cache', (view) => view.get('dereg').value === 'over'),
    ],
    things: { workers: { count: callers, prefixes: ['madvise', 'notifier'] } },
  } as const satisfies Rig;
}
