/** The fault handler of `iopf-sequence.ts` with the mmap_lock, which it takes around GUP when it has dropped the container's lock. */
import { call } from '../../parts/call.ts';
import { without } from '../../parts/states.ts';
import { vfioIopfSequenceParts, vfioIopfSequenceStates } from './iopf-sequence.ts';
import { vfioIopfConfig } from './iopf-v3.ts';

const parts = vfioIopfSequenceParts.extend({
  actions: {
    lockMmap: call(({ context }) => context.mmapLock!, 'ACQUIRE'),
    unlockMmap: call(({ context }) => context.mmapLock!, 'RELEASE'),
  },
});

export const vfioIopfSequenceMmapLock = parts.createMachine({
  id: 'vfioIopfSequenceMmapLock',
  ...vfioIopfConfig,
  states: {
    ...without(vfioIopfSequenceStates, 'failed'),
    dmaFound: parts.createStateConfig({ on: { RUN: { target: 'gettingPage', actions: ['lockMmap', 'getUserPage'] } } }),
    gettingPage: parts.createStateConfig({
      on: {
        GOT: { target: 'mapping', actions: ['keepFrame', 'unlockMmap'] },
      },
    }),
  },
});
