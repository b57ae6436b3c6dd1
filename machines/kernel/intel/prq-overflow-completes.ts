/**
 * The thread of `prq-overflow.ts` that wakes those who drain, at the end of each pass and after whatever it did about an overflow
 * (`complete(&iommu->prq_complete)`).
 */
import { send } from '../../parts/call.ts';
import { prqOverflowParts, prqOverflowStates } from './prq-overflow.ts';
import { prqV70Config } from './prq-v7.0.ts';

const parts = prqOverflowParts.extend({
  actions: { complete: send(({ context }) => context.completion!, 'COMPLETE') },
});

export const prqOverflowThreadCompletes = parts.createMachine({
  id: 'prqOverflowThreadCompletes',
  ...prqV70Config,
  states: {
    ...prqOverflowStates,
    moved: parts.createStateConfig({
      on: {
        RUN: { actions: 'readStatus' },
        STATUS: [{ guard: 'isOverflow', target: 'overflowed' }, { target: 'completing' }],
      },
    }),
    overflowed: parts.createStateConfig({
      on: {
        RUN: { actions: 'readPointers' },
        POINTERS: [{ guard: 'isEmpty', target: 'discarding' }, { target: 'completing' }],
      },
    }),
    clearing: parts.createStateConfig({ on: { RUN: { target: 'completing', actions: 'clearPro' } } }),
    completing: parts.createStateConfig({ on: { RUN: { target: 'asleep', actions: 'complete' } } }),
  },
});
