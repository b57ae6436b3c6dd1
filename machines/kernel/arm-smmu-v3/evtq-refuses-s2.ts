/**
 * The thread of `evtq-iopf.ts` to v6.11, with records of stage 2 faults: arm_smmu_handle_evt() returns -EFAULT for these, so they are printed, and
 * nobody resumes the transaction.
 */

import { without } from '../../parts/states.ts';
import { evtq, evtqConfig, evtqStates } from './evtq.ts';

export const evtqThreadRefusesS2 = evtq.createMachine({
  id: 'evtqThreadRefusesS2',
  ...evtqConfig,
  states: {
    ...without(evtqStates, 'reporting'),
    handling: evtq.createStateConfig({ on: { RUN: { target: 'idle', actions: 'forgetRecord' } } }),
  },
});
