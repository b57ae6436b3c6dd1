/**
 * B-18, a count that is read without a lock: since cdb8a3c34635 (v5.4) an unmap asks `nr_ats_masters` whether any device of the domain has an ATC,
 * and if not, invalidates none. A device that is attached meanwhile is counted, and then ATS is switched on. Two orders have to hold, each on
 * its CPU: the count is visible before the function may ask (the barrier in writel()), and it is read after the TLB is clean (smp_mb()). Then
 * whoever asked before that is counted, and whoever asks after it finds nothing. Without either one an ATC keeps a page that is freed.
 *
 * `no-smp-mb` also needs the page in the TLB, from which a function that comes after the load is answered.
 *
 * No release had it wrong. The comment that came with the count says what the barrier is for; this is that comment as a model. Since
 * 587bb3e56a2c and 4202fddd01c7 (2026) there is an array in the count's place, with a lock where it has an ATC.
 *
 * Simplifications: `ats-attach-counts.ts`, `store-buffer.ts`.
 */
import { z } from 'zod';
import { defineScenario } from '../../src/system/scenario.ts';
import { defineSystem } from '../../src/system/system.ts';
import { atsFunction } from '../hardware/pcie/ats-function.ts';
import { atsAttachThreadCounts } from '../kernel/arm-smmu-v3/ats-attach-counts.ts';
import { atsAttachThreadRelaxed } from '../kernel/arm-smmu-v3/ats-attach-relaxed.ts';
import { smmuDomainCountsAts } from '../kernel/arm-smmu-v3/domain-counts-ats.ts';
import { unmapThreadCountsAts } from '../kernel/arm-smmu-v3/unmap-counts-ats.ts';
import { unmapThreadCountsEarly } from '../kernel/arm-smmu-v3/unmap-counts-early.ts';
import { NO_DMA_TO_FREED_FRAME } from '../monitors/stale-translation.ts';
import { interchangeable } from '../parts/names.ts';
import { assemble } from '../rigs/assemble.ts';
import { atsCpus, atsDomain } from '../rigs/ats-domain.ts';
import { howMany } from '../rigs/parameters.ts';

const violated = { verdict: 'violated', property: NO_DMA_TO_FREED_FRAME } as const;

const versions = {
  fixed: { attach: atsAttachThreadCounts, unmap: unmapThreadCountsAts },
  'no-smp-mb': { attach: atsAttachThreadCounts, unmap: unmapThreadCountsEarly },
  'relaxed-enable': { attach: atsAttachThreadRelaxed, unmap: unmapThreadCountsAts },
};

export const unseenAtsMaster = defineScenario({
  name: 'unseen-ats-master',
  title: 'An unmap that counts the devices with ATS without a lock, and a device that is attached meanwhile',
  sources: ['B-18', 'cdb8a3c34635', 'arm-smmu-v3.c arm_smmu_atc_inv_domain()', 'tools/memory-model'],
  group: 'iopf',
  systems: ['smmu-pri'],
  parameters: z.object({ devices: howMany('functions with ATS, in one domain', { max: 2, default: 1 }) }),
  variants: {
    fixed: {
      title: 'counted, barrier, ATS on; TLBI, SYNC, barrier, read (cdb8a3c34635)',
      expected: { verdict: 'holds', counts: [829, 3_159] },
    },
    'no-smp-mb': {
      title: 'the count is read before the SYNC is seen to be complete',
      expected: { ...violated, length: 15 },
    },
    'relaxed-enable': {
      title: 'ATS is on before the count is visible',
      expected: { ...violated, length: 14 },
    },
  },
  build({ devices }, variant) {
    const { attach, unmap } = versions[variant];
    const rig = assemble(
      atsDomain({ devices, fn: atsFunction, attach, domain: smmuDomainCountsAts, unmap }),
      atsCpus(devices),
    );
    return defineSystem({
      ...rig.parts,
      symmetry: interchangeable(rig.things.devices),
      properties: ({ reachable }) => [
        ...rig.always,
        ...rig.shows,
        reachable('the count is read as 0 while the store that makes it 1 is in the buffer', (view) => {
          const isBuffered = view.get('buffer0').context.store?.value === 'INC_ATS';
          return isBuffered && view.get('unmap').matches('invalidated') && view.get('domain').context.nrAts === 0;
        }),
      ],
    });
  },
});
