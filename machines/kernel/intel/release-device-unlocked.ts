/**
 * The thread of `release-device.ts` that takes the device out of the tree without `iommu->iopf_lock`. Then it does not matter that the
 * thread of the page request queue takes it: to v6.8 neither did (def054b01a86).
 */
import { straightLine } from '../../parts/straight-line.ts';
import { releaseConfig, releaseParts, releaseStates } from './release-device.ts';

/** Another version without the lock has this as well. */
export const erasesUnlocked = straightLine({ detached: 'erase' }, 'erased');

export const releaseDeviceUnlocked = releaseParts.createMachine({
  id: 'releaseDeviceUnlocked',
  ...releaseConfig,
  states: { ...releaseStates, ...erasesUnlocked },
});
