/** The thread of `attach-v7.0.ts` that discards the partial requests of the PASID, and then drains: too early. In no release. */
import { iommufdAttachConfig, iommufdAttachParts, iommufdAttachStates } from './attach-v7.0.ts';

export const attachThreadDiscardsBeforeDrain = iommufdAttachParts.createMachine({
  id: 'attachThreadDiscardsBeforeDrain',
  ...iommufdAttachConfig,
  states: {
    ...iommufdAttachStates,
    attached: iommufdAttachParts.createStateConfig({
      on: { DETACH: { target: 'cleared', actions: ['clearEntry', 'discardPartial'] } },
    }),
  },
});
