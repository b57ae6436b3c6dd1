/**
 * The groups of `held-groups.ts`, each with a reference to its attach handle, which it puts when it has been answered. No kernel has it:
 * it goes with `../iommu/attach-handle-counted.ts` and `../iommu/pasid-array-counts.ts`.
 */
import { heldGroupsConfig, heldGroupsParts, heldGroupsStates } from './held-groups.ts';

export const heldGroupsCount = heldGroupsParts.createMachine({
  id: 'heldGroupsCount',
  ...heldGroupsConfig,
  states: {
    holding: heldGroupsParts.createStateConfig({
      on: {
        ...heldGroupsStates.holding.on,
        RUN: { guard: 'holdsAny', actions: ['followOldest', 'answerOldest', 'putOldest', 'forgetOldest'] },
        AUTO_RESPONSE: { actions: ['answerAllOfHandle', 'putAllOfHandle', 'forgetAllOfHandle'] },
      },
    }),
  },
});
