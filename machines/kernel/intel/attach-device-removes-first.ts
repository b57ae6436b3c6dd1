/**
 * The threads of `attach-device-v7.0.ts` with an attach that discounts the old domain before it counts the new one, so that the device
 * leaves its iopf queue in between. In no release.
 */
import { attachDeviceConfig, attachDeviceParts, attachDeviceStates } from './attach-device-v7.0.ts';

export const attachDeviceThreadRemovesFirst = attachDeviceParts.createMachine({
  id: 'attachDeviceThreadRemovesFirst',
  ...attachDeviceConfig,
  states: {
    ...attachDeviceStates,
    idle: attachDeviceParts.createStateConfig({
      on: {
        ...attachDeviceStates.idle.on,
        ATTACH: { guard: 'isOther', target: 'blocked', actions: ['block', 'removeOld', 'noteNext'] },
      },
    }),
  },
});
