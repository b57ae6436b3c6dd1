/**
 * The memory of a device's `struct dev_iommu` (iommu.c dev_iommu_get(), dev_iommu_free()): `dev->iommu`, which nobody counts
 * references to. In it is the pointer to the fault parameter, which those who read it protect by RCU.
 *
 * Freed memory does not object: in `freed` everything is taken in silence, and a monitor sees it.
 */
import { setup } from 'xstate';
import { reply } from '../../parts/call.ts';

export type DevIommuEvent =
  /** `rcu_dereference(dev->iommu->fault_param)`: the reply is FAULT_PARAM, or NO_FAULT_PARAM. */
  | { type: 'LOAD_FAULT_PARAM'; by: string }
  /** `rcu_assign_pointer(dev->iommu->fault_param, NULL)` */
  | { type: 'CLEAR_FAULT_PARAM' }
  /** `dev_iommu_free()` */
  | { type: 'FREE' };

export const devIommu = setup({
  types: {
    input: {} as { param: string },
    context: {} as { readonly param: string },
    events: {} as DevIommuEvent,
  },
  actions: {
    replyParam: reply(({ context }) => ({ type: 'FAULT_PARAM', param: context.param })),
    replyNone: reply('NO_FAULT_PARAM'),
  },
}).createMachine({
  id: 'devIommu',
  context: ({ input }) => input,
  initial: 'withParam',
  states: {
    withParam: {
      on: { LOAD_FAULT_PARAM: { actions: 'replyParam' }, CLEAR_FAULT_PARAM: 'withoutParam' },
    },
    withoutParam: {
      on: { LOAD_FAULT_PARAM: { actions: 'replyNone' }, FREE: 'freed' },
    },
    freed: {
      on: { LOAD_FAULT_PARAM: {}, CLEAR_FAULT_PARAM: {}, FREE: {} },
    },
  },
});
