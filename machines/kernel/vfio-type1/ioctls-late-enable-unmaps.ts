/**
 * The thread of `ioctls-late-enable.ts` that unmaps at ENABLE_IOPF what is mapped, waits for the CMD_SYNC, and then unpins it: the device faults on it again,
 * and the fault handler asks the sequence before it maps. Nobody posted it.
 */
import { lateEnableParts, lateEnableStates } from './ioctls-late-enable.ts';
import { vfioIoctlsConfig } from './ioctls-v3.ts';

export const vfioIoctlsUnmaps = lateEnableParts.createMachine({
  id: 'vfioIoctlsUnmaps',
  ...vfioIoctlsConfig,
  initial: 'off',
  states: {
    ...lateEnableStates,
    pinned: lateEnableParts.createStateConfig({
      on: { ENABLE_IOPF: { target: 'converting', actions: ['lock', 'link', 'unmap'] } },
    }),
    // Left within the step that entered it.
    converting: lateEnableParts.createStateConfig({
      on: { UNMAPPED: { target: 'convertingSyncs', actions: ['issueTlbi', 'issueSync'] } },
    }),
    convertingSyncs: lateEnableParts.createStateConfig({ on: { SYNC_COMPLETE: 'converted' } }),
    converted: lateEnableParts.createStateConfig({
      on: { RUN: { target: 'mapped', actions: ['unpin', 'forgetFrame', 'unlock'] } },
    }),
  },
});
