/**
 * B-31: a process unbinds from a device on VT-d, and what the device has asked for is still in the page request queue, or in the hands of
 * the interrupt thread. To v5.7 the PASID is torn down and given back without a look at the queue. The thread has found the `struct
 * intel_svm` of the PASID, with no lock, and follows it when it is freed; or it comes to the request when another process has the number,
 * faults a page in there, and tells the device to go on.
 *
 * The driver has stopped the device. intel_svm_unbind_mm() asked for more, that no page fault be outstanding (`device-waits`), but a
 * function that stops a PASID by a Stop Marker, or is reset, waits for no answer.
 *
 * 66ac4db36f4c (v5.8) drains the queue, and then the hardware. The second half needs an IOMMU that can: B-34.
 *
 * Simplifications: one function, one PASID; groups of one request.
 */
import { z } from 'zod';
import { defineScenario } from '../../src/system/scenario.ts';
import { defineSystem } from '../../src/system/system.ts';
import { svmBindDeviceWaits } from '../kernel/intel/svm-bind-device-waits.ts';
import { svmBindV57 } from '../kernel/intel/svm-bind-v5.7.ts';
import { svmBindV58 } from '../kernel/intel/svm-bind-v5.8.ts';
import { HANDLED_IN_OWN_PROCESS } from '../monitors/own-address-space.ts';
import { interchangeable } from '../parts/names.ts';
import { assemble } from '../rigs/assemble.ts';
import { SVM_LIFETIME, svmDrainShows, svmProcesses, svmProcessesShow } from '../rigs/svm-processes.ts';

const users = {
  fixed: svmBindV58,
  'device-waits': svmBindDeviceWaits,
  'no-drain': svmBindV57,
  'next-owner': svmBindV57,
};

export const teardownWithoutDrain = defineScenario({
  name: 'teardown-without-drain',
  title: 'A PASID is torn down while its page requests are in the queue, and given to another process',
  sources: ['B-31', '66ac4db36f4c', 'drivers/iommu/intel/svm.c intel_svm_unbind_mm()', 'VT-d 7.10', 'PCIe 6.20.1'],
  group: 'iopf',
  systems: ['vtd-prq', 'host-sva'],
  parameters: z.object({
    processes: z.number().int().min(2).max(3).default(2).describe('processes that take turns with the PASID'),
    indexes: z.number().int().min(1).max(2).default(1).describe('page request group indexes of the device'),
  }),
  variants: {
    fixed: {
      title: 'unbind drains the queue and the hardware (66ac4db36f4c, v5.8)',
      expected: { verdict: 'holds', counts: [146, 222], reduced: [74, 113] },
    },
    'device-waits': {
      title: 'unbind drains nothing, but the driver calls it when the device has all its answers (what v5.7 asked for)',
      expected: { verdict: 'holds', counts: [122, 206], reduced: [62, 105] },
    },
    'no-drain': {
      title: 'unbind drains nothing, and the device has only been stopped (to v5.7)',
      expected: { verdict: 'violated', property: SVM_LIFETIME, length: 10 },
    },
    'next-owner': {
      title: 'the same, and only what the next owner of the PASID gets is looked at',
      expected: { verdict: 'violated', property: HANDLED_IN_OWN_PROCESS, length: 11 },
    },
  },
  build({ processes, indexes }, variant) {
    const rig = assemble(svmProcesses({ processes, user: users[variant], indexes, entries: indexes, drains: true }));
    return defineSystem({
      ...rig.parts,
      symmetry: interchangeable(rig.things.processes),
      properties: () => [
        ...rig.always.filter(({ name }) => variant !== 'next-owner' || name !== SVM_LIFETIME),
        ...svmProcessesShow,
        ...(variant === 'device-waits' ? [] : svmDrainShows),
      ],
    });
  },
});
