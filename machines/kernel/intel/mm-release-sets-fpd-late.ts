/** The thread of `mm-release-v7.0.ts` with the obvious repair, which no kernel has: FPD is set after the invalidations, whether P is set or not. */
import { mmReleaseConfig, mmReleaseStates } from './mm-release-v7.0.ts';
import { tearDownParts } from './pasid-tear-down.ts';

export const mmReleaseSetsFpdLate = tearDownParts.createMachine({
  id: 'mmReleaseSetsFpdLate',
  ...mmReleaseConfig,
  states: {
    ...mmReleaseStates,
    clearing: { on: { ENTRY: { target: 'exited', actions: ['clearEntryWithFpd', 'unlockDomain'] } } },
  },
});
