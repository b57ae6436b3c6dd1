/** The fault handler of `iopf-v3.ts` for ranges that come and go (`vfio-dma.ts`): without a dma the answer is Invalid. */
import { vfioIopfConfig, vfioIopfParts, vfioIopfStates } from './iopf-v3.ts';

export const vfioIopfDmaGone = vfioIopfParts.createMachine({
  id: 'vfioIopfDmaGone',
  ...vfioIopfConfig,
  states: {
    ...vfioIopfStates,
    findingDma: vfioIopfParts.createStateConfig({
      on: { ...vfioIopfStates.findingDma.on, NO_DMA: { target: 'failed', actions: 'unlock' } },
    }),
  },
});
