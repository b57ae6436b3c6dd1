/**
 * The thread of `replace-v7.0.ts` as it is on an SMMUv3 (arm-smmu-v3.c arm_smmu_attach_dev(), 7.0): prepare, install the STE, commit.
 * DMA goes on meanwhile, and nobody waits for the event queue. The page request queue stands for that one here.
 */
import { without } from '../../parts/states.ts';
import { straightLine } from '../../parts/straight-line.ts';
import { iommufdAttachConfig, iommufdAttachParts } from './attach-v7.0.ts';
import { replaceV70States } from './replace-v7.0.ts';

export const replaceThreadWithoutDrain = iommufdAttachParts.createMachine({
  id: 'replaceThreadWithoutDrain',
  ...iommufdAttachConfig,
  states: {
    ...without(replaceV70States, 'blocked', 'drained'),
    attached: iommufdAttachParts.createStateConfig({
      on: { REPLACE: { target: 'switched', actions: ['allocateSpare', 'setEntry'] } },
    }),
    ...straightLine({ switched: 'storeSpare' }, 'stored'),
  },
});
