/**
 * The thread of `report-to-iommufd.ts` from v6.11 to 738e6f32e61d: the handler does not take the group off the pending list of its
 * device, it only appends it (iommufd_fault_iopf_handler()), which is one section of a lock.
 */
import { call } from '../../parts/call.ts';
import { without } from '../../parts/states.ts';
import { reportingConfig, reportingParts, reportingStates } from './report-to-iommufd.ts';

const parts = reportingParts.extend({
  actions: {
    callHandler: call('faultQueue', ({ context }) => ({
      type: 'IOPF_HANDLER',
      group: context.group,
      handle: context.handle,
    })),
  },
});

export const reportingThreadV611 = parts.createMachine({
  id: 'reportingThreadV611',
  ...reportingConfig,
  states: {
    ...without(reportingStates, 'dequeued'),
    // group->attach_handle->domain->iopf_handler(group), and in it the domain's hwpt->fault
    linked: parts.createStateConfig({
      on: { RUN: { target: 'reported', actions: ['followHandle', 'callHandler'] } },
    }),
  },
});
