/**
 * The thread of `report-0095bf83554f.ts` in 199112327135 and b554e396e51c: the group itself is on the list, and has the one reference. When the
 * handler has failed the group is taken off the list, whether it is on it or not, and freed; then the driver answers.
 */
import { failingReportConfig, failingReportParts, failingReportStates } from './report-0095bf83554f.ts';

export const failingReport199112327135 = failingReportParts.createMachine({
  id: 'failingReport199112327135',
  ...failingReportConfig,
  states: {
    ...failingReportStates,
    failing: failingReportParts.createStateConfig({
      on: { RUN: { target: 'refused', actions: ['unlinkGroup', 'freeGroup'] } },
    }),
  },
});
