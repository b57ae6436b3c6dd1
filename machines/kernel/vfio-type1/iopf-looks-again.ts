/**
 * The fault handler of `iopf-sequence.ts` where somebody else maps pages, too (`pin-pages.ts`): when it has the lock again it looks at the
 * bit again, and where that is set by now, another one has mapped the page.
 */
import { vfioIopfSequenceParts, vfioIopfSequenceStates } from './iopf-sequence.ts';
import { vfioIopfConfig } from './iopf-v3.ts';

/** What versions of it are made of. */
export const vfioIopfLooksAgainStates = {
  ...vfioIopfSequenceStates,
  mapping: vfioIopfSequenceParts.createStateConfig({
    on: { RUN: { target: 'lookingAgain', actions: ['lock', 'findDma'] } },
  }),
  // Left within the step that entered it.
  lookingAgain: vfioIopfSequenceParts.createStateConfig({
    on: {
      DMA_FOUND: [
        // The sample stays unused: the next fault takes another one.
        { guard: 'isMapped', target: 'responding', actions: ['putPage', 'forgetFrame', 'unlock'] },
        { target: 'checking', actions: 'checkSequence' },
      ],
    },
  }),
};

export const vfioIopfLooksAgain = vfioIopfSequenceParts.createMachine({
  id: 'vfioIopfLooksAgain',
  ...vfioIopfConfig,
  states: vfioIopfLooksAgainStates,
});
