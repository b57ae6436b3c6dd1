/**
 * The threads of `attach-device-v7.0.ts` with an attach that replaces as one operation, as the paths for PASIDs do (intel/iommu.h
 * iopf_for_domain_replace()): the new domain is counted, then the old one discounted. For domains without PASID in no release.
 */
import { attachDeviceConfig, attachDeviceParts, attachDeviceStates } from './attach-device-v7.0.ts';

export const attachDeviceThreadReplaces = attachDeviceParts.createMachine({
  id: 'attachDeviceThreadReplaces',
  ...attachDeviceConfig,
  states: {
    ...attachDeviceStates,
    blocked: attachDeviceParts.createStateConfig({
      on: { RUN: { target: 'idle', actions: ['setNext', 'removeOld', 'attachNext'] } },
    }),
  },
});
