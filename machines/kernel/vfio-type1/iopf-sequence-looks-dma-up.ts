/** The fault handler of `iopf-sequence-keeps-dma.ts` that looks the dma up again when it has the lock back, and then maps, all in one section of it. */
import { vfioIopfSequenceParts } from './iopf-sequence.ts';
import { vfioIopfKeepsDmaStates } from './iopf-sequence-keeps-dma.ts';
import { vfioIopfConfig } from './iopf-v3.ts';

export const vfioIopfLooksDmaUp = vfioIopfSequenceParts.createMachine({
  id: 'vfioIopfLooksDmaUp',
  ...vfioIopfConfig,
  states: {
    ...vfioIopfKeepsDmaStates,
    checking: vfioIopfSequenceParts.createStateConfig({
      on: {
        CHANGED: { target: 'locking', actions: ['putPage', 'forgetFrame', 'unlock'] },
        UNCHANGED: { target: 'lookingAgain', actions: 'findDma' },
      },
    }),
    // Left within the step that entered it.
    lookingAgain: vfioIopfSequenceParts.createStateConfig({
      on: {
        // Its bit is clear still: one fault is handled at a time, and ENABLE_IOPF sets none once a range could be found.
        DMA_FOUND: { target: 'responding', actions: ['map', 'setMappedBit', 'putPage', 'forgetFrame', 'unlock'] },
        NO_DMA: { target: 'failed', actions: ['putPage', 'forgetFrame', 'unlock'] },
      },
    }),
  },
});
