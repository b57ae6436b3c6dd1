/**
 * The callback of `svm-range.ts` from 367c9b0f1b87 to fa582c6f3684 (v5.18): the worker gets a user of the mm without a look whether
 * there still is one, also when it is the exit that unmaps.
 */
import { svmRangeConfig, svmRangeParts, svmRangeStates } from './svm-range.ts';

export const svmRange367c9b0f1b87 = svmRangeParts.createMachine({
  id: 'svmRange367c9b0f1b87',
  ...svmRangeConfig,
  states: {
    ...svmRangeStates,
    adding: svmRangeParts.createStateConfig({
      on: {
        LISTED: svmRangeStates.adding.on.LISTED,
        NOT_LISTED: { target: 'idle', actions: ['getMm', 'addToList', 'endCallback', 'forgetCaller'] },
      },
    }),
  },
});
