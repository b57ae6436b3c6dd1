/**
 * The thread of `prq-event-thread.ts` with its report as the steps that iommu_report_device_fault() consists of
 * (iopf_get_dev_fault_param(), since v6.9), for races with those who take away what it reads:
 *
 *   rcu_read_lock(); read the pointer `dev->iommu->fault_param`
 *   get a reference to the parameter, unless it has none left; rcu_read_unlock()
 *   handle the group and answer it; put the reference
 *
 * What the look-up finds is a `../iommu/dev-iommu.ts`; the parameter is a `../lib/refcount.ts`.
 *
 * Simplifications: the group is handled where it is reported, and always with success; groups of one request.
 */
import { prqEventConfig, prqEventParts, prqEventStates } from './prq-event-thread.ts';

export const prqEventStepsStates = {
  ...prqEventStates,
  finding: prqEventParts.createStateConfig({
    on: { ...prqEventStates.finding.on, FOUND: { target: 'dereferencing', actions: 'keepFound' } },
  }),
  dereferencing: prqEventParts.createStateConfig({
    on: { RUN: { target: 'loading', actions: ['readLock', 'loadParam'] } },
  }),
  // Left within the step that entered it, as is `getting`, unless the memory is gone.
  loading: prqEventParts.createStateConfig({
    on: {
      FAULT_PARAM: { target: 'referencing', actions: 'keepParam' },
      // b58b133e680b: iopf_error_response()
      NO_FAULT_PARAM: { target: 'done', actions: ['readUnlock', 'answerInvalid', 'unlock'] },
    },
  }),
  referencing: prqEventParts.createStateConfig({
    on: { RUN: { target: 'getting', actions: 'getParam' } },
  }),
  getting: prqEventParts.createStateConfig({
    on: {
      GOT: { target: 'reporting', actions: 'readUnlock' },
      GONE: { target: 'done', actions: ['readUnlock', 'answerInvalid', 'unlock'] },
    },
  }),
  reporting: prqEventParts.createStateConfig({
    on: { RUN: { target: 'done', actions: ['answerSuccess', 'putParam', 'unlock'] } },
  }),
};

export const prqEventThreadSteps = prqEventParts.createMachine({
  id: 'prqEventThreadSteps',
  ...prqEventConfig,
  states: prqEventStepsStates,
});
