/**
 * B-45: a NIC that handles page faults by itself (On-Demand Paging) has a memory key for each MR, whose entries the MMU notifier zaps when pages
 * go. Deregistration gives the key back to the hardware while the notifier is still there. A callback in between posts a work request for a key
 * that is free; its completion has an error, which stops the queue pair that all MRs of the device share.
 *
 * abb604a1a9c8 (v6.14, CVE-2025-21732) revokes the key with `umem_mutex` held, which callbacks take, and lets the umem forget its MR; callbacks
 * look. Both are needed (`no-check`, `no-lock`). But it held the mutex until the key was in the cache, and that takes the cache's lock, under
 * which others allocate memory: their reclaim calls the same notifier, which waits for the mutex. Or its own allocation does
 * (`held-over-cache`). 2ed25aa7f771 drops the mutex in between.
 *
 * bb3dba330006, which the notes name beside the CVE, was not found in any source that we could read. 2ed25aa7f771 was, and says what is above.
 *
 * Simplifications: one MR, whose key is cacheable, so destroy_mkey() is left out; MRs over DMA-BUF, which take dma_resv_lock() likewise, too.
 */
import { z } from 'zod';
import { defineScenario } from '../../src/system/scenario.ts';
import { defineSystem } from '../../src/system/system.ts';
import { deregMr } from '../kernel/mlx5/dereg-mr.ts';
import { deregMrAbb604a1a9c8 } from '../kernel/mlx5/dereg-mr-abb604a1a9c8.ts';
import { deregMrUnlocked } from '../kernel/mlx5/dereg-mr-unlocked.ts';
import { deregMrV613 } from '../kernel/mlx5/dereg-mr-v6.13.ts';
import { invalidateRange } from '../kernel/mlx5/invalidate-range.ts';
import { invalidateRangeV613 } from '../kernel/mlx5/invalidate-range-v6.13.ts';
import { interchangeable } from '../parts/names.ts';
import { assemble } from '../rigs/assemble.ts';
import { NO_UMR_ERROR, odpMr } from '../rigs/odp-mr.ts';

const violated = { verdict: 'violated', property: NO_UMR_ERROR } as const;

const versions = {
  fixed: { dereg: deregMr, notifier: invalidateRange },
  'held-over-cache': { dereg: deregMrAbb604a1a9c8, notifier: invalidateRange },
  'no-check': { dereg: deregMr, notifier: invalidateRangeV613 },
  'no-lock': { dereg: deregMrUnlocked, notifier: invalidateRange },
  unguarded: { dereg: deregMrV613, notifier: invalidateRangeV613 },
};

export const revokedMkey = defineScenario({
  name: 'revoked-mkey',
  title: 'A notifier changes the translations of a memory key that deregistration has given back',
  sources: [
    'B-45',
    'CVE-2025-21732',
    'abb604a1a9c8',
    '2ed25aa7f771',
    'drivers/infiniband/hw/mlx5/mr.c mlx5_revoke_mr()',
    'drivers/infiniband/hw/mlx5/odp.c mlx5_ib_invalidate_range()',
  ],
  group: 'mm',
  systems: ['mmu-notifiers', 'dma-drivers'],
  parameters: z.object({
    callers: z.number().int().min(1).max(3).default(1).describe('threads that take pages of the MR away'),
  }),
  variants: {
    fixed: {
      title:
        'the key is revoked under the mutex, callbacks look, and the mutex is dropped before the cache (2ed25aa7f771)',
      expected: { verdict: 'holds', counts: [74, 165] },
    },
    'held-over-cache': {
      title: 'the mutex is held until the key is in the cache (abb604a1a9c8, v6.14)',
      expected: { verdict: 'violated', property: 'no deadlock', length: 5 },
    },
    'no-check': {
      title: 'the key is revoked under the mutex, and callbacks do not look',
      expected: { ...violated, length: 5 },
    },
    'no-lock': {
      title: 'callbacks look, and the key is revoked without the mutex',
      expected: { ...violated, length: 5 },
    },
    unguarded: {
      title: 'the key is revoked without the mutex, and callbacks do not look (to v6.13)',
      expected: { ...violated, length: 5 },
    },
  },
  build({ callers }, variant) {
    const { dereg, notifier } = versions[variant];
    const rig = assemble(odpMr({ callers, dereg, notifier }));
    return defineSystem({
      ...rig.parts,
      symmetry: interchangeable(rig.things.workers),
      properties: () => [...rig.always, ...rig.shows],
    });
  },
});
