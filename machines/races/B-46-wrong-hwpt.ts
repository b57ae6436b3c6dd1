/**
 * B-46: the page table of a device is replaced while page requests of the old one wait for user space. iommufd answers them for
 * the user, so that the old attach handle can be freed; but since fb21b1568ada it looks for them in the fault queue of the new
 * page table. They stay in the queue of the old one, under a handle that is freed: the next read follows it to find the device,
 * and a user who has left that queue never answers them. ba5c0f28a26e looks in the old one again.
 *
 * It takes two fault queues: with one for both page tables (`one-queue`) the mistake cannot be seen.
 *
 * Simplification: a handler is called with the handle that is stored then. In the kernel the look-up is earlier, and a replace
 * between the two leaves a group under a freed handle with this fix, too (B-84).
 */
import { z } from 'zod';
import { defineScenario } from '../../src/system/scenario.ts';
import { defineSystem } from '../../src/system/system.ts';
import { replaceThread } from '../kernel/iommufd/replace.ts';
import { replaceThreadFb21b1568ada } from '../kernel/iommufd/replace-fb21b1568ada.ts';
import { names } from '../parts/names.ts';
import { when } from '../parts/when.ts';
import { assemble } from '../rigs/assemble.ts';
import { iommufdFaultQueues, presentBuffer } from '../rigs/iommufd.ts';
import { iommufdReplace, LIVE } from '../rigs/iommufd-replace.ts';
import { ownedGroups } from '../rigs/owned-groups.ts';

export const wrongHwpt = defineScenario({
  name: 'wrong-hwpt',
  title: 'The page table of a device is replaced, and its page requests are looked for in the wrong fault queue',
  sources: ['B-46', 'ba5c0f28a26e', 'fb21b1568ada', 'drivers/iommu/iommufd/device.c iommufd_hwpt_replace_device()'],
  group: 'iopf',
  systems: ['iommufd'],
  parameters: z.object({
    groups: z.number().int().min(1).max(3).default(2).describe('page request group indexes of the device'),
  }),
  variants: {
    fixed: {
      title: "answers in the old page table's fault queue (ba5c0f28a26e)",
      expected: { verdict: 'holds', counts: [3_936, 13_986] },
    },
    'new-hwpt': {
      title: "answers in the new page table's fault queue (fb21b1568ada)",
      expected: { verdict: 'violated', property: LIVE, length: 7 },
    },
    'one-queue': {
      title: 'the same, but both page tables have one fault queue',
      expected: { verdict: 'holds', counts: [1_248, 3_594] },
    },
  },
  build({ groups }, variant) {
    const queues = variant === 'one-queue' ? 1 : 2;
    const choices = names('prg', groups).map((index) => ({ type: 'REQUEST' as const, index }));
    const replace = variant === 'fixed' ? replaceThread : replaceThreadFb21b1568ada;
    const slot = iommufdReplace({ queues, replace });
    const rig = assemble(
      // The slot tells the handler which handle it is.
      ownedGroups({ handlers: ['slot'], handleOf: () => '', groups, choices }),
      slot,
      presentBuffer,
      iommufdFaultQueues(queues),
    );
    return defineSystem({
      ...rig.parts,
      properties: ({ reachable, happens }) => [
        ...slot.always,
        ...rig.shows,
        reachable('a group of the old page table waits to be read when it is replaced', (view) => {
          return view.get('replacer').matches('replaced') && view.get('fault0').context.deliver.length > 0;
        }),
        reachable('a group of the old page table waits for its answer when it is replaced', (view) => {
          return view.get('replacer').matches('replaced') && 1 in view.get('fault0').context.response;
        }),
        ...when(
          variant !== 'new-hwpt',
          happens('the user answers a group that a replace has answered already', { to: 'reader0', type: 'EINVAL' }),
        ),
      ],
    });
  },
});
