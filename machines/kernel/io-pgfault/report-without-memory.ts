/**
 * The thread of `report-to-iommufd.ts` while there is no memory for a group: iommu_report_device_fault(), err_abort.
 *
 *   idle -RUN-> found -RUN-> holding -RUN-> aborting -RUN-> answered -RUN-> reported -RUN-> idle
 */
import { send } from '../../parts/call.ts';
import { without } from '../../parts/states.ts';
import { reportingConfig, reportingParts, reportingStates } from './report-to-iommufd.ts';

const parts = reportingParts.extend({
  actions: {
    answerFailure: send(({ context }) => context.group, { type: 'GROUP_RESPONSE', code: 'failure' }),
    releaseGroup: send(({ context }) => context.group, 'RELEASE'),
  },
});

export const reportingWithoutMemory = parts.createMachine({
  id: 'reportingWithoutMemory',
  ...reportingConfig,
  states: {
    ...without(reportingStates, 'linked', 'dequeued'),
    // iopf_group_alloc() links abort_group.
    linking: { on: { LINKED: { target: 'aborting', actions: 'noteGroup' } } },
    // iopf_group_response(), which takes fault_param->lock anew
    aborting: { on: { RUN: { target: 'answered', actions: 'answerFailure' } } },
    // __iopf_free_group()
    answered: { on: { RUN: { target: 'reported', actions: 'releaseGroup' } } },
  },
});
