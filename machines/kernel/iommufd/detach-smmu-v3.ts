/**
 * The detaching thread on SMMUv3 since v6.16:
 *
 *   attached -DETACH-> blocking -RUN-> blocked -RUN-> erased -RUN-> answered -RUN-> detached
 *
 * The stream is blocked, then arm-smmu-v3.c arm_smmu_attach_commit() -> arm_smmu_remove_master_domain() -> arm_smmu_disable_iopf()
 * takes the device out of the iopf queue. The event queue is not drained, and its thread not waited for. The rest as in
 * `detach-vtd-rid.ts`.
 */
import { detachConfig, detachParts } from './detach.ts';
import { handleGoes } from './detach-vtd-rid.ts';

export const detachSmmuV3 = detachParts.createMachine({
  id: 'detachSmmuV3',
  ...detachConfig,
  states: {
    attached: { on: { DETACH: { target: 'blocking', actions: 'stopDevice' } } },
    blocking: { on: { RUN: { target: 'blocked', actions: 'removeDevice' } } },
    ...handleGoes,
  },
});
