/** The process of `svm-bind-v5.8.ts` to v5.7: it drains nothing when it tears the PASID down. */

import { without } from '../../parts/states.ts';
import { straightLine } from '../../parts/straight-line.ts';
import { svmBindConfig, svmBindParts, svmBindStates } from './svm-bind-v5.8.ts';

export const svmBindV57 = svmBindParts.createMachine({
  id: 'svmBindV57',
  ...svmBindConfig,
  states: { ...without(svmBindStates, 'drained', 'flushed'), ...straightLine({ locked: 'freePasid' }, 'freed') },
});
