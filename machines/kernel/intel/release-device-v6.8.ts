/** The thread to v6.8, as far as its invalidations go: qi_submit_sync() begins again after each time-out, for as long as it takes. */
import { without } from '../../parts/states.ts';
import { releaseConfig, releaseParts, releaseStates } from './release-device.ts';

export const releaseDeviceV68 = releaseParts.createMachine({
  id: 'releaseDeviceV68',
  ...releaseConfig,
  states: {
    ...without(releaseStates, 'lookingUp'),
    timedOut: releaseParts.createStateConfig({
      on: { RUN: { target: 'invalidating', actions: 'invalidateDevTlb' } },
    }),
  },
});
