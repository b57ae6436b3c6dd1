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
import { actor, combineActors, defineSystem, family } from '../../src/system/system.ts';
import { groupOnStack } from '../kernel/io-pgfault/group-on-stack.ts';
import { reportingWithoutMemory } from '../kernel/io-pgfault/report-without-memory.ts';
import { detachSmmuV3 } from '../kernel/iommufd/detach-smmu-v3.ts';
import { detachVtdRid } from '../kernel/iommufd/detach-vtd-rid.ts';
import { iommufdDetach, ONE_ANSWER } from '../rigs/iommufd-detach.ts';
import { detachInOrder } from './B-75-removal-before-drain.ts';

const ON_STACK = 'no group on a stack is freed';
const PARAM_LIFETIME = 'the fault parameter is not used after its last reference';

const detaches = { fixed: detachInOrder, 'vtd-rid': detachVtdRid, 'smmu-v3': detachSmmuV3 };

export const groupOnStackFreed = defineScenario({
  name: 'group-on-stack',
  title: 'There is no memory for a group, and removal frees the one on the stack of the thread that reports it',
  sources: ['B-76', 'B-75', 'drivers/iommu/io-pgfault.c iommu_report_device_fault(), abort_group'],
  group: 'iopf',
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
      expected: { verdict: 'violated', properties: [ON_STACK, PARAM_LIFETIME, ONE_ANSWER], length: 5 },
    },
    'smmu-v3': {
      title: 'the device is removed, and nobody waits for the thread (SMMUv3 since v6.16)',
      expected: { verdict: 'violated', properties: [ON_STACK, PARAM_LIFETIME, ONE_ANSWER], length: 6 },
    },
  },
  build({ groups }, variant) {
    const rig = iommufdDetach({ groups, readers: 0 });
    return defineSystem({
      unsent: 'ignore',
      actors: combineActors(
        rig.actors,
        family('group', groups, (index) => actor(groupOnStack, { input: rig.group(index) })),
        { irq: actor(reportingWithoutMemory, rig.reporting), detach0: actor(detaches[variant], rig.detach) },
      ),
      blocking: rig.blocking,
      properties: ({ always, reachable, happens }) => [
        always(ON_STACK, (view) => !rig.groupNames.some((group) => view.get(group).matches('stackFreed'))),
        always(PARAM_LIFETIME, (view) => !view.get('param0').matches('usedAfterFree')),
        ...rig.properties.filter(({ name }) => name === ONE_ANSWER),
        happens('a group is answered Failure', {
          to: 'dev0',
          type: 'PRG_RESPONSE',
          where: ({ code }) => code === 'failure',
        }),
        reachable('the device is detached', (view) => view.get('detach0').matches('detached')),
      ],
    });
  },
});
