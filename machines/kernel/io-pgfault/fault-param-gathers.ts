/**
 * `struct iommu_fault_param` of `fault-param.ts` for groups of several requests: those that are not the last are kept
 * (report_partial_fault()) until the last one makes a group of them.
 *
 * Simplification: a device posts the requests of a group in their order, and all of them; so who takes part is known, and nothing is kept.
 */
import { faultParamConfig, faultParamParts, faultParamStates } from './fault-param.ts';

const { added } = faultParamStates;

export const faultParamGathers = faultParamParts.createMachine({
  id: 'faultParamGathers',
  ...faultParamConfig,
  states: {
    ...faultParamStates,
    added: faultParamParts.createStateConfig({ on: { ...added.on, REPORT: [added.on.REPORT, {}] } }),
  },
});
