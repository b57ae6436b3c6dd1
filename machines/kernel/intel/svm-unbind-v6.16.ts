/**
 * The unbinding thread in v6.16.0 (intel/iommu.c blocking_domain_set_dev_pasid(), to f0b9d31c6edd): the device leaves the iopf queue
 * before its PASID is torn down. After that nothing needs IOPF any more (`iopf_refcount` is 0), so the drain of the tear-down returns at
 * once, and with it the flush.
 *
 *   bound -UNBIND-> stopped -RUN-> removed -RUN-> bound
 */
import { without } from '../../parts/states.ts';
import { unbindConfig, unbindParts, unbindStates } from './svm-unbind.ts';

export const unbindThreadV616 = unbindParts.createMachine({
  id: 'unbindThreadV616',
  ...unbindConfig,
  states: {
    ...without(unbindStates, 'flushing', 'flushed'),
    stopped: { on: { RUN: { target: 'removed', actions: 'removeDevice' } } },
  },
});
