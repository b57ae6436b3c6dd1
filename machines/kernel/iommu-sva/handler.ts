/**
 * The fault handler of an SVA domain and the one worker that serves it: iommu_sva_iopf_handler() queues the group,
 * iommu_sva_handle_iopf() makes the pages present, answers and frees it (iommu-sva.c). No user space is involved.
 *
 * flush is two messages, as with `../workqueue/work-queue.ts`: list 'FLUSHED' as `blocking`.
 *
 * Simplifications: one worker; flush waits for what is queued later, too; what it does for a group is one step and always succeeds (`worker.ts` has the
 * pages, `../workqueue/work-queue.ts` the queue).
 */
import { assign, enqueueActions, setup } from 'xstate';
import { from, tell } from '../../parts/call.ts';

export type SvaHandlerEvent =
  /** Called by the interrupt thread. */
  | { type: 'IOPF_HANDLER'; group: string; handle: string; by: string }
  /** The scheduler lets the worker run. */
  | { type: 'RUN' }
  /** `iopf_queue_flush_dev()` */
  | { type: 'FLUSH' }
  | { type: 'FLUSHED' };

export const svaHandler = setup({
  types: {
    context: {} as { readonly queued: readonly string[] },
    events: {} as SvaHandlerEvent,
  },
  guards: {
    hasWork: ({ context }) => context.queued.length > 0,
    hasNoWork: ({ context }) => context.queued.length === 0,
  },
  actions: {
    queueWork: assign({
      queued: from('IOPF_HANDLER', ({ context, event }) => [...context.queued, event.group]),
    }),
    handleOldest: enqueueActions(({ context, enqueue }) => {
      const [group, ...others] = context.queued;
      const response = { type: 'GROUP_RESPONSE', code: 'success' };
      enqueue.assign({ queued: others });
      tell(enqueue, group!, response);
      tell(enqueue, group!, { type: 'FREE' });
    }),
  },
}).createMachine({
  id: 'svaHandler',
  context: { queued: [] },
  on: {
    IOPF_HANDLER: { actions: 'queueWork' },
    RUN: { guard: 'hasWork', actions: 'handleOldest' },
    FLUSH: {},
    FLUSHED: { guard: 'hasNoWork', actions: [] },
  },
});
