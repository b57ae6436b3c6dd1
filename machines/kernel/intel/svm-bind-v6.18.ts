/**
 * The process of `svm-bind-v5.8.ts` with the rule of 5ef7e24c7420 (v6.18, and stable trees from v5.15 on): PRI is not enabled on a device
 * whose IOMMU cannot drain page requests (intel/iommu.c intel_iommu_probe_device()), and without it a bind that needs page requests is
 * refused.
 *
 *   unbound -BIND-> probing -PDS-> bound ... as there
 *                           -NO_PDS-> refused
 *
 * Simplification: probe and bind are one step. Of v6.18 it is this rule only: the rest stays as in v5.8, where the drain came from.
 */
import { bindMm, svmBindConfig, svmBindParts, svmBindStates } from './svm-bind-v5.8.ts';

export const svmBindV618 = svmBindParts.createMachine({
  id: 'svmBindV618',
  ...svmBindConfig,
  states: {
    ...svmBindStates,
    unbound: { on: { BIND: { target: 'probing', actions: 'readCapabilities' } } },
    // Left within the step that entered it.
    probing: { on: { PDS: { target: 'bound', actions: [...bindMm] }, NO_PDS: 'refused' } },
    refused: { type: 'final' },
  },
});
