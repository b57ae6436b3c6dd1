/** The mm from v5.12 to v5.17: it keeps its PASID, which goes with the last bond (iommu-sva-lib.c iommu_sva_free_pasid()). */
import { svaMmConfig, svaMmParts, svaMmStates } from './mm.ts';

export const svaMmV512 = svaMmParts.createMachine({
  id: 'svaMmV512',
  ...svaMmConfig,
  states: {
    ...svaMmStates,
    exited: svaMmParts.createStateConfig({
      on: {
        ...svaMmStates.exited.on,
        MMDROP: { guard: 'isLastReference', target: 'freed', actions: 'drop' },
      },
    }),
  },
});
