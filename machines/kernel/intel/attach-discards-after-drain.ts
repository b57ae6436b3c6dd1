/** The thread of `attach-v7.0.ts` that discards the partial requests of the PASID when its drain is over. In no release. */
import { straightLine } from '../../parts/straight-line.ts';
import { iommufdAttachConfig, iommufdAttachParts, iommufdAttachStates } from './attach-v7.0.ts';

export const attachThreadDiscardsAfterDrain = iommufdAttachParts.createMachine({
  id: 'attachThreadDiscardsAfterDrain',
  ...iommufdAttachConfig,
  states: { ...iommufdAttachStates, ...straightLine({ drained: ['discardPartial', 'eraseHandle'] }, 'erased') },
});
