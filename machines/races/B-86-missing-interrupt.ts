/**
 * B-86: the page request queue of VT-d is enabled while its Pending Page Request bit is still set, from the time of another owner of the
 * hardware. An event is generated only where a request sets the bit (VT-d 7.5), so the first request after that raises no interrupt, nor
 * does any other: the thread, which would clear the bit, never runs. intel_iommu_enable_prq() writes head, tail and address (intel/prq.c),
 * and not the status.
 *
 * Fix: clear the bit before the queue is enabled. That is enough while nothing is let in, as with root tables that are new. A crash kernel
 * may take over the tables of the one that died (intel/iommu.c copy_translation_tables()); then a request may set the bit again in between,
 * and clearing it is enough only if the thread looks at the queue once after that.
 *
 * A candidate, by our own analysis of intel/prq.c and intel/iommu.c of 7.0 (kangharison/linux-study of July 2026; prq.c of lordspline/linux
 * 3c73a8d36e91 does the same). It was never run on a kernel.
 *
 * Simplifications: of what comes before the queue is enabled, the bit is all that is left; its interrupts go nowhere.
 */
import { z } from 'zod';
import { defineScenario } from '../../src/system/scenario.ts';
import { defineSystem } from '../../src/system/system.ts';
import { groupsOfOne } from '../hardware/pcie/pasid-function.ts';
import { enableThreadClearsFirst } from '../kernel/intel/enable-prq-clears-first.ts';
import { enableThreadClearsFirstInCrashKernel } from '../kernel/intel/enable-prq-clears-first-in-crash-kernel.ts';
import { enableThreadLooksInCrashKernel } from '../kernel/intel/enable-prq-looks-in-crash-kernel.ts';
import { enableThreadV70 } from '../kernel/intel/enable-prq-v7.0.ts';
import { assemble } from '../rigs/assemble.ts';
import { NO_SLEEP, vtdPageRequests, vtdTakeOver } from '../rigs/vtd-page-requests.ts';

const violated = { verdict: 'violated', property: NO_SLEEP } as const;

const threads = {
  fixed: enableThreadClearsFirst,
  'stale-bit': enableThreadV70,
  'crash-kernel': enableThreadClearsFirstInCrashKernel,
  'looks-once': enableThreadLooksInCrashKernel,
};

export const missingInterrupt = defineScenario({
  name: 'missing-interrupt',
  title: 'The page request queue is enabled with its pending bit set, and its interrupt never comes',
  sources: ['B-86', 'drivers/iommu/intel/prq.c intel_iommu_enable_prq()', 'VT-d 7.5', 'VT-d 11.4.11.4'],
  group: 'iopf',
  systems: ['vtd-prq'],
  parameters: z.object({
    indexes: z.number().int().min(1).max(3).default(2).describe('page request group indexes of the device'),
    entries: z.number().int().min(1).max(4).default(2).describe('entries of the page request queue'),
  }),
  variants: {
    fixed: {
      title: 'the bit is cleared before the queue is enabled, while nothing is let in',
      expected: { verdict: 'holds', counts: [306, 577] },
    },
    'stale-bit': { title: 'the bit is left as it is (7.0)', expected: { ...violated, length: 6 } },
    'crash-kernel': {
      title: 'the bit is cleared before the queue is enabled, while copied tables let requests in',
      expected: { ...violated, length: 5 },
    },
    'looks-once': {
      title: 'the thread, which clears the bit, runs once when the queue is enabled; copied tables let requests in',
      expected: { verdict: 'holds', counts: [8_230, 21_548] },
    },
  },
  build({ indexes, entries }, variant) {
    const rig = assemble(
      vtdPageRequests({ posts: groupsOfOne(indexes, 'rid'), attached: ['rid'], entries, isForeign: true }),
      vtdTakeOver(threads[variant], 'rid'),
    );
    return defineSystem({ ...rig.parts, properties: () => [...rig.always, ...rig.shows] });
  },
});
