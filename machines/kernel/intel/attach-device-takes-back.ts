/**
 * The threads of `attach-device-asks-first.ts` that attach the old domain again when memory is short: they keep what it needs until the
 * new one is in place, as the paths for PASIDs do (intel_iommu_set_dev_pasid()). In no release: it is the repair that we propose.
 */
import { asksFirst } from './attach-device-asks-first.ts';
import {
  attachDeviceFailsConfig,
  attachDeviceFailsParts,
  attachDeviceFailsStates,
} from './attach-device-fails-v7.0.ts';

export const attachDeviceTakesBack = attachDeviceFailsParts.createMachine({
  id: 'attachDeviceTakesBack',
  ...attachDeviceFailsConfig,
  states: {
    ...asksFirst,
    blocked: attachDeviceFailsParts.createStateConfig({
      on: {
        RUN: attachDeviceFailsStates.blocked.on.RUN,
        NO_MEMORY: { target: 'idle', actions: 'attachOldAgain' },
      },
    }),
  },
});
