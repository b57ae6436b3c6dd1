/**
 * The process of `unbind-once-v5.13.ts` since v6.16, when the driver of the IOMMU takes the device out of its iopf queue as it clears the
 * descriptor (arm-smmu-v3.c arm_smmu_blocking_set_dev_pasid(), arm_smmu_disable_iopf()), and the core erases the handle after that
 * (iommu.c iommu_detach_device_pasid()).
 *
 *   stopped -> cleared: the device leaves its iopf queue -> removed -> detached -> over
 */
import { straightLine } from '../../parts/straight-line.ts';
import { svaBindConfig, svaBindParts, svaBindStates } from './bind.ts';

export const svaUnbindOnceQueueFirst = svaBindParts.createMachine({
  id: 'svaUnbindOnceQueueFirst',
  ...svaBindConfig,
  states: {
    ...svaBindStates,
    ...straightLine({ cleared: 'removeDevice', removed: 'eraseHandle', detached: 'putPasid' }, 'over'),
    over: {},
  },
});
