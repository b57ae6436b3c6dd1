/**
 * The fault handler of `iopf-v3.ts` with the mmap_lock, which vaddr_get_pfns() takes for reading around GUP, with the container's lock held.
 *
 * Simplification: the lock is a mutex here; there is one handler, so nobody else reads; memory is never short.
 */
import { call } from '../../parts/call.ts';
import { without } from '../../parts/states.ts';
import { vfioIopfConfig, vfioIopfParts, vfioIopfStates } from './iopf-v3.ts';

const parts = vfioIopfParts.extend({
  actions: {
    lockMmap: call(({ context }) => context.mmapLock!, 'ACQUIRE'),
    unlockMmap: call(({ context }) => context.mmapLock!, 'RELEASE'),
  },
});

export const vfioIopfMmapLock = parts.createMachine({
  id: 'vfioIopfMmapLock',
  ...vfioIopfConfig,
  states: {
    ...without(vfioIopfStates, 'failed'),
    dmaFound: parts.createStateConfig({ on: { RUN: { target: 'gettingPage', actions: ['lockMmap', 'getUserPage'] } } }),
    gettingPage: parts.createStateConfig({
      on: {
        GOT: { target: 'mapping', actions: ['keepFrame', 'unlockMmap'] },
      },
    }),
  },
});
