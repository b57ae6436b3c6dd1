/**
 * `struct iommufd_eventq` as poll() sees it (iommufd/eventq.c): the list of groups to deliver, and the wait queue. The handler appends
 * and wakes everybody who waits (iommufd_fault_iopf_handler()). A read takes a group off the list before it copies, and puts it back
 * when it cannot deliver it (iommufd_fault_deliver_restore()): because the copy failed, the buffer is too small, or there is no memory
 * for a cookie.
 *
 * Here, as we propose, putting back wakes as well; `eventq-polled-v7.0.ts` is what there is.
 *
 * Simplifications: cookies and answers are left out (`eventq.ts`); poll_wait() and the look at the list are one step, since who is woken
 * in between does not sleep.
 */
import { assign, enqueueActions, setup } from 'xstate';
import { from, reply, tell } from '../../parts/call.ts';

export type PolledQueueEvent =
  /** `iommufd_fault_iopf_handler()` */
  | { type: 'APPEND'; group: string }
  /** `iommufd_eventq_fops_poll()`: the reply is READABLE, or ASLEEP, and later WAKE. */
  | { type: 'POLL'; by: string }
  /** `iommufd_fault_deliver_fetch()`, with `fault->mutex` held: the reply is FETCHED, or NO_GROUP. */
  | { type: 'FETCH'; by: string }
  /** The copy is done: the group waits for its answer. */
  | { type: 'COPIED_OUT' }
  /** `iommufd_fault_deliver_restore()` */
  | { type: 'RESTORE' };

/** What versions are made of. */
export const polledQueueParts = setup({
  types: {
    context: {} as {
      readonly deliver: readonly string[];
      /** What the read that holds the mutex has taken. */
      readonly hand: string | null;
      /** `wait_queue` */
      readonly sleepers: readonly string[];
    },
    events: {} as PolledQueueEvent,
  },
  guards: { isReadable: ({ context }) => context.deliver.length > 0 },
  actions: {
    append: assign({ deliver: from('APPEND', ({ context, event }) => [...context.deliver, event.group]) }),
    wakeAll: enqueueActions(({ context, enqueue }) => {
      for (const name of context.sleepers) tell(enqueue, name, { type: 'WAKE' });
      enqueue.assign({ sleepers: [] });
    }),
    replyReadable: reply('READABLE'),
    addSleeper: assign({ sleepers: from('POLL', ({ context, event }) => [...context.sleepers, event.by].sort()) }),
    replyAsleep: reply('ASLEEP'),
    takeFirst: assign(({ context }) => ({ hand: context.deliver[0]!, deliver: context.deliver.slice(1) })),
    replyFetched: reply('FETCHED'),
    replyNoGroup: reply('NO_GROUP'),
    letGo: assign({ hand: null }),
    putBack: assign(({ context }) => ({ deliver: [context.hand!, ...context.deliver], hand: null })),
  },
});

export const polledQueueConfig = {
  context: { deliver: [], hand: null, sleepers: [] },
} as const;

export const polledQueueFunctions = {
  APPEND: { actions: ['append', 'wakeAll'] },
  POLL: [{ guard: 'isReadable', actions: 'replyReadable' }, { actions: ['addSleeper', 'replyAsleep'] }],
  FETCH: [{ guard: 'isReadable', actions: ['takeFirst', 'replyFetched'] }, { actions: 'replyNoGroup' }],
  COPIED_OUT: { actions: 'letGo' },
} as const;

export const polledQueue = polledQueueParts.createMachine({
  id: 'polledQueue',
  ...polledQueueConfig,
  on: { ...polledQueueFunctions, RESTORE: { actions: ['putBack', 'wakeAll'] } },
});
