/**
 * H-05: does the drain that was posted for SMMUv3 in May 2026 close B-25 and B-75? It waits until the event queue is empty, then for its thread, then
 * for the work queue, before the old domain's handle goes. It does not wait for the CMD_RESUME that answers the last of these groups. But
 * the last unbind of an SVA domain frees it, and that ends with a CMD_SYNC; the PASID is free only after that.
 *
 * It does (`fixed`), and each wait is needed, in this order. Without the CMD_SYNC it would not (`no-sync`): so it hangs on an invalidation that is
 * there for another purpose. The handle and the device (B-75) are safe without it.
 *
 * By arm-smmu-v3.c and arm-smmu-v3-sva.c of 7.0 (kangharison/linux-study of July 2026), which have no drain, and the text of version 2 of the patch.
 * Version 5 (September 2026) counts what the thread has taken in place of polling, for the reason of flush-until-empty (B-26).
 *
 * Simplifications: as in unbind-without-drain (B-25).
 */
import { z } from 'zod';
import { defineScenario } from '../../src/system/scenario.ts';
import { defineSystem } from '../../src/system/system.ts';
import { svaBindDrains2026 } from '../kernel/iommu-sva/bind-drains-2026.ts';
import { svaBindFlushesWork } from '../kernel/iommu-sva/bind-flushes-work.ts';
import { svaBindFreesDomain } from '../kernel/iommu-sva/bind-frees-domain.ts';
import { svaBindPollsOnly } from '../kernel/iommu-sva/bind-polls-only.ts';
import { svaBindSynchronizesFirst } from '../kernel/iommu-sva/bind-synchronizes-first.ts';
import { REACHES_OWN_PROCESS, reachesOwnProcess } from '../monitors/own-address-space.ts';
import { names } from '../parts/names.ts';
import { assemble } from '../rigs/assemble.ts';
import { svaStalls } from '../rigs/sva-stalls.ts';

const violated = { verdict: 'violated', property: REACHES_OWN_PROCESS } as const;

const processThreads = {
  fixed: svaBindDrains2026,
  'v7.0': svaBindFreesDomain,
  'polls-only': svaBindPollsOnly,
  'synchronizes-first': svaBindSynchronizesFirst,
  'no-sync': svaBindFlushesWork,
};

export const evtqDrain = defineScenario({
  name: 'evtq-drain',
  title: 'A PASID is bound by another process after the drain that was posted for SMMUv3 in 2026',
  sources: [
    'H-05',
    'B-25',
    'B-75',
    'iommu/arm-smmu-v3: Drain in-flight fault handlers (v2, May 2026)',
    'drivers/iommu/arm/arm-smmu-v3/arm-smmu-v3-sva.c arm_smmu_sva_domain_free()',
  ],
  group: 'iopf',
  systems: ['smmu-stall', 'host-sva'],
  parameters: z.object({
    processes: z.number().int().min(2).max(3).default(2).describe('processes that take turns with the PASID'),
  }),
  variants: {
    fixed: {
      title: 'empty queue, synchronize_irq(), flush, and the CMD_SYNC of the freed domain',
      expected: { verdict: 'holds', counts: [359, 844] },
    },
    'v7.0': { title: 'only the CMD_SYNC of the freed domain (7.0)', expected: { ...violated, length: 15 } },
    'polls-only': { title: 'the drain without synchronize_irq()', expected: { ...violated, length: 17 } },
    'synchronizes-first': {
      title: 'synchronize_irq(), and then an empty queue',
      expected: { ...violated, length: 18 },
    },
    'no-sync': { title: 'the drain, and no CMD_SYNC after it', expected: { ...violated, length: 21 } },
  },
  build({ processes }, variant) {
    const rig = assemble(svaStalls({ processes, user: processThreads[variant] }));
    return defineSystem({
      ...rig.parts,
      properties: ({ happens, reachable }) => [
        reachesOwnProcess(Object.fromEntries(names('mm', processes).map((mm, index) => [mm, [`page${index}`]]))),
        ...rig.always,
        ...rig.shows,
        happens('the second process has the PASID', { to: 'cd0', type: 'INSTALL', where: ({ mm }) => mm === 'mm1' }),
        happens('a transaction is aborted when it is retried after unbind', { to: 'dev0', type: 'ABORTED' }),
        reachable('a process unbinds while a transaction of it is stalled', (view) => {
          return view.get('dev0').matches('stalled') && view.get('user0').matches('stopped');
        }),
      ],
    });
  },
});
