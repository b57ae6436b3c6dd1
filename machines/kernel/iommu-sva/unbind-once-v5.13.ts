/**
 * The process of `bind.ts` that unbinds once, and then the device's driver takes the device out of its iopf queue
 * (iommu_dev_disable_feature(), v5.13 to v6.15): iommu_sva_unbind_device() has returned by then, and another process may have the PASID.
 *
 *   stopped -> cleared -> detached -> returned: the device leaves its iopf queue -> over
 */
import { straightLine } from '../../parts/straight-line.ts';
import { svaBindConfig, svaBindParts, svaBindStates } from './bind.ts';

export const svaUnbindOnce = svaBindParts.createMachine({
  id: 'svaUnbindOnce',
  ...svaBindConfig,
  states: {
    ...svaBindStates,
    ...straightLine({ detached: 'putPasid', returned: 'removeDevice' }, 'over'),
    over: {},
  },
});
