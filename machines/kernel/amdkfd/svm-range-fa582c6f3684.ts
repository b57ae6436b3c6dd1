/**
 * The callback of `svm-range.ts` from fa582c6f3684 (v5.19) to a29e067bd389: it holds a user of the mm while it works, and
 * drops it at its end. When the process has exited meanwhile, that is the last one.
 *
 *   idle -INVALIDATE_RANGE_START-> getting -RUN-> invalidating -RUN-> putting -RUN-> dropping -> idle
 */
import { svmRangeConfig, svmRangeParts, svmRangeStates } from './svm-range.ts';

export const svmRangeFa582c6f3684States = {
  ...svmRangeStates,
  idle: svmRangeParts.createStateConfig({
    on: { INVALIDATE_RANGE_START: { target: 'getting', actions: 'beginCallback' } },
  }),
  getting: svmRangeParts.createStateConfig({
    on: {
      RUN: { actions: 'getMmNotZero' },
      GOT_MM: 'invalidating',
      MM_GONE: { target: 'idle', actions: ['endCallback', 'forgetCaller'] },
    },
  }),
  invalidating: svmRangeParts.createStateConfig({
    on: { RUN: [{ guard: 'isUnmap', target: 'adding', actions: 'lookInList' }, { target: 'putting' }] },
  }),
  adding: svmRangeParts.createStateConfig({
    on: {
      LISTED: 'putting',
      // mmget(): there is a user, this callback.
      NOT_LISTED: { target: 'putting', actions: ['getMm', 'addToList'] },
    },
  }),
  putting: svmRangeParts.createStateConfig({
    on: { RUN: { target: 'dropping', actions: 'putMm' } },
  }),
  // In mmput(), and so, when it is the last user, in the exit of the address space.
  dropping: svmRangeParts.createStateConfig({
    on: { PUT: { target: 'idle', actions: ['endCallback', 'forgetCaller'] } },
  }),
};

export const svmRangeFa582c6f3684 = svmRangeParts.createMachine({
  id: 'svmRangeFa582c6f3684',
  ...svmRangeConfig,
  states: svmRangeFa582c6f3684States,
});
