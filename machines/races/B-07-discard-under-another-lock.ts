/**
 * B-07: from v5.12 to v6.8 iopf_queue_discard_partial() goes over the partial requests of each device with the lock of the iopf queue, and
 * iommu_report_device_fault() adds to them and takes from them with the lock of the device. Nothing but a promise of the driver keeps the two
 * apart: it must not report while it discards. VT-d keeps it, since the thread that reports is the one that discards. The PRI series of 2020 for SMMUv3 (v7, v8), for which the function was written, does not: arm_smmu_flush_priq()
 * discards in the thread that takes a PASID away, while the interrupt thread reports what else the queue has. A request that the walk
 * has in hand is moved into a group, a worker handles and frees it, and the walk deletes and frees it again.
 *
 * Fix: both take the lock of the device's fault data (v6.9, "Refine locking for per-device fault data management").
 *
 * The queue has one entry, and overflows as the OS gave more credits (B-09 says more of that). What the flush discards too late is another
 * matter (B-74), and not asked for here.
 *
 * Found by reading the patches and io-pgfault.c (jpbrucker/linux 656742db, torvalds/linux a74c077b9021). Simplifications: the PASID is that of
 * somebody else, so that the device goes on; no signal ends the flush; what a report does under its lock is one step.
 */
import { z } from 'zod';
import { defineScenario } from '../../src/system/scenario.ts';
import { defineSystem } from '../../src/system/system.ts';
import { flushPriqLocks } from '../kernel/arm-smmu-v3/flush-priq-v8-locks.ts';
import { flushPriqWalks } from '../kernel/arm-smmu-v3/flush-priq-v8-walks.ts';
import { priqV8Thread } from '../kernel/arm-smmu-v3/priq-v8.ts';
import { exactlyOneAnswer } from '../monitors/page-requests.ts';
import { assemble } from '../rigs/assemble.ts';
import { iopfCoreV5WithLists } from '../rigs/iopf-cores.ts';
import { howMany } from '../rigs/parameters.ts';
import { inOneOrder, priFunctions } from '../rigs/pri-functions.ts';
import { priQueueV8Path } from '../rigs/pri-queue.ts';
import { svaPages } from '../rigs/sva-pages.ts';

const SOUND = 'nobody follows a pointer to freed memory in the lists of requests, or frees it again';

export const discardUnderAnotherLock = defineScenario({
  name: 'discard-under-another-lock',
  title: 'Partial requests are discarded under one lock and reported under another',
  sources: [
    'B-07',
    'drivers/iommu/io-pgfault.c iopf_queue_discard_partial()',
    'iommu/arm-smmu-v3: Add support for PRI (2020, v7, v8) arm_smmu_flush_priq()',
  ],
  group: 'iopf',
  systems: ['iopf-core-v5.12', 'smmu-pri'],
  parameters: z.object({
    indexes: howMany('page request group indexes of the device', { max: 2, default: 1 }),
    generations: howMany('uses of an index that the monitors can tell apart', { min: 2, max: 4, default: 2 }),
  }),
  variants: {
    fixed: {
      title: "the walk holds the lock of the device's fault data as well (since v6.9)",
      expected: { verdict: 'holds', counts: [100_704, 283_944] },
    },
    alone: {
      title: 'the walk holds the lock of the iopf queue, and the thread that reports is the only one that discards',
      expected: { verdict: 'holds', counts: [2_792, 6_096] },
    },
    'two-locks': {
      title: 'the walk holds the lock of the iopf queue, and a report that of the device (v5.12 to v6.8)',
      expected: { verdict: 'violated', property: SOUND, length: 18 },
    },
  },
  build({ indexes, generations }, variant) {
    const flushes = variant === 'alone' ? [] : (['flush0'] as const);
    const rig = assemble(
      priFunctions({ devices: 1, indexes, descriptors: inOneOrder(2), generations }),
      priQueueV8Path({
        devices: 1,
        entries: 1,
        thread: priqV8Thread,
        flushes,
        flush: variant === 'two-locks' ? flushPriqWalks : flushPriqLocks,
        partials: { lists: 'lists', queueLock: 'queueLock', paramLock: 'lock' },
      }),
      iopfCoreV5WithLists(),
      svaPages(2),
    );
    return defineSystem({
      ...rig.parts,
      properties: ({ always, happens, reachable }) => [
        always(SOUND, (view) => view.get('lists').matches('sound')),
        exactlyOneAnswer(),
        happens('the SMMU answers by itself', { type: 'PRG_RESPONSE', where: ({ by }) => by === 'priq' }),
        reachable('a group has a request that was partial', (view) => {
          return view.get('lists').context.lists.group0?.length === 2;
        }),
        happens('a group is answered', { type: 'PRG_RESPONSE', where: ({ by }) => by === 'core0' }),
        ...flushes.map((flush) =>
          reachable('the thread has a request to report while the flush has a partial one in hand', (view) => {
            return view.get(flush).matches('walking') && view.get('priqThread').context.inHand !== null;
          }),
        ),
      ],
    });
  },
});
