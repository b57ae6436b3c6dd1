/** The thread of `free-kernel-table.ts` to v6.18: when the CPUs have been told, the page is freed, and no IOMMU hears of it. */

import { without } from '../../parts/states.ts';
import { straightLine } from '../../parts/straight-line.ts';
import { freeKernelTableConfig, freeKernelTableParts, freeKernelTableStates } from './free-kernel-table.ts';

export const freeKernelTableV618 = freeKernelTableParts.createMachine({
  id: 'freeKernelTableV618',
  ...freeKernelTableConfig,
  states: {
    ...without(freeKernelTableStates, 'invalidating', 'invalidated'),
    ...straightLine({ cleared: 'freePage' }, 'freed'),
  },
});
