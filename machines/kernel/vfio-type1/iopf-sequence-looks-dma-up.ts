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
        DMA_FOUND: [
          // Mapped meanwhile, by ENABLE_IOPF: Success.
          { guard: 'isMapped', target: 'responding', actions: ['putPage', 'forgetFrame', 'unlock'] },
          { target: 'responding', actions: ['map', 'setMappedBit', 'putPage', 'forgetFrame', 'unlock'] },
        ],
        NO_DMA: { target: 'failed', actions: ['putPage', 'forgetFrame', 'unlock'] },
      },
    }),
  },
});
