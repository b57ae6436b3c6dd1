/**
 * Attaching as in `attach-v3.ts`, with the replay that VFIO does without I/O page faults (vfio_iommu_replay()): what is mapped in the
 * first domain is mapped in the new one before the lock is dropped.
 */
import { attachConfig, attachParts, attachStates } from './attach-v3.ts';

export const attachReplay = attachParts.createMachine({
  id: 'attachReplay',
  ...attachConfig,
  states: {
    ...attachStates,
    attaching: attachParts.createStateConfig({
      on: { RUN: { target: 'replaying', actions: ['lock', 'putIntoList', 'lookUpFirst'] } },
    }),
    // Left within the step that entered it.
    replaying: attachParts.createStateConfig({
      on: {
        PHYS: [
          { guard: 'isMapped', target: 'attached', actions: ['keepFrame', 'map', 'forgetFrame', 'unlock'] },
          { target: 'attached', actions: 'unlock' },
        ],
      },
    }),
  },
});
