/**
 * B-84: replacing a domain switches the hardware first and stores the new attach handle then (iommu.c iommu_replace_group_handle(), and
 * iommu_replace_device_pasid()). In between a request of the new page table is reported, and the look-up, which takes neither a lock nor a
 * reference, finds the old handle. The handle is stored, the old one's groups are answered, and it is freed; then the report goes on and
 * calls the handler through it. That the drain comes before the switch does not help. SMMUv3 does not even drain, so there the request may
 * be older than the switch.
 *
 * Fix: wait after the store for a report that is under way, as by taking the lock that it runs under; or let a look-up take a reference,
 * which is given back with the group.
 *
 * A candidate, by our own analysis of iommu.c, iommufd/device.c, intel/iommu.c and arm-smmu-v3.c of 7.0 (kangharison/linux-study of July
 * 2026), with the fix ba5c0f28a26e, which that tree does not have yet. It was never run on a kernel.
 *
 * Simplifications: groups of one request; old and new handle are of domains with one list of groups; what SMMUv3 does otherwise is the
 * thread, while its event queue is the page request queue here.
 */
import { z } from 'zod';
import { defineScenario } from '../../src/system/scenario.ts';
import { defineSystem } from '../../src/system/system.ts';
import { groupsOfOne } from '../hardware/pcie/pasid-function.ts';
import { replaceThreadV70 } from '../kernel/intel/replace-v7.0.ts';
import { replaceThreadWaits } from '../kernel/intel/replace-waits.ts';
import { replaceThreadWithoutDrain } from '../kernel/intel/replace-without-drain.ts';
import { heldGroupsCount } from '../kernel/io-pgfault/held-groups-count.ts';
import { attachHandleCounted } from '../kernel/iommu/attach-handle-counted.ts';
import { pasidArrayCounts } from '../kernel/iommu/pasid-array-counts.ts';
import { noFreedHandleIsUsed } from '../monitors/attach-handles.ts';
import { assemble } from '../rigs/assemble.ts';
import { vtdPageRequests, vtdReplace } from '../rigs/vtd-page-requests.ts';

const violated = { verdict: 'violated', property: noFreedHandleIsUsed([]).name } as const;
const versions = {
  fixed: { thread: replaceThreadWaits },
  reference: {
    thread: replaceThreadV70,
    array: pasidArrayCounts,
    handle: attachHandleCounted,
    groups: heldGroupsCount,
  },
  window: { thread: replaceThreadV70 },
  'no-drain': { thread: replaceThreadWithoutDrain },
};

export const replaceWindow = defineScenario({
  name: 'replace-window',
  title: 'A domain is replaced, and a fault of the new one is reported through the handle of the old one',
  sources: ['B-84', 'B-46', 'drivers/iommu/iommu.c iommu_replace_group_handle()', 'drivers/iommu/iommufd/device.c'],
  group: 'iopf',
  systems: ['iommufd', 'iopf-core-v6.9'],
  parameters: z.object({
    indexes: z.number().int().min(1).max(3).default(1).describe('page request group indexes of the device'),
    entries: z.number().int().min(1).max(4).default(2).describe('entries of the page request queue'),
  }),
  variants: {
    fixed: {
      title: 'the new handle is stored, and then a report that is under way is waited for',
      expected: { verdict: 'holds', counts: [238, 500] },
    },
    reference: {
      title: 'a look-up takes a reference on the handle',
      expected: { verdict: 'holds', counts: [220, 456] },
    },
    window: {
      title: 'the hardware is drained and switched, and the handle stored after that (VT-d, 7.0)',
      expected: { ...violated, length: 10 },
    },
    'no-drain': {
      title: 'the hardware is switched under way, and the handle stored after that (SMMUv3, 7.0)',
      expected: { ...violated, length: 8 },
    },
  },
  build({ indexes, entries }, variant) {
    const { thread, ...others } = versions[variant];
    const rig = assemble(
      vtdPageRequests({ posts: groupsOfOne(indexes, 'rid'), attached: ['rid'], handles: 2, entries, ...others }),
      vtdReplace(thread, 'rid'),
    );
    return defineSystem({ ...rig.parts, properties: () => [...rig.always, ...rig.shows] });
  },
});
