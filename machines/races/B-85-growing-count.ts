/**
 * B-85: VT-d counts the attached domains that take faults, so as to keep the device in its iopf queue as long as there is one. An attach of
 * another domain counts that one, and does not discount the one that it takes the place of (intel/iommu.c intel_iommu_attach_device(),
 * which has been given the old domain and does not look at it; identity_domain_attach_dev() does neither). The count grows with each
 * replacement, and after the last detach the device is in its iopf queue still, until its release warns of it.
 *
 * Fix: replace as one operation, as the paths for PASIDs do (iopf_for_domain_replace()): count the new one, then discount the old one. The
 * other way round takes the device out of its queue where both take faults: what is pending is answered Invalid, and a drain meanwhile
 * finds the count at 0 and returns at once.
 *
 * A candidate, by our own analysis of intel/iommu.c, intel/iommu.h and intel/prq.c of 7.0 (kangharison/linux-study of July 2026). It was
 * never run on a kernel.
 *
 * Simplifications: no PASIDs; faults are left out, only the count is here.
 */
import { z } from 'zod';
import { defineScenario } from '../../src/system/scenario.ts';
import { defineSystem } from '../../src/system/system.ts';
import { attachDeviceThreadRemovesFirst } from '../kernel/intel/attach-device-removes-first.ts';
import { attachDeviceThreadReplaces } from '../kernel/intel/attach-device-replaces.ts';
import { attachDeviceThreadV70 } from '../kernel/intel/attach-device-v7.0.ts';
import { assemble } from '../rigs/assemble.ts';
import { COUNTS_ATTACHED, STAYS_IN_QUEUE, vtdIopfCount } from '../rigs/vtd-iopf-count.ts';

const threads = {
  fixed: attachDeviceThreadReplaces,
  'sets-only': attachDeviceThreadV70,
  'removes-first': attachDeviceThreadRemovesFirst,
};

export const growingCount = defineScenario({
  name: 'growing-count',
  title: 'A domain that takes faults is replaced, and still counted',
  sources: ['B-85', 'drivers/iommu/intel/iommu.c intel_iommu_attach_device()', 'drivers/iommu/intel/iommu.h'],
  group: 'iopf',
  systems: ['vtd-prq'],
  parameters: z.object({
    domains: z.number().int().min(2).max(4).default(2).describe('domains that take faults'),
  }),
  variants: {
    fixed: {
      title: 'an attach counts the new domain, and then discounts the old one',
      expected: { verdict: 'holds', counts: [13, 21] },
    },
    'sets-only': {
      title: 'an attach counts the new domain (7.0)',
      expected: { verdict: 'violated', property: COUNTS_ATTACHED, length: 4 },
    },
    'removes-first': {
      title: 'an attach discounts the old domain, and then counts the new one',
      expected: { verdict: 'violated', property: STAYS_IN_QUEUE, length: 3 },
    },
  },
  build({ domains }, variant) {
    const rig = assemble(vtdIopfCount({ thread: threads[variant], domains }));
    return defineSystem({ ...rig.parts, properties: () => [...rig.always, ...rig.shows] });
  },
});
