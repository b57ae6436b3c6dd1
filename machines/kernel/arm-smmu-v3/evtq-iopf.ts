/**
 * The thread of `evtq.ts` with devices whose faults go to the iopf work queue (SVA, iommufd): what iommu_report_device_fault() calls only
 * queues the group, so it returns within the step that reports.
 */
import { without } from '../../parts/states.ts';
import { evtq, evtqConfig, evtqStates } from './evtq.ts';

export const evtqIopfThread = evtq.createMachine({
  id: 'evtqIopfThread',
  ...evtqConfig,
  states: {
    ...without(evtqStates, 'reporting'),
    handling: evtq.createStateConfig({
      on: { RUN: { target: 'idle', actions: ['report', 'forgetRecord'] } },
    }),
  },
});
