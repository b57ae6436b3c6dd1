/** The callback of `svm-invalidate.ts` in v6.6: 0 to ULONG_MAX is a range like any other. */
import { svmInvalidateParts } from './svm-invalidate.ts';

export const svmInvalidateV66 = svmInvalidateParts.createMachine({
  id: 'svmInvalidateV66',
  context: ({ input }) => input,
  on: { INVALIDATE_SECONDARY_TLBS: { actions: 'flushRange' } },
});
