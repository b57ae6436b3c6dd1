/**
 * The thread of `prq-overflow.ts` that does not look whether the queue is empty, as before 28a77185f1cd, and discards all the same. In no
 * release.
 */
import { without } from '../../parts/states.ts';
import { prqOverflowParts, prqOverflowStates } from './prq-overflow.ts';
import { prqV70Config } from './prq-v7.0.ts';

export const prqOverflowThreadAnyTail = prqOverflowParts.createMachine({
  id: 'prqOverflowThreadAnyTail',
  ...prqV70Config,
  states: {
    ...without(prqOverflowStates, 'overflowed'),
    moved: prqOverflowParts.createStateConfig({
      on: {
        RUN: { actions: 'readStatus' },
        STATUS: [{ guard: 'isOverflow', target: 'discarding' }, { target: 'asleep' }],
      },
    }),
  },
});
