/** The thread of `prq-overflow.ts` that clears PRO, and then discards. In no release. */
import { prqOverflowConfig, prqOverflowParts, prqOverflowStates } from './prq-overflow.ts';

export const prqOverflowThreadClearsFirst = prqOverflowParts.createMachine({
  id: 'prqOverflowThreadClearsFirst',
  ...prqOverflowConfig,
  states: {
    ...prqOverflowStates,
    overflowed: prqOverflowParts.createStateConfig({
      on: {
        RUN: { actions: 'readPointers' },
        POINTERS: [{ guard: 'isEmpty', target: 'clearing' }, { target: 'asleep' }],
      },
    }),
    clearing: prqOverflowParts.createStateConfig({ on: { RUN: { target: 'discarding', actions: 'clearPro' } } }),
    discarding: prqOverflowParts.createStateConfig({ on: { RUN: { target: 'asleep', actions: 'discardPartial' } } }),
  },
});
