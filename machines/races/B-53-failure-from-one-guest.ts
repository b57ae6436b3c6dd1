/**
 * B-53: virtual functions share the PRI of their physical function, and a Response Failure to one of them turns it off for all (PCIe
 * 10.4.2.1). The first uAPI of iommufd had that as a code that a VMM could answer with, and wrote any other number to the device as well. So
 * one guest takes the page requests of all others away, for ever, since nobody in Linux resets the PRI.
 *
 * Fix: the code is gone from the uAPI (861f96a78514), and every code but Success and Invalid is refused (d73cf5ff743b, both v6.11). The first half
 * alone changes a header, and no VMM that writes the number. Until the PRI of a guest can be reset, iommufd attaches no virtual function to a
 * page table with faults at all, so that the second function here is the physical one, or one of SVA.
 *
 * The core itself answers Failure, where it has no memory for a group: a patch to make that Invalid was turned down in July 2024 ("iommu: Convert
 * response code from failure to invalid"), as neither code fits, and 7.0 has it still. Then it needs no guest (`no-memory`).
 *
 * Simplifications: each function has one access at a time; the hostile guest always answers Failure.
 */
import { z } from 'zod';
import { defineScenario } from '../../src/system/scenario.ts';
import { defineSystem } from '../../src/system/system.ts';
import { prqThread } from '../kernel/intel/prq.ts';
import { prqThreadWithoutMemory } from '../kernel/intel/prq-without-memory.ts';
import { faultQueue } from '../kernel/iommufd/eventq.ts';
import { faultQueueChecksCodes } from '../kernel/iommufd/eventq-checks-codes.ts';
import { when } from '../parts/when.ts';
import { assemble } from '../rigs/assemble.ts';
import { howMany } from '../rigs/parameters.ts';
import { NOT_STARVED, virtualFunctions } from '../rigs/virtual-functions.ts';

const versions = {
  fixed: { queue: faultQueueChecksCodes, thread: prqThread },
  unchecked: { queue: faultQueue, thread: prqThread },
  'no-memory': { queue: faultQueueChecksCodes, thread: prqThreadWithoutMemory },
};

export const failureFromOneGuest = defineScenario({
  name: 'failure-from-one-guest',
  title: 'A guest answers Response Failure, and all functions that share the PRI lose their page requests',
  sources: [
    'B-53',
    '861f96a78514',
    'd73cf5ff743b',
    'drivers/iommu/iommufd/fault.c iommufd_fault_fops_write()',
    'PCIe 10.4.2.1',
  ],
  group: 'iopf',
  systems: ['iommufd'],
  parameters: z.object({
    functions: howMany('functions that share one PRI, each given to a VM', { min: 2, max: 3, default: 2 }),
  }),
  variants: {
    fixed: {
      title: 'codes but Success and Invalid are refused (d73cf5ff743b)',
      expected: { verdict: 'holds', counts: [119, 280] },
    },
    unchecked: {
      title: 'every code goes to the device, whether it has a name (to 861f96a78514) or none',
      expected: { verdict: 'violated', property: NOT_STARVED, length: 8 },
    },
    'no-memory': {
      title: 'codes are checked, and the core answers Failure where it has no memory (v6.9 to 7.0)',
      expected: { verdict: 'violated', property: NOT_STARVED, length: 4 },
    },
  },
  build({ functions }, variant) {
    const { queue, thread } = versions[variant];
    const isShort = variant === 'no-memory';
    const choices = when(isShort, { type: 'NO_MEMORY' } as const);
    const rig = assemble(virtualFunctions({ functions, isFirstHostile: !isShort, queue, thread, choices }));
    return defineSystem({
      ...rig.parts,
      properties: ({ happens }) => [
        ...rig.always,
        ...rig.shows,
        ...when(
          variant === 'fixed',
          happens('the kernel refuses what a guest answers', { to: 'reader0', type: 'EINVAL' }),
        ),
      ],
    });
  },
});
