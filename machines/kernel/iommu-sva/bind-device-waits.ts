/**
 * The process of `bind.ts` as SMMUv3 asks for it: its driver unbinds when the device has completed all transactions, the stalled ones
 * included. List 'AWAIT_IDLE' as `blocking`.
 */
import { svaBindConfig, svaBindParts, svaBindStates } from './bind.ts';

export const svaBindDeviceWaits = svaBindParts.createMachine({
  id: 'svaBindDeviceWaits',
  ...svaBindConfig,
  states: {
    ...svaBindStates,
    bound: svaBindParts.createStateConfig({
      on: { ...svaBindStates.bound.on, UNBIND: { target: 'stopped', actions: 'awaitIdleDevice' } },
    }),
  },
});
