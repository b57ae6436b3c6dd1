/** The thread of `ppr-overflow-v7.0.ts` that discards when it sees the overflow, before it takes the entries out. No kernel has it. */
import { pprOverflowConfig, pprOverflowParts, pprOverflowStates } from './ppr-overflow-v7.0.ts';

export const pprOverflowThreadDiscardsFirst = pprOverflowParts.createMachine({
  id: 'pprOverflowThreadDiscardsFirst',
  ...pprOverflowConfig,
  states: {
    ...pprOverflowStates,
    reading: {
      on: {
        STATUS: [
          { guard: 'isOverflow', actions: ['keepOverflow', 'discardPartial', 'readPointers'] },
          { guard: 'hasAny', actions: ['keepOverflow', 'readPointers'] },
          { target: 'asleep' },
        ],
        POINTERS: { target: 'polling', actions: 'beginPass' },
      },
    },
  },
});
