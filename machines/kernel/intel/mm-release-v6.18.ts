/**
 * The thread of `mm-release-v7.0.ts` to v6.18: the whole entry is cleared, and FPD set, in the one section under `iommu->lock` in which P is seen to
 * be set; the invalidations come after it.
 */
import { without } from '../../parts/states.ts';
import { mmReleaseConfig, mmReleaseStates } from './mm-release-v7.0.ts';
import { tearDownParts } from './pasid-tear-down.ts';

export const mmReleaseV618 = tearDownParts.createMachine({
  id: 'mmReleaseV618',
  ...mmReleaseConfig,
  states: {
    ...without(mmReleaseStates, 'clearing'),
    reading: {
      on: {
        ENTRY: [
          { guard: 'isPresent', target: 'invalidating', actions: 'clearEntryWithFpd' },
          { target: 'exited', actions: 'unlockDomain' },
        ],
      },
    },
    invalidating: { on: { RUN: { target: 'exited', actions: 'unlockDomain' } } },
  },
});
