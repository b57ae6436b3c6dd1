/**
 * The thread of `priq-shutdown.ts` that begins with the queue, as arm_smmu_device_disable() does at shutdown: CR0 becomes 0, and no function is told.
 */
import { straightLine } from '../../parts/straight-line.ts';
import { priqShutdownConfig, priqShutdownParts } from './priq-shutdown.ts';

export const priqShutdownQueueFirst = priqShutdownParts.createMachine({
  id: 'priqShutdownQueueFirst',
  ...priqShutdownConfig,
  states: {
    up: { on: { SHUT_DOWN: { target: 'disabled', actions: 'clearPriqen' } } },
    ...straightLine({ disabled: 'disablePri', stopping: 'awaitStopped' }, 'down'),
    down: {},
  },
});
