/** The thread of `prq-overflow.ts` between 28a77185f1cd and d5b9e4bfe0d8 (v5.12 and v5.13): it clears PRO only where the queue is empty, and discards nothing. */
import { without } from '../../parts/states.ts';
import { prqOverflowParts, prqOverflowStates } from './prq-overflow.ts';
import { prqV70Config } from './prq-v7.0.ts';

export const prqOverflowThreadV512 = prqOverflowParts.createMachine({
  id: 'prqOverflowThreadV512',
  ...prqV70Config,
  states: {
    ...without(prqOverflowStates, 'discarding'),
    overflowed: prqOverflowParts.createStateConfig({
      on: {
        RUN: { actions: 'readPointers' },
        POINTERS: [{ guard: 'isEmpty', target: 'clearing' }, { target: 'asleep' }],
      },
    }),
  },
});
