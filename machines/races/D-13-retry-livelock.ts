/**
 * D-13, asked on the list in 2021 and never answered: with page faults instead of pinning, and a limit on locked memory, does more DMA in
 * flight than the limit has pages lead to I/O faults that no user can foresee? Of K DMAs each needs one page until it is done, and the user
 * may lock L.
 *
 * The answer. While K <= L nothing happens. With K > L it depends on what the handler does at the limit:
 *
 * - the series as posted never takes a page back: the DMAs beyond L are aborted, and always will be (`never-evict`);
 * - taking back the least recently mapped page, as its review proposed, allows a schedule in which no DMA is ever done, however
 *   fair: each page goes before the device that asked for it has tried again (`evict-oldest`);
 * - taking back only what has been used since it was mapped, and waiting for that, lets every DMA end (`fixed`).
 */
import { z } from 'zod';
import { defineScenario } from '../../src/system/scenario.ts';
import { defineSystem } from '../../src/system/system.ts';
import { lockedMemory } from '../kernel/vfio-type1/locked-memory.ts';
import { lockedMemoryEvictOldest } from '../kernel/vfio-type1/locked-memory-evict-oldest.ts';
import { lockedMemoryEvictUsed } from '../kernel/vfio-type1/locked-memory-evict-used.ts';
import { eachDmaEnds, noDmaIsAborted, someDmaGetsDone } from '../monitors/dma-progress.ts';
import { names, pairs } from '../parts/names.ts';
import { assemble } from '../rigs/assemble.ts';
import { howMany } from '../rigs/parameters.ts';
import { stallPath } from '../rigs/stall-path.ts';
import { aFaultWaitsForUse, vfioPinning } from '../rigs/vfio-pinning.ts';

const policies = { fixed: lockedMemoryEvictUsed, 'evict-oldest': lockedMemoryEvictOldest, 'never-evict': lockedMemory };

export const retryLivelock = defineScenario({
  name: 'retry-livelock',
  title: 'More DMAs in flight than pages that may be locked',
  sources: ['D-13', 'D-11', 'seed:002', 'VFIO IOPF v1 vfio_iommu_type1_dynamic_dma_map()'],
  group: 'iopf',
  systems: ['locked-memory', 'vfio-iopf-v1'],
  parameters: z.object({
    dmas: howMany('K: devices, each with one DMA at a time, to its own page', { max: 4, default: 2 }),
    limit: z.number().int().min(1).max(4).default(1).describe('L: pages that may be locked at a time'),
  }),
  variants: {
    fixed: {
      title: 'at the limit, takes back the least recently mapped page that was used since; waits until there is one',
      expected: { verdict: 'holds', counts: [43, 76] },
    },
    'evict-oldest': {
      title: 'at the limit, takes back the least recently mapped page',
      expected: { verdict: 'violated', property: someDmaGetsDone().name },
    },
    'never-evict': {
      title: 'at the limit, answers Invalid (v1)',
      expected: { verdict: 'violated', property: noDmaIsAborted().name, length: 12 },
    },
  },
  build({ dmas, limit }, variant) {
    const pinning = vfioPinning({ pages: dmas, limit, policy: policies[variant] });
    const rig = assemble(
      stallPath({
        devices: dmas,
        // Room for every stall: none has to wait inside the SMMU, where it could be retried early.
        entries: dmas,
        tlbs: pairs(names('page', dmas), names('page', dmas)),
        choices: (index) => [{ type: 'DMA', page: `page${index}`, write: true }],
      }),
      pinning,
    );
    return defineSystem({
      ...rig.parts,
      properties: ({ happens }) => [
        ...rig.always,
        someDmaGetsDone(),
        ...eachDmaEnds(names('dev', dmas)),
        noDmaIsAborted(),
        ...pinning.shows,
        ...(dmas > limit && variant !== 'never-evict' ? [happens('a page is taken back', { type: 'UNMAP' })] : []),
        ...(dmas > limit && variant === 'fixed' ? [aFaultWaitsForUse(limit)] : []),
      ],
    });
  },
});
