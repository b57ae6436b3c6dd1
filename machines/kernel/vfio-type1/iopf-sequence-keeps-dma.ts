/**
 * The fault handler of `iopf-sequence.ts` for ranges that come and go (`vfio-dma.ts`). It keeps the pointer to the dma over GUP, and the sequence, which
 * the MMU notifier alone moves, says nothing of UNMAP_DMA. Nobody posted it; it is what is left to do when the lock is dropped over GUP.
 */
import { vfioIopfSequenceParts, vfioIopfSequenceStates } from './iopf-sequence.ts';
import { vfioIopfConfig } from './iopf-v3.ts';

export const vfioIopfKeepsDmaStates = {
  ...vfioIopfSequenceStates,
  findingDma: vfioIopfSequenceParts.createStateConfig({
    on: { ...vfioIopfSequenceStates.findingDma.on, NO_DMA: { target: 'failed', actions: 'unlock' } },
  }),
};

export const vfioIopfKeepsDma = vfioIopfSequenceParts.createMachine({
  id: 'vfioIopfKeepsDma',
  ...vfioIopfConfig,
  states: vfioIopfKeepsDmaStates,
});
