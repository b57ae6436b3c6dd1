/**
 * As long as nothing is taken away from devices (CLEAR_MAPPED of `../kernel/vfio-type1/mapped-bit.ts`), no more than so many of their
 * accesses stall. It is a question of speed, not of safety: how near demand paging comes to pages that are mapped from the start.
 */
import { assign, setup } from 'xstate';
import { monitor, type Observed, type Property } from '../../src/system/property.ts';

export const WITHIN_FAULT_BUDGET = 'no more accesses stall than are expected, unless pages are taken away';

export function noMoreFaultsThan(most: number): Property {
  return monitor(WITHIN_FAULT_BUDGET, faultBudget, { most });
}

const faultBudget = setup({
  types: {
    input: {} as { readonly most: number },
    context: {} as { readonly left: number },
    events: {} as Observed<{ type: 'STALL' } | { type: 'CLEAR_MAPPED' }>,
  },
  guards: { isSpent: ({ context }) => context.left === 0 },
  actions: { spend: assign({ left: ({ context }) => context.left - 1 }) },
}).createMachine({
  id: 'faultBudget',
  context: ({ input }) => ({ left: input.most }),
  initial: 'within',
  states: {
    within: {
      on: { STALL: [{ guard: 'isSpent', target: 'exceeded' }, { actions: 'spend' }], CLEAR_MAPPED: 'underPressure' },
    },
    exceeded: { tags: 'violation' },
    underPressure: {},
  },
});
