/**
 * B-76: there is no memory for a page request group, so iommu_report_device_fault() makes one on its stack, to answer Failure with it. It
 * is linked as pending before it is answered, and the lock is dropped in between. A removal of the device there answers it Invalid and
 * frees it: kfree() of an address on a stack. Then the thread answers it once more, and drops its reference to the fault parameter
 * a second time.
 *
 * The window is there where removal does not wait for the thread (B-75); `fixed` is the order that the core asks for. Another way
 * is not to link such a group at all: nobody needs to find it. Our analysis of the source, no reported bug.
 *
 * Simplification: memory is short all the time, so nobody in user space ever sees a fault.
 */
import { z } from 'zod';
import { defineScenario } from '../../src/system/scenario.ts';
import { defineSystem } from '../../src/system/system.ts';
import { groupOnStack } from '../kernel/io-pgfault/group-on-stack.ts';
import { reportingWithoutMemory } from '../kernel/io-pgfault/report-without-memory.ts';
import { exactlyOneAnswerTo, faultParamLifetime } from '../monitors/fault-parameter.ts';
import { names } from '../parts/names.ts';
import { assemble } from '../rigs/assemble.ts';
import { detachedWhileReporting, ridDetaches } from '../rigs/iommufd-detach.ts';

const ON_STACK = 'no group on a stack is freed';
const PARAM = faultParamLifetime('dev0', 'param0');
const ONE_ANSWER = exactlyOneAnswerTo('dev0');

export const groupOnStackFreed = defineScenario({
  name: 'group-on-stack',
  title: 'There is no memory for a group, and removal frees the one on the stack of the thread that reports it',
  sources: ['B-76', 'B-75', 'drivers/iommu/io-pgfault.c iommu_report_device_fault(), abort_group'],
  group: 'iopf',
  systems: ['iopf-core-v6.9'],
  parameters: z.object({
    groups: z.number().int().min(1).max(3).default(2).describe('page request group indexes of the device'),
  }),
  variants: {
    fixed: {
      title: 'translation is blocked, the hardware queue drained, and then the device removed',
      expected: { verdict: 'holds', counts: [63, 108] },
    },
    'vtd-rid': {
      title: 'the device is removed first, and nobody waits for the thread (VT-d since v6.16)',
      expected: { verdict: 'violated', properties: [ON_STACK, PARAM.name, ONE_ANSWER.name], length: 5 },
    },
    'smmu-v3': {
      title: 'the device is removed, and nobody waits for the thread (SMMUv3 since v6.16)',
      expected: { verdict: 'violated', properties: [ON_STACK, PARAM.name, ONE_ANSWER.name], length: 6 },
    },
  },
  build({ groups }, variant) {
    const versions = { memory: groupOnStack, thread: reportingWithoutMemory, detach: ridDetaches[variant] };
    const rig = assemble(...detachedWhileReporting({ groups, readers: 0, ...versions }));
    return defineSystem({
      ...rig.parts,
      properties: ({ always, happens }) => [
        always(ON_STACK, (view) => names('group', groups).every((group) => view.get(group).value !== 'stackFreed')),
        PARAM,
        ONE_ANSWER,
        happens('a group is answered Failure', {
          to: 'dev0',
          type: 'PRG_RESPONSE',
          where: ({ code }) => code === 'failure',
        }),
        ...rig.shows,
      ],
    });
  },
});
