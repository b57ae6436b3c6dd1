/**
 * B-75: a device is detached from a fault-capable page table while the interrupt thread reports one of its requests. The iopf core asks
 * for an order: turn faults off, drain the hardware queue, then iopf_queue_remove_device(). Since v6.16 drivers do that themselves.
 * VT-d, for what is attached to the device itself, removes first, and then its drain returns at once, since no domain needs IOPF any
 * more; SMMUv3 blocks, removes, and waits for nobody. So removal meets a thread anywhere in iommu_report_device_fault():
 *
 * - with a handle and no parameter: WARN_ON(), and Invalid;
 * - with a group that is linked, which removal answers and frees: the handler then uses freed memory. 738e6f32e61d, which makes iommufd
 *   the one owner of its groups, does so by iopf_group_dequeue(), and this is before it;
 * - with a group that it has dequeued: neither removal nor the automatic response finds it, so the detach returns with the
 *   group unanswered, and with its handle freed.
 *
 * `fixed` is the order that the core asks for: block, drain, remove. For SMMUv3 that means to wait for the event-queue thread.
 * This is our analysis of the source (intel/iommu.c and arm-smmu-v3.c of v6.16 to v7.0, io-pgfault.c with 738e6f32e61d), not run
 * on a kernel, and no reported bug.
 *
 * Simplifications: one device, detached once; groups of one request; its driver does not stop it before.
 */
import { z } from 'zod';
import { defineScenario } from '../../src/system/scenario.ts';
import { defineSystem } from '../../src/system/system.ts';
import { reportingThread } from '../kernel/io-pgfault/report-to-iommufd.ts';
import { assemble } from '../rigs/assemble.ts';
import { ALL_ANSWERED, detachedWhileReporting, HANDLE_LIFETIME, ridDetaches, WARNED } from '../rigs/iommufd-detach.ts';
import { GROUP_LIFETIME } from '../rigs/owned-groups.ts';

const properties = [WARNED, GROUP_LIFETIME, HANDLE_LIFETIME, ALL_ANSWERED] as const;

export const removalBeforeDrain = defineScenario({
  name: 'removal-before-drain',
  title: 'A device leaves its iopf queue while the interrupt thread still reports a fault of it',
  sources: [
    'B-75',
    '738e6f32e61d',
    'drivers/iommu/intel/iommu.c blocking_domain_attach_dev()',
    'drivers/iommu/arm/arm-smmu-v3/arm-smmu-v3.c arm_smmu_disable_iopf()',
    'drivers/iommu/io-pgfault.c iopf_queue_remove_device()',
  ],
  group: 'iopf',
  systems: ['iopf-core-v6.9', 'vtd-prq'],
  parameters: z.object({
    groups: z.number().int().min(1).max(3).default(2).describe('page request group indexes of the device'),
    readers: z.number().int().min(1).max(2).default(1).describe('user-space threads that read and answer faults'),
  }),
  variants: {
    fixed: {
      title: 'translation is blocked, the hardware queue drained, and then the device removed',
      expected: { verdict: 'holds', counts: [271, 594] },
    },
    'vtd-rid': {
      title: 'the device is removed, then translation is blocked, and the drain returns at once (VT-d since v6.16)',
      expected: { verdict: 'violated', properties, length: 4 },
    },
    'smmu-v3': {
      title: 'translation is blocked and the device removed, and nobody waits for the thread (SMMUv3 since v6.16)',
      expected: { verdict: 'violated', properties, length: 5 },
    },
  },
  build({ groups, readers }, variant) {
    const detach = ridDetaches[variant];
    const rig = assemble(...detachedWhileReporting({ groups, readers, detach, thread: reportingThread }));
    return defineSystem({
      ...rig.parts,
      properties: ({ reachable, happens }) => [
        ...rig.always,
        ...rig.shows,
        happens('a group is answered for the user', {
          type: 'GROUP_RESPONSE',
          where: ({ code }) => code === 'invalid',
        }),
        reachable('the device is removed while user space has a group', (view) => {
          const { deliver, response } = view.get('fault').context;
          return deliver.length + Object.keys(response).length > 0 && view.get('param0').matches('removed');
        }),
      ],
    });
  },
});
