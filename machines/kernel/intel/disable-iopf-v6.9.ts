/**
 * The thread that disables I/O page faults of a device on VT-d in v6.9 (intel/iommu.c intel_iommu_disable_iopf()), after its driver has stopped
 * it and the last PASID was unbound, with the drain and the flush of that:
 *
 *   bound -UNBIND-> stopped -RUN-> flushing -RUN-> flushed -RUN-> removed
 */
import { straightLine } from '../../parts/straight-line.ts';
import { unbindConfig, unbindParts, unbindStates } from './svm-unbind.ts';

export const disableIopf = unbindParts.createMachine({
  id: 'disableIopf',
  ...unbindConfig,
  states: {
    bound: unbindStates.bound,
    ...straightLine(
      { stopped: ['awaitHardwareQueue', 'startFlush'], flushing: 'awaitFlush', flushed: 'removeDevice' },
      'removed',
    ),
    removed: { type: 'final' },
  },
});
