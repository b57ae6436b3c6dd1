/**
 * The fault data of a device (`v5.12.ts`) whose handler may return an error, as in `v5.12-register.ts`, and is unregistered some day.
 *
 * At rest in `registered` and `unregistered`.
 */
import { deviceFaultConfig, deviceFaultParts, deviceFaultStates } from './v5.12.ts';
import { returnsError } from './v5.12-register.ts';

export const deviceFaultUnregisters = deviceFaultParts.createMachine({
  id: 'deviceFaultUnregisters',
  ...deviceFaultConfig,
  states: {
    registered: deviceFaultStates.registered,
    inHandler: deviceFaultParts.createStateConfig({ on: { ...deviceFaultStates.inHandler.on, ...returnsError } }),
    unregistered: deviceFaultParts.createStateConfig({
      on: { REPORT: deviceFaultStates.unregistered.on.REPORT },
    }),
  },
});
