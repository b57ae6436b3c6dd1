/**
 * B-05: a report holds a reference to the fault parameter of its device, which passes to the group that it builds. When the handler fails, the
 * group is freed and drops it, and the common error path of iommu_report_device_fault() drops it as well. Then the reference of the
 * iopf queue is the one that is missing: the parameter is freed while the device is in its queue, and the next report, or the removal of
 * the device, uses freed memory.
 *
 * It takes no second thread. a74c077b9021 counted references, and 199112327135 returns before the common path; so it lived for two
 * commits on the way to v6.9, where a bisection can step on it. Found by reading (torvalds/linux 0095bf83554f, and the patch of 199112327135);
 * no handler of those commits fails.
 *
 * Simplifications: the device is drained before it is removed, so that no report is under way then (B-10 is about those).
 */
import { z } from 'zod';
import { defineScenario } from '../../src/system/scenario.ts';
import { defineSystem } from '../../src/system/system.ts';
import { disableIopf } from '../kernel/intel/disable-iopf-v6.9.ts';
import { faultParam0095bf83554f } from '../kernel/io-pgfault/fault-param-0095bf83554f.ts';
import { faultParamV69 } from '../kernel/io-pgfault/fault-param-v6.9.ts';
import { failingReport0095bf83554f } from '../kernel/io-pgfault/report-0095bf83554f.ts';
import { failingReport199112327135 } from '../kernel/io-pgfault/report-199112327135.ts';
import { faultParamLifetime } from '../monitors/fault-parameter.ts';
import { assemble } from '../rigs/assemble.ts';
import { failingHandler } from '../rigs/failing-handler.ts';
import { howMany } from '../rigs/parameters.ts';

const PARAM = faultParamLifetime('dev0', 'param0');

const versions = {
  fixed: { param: faultParamV69, thread: failingReport199112327135 },
  'double-put': { param: faultParam0095bf83554f, thread: failingReport0095bf83554f },
};

export const doublePut = defineScenario({
  name: 'double-put',
  title: 'A handler fails, and its report drops the reference that the group has dropped',
  sources: ['B-05', '0095bf83554f', '199112327135', 'drivers/iommu/io-pgfault.c iommu_report_device_fault()'],
  group: 'iopf',
  systems: ['iopf-core-v6.9'],
  parameters: z.object({
    groups: howMany('page request group indexes of the device', { max: 3, default: 1 }),
  }),
  variants: {
    fixed: {
      title: "the group's reference is dropped with it, and no other (199112327135)",
      expected: { verdict: 'holds', counts: [22, 35] },
    },
    'double-put': {
      title: 'the common error path drops one as well (a74c077b9021, 0095bf83554f)',
      expected: { verdict: 'violated', property: PARAM.name, length: 9 },
    },
  },
  build({ groups }, variant) {
    const { param, thread } = versions[variant];
    const hasCopies = variant === 'double-put';
    const rig = assemble(failingHandler({ groups, param, thread, remover: disableIopf, hasCopies }));
    return defineSystem({
      ...rig.parts,
      properties: () => [PARAM, ...rig.always, ...rig.shows],
    });
  },
});
