/**
 * The interrupt thread of an event or PRI queue, as the unmerged series of 2018 to 2020 had it for the sake of flushing:
 * arm-smmu-v3.c arm_smmu_evtq_thread() and arm_smmu_priq_thread() count batches in `q->batch`.
 *
 *   take an entry, handle it, and so on until there is none: that is a pass
 *   a batch is counted for each `batchSize` entries of a pass, and, in the series' first version, for the end of the pass
 *
 * The series gives the slot back when it takes the entry (queue_remove_raw()) and later drops the lock while it handles it: a
 * flush that looks then sees an empty queue (`givesBack: 'before-handling'`). With 'after-handling' an entry in hand is still
 * one in the queue.
 *
 * Simplifications: what is left of handling an entry is its answer; the lock of the wait queue is the atomicity of a step.
 */
import { assign, enqueueActions, setup } from 'xstate';
import type { PageRequest } from '../../hardware/pcie/page-request.ts';
import { call, from, send, tell } from '../../parts/call.ts';

interface Wiring {
  name: string;
  /** A `../../hardware/vtd/page-request-queue.ts`. */
  queue: string;
  /** Who is told of each batch. */
  counter: string;
  /** The number of entries of the queue. */
  batchSize: number;
  givesBack: 'before-handling' | 'after-handling';
}

export type BatchingThreadEvent =
  /** The scheduler lets the thread run. */
  { type: 'RUN' } | { type: 'ENTRY'; request: PageRequest } | { type: 'NO_ENTRY' };

export const batchingThread = setup({
  types: {
    input: {} as Wiring,
    context: {} as Wiring & {
      readonly inHand: PageRequest | null;
      /** `num_handled`: since the last batch, in this pass. */
      readonly handled: number;
    },
    events: {} as BatchingThreadEvent,
  },
  guards: {
    completesBatch: ({ context }) => context.handled + 1 === context.batchSize,
  },
  actions: {
    awaitEntry: call('queue', 'PEEK'),
    lookForEntry: call('queue', 'LOOK'),
    keepEntry: assign(from('ENTRY', ({ event }) => ({ inHand: event.request }))),
    giveBackBefore: enqueueActions(({ context, enqueue }) => {
      if (context.givesBack !== 'before-handling') return;
      tell(enqueue, context.queue, { type: 'ADVANCE' });
    }),
    giveBackAfter: enqueueActions(({ context, enqueue }) => {
      if (context.givesBack !== 'after-handling') return;
      tell(enqueue, context.queue, { type: 'ADVANCE' });
    }),
    answer: send(
      ({ context }) => context.inHand!.device,
      ({ context: { name, inHand } }) => ({
        type: 'PRG_RESPONSE',
        index: inHand!.index,
        code: 'success',
        by: name,
        generation: inHand!.generation,
      }),
    ),
    forgetEntry: assign({ inHand: null }),
    countHandled: assign({ handled: ({ context }) => context.handled + 1 }),
    restartCount: assign({ handled: 0 }),
    countBatch: send('counter', 'BATCH'),
  },
}).createMachine({
  id: 'batchingThread',
  context: ({ input }) => ({ ...input, inHand: null, handled: 0 }),
  initial: 'asleep',
  states: {
    // Until the interrupt: the queue is not empty.
    asleep: {
      on: { RUN: { target: 'taking', actions: 'awaitEntry' } },
    },
    // Left within the step that entered it.
    taking: {
      on: {
        ENTRY: { target: 'handling', actions: ['keepEntry', 'giveBackBefore'] },
        // The end of the pass; the count is a local variable.
        NO_ENTRY: { target: 'asleep', actions: ['restartCount', 'countBatch'] },
      },
    },
    handling: {
      on: {
        RUN: [
          {
            guard: 'completesBatch',
            target: 'looking',
            actions: ['answer', 'giveBackAfter', 'forgetEntry', 'restartCount', 'countBatch'],
          },
          { target: 'looking', actions: ['answer', 'giveBackAfter', 'forgetEntry', 'countHandled'] },
        ],
      },
    },
    looking: {
      on: { RUN: { target: 'taking', actions: 'lookForEntry' } },
    },
  },
});
