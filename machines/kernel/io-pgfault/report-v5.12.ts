/**
 * The same to v6.8: it returned an error to the driver, which aborted the access (arm-smmu-v3.c arm_smmu_handle_evt(), "Nobody
 * cared"). The driver's answer is in the same step here.
 */
import { faultReportConfig, faultReportEvents, faultReportParts } from './report.ts';

export const faultReportV512 = faultReportParts.createMachine({
  id: 'faultReportV512',
  ...faultReportConfig,
  on: {
    ...faultReportEvents,
    REPORT: [
      { guard: 'hasHandler', actions: ['passOn', 'returnToCaller'] },
      { actions: ['answerFailure', 'returnToCaller'] },
    ],
  },
});
