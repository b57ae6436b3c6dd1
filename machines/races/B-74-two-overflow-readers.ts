/**
 * B-74: the PRI series of 2018 to 2020 takes an overflow for seen where OVFLG is not what it was when PROD was last read. Who
 * flushes the queue, to take a PASID away from a device, reads PROD as well. Then the interrupt thread, which reads it next, sees no
 * overflow, acknowledges it all the same, and leaves the truncated group in the partial list. The flush has noted the overflow and
 * will discard, but later: in between the device uses the index again, and its new group gets the members of the old one.
 *
 * The thread alone is right. That both together are not is our own conclusion from reading the patches (v4, v7, v8).
 *
 * The fix asks whether an overflow is active: OVFLG against OVACKFLG, which only the thread writes. So whoever acknowledges discards.
 * What the flush discards as well may be a group that is not truncated: its last request comes without them, and the device asks again.
 *
 * The queue overflows as the OS gave more credits than it has entries (B-09 says more of that).
 *
 * Simplifications: no signal ends the flush (with one it discards before the stored entries are handled: B-09 `discard-first`); the
 * PASID is that of somebody else, so that the device goes on.
 */
import { z } from 'zod';
import { defineScenario } from '../../src/system/scenario.ts';
import { defineSystem } from '../../src/system/system.ts';
import { priqV8Thread } from '../kernel/arm-smmu-v3/priq-v8.ts';
import { priqV8ThreadAsksWhetherActive } from '../kernel/arm-smmu-v3/priq-v8-asks-whether-active.ts';
import { indexIsUsedAgain } from '../monitors/page-request-witnesses.ts';
import { exactlyOneAnswer, noMergedGroup } from '../monitors/page-requests.ts';
import { assemble } from '../rigs/assemble.ts';
import { iopfCores } from '../rigs/iopf-cores.ts';
import { howMany } from '../rigs/parameters.ts';
import { inOneOrder, priFunctions } from '../rigs/pri-functions.ts';
import { overflowIsActive, priQueueV8Path } from '../rigs/pri-queue.ts';
import { svaPages } from '../rigs/sva-pages.ts';

export const twoOverflowReaders = defineScenario({
  name: 'two-overflow-readers',
  title: 'An overflow is seen by who flushes the queue, and acknowledged by who does not know of it',
  sources: ['B-74', 'iommu/arm-smmu-v3: Add support for PRI (2020, v4, v7, v8) arm_smmu_flush_priq()', 'SMMUv3 8.1.1'],
  group: 'iopf',
  systems: ['smmu-pri'],
  parameters: z.object({
    queueEntries: howMany('entries of the PRI queue', { max: 2, default: 1 }),
    generations: howMany('uses of an index that the monitors can tell apart', { min: 2, max: 4, default: 2 }),
  }),
  variants: {
    fixed: {
      title: 'the thread discards when OVFLG is not OVACKFLG, whoever read PROD before',
      expected: { verdict: 'holds', counts: [22_256, 62_136] },
    },
    alone: {
      title: 'as posted, and nobody flushes',
      expected: { verdict: 'holds', counts: [2_792, 6_096] },
    },
    'two-readers': {
      title: 'as posted: an overflow is seen where OVFLG is not what it was when PROD was last read',
      expected: { verdict: 'violated', property: noMergedGroup().name, length: 13 },
    },
  },
  build({ queueEntries, generations }, variant) {
    const thread = variant === 'fixed' ? priqV8ThreadAsksWhetherActive : priqV8Thread;
    const flushes = variant === 'alone' ? [] : (['flush0'] as const);
    const rig = assemble(
      priFunctions({ devices: 1, descriptors: inOneOrder(2), generations }),
      priQueueV8Path({ devices: 1, entries: queueEntries, thread, flushes }),
      iopfCores({ devices: 1, workers: 1 }),
      svaPages(2),
    );
    return defineSystem({
      ...rig.parts,
      properties: ({ happens, reachable }) => [
        noMergedGroup(),
        exactlyOneAnswer(),
        happens('the SMMU answers by itself', { type: 'PRG_RESPONSE', where: (event) => event.by === 'priq' }),
        reachable('an overflow is acknowledged while the partial list has a group', (view) => {
          return overflowIsActive(view) && view.get('core0').context.partial.length > 0;
        }),
        indexIsUsedAgain,
        ...flushes.map((flush) =>
          reachable('the flush has seen an overflow that the thread is about to acknowledge', (view) => {
            if (!overflowIsActive(view) || !view.get(flush).context.overflow) return false;
            return view.get('priqThread').matches('ending');
          }),
        ),
      ],
    });
  },
});
