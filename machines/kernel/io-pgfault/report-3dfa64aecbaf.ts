/**
 * The thread of `report-0095bf83554f.ts` since 3dfa64aecbaf (v6.9): the core answers by itself what the handler has refused, by
 * iopf_group_response(), so that a group which is no longer pending gets no second answer; then it frees the group. A device that has left its
 * iopf queue gets an answer as since b58b133e680b.
 */
import { failingReportConfig, failingReportParts, failingReportStates } from './report-0095bf83554f.ts';

export const failingReport3dfa64aecbaf = failingReportParts.createMachine({
  id: 'failingReport3dfa64aecbaf',
  ...failingReportConfig,
  states: {
    ...failingReportStates,
    // err_abort
    failing: failingReportParts.createStateConfig({
      on: { RUN: { target: 'answered', actions: 'respondFailure' } },
    }),
    answered: failingReportParts.createStateConfig({
      on: { RUN: { target: 'reported', actions: 'freeGroup' } },
    }),
  },
});
