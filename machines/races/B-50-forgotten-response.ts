/**
 * B-50: iommufd's fault object keeps groups in two places, those that nobody has read in `fault->deliver` and those that user space
 * has in hand in `fault->response`. iommufd_fault_destroy() answered the first ones and forgot the others: their device waits for
 * ever, and their memory is never freed.
 *
 * Who detaches is answered for, out of both places, so destruction should find nothing. It does where a report came too late for that: on
 * VT-d nobody waited for the interrupt thread when a RID was detached (to c43e1ccdebf2, v6.13). The thread has found the attach handle,
 * the handle's groups are answered, the thread appends one more, a reader takes it, and the process ends.
 *
 * Fix: 3f4818ec1390 (v6.14, and 6.12.14), which empties both. The commit says only that it was missing in the first version; the way to it is our
 * analysis. The same thread follows the freed handle, which is not looked at here (B-75).
 *
 * Simplifications: one device; groups of one request; the process ends once.
 */
import { z } from 'zod';
import { defineScenario } from '../../src/system/scenario.ts';
import { defineSystem } from '../../src/system/system.ts';
import { faultQueueV614 } from '../kernel/iommufd/eventq-v6.14.ts';
import { faultQueueV611 } from '../kernel/iommufd/fault-v6.11.ts';
import { assemble } from '../rigs/assemble.ts';
import { ANSWERED_AT_LAST, FREED_AT_LAST, tornDownWhileReporting } from '../rigs/iommufd-tear-down.ts';

export const forgottenResponse = defineScenario({
  name: 'forgotten-response',
  title: 'A fault object is destroyed with groups that user space has read and not answered',
  sources: ['B-50', '3f4818ec1390', '07838f7fd529', 'drivers/iommu/iommufd/fault.c iommufd_fault_destroy()'],
  group: 'iopf',
  systems: ['iommufd'],
  parameters: z.object({
    groups: z.number().int().min(1).max(3).default(1).describe('page request group indexes of the device'),
    readers: z.number().int().min(1).max(2).default(1).describe('user-space threads that read and answer faults'),
  }),
  variants: {
    fixed: {
      title: 'destruction answers what was not read and what was (3f4818ec1390, 6.12.14)',
      expected: { verdict: 'holds', counts: [182, 334] },
    },
    'deliver-only': {
      title: 'destruction answers what was not read, and forgets the rest (07838f7fd529, v6.11 and v6.12)',
      expected: { verdict: 'violated', properties: [ANSWERED_AT_LAST, FREED_AT_LAST], length: 16 },
    },
  },
  build({ groups, readers }, variant) {
    const queue = variant === 'fixed' ? faultQueueV614 : faultQueueV611;
    const rig = assemble(...tornDownWhileReporting({ groups, readers, queue }));
    return defineSystem({ ...rig.parts, properties: () => [...rig.always, ...rig.shows] });
  },
});
