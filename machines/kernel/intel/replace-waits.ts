/**
 * The thread of `replace-v7.0.ts` that waits, when it has stored the new handle, for a report that is under way, as by taking
 * `iommu->iopf_lock` and giving it back. In no release.
 */
import { straightLine } from '../../parts/straight-line.ts';
import { iommufdAttachConfig, iommufdAttachParts } from './attach-v7.0.ts';
import { replaceV70States } from './replace-v7.0.ts';

export const replaceThreadWaits = iommufdAttachParts.createMachine({
  id: 'replaceThreadWaits',
  ...iommufdAttachConfig,
  states: { ...replaceV70States, ...straightLine({ stored: 'awaitReport', reported: 'autoRespond' }, 'answered') },
});
