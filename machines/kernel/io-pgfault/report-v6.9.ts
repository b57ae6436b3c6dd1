/**
 * The same from v6.9 (3dfa64aecbaf, where it returns void) to b58b133e680b: the parameter is looked for first, and without one
 * nobody answers, neither the core nor the driver; a fault without a handler is a group that is aborted, with Failure.
 */
import { faultReportConfig, faultReportEvents, faultReportParts } from './report.ts';

export const faultReportV69 = faultReportParts.createMachine({
  id: 'faultReportV69',
  ...faultReportConfig,
  on: {
    ...faultReportEvents,
    REPORT: [
      { guard: 'hasNoParam', actions: 'returnToCaller' },
      { guard: 'hasHandler', actions: ['passOn', 'returnToCaller'] },
      { actions: ['answerFailure', 'returnToCaller'] },
    ],
  },
});
