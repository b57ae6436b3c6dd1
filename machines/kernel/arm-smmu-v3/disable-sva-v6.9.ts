/**
 * The thread that disables I/O page faults of a device on SMMUv3 in v6.9 (arm-smmu-v3-sva.c arm_smmu_master_sva_disable_iopf()), after its driver
 * has stopped it and the last bond is gone. Nobody waits for the event queue or for its thread:
 *
 *   bound -UNBIND-> stopped -RUN-> removed
 */
import { unbindConfig, unbindParts, unbindStates } from '../intel/svm-unbind.ts';

export const disableSva = unbindParts.createMachine({
  id: 'disableSva',
  ...unbindConfig,
  states: {
    bound: unbindStates.bound,
    stopped: { on: { RUN: { target: 'removed', actions: 'removeDevice' } } },
    removed: { type: 'final' },
  },
});
