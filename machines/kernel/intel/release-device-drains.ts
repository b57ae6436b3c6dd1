/**
 * The thread of `release-device-unlocked.ts` that waits, before it takes anything away, for the thread of the page request queue to be
 * through with what the device posted. In no release: the review of def054b01a86 asked for it.
 *
 * List 'WAIT' as `blocking`.
 */
import { straightLine } from '../../parts/straight-line.ts';
import { releaseConfig, releaseParts, releaseStates } from './release-device.ts';
import { erasesUnlocked } from './release-device-unlocked.ts';

export const releaseDeviceDrains = releaseParts.createMachine({
  id: 'releaseDeviceDrains',
  ...releaseConfig,
  states: {
    ...releaseStates,
    ...erasesUnlocked,
    // intel/prq.c intel_iommu_drain_pasid_prq(): looks through the queue, waits for the end of a pass, and looks again.
    quiet: releaseParts.createStateConfig({ on: { RUN: { target: 'scanning', actions: ['reinit', 'scan'] } } }),
    scanning: releaseParts.createStateConfig({ on: { IN_QUEUE: 'waiting', NOT_IN_QUEUE: 'drained' } }),
    ...straightLine({ waiting: 'awaitPass' }, 'quiet'),
    ...straightLine({ drained: ['clearParam', 'putParam'] }, 'detached'),
  },
});
