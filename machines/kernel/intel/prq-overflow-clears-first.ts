/** The thread of `prq-overflow.ts` that clears PRO, and then discards. In no release. */
import { prqOverflowParts, prqOverflowStates } from './prq-overflow.ts';
import { prqV70Config } from './prq-v7.0.ts';

export const prqOverflowThreadClearsFirst = prqOverflowParts.createMachine({
  id: 'prqOverflowThreadClearsFirst',
  ...prqV70Config,
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
