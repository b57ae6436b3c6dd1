/**
 * B-34: unbind drains the page request queue, and then asks the hardware to drain what is not in the queue yet. An IOMMU without page-request
 * draining (ECAP.PDS = 0) ignores the flag that asks for it: the wait descriptor is complete at once, and nothing says that nothing was
 * waited for. A request that has come to the root complex stays there, and the PASID goes to another process. Then the IOMMU looks at the
 * request, finds the PASID-table entry set, and puts it into the queue: a page is faulted in for the wrong process, and the device is told to
 * go on. As the queue was drained, nobody follows freed memory, so nothing else tells.
 *
 * 66ac4db36f4c (v5.8) brought the drain. 5ef7e24c7420 (v6.18) does not enable PRI on such an IOMMU; `with-pds` is the same kernel on an
 * IOMMU that can drain.
 *
 * Simplifications: one function, one PASID; groups of one request; that the entry is looked at when the request is taken, and not before,
 * is our reading of VT-d 7.4.1.
 */
import { z } from 'zod';
import { defineScenario } from '../../src/system/scenario.ts';
import { defineSystem } from '../../src/system/system.ts';
import { svmBindV58 } from '../kernel/intel/svm-bind-v5.8.ts';
import { svmBindV618 } from '../kernel/intel/svm-bind-v6.18.ts';
import { HANDLED_IN_OWN_PROCESS } from '../monitors/own-address-space.ts';
import { interchangeable } from '../parts/names.ts';
import { assemble } from '../rigs/assemble.ts';
import { svmDrainShows, svmProcesses, svmProcessesShow } from '../rigs/svm-processes.ts';

export const undrainableHardware = defineScenario({
  name: 'undrainable-hardware',
  title: 'A PASID is drained on an IOMMU that cannot drain, and a request of it comes to the next process',
  sources: [
    'B-34',
    '5ef7e24c7420',
    '66ac4db36f4c',
    'drivers/iommu/intel/iommu.c intel_iommu_probe_device()',
    'VT-d 6.5.2.9',
    'VT-d 7.10',
  ],
  group: 'iopf',
  systems: ['vtd-prq'],
  parameters: z.object({
    processes: z.number().int().min(2).max(3).default(2).describe('processes that take turns with the PASID'),
    indexes: z.number().int().min(1).max(2).default(1).describe('page request group indexes of the device'),
  }),
  variants: {
    fixed: {
      title: 'page requests are not enabled where they cannot be drained (5ef7e24c7420, v6.18)',
      expected: { verdict: 'holds', counts: [4, 4], reduced: [3, 3] },
    },
    'with-pds': {
      title: 'the same kernel on an IOMMU with page-request draining',
      expected: { verdict: 'holds', counts: [146, 222], reduced: [74, 113] },
    },
    'no-pds': {
      title: 'page requests are enabled, and the IOMMU ignores the flag that asks for a drain (v5.8 to v6.17)',
      expected: { verdict: 'violated', property: HANDLED_IN_OWN_PROCESS, length: 13 },
    },
  },
  build({ processes, indexes }, variant) {
    const rig = assemble(
      svmProcesses({
        processes,
        user: variant === 'no-pds' ? svmBindV58 : svmBindV618,
        ends: variant === 'no-pds' ? [] : ['refused'],
        indexes,
        entries: indexes,
        drains: variant === 'with-pds',
      }),
    );
    return defineSystem({
      ...rig.parts,
      symmetry: interchangeable(rig.things.processes),
      properties: ({ reachable }) => [
        ...rig.always,
        ...(variant === 'fixed'
          ? [
              reachable(
                'a process that asks for page requests is refused',
                (view) => view.get('user0').value === 'refused',
              ),
            ]
          : [
              ...svmProcessesShow,
              ...svmDrainShows,
              reachable('the queue is drained while a request is in the hardware', (view) => {
                return view.get('user0').matches('drained') && view.get('buffer').context.requests.length > 0;
              }),
            ]),
      ],
    });
  },
});
