/**
 * A fault handler as in `iopf-sequence.ts` that drops the reference that GUP took at once, not after the map. It makes no difference to
 * whether a translation can outlive its frame: a reference keeps the frame from being freed only until it is dropped.
 */
import { vfioIopfSequenceParts, vfioIopfSequenceStates } from './iopf-sequence.ts';
import { vfioIopfConfig } from './iopf-v3.ts';

export const vfioIopfPutEarly = vfioIopfSequenceParts.createMachine({
  id: 'vfioIopfPutEarly',
  ...vfioIopfConfig,
  states: {
    ...vfioIopfSequenceStates,
    gettingPage: vfioIopfSequenceParts.createStateConfig({
      on: {
        GOT: { target: 'mapping', actions: ['keepFrame', 'putPage'] },
        NO_MEMORY: 'failed',
      },
    }),
    checking: vfioIopfSequenceParts.createStateConfig({
      on: {
        CHANGED: { target: 'locking', actions: ['forgetFrame', 'unlock'] },
        UNCHANGED: { target: 'responding', actions: ['map', 'setMappedBit', 'forgetFrame', 'unlock'] },
      },
    }),
  },
});
