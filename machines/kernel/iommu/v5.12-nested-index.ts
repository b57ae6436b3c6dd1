/**
 * The fault data of `v5.12-nested.ts` with iommu_page_response() as it is in v5.12: an answer is for the pending fault that has its index, whoever
 * gives it. So what the guest answers (vfio_pci's dma_response_inject(), "vfio/pci: Inject page response upon response region fill") may
 * meet a fault of stage 2 that has the same index, as each stall of a stream has that reuses its STAG.
 */
import { nestedDeviceFaultConfig, nestedDeviceFaultParts, nestedDeviceFaultStates } from './v5.12-nested.ts';

export const nestedDeviceFaultByIndexStates = {
  registered: nestedDeviceFaultParts.createStateConfig({
    on: {
      ...nestedDeviceFaultStates.registered.on,
      RESPOND: [{ guard: 'isPending', actions: ['answerDevice', 'unlinkFault'] }, {}],
    },
  }),
  inHandler: nestedDeviceFaultParts.createStateConfig({
    on: {
      ...nestedDeviceFaultStates.inHandler.on,
      RESPOND: [{ guard: 'isPending', actions: ['answerDevice', 'unlinkFault'] }, {}],
    },
  }),
};

export const nestedDeviceFaultByIndex = nestedDeviceFaultParts.createMachine({
  id: 'nestedDeviceFaultByIndex',
  ...nestedDeviceFaultConfig,
  states: nestedDeviceFaultByIndexStates,
});
