/**
 * The process of `svm-bind-v5.7.ts`, to v5.7, as intel_svm_unbind_mm() asked for it: its driver unbinds when the function has the answers
 * to all that it has asked for ("no page faults may be outstanding").
 */

import { without } from '../../parts/states.ts';
import { straightLine } from '../../parts/straight-line.ts';
import { svmBindConfig, svmBindParts, svmBindStates } from './svm-bind-v5.8.ts';

export const svmBindDeviceWaits = svmBindParts.createMachine({
  id: 'svmBindDeviceWaits',
  ...svmBindConfig,
  states: {
    ...without(svmBindStates, 'drained', 'flushed'),
    ...straightLine({ stopped: ['awaitDevice', 'lock', 'clearEntry'], locked: 'freePasid' }, 'freed'),
  },
});
