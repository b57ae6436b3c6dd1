/**
 * The callback of `svm-range-fa582c6f3684.ts` that drops its user by mmput_async(): the last user's exit is left to a worker. No release of
 * amdkfd did.
 */
import { svmRangeConfig, svmRangeParts } from './svm-range.ts';
import { svmRangeFa582c6f3684States } from './svm-range-fa582c6f3684.ts';

export const svmRangePutsAsync = svmRangeParts.createMachine({
  id: 'svmRangePutsAsync',
  ...svmRangeConfig,
  states: {
    ...svmRangeFa582c6f3684States,
    putting: svmRangeParts.createStateConfig({ on: { RUN: { target: 'dropping', actions: 'putMmAsync' } } }),
  },
});
