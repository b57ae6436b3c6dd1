/**
 * The fault handler of `iopf-selective-v3.ts` with the question turned round, as the discussion of v1 had meant it: a fault on a page
 * that is pinned for the device is answered Invalid, and all others are handled. Nobody posted it.
 */
import { vfioIopfSelectiveParts, vfioIopfSelectiveStates } from './iopf-selective-v3.ts';
import { vfioIopfConfig } from './iopf-v3.ts';

export const vfioIopfFiltersPinned = vfioIopfSelectiveParts.createMachine({
  id: 'vfioIopfFiltersPinned',
  ...vfioIopfConfig,
  states: {
    ...vfioIopfSelectiveStates,
    // Left within the step that entered it.
    findingRange: vfioIopfSelectiveParts.createStateConfig({
      on: {
        RANGE: [
          { guard: 'isPinned', target: 'failed', actions: 'unlock' },
          { target: 'findingDma', actions: 'findDma' },
        ],
      },
    }),
  },
});
