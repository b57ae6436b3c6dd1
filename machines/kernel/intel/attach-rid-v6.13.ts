/** The thread of `attach-rid-v6.14.ts` in v6.13: it drains, but the drain passes over requests without PASID. */
import { straightLine } from '../../parts/straight-line.ts';
import { attachRidStates } from './attach-rid-v6.14.ts';
import { iommufdAttachConfig, iommufdAttachParts } from './attach-v7.0.ts';

export const attachRidThreadV613 = iommufdAttachParts.createMachine({
  id: 'attachRidThreadV613',
  ...iommufdAttachConfig,
  states: { ...attachRidStates, ...straightLine({ cleared: 'awaitQueueOfPasids' }, 'drained') },
});
