/**
 * `fault->common.deliver` of iommufd (iommufd/eventq.c) for scenarios about who is told that there is a group: the list, and the groups that
 * were read and have no answer yet. `eventq.ts` is the fault queue itself, for scenarios about who owns a group; there a read waits
 * by itself, here it does not: as in the kernel, one that finds nothing returns 0.
 *
 * The spinlock is over each function, which is one step. List 'APPEND' as `blocking`: a group that waits for its answer is not reported again.
 *
 * Simplifications: a buffer has room for one group; nothing fails; an answer is one step.
 */
import { assertEvent, assign, enqueueActions, setup } from 'xstate';
import { from, reply, tell } from '../../parts/call.ts';

export type DeliverListEvent =
  /** list_add_tail() in iommufd_fault_iopf_handler() */
  | { type: 'APPEND'; group: string }
  /** !list_empty() in iommufd_eventq_fops_poll(): the reply is READABLE, or EMPTY. */
  | { type: 'CHECK'; by: string }
  /** iommufd_fault_fops_read(): the reply is GROUP, or NO_GROUP. */
  | { type: 'READ_GROUP'; by: string }
  /** iommufd_fault_fops_write() */
  | { type: 'WRITE_RESPONSE'; group: string };

export const deliverList = setup({
  types: {
    context: {} as { readonly deliver: readonly string[]; readonly read: readonly string[] },
    events: {} as DeliverListEvent,
  },
  guards: {
    isNew: from('APPEND', ({ context: { deliver, read }, event }) => ![...deliver, ...read].includes(event.group)),
    isEmpty: ({ context }) => context.deliver.length === 0,
  },
  actions: {
    append: assign({ deliver: from('APPEND', ({ context, event }) => [...context.deliver, event.group]) }),
    replyReadable: reply('READABLE'),
    replyEmpty: reply('EMPTY'),
    replyNoGroup: reply('NO_GROUP'),
    fetch: enqueueActions(({ context: { deliver, read }, event, enqueue }) => {
      assertEvent(event, 'READ_GROUP');
      const [group, ...others] = deliver;
      enqueue.assign({ deliver: others, read: [...read, group!].sort() });
      const fetched = { type: 'GROUP', group };
      tell(enqueue, event.by, fetched);
    }),
    answer: assign({
      read: from('WRITE_RESPONSE', ({ context, event }) => context.read.filter((group) => group !== event.group)),
    }),
  },
}).createMachine({
  id: 'deliverList',
  context: { deliver: [], read: [] },
  on: {
    APPEND: { guard: 'isNew', actions: 'append' },
    CHECK: [{ guard: 'isEmpty', actions: 'replyEmpty' }, { actions: 'replyReadable' }],
    READ_GROUP: [{ guard: 'isEmpty', actions: 'replyNoGroup' }, { actions: 'fetch' }],
    WRITE_RESPONSE: { actions: 'answer' },
  },
});
