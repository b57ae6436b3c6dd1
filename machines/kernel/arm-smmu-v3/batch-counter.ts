/**
 * `q->batch` of the unmerged PRI series, and the condition that arm_smmu_flush_priq() and arm_smmu_flush_evtq() wait for with
 * it: the queue is empty, or the count has moved on by `batches` since the flush began. Two are needed: the first batch may
 * have been nearly done when the flush began. The wait before there was such a count is `batches: null`.
 *
 * List 'AWAIT' and 'EMPTY' as `blocking`; the reply to AWAIT is FLUSHED.
 *
 * Simplifications: the count is kept relative to the one flush that may be waiting, and no further than it needs; the
 * condition is looked at whenever the flushing thread runs, and not only when it was woken.
 */
import { assign, setup } from 'xstate';
import { reply, send } from '../../parts/call.ts';

export type BatchCounterEvent =
  /** The interrupt thread has completed a batch. */
  | { type: 'BATCH' }
  /** A flush begins: it notes the count. */
  | { type: 'SAMPLE' }
  /** The reply is FLUSHED, once the condition is met. */
  | { type: 'AWAIT'; by: string };

interface Wiring {
  queue: string;
  batches: number | null;
}

export const batchCounter = setup({
  types: {
    input: {} as Wiring,
    context: {} as Wiring & { readonly counted: number },
    events: {} as BatchCounterEvent,
  },
  guards: {
    isWanted: ({ context }) => context.batches !== null && context.counted < context.batches,
    hasMovedOn: ({ context }) => context.counted === context.batches,
  },
  actions: {
    restart: assign({ counted: 0 }),
    count: assign({ counted: ({ context }) => context.counted + 1 }),
    awaitEmptyQueue: send('queue', 'EMPTY'),
    replyFlushed: reply('FLUSHED'),
  },
}).createMachine({
  id: 'batchCounter',
  context: ({ input }) => ({ ...input, counted: 0 }),
  initial: 'idle',
  states: {
    idle: {
      on: {
        SAMPLE: { target: 'counting', actions: 'restart' },
        // Nobody waits.
        BATCH: {},
      },
    },
    counting: {
      on: {
        BATCH: [{ guard: 'isWanted', actions: 'count' }, {}],
        AWAIT: [
          { guard: 'hasMovedOn', target: 'idle', actions: ['replyFlushed', 'restart'] },
          { target: 'idle', actions: ['awaitEmptyQueue', 'replyFlushed', 'restart'] },
        ],
      },
    },
  },
});
