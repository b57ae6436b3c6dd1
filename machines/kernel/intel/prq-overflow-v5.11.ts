/** The thread of `prq-overflow.ts` to 28a77185f1cd (v5.11): it clears PRO wherever it is set when the head has moved, and discards nothing. */
import { without } from '../../parts/states.ts';
import { prqOverflowParts, prqOverflowStates } from './prq-overflow.ts';
import { prqV70Config } from './prq-v7.0.ts';

export const prqOverflowThreadV511 = prqOverflowParts.createMachine({
  id: 'prqOverflowThreadV511',
  ...prqV70Config,
  states: {
    ...without(prqOverflowStates, 'overflowed', 'discarding'),
    moved: prqOverflowParts.createStateConfig({
      on: {
        RUN: { actions: 'readStatus' },
        STATUS: [{ guard: 'isOverflow', target: 'clearing' }, { target: 'asleep' }],
      },
    }),
  },
});
