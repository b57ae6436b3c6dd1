/** The region of `fault-region-of-gpasids.ts` whose records have the host's PASID, as VT-d reports it (intel/svm.c, v5.8 to v5.17): who reads translates. */
import {
  pasidFaultRegionConfig,
  pasidFaultRegionParts,
  pasidFaultRegionTransitions,
} from './fault-region-of-gpasids.ts';

const { READ, FLUSH_REGION } = pasidFaultRegionTransitions;

export const faultRegionOfHpasids = pasidFaultRegionParts.createMachine({
  id: 'faultRegionOfHpasids',
  ...pasidFaultRegionConfig,
  on: { REPORT: { actions: 'append' }, READ, FLUSH_REGION },
});
