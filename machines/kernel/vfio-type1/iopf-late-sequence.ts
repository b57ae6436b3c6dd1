/**
 * A fault handler as in `iopf-sequence.ts` that samples the sequence after GUP. Too late: an invalidation between GUP and the sample goes
 * unnoticed. KVM made the mistake with what it had read of the VMA (arch/arm64/kvm/mmu.c user_mem_abort() before 13ec9308a857).
 */

import { vfioIopfSequenceParts, vfioIopfSequenceStates } from './iopf-sequence.ts';
import { vfioIopfUnlockedStates } from './iopf-unlocked.ts';
import { vfioIopfConfig } from './iopf-v3.ts';

export const vfioIopfLateSequence = vfioIopfSequenceParts.createMachine({
  id: 'vfioIopfLateSequence',
  ...vfioIopfConfig,
  states: {
    ...vfioIopfSequenceStates,
    findingDma: vfioIopfUnlockedStates.findingDma,
    gettingPage: vfioIopfSequenceParts.createStateConfig({
      on: {
        GOT: { target: 'sampling', actions: 'keepFrame' },
        NO_MEMORY: 'failed',
      },
    }),
    sampling: vfioIopfSequenceParts.createStateConfig({
      on: { RUN: { target: 'mapping', actions: 'sampleSequence' } },
    }),
  },
});
