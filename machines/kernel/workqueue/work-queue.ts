/**
 * The work queue of an iopf queue (`alloc_workqueue(..., WQ_UNBOUND)`, io-pgfault.c iopf_queue_alloc()): groups start in
 * the order in which they were queued and, with several workers, finish in any order.
 *
 * A worker asks for a group by TAKE, which has no transition while there is none: list 'TAKE' as `blocking`. flush is two
 * messages: FLUSH marks what is there now, FLUSHED has a transition once all of that is done; list 'FLUSHED' as
 * `blocking`. What is queued after FLUSH is not waited for, as with flush_workqueue().
 *
 * Simplifications: one flush at a time; a work item is queued again only after it has run; there is one pool. WQ_UNBOUND keeps the
 * order in a pool, and what is queued from CPUs of several NUMA nodes goes to several, which start in any order. With two workers
 * or more that makes no difference here, as two groups that were taken one after the other may be handled in any order.
 */
import { assertEvent, assign, enqueueActions, setup } from 'xstate';
import { from, tell } from '../../parts/call.ts';
import { type IopfGroup, isSameGroup } from '../io-pgfault/group.ts';

export type WorkQueueEvent =
  | { type: 'QUEUE_WORK'; group: IopfGroup }
  /** A worker is free; the reply is WORK. */
  | { type: 'TAKE'; by: string }
  | { type: 'DONE'; by: string }
  /** cancel_work(): the group is not started any more, if it has not been. */
  | { type: 'CANCEL_WORK'; group: IopfGroup }
  | { type: 'FLUSH' }
  | { type: 'FLUSHED' };

export const workQueue = setup({
  types: {
    context: {} as {
      queued: readonly { group: IopfGroup; awaited: boolean }[];
      /** By worker: whether a flush waits for what it runs. */
      running: Readonly<Record<string, boolean>>;
    },
    events: {} as WorkQueueEvent,
  },
  guards: {
    hasWork: ({ context }) => context.queued.length > 0,
    isFlushed: ({ context }) =>
      !context.queued.some(({ awaited }) => awaited) && !Object.values(context.running).some((awaited) => awaited),
  },
  actions: {
    append: assign(
      from('QUEUE_WORK', ({ context, event }) => ({
        queued: [...context.queued, { group: event.group, awaited: false }],
      })),
    ),
    startOldest: enqueueActions(({ context, event, enqueue }) => {
      assertEvent(event, 'TAKE');
      const [oldest, ...others] = context.queued;
      enqueue.assign({ queued: others, running: { ...context.running, [event.by]: oldest!.awaited } });
      const work = { type: 'WORK', group: oldest!.group };
      tell(enqueue, event.by, work);
    }),
    finish: assign(
      from('DONE', ({ context, event }) => {
        const { [event.by]: _, ...running } = context.running;
        return { running };
      }),
    ),
    removeQueued: assign(
      from('CANCEL_WORK', ({ context, event }) => ({
        queued: context.queued.filter(({ group }) => !isSameGroup(group, event.group)),
      })),
    ),
    awaitAll: assign(({ context }) => ({
      queued: context.queued.map(({ group }) => ({ group, awaited: true })),
      running: Object.fromEntries(Object.keys(context.running).map((worker) => [worker, true])),
    })),
  },
}).createMachine({
  id: 'workQueue',
  context: { queued: [], running: {} },
  on: {
    QUEUE_WORK: { actions: 'append' },
    TAKE: { guard: 'hasWork', actions: 'startOldest' },
    DONE: { actions: 'finish' },
    CANCEL_WORK: { actions: 'removeQueued' },
    FLUSH: { actions: 'awaitAll' },
    FLUSHED: { guard: 'isFlushed', actions: [] },
  },
});
