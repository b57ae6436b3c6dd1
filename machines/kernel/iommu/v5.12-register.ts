/**
 * The fault data of a device (`v5.12.ts`) whose handler is registered some time later, and may return an error: the fault is taken off
 * the list, and the driver of the IOMMU answers it.
 *
 * At rest in `unregistered` and `registered`.
 */
import { deviceFaultConfig, deviceFaultParts, deviceFaultStates } from './v5.12.ts';

/** arm-smmu-v3.c arm_smmu_handle_evt() answers for the handler. */
export const returnsError = {
  ENODEV: {
    target: 'registered',
    actions: ['abandonFault', 'unlinkAbandoned', 'unlockDevice', 'returnToCaller', 'forgetCaller'],
  },
} as const;

export const deviceFaultRegisters = deviceFaultParts.createMachine({
  id: 'deviceFaultRegisters',
  ...deviceFaultConfig,
  initial: 'unregistered',
  states: {
    unregistered: deviceFaultParts.createStateConfig({
      on: { REPORT: deviceFaultStates.unregistered.on.REPORT, REGISTER: 'registered' },
    }),
    registered: deviceFaultParts.createStateConfig({
      on: { REPORT: deviceFaultStates.registered.on.REPORT },
    }),
    inHandler: deviceFaultParts.createStateConfig({
      on: { ...deviceFaultStates.inHandler.on, ...returnsError },
    }),
  },
});
