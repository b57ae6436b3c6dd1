/** `struct iommu_fault_param` from v6.9 to 9759ae2cee7c: removal answers groups and unlinks them, and whoever has one frees it. */
import { faultParamConfig, faultParamParts } from './fault-param.ts';
import { faultParam9759ae2cee7cStates as later } from './fault-param-9759ae2cee7c.ts';

export const faultParamV69 = faultParamParts.createMachine({
  id: 'faultParamV69',
  ...faultParamConfig,
  states: {
    ...later,
    added: faultParamParts.createStateConfig({
      on: {
        ...later.added.on,
        REMOVE_DEVICE: { target: 'removed', actions: ['answerAllInvalid', 'putReference'] },
      },
    }),
    removed: faultParamParts.createStateConfig({
      ...later.removed,
      on: {
        ...later.removed.on,
        // Linked is what a report linked that had got the parameter before the removal.
        RESPOND: [{ guard: 'isLinked', actions: ['answerDevice', 'unlink'] }, {}],
      },
    }),
  },
});
