/**
 * The thread of `ioctls-late-enable.ts` with what the review of v3 asked for: to enable faults sets the bits of what is mapped and unpins it, under
 * the container's lock, and leaves it to the MMU notifier. It takes no notice of an invalidation that has begun. Nobody posted it.
 */
import { lateEnableParts, lateEnableStates } from './ioctls-late-enable.ts';
import { vfioIoctlsConfig } from './ioctls-v3.ts';

export const vfioIoctlsConverts = lateEnableParts.createMachine({
  id: 'vfioIoctlsConverts',
  ...vfioIoctlsConfig,
  initial: 'off',
  states: {
    ...lateEnableStates,
    pinned: lateEnableParts.createStateConfig({
      on: {
        ENABLE_IOPF: { target: 'mapped', actions: ['lock', 'link', 'setMappedBit', 'unpin', 'forgetFrame', 'unlock'] },
      },
    }),
  },
});
