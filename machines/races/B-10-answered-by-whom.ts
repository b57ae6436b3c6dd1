/**
 * B-10: when a handler fails, the driver of the IOMMU is told by the return value of iommu_report_device_fault(), and answers the request. From
 * v5.12 to v6.8 the core held the device lock over the handler, and took the request off the pending list before it returned, so nobody else
 * could answer. Since cc7338e9d807 the handler is called with no lock held, and the device may be removed meanwhile: removal answers
 * what is pending. Then the report goes on, takes off the list what is not on it (in 0095bf83554f a copy that the removal has freed), and the
 * driver answers a second time.
 *
 * Fix: the core answers by itself, and only what is still pending (3dfa64aecbaf, v6.9). 9759ae2cee7c, by which removal frees what it
 * answers (B-03), breaks that again: the report answers through a freed group (`group-freed`). So it is best that nobody is removed
 * with a report under way, as iopf_queue_remove_device() asks of its callers (`drained`).
 *
 * Found by reading io-pgfault.c (torvalds/linux 0095bf83554f, NVIDIA/NV-Kernels 4f2ef92411d9) and the patch of 199112327135; no handler of
 * those commits fails. That nobody waits for the event queue on SMMUv3 is from memory.
 */
import { z } from 'zod';
import { defineScenario } from '../../src/system/scenario.ts';
import { defineSystem } from '../../src/system/system.ts';
import { disableSva } from '../kernel/arm-smmu-v3/disable-sva-v6.9.ts';
import { disableIopf } from '../kernel/intel/disable-iopf-v6.9.ts';
import { faultParam0095bf83554f } from '../kernel/io-pgfault/fault-param-0095bf83554f.ts';
import { faultParam9759ae2cee7c } from '../kernel/io-pgfault/fault-param-9759ae2cee7c.ts';
import { faultParamV69 } from '../kernel/io-pgfault/fault-param-v6.9.ts';
import { failingReport3dfa64aecbaf } from '../kernel/io-pgfault/report-3dfa64aecbaf.ts';
import { failingReport0095bf83554f } from '../kernel/io-pgfault/report-0095bf83554f.ts';
import { failingReport199112327135 } from '../kernel/io-pgfault/report-199112327135.ts';
import { exactlyOneAnswerTo } from '../monitors/fault-parameter.ts';
import { assemble } from '../rigs/assemble.ts';
import { COPY_LIFETIME, failingHandler } from '../rigs/failing-handler.ts';
import { GROUP_LIFETIME } from '../rigs/owned-groups.ts';
import { howMany } from '../rigs/parameters.ts';

const versions = {
  fixed: { param: faultParamV69, thread: failingReport3dfa64aecbaf, remover: disableSva },
  drained: { param: faultParamV69, thread: failingReport199112327135, remover: disableIopf },
  'driver-answers': { param: faultParamV69, thread: failingReport199112327135, remover: disableSva },
  'copy-freed': { param: faultParam0095bf83554f, thread: failingReport0095bf83554f, remover: disableSva },
  'group-freed': { param: faultParam9759ae2cee7c, thread: failingReport3dfa64aecbaf, remover: disableSva },
};

export const answeredByWhom = defineScenario({
  name: 'answered-by-whom',
  title: 'A handler fails while its device is removed, and the removal and the driver both answer',
  sources: [
    'B-10',
    'B-03',
    '0095bf83554f',
    '199112327135',
    '3dfa64aecbaf',
    'drivers/iommu/io-pgfault.c iommu_report_device_fault()',
  ],
  group: 'iopf',
  systems: ['iopf-core-v6.9', 'vtd-prq'],
  parameters: z.object({
    groups: howMany('page request group indexes of the device', { max: 3, default: 1 }),
  }),
  variants: {
    fixed: {
      title: 'the core answers what is still pending (3dfa64aecbaf, v6.9)',
      expected: { verdict: 'holds', counts: [33, 57] },
    },
    drained: {
      title: 'the driver answers, and no report is under way when the device is removed (199112327135 on VT-d)',
      expected: { verdict: 'holds', counts: [22, 35] },
    },
    'driver-answers': {
      title: 'the driver answers, whoever has answered before (199112327135, b554e396e51c)',
      expected: { verdict: 'violated', property: exactlyOneAnswerTo('dev0').name, length: 8 },
    },
    'copy-freed': {
      title: 'the report frees its copy of the request, whoever has freed it before (0095bf83554f)',
      expected: { verdict: 'violated', property: COPY_LIFETIME, length: 7 },
    },
    'group-freed': {
      title: 'the core answers what is still pending, and removal frees what it answers (9759ae2cee7c)',
      expected: { verdict: 'violated', property: GROUP_LIFETIME, length: 7 },
    },
  },
  build({ groups }, variant) {
    const { param, thread, remover } = versions[variant];
    const rig = assemble(failingHandler({ groups, param, thread, remover, hasCopies: variant === 'copy-freed' }));
    return defineSystem({
      ...rig.parts,
      properties: ({ reachable }) => [
        ...rig.always,
        ...rig.shows,
        reachable('the device is stopped while its handler has just failed', (view) => {
          return view.get('remover').matches('stopped') && view.get('irq').matches('failing');
        }),
      ],
    });
  },
});
