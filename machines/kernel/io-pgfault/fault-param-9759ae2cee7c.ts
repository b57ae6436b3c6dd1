/**
 * `struct iommu_fault_param` from 9759ae2cee7c to 738e6f32e61d: removal frees the groups that it answers, although a handler may
 * still have them. Who answers second finds the group unlinked, and says nothing.
 */
import { faultParamConfig, faultParamParts, faultParamStates } from './fault-param.ts';

export const faultParam9759ae2cee7cStates = {
  ...faultParamStates,
  added: faultParamParts.createStateConfig({
    on: {
      ...faultParamStates.added.on,
      // iopf_group_response(): not linked means answered, by removal.
      RESPOND: [{ guard: 'isLinked', actions: ['answerDevice', 'unlink'] }, {}],
    },
  }),
  removed: faultParamParts.createStateConfig({
    ...faultParamStates.removed,
    on: { ...faultParamStates.removed.on, RESPOND: {} },
  }),
};

export const faultParam9759ae2cee7c = faultParamParts.createMachine({
  id: 'faultParam9759ae2cee7c',
  ...faultParamConfig,
  states: faultParam9759ae2cee7cStates,
});
