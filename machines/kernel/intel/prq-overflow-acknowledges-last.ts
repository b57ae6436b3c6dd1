/**
 * The thread of `prq-overflow.ts` that clears PPR when it has moved the head, and not before it reads the pointers: what comes in while it works
 * finds PPR set, and raises no interrupt. In no release: prq_event_thread() says why it clears PPR first.
 */
import { prqOverflowParts, prqOverflowStates } from './prq-overflow.ts';
import { prqV70Config } from './prq-v7.0.ts';

export const prqOverflowThreadAcknowledgesLast = prqOverflowParts.createMachine({
  id: 'prqOverflowThreadAcknowledgesLast',
  ...prqV70Config,
  states: {
    ...prqOverflowStates,
    woken: prqOverflowParts.createStateConfig({
      on: { ...prqOverflowStates.woken.on, RUN: { target: 'reading', actions: 'readPointers' } },
    }),
    handling: prqOverflowParts.createStateConfig({
      on: {
        ...prqOverflowStates.handling.on,
        RUN: [
          { guard: 'hasHandledAll', target: 'moved', actions: ['writeHead', 'endPass', 'clearPpr'] },
          { actions: 'readEntry' },
        ],
      },
    }),
  },
});
