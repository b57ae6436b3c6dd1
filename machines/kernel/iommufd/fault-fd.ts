/**
 * The fault queue of iommufd as a VMM sees it (iommufd/eventq.c): a group waits in `deliver` until it is read, all of it by one read(), and
 * then in `response` under its cookie until the answer is written. It takes whatever comes: these are lists.
 *
 * `eventq.ts` is the same with its mutex, with copies that sleep or fail, and with attach handles.
 *
 * List 'READ' as `blocking`: a read with nothing to deliver waits.
 *
 * Simplifications: a read and a write are one step each; a read takes one group; the handler's iopf_group_dequeue() is left out, because
 * nobody removes the device.
 */
import { assertEvent, assign, enqueueActions, setup } from 'xstate';
import type { ResponseCode } from '../../hardware/pcie/page-request.ts';
import { from, tell } from '../../parts/call.ts';
import type { IopfGroup } from '../io-pgfault/group.ts';

export type FaultFdEvent =
  /** `iommufd_fault_iopf_handler()` */
  | { type: 'QUEUE_WORK'; group: IopfGroup }
  /** `iommufd_fault_fops_read()`; the reply is GROUP. */
  | { type: 'READ'; by: string }
  /** `iommufd_fault_fops_write()` */
  | { type: 'WRITE'; cookie: number; code: ResponseCode };

export const faultFd = setup({
  types: {
    input: {} as { core: string },
    context: {} as {
      /** The iopf core of the device. */
      readonly core: string;
      readonly deliver: readonly IopfGroup[];
      /** `fault->response`, by cookie. */
      readonly response: Readonly<Record<number, IopfGroup>>;
    },
    events: {} as FaultFdEvent,
  },
  guards: { isReadable: ({ context }) => context.deliver.length > 0 },
  actions: {
    append: assign({ deliver: from('QUEUE_WORK', ({ context, event }) => [...context.deliver, event.group]) }),
    deliverOldest: enqueueActions(({ context, event, enqueue }) => {
      assertEvent(event, 'READ');
      const [group, ...others] = context.deliver;
      // xa_alloc() with XA_FLAGS_ALLOC1
      let cookie = 1;
      while (cookie in context.response) cookie++;
      enqueue.assign({ deliver: others, response: { ...context.response, [cookie]: group! } });
      const delivered = { type: 'GROUP', cookie, group: group! };
      tell(enqueue, event.by, delivered);
    }),
    // xa_erase(), iopf_group_response()
    respond: enqueueActions(({ context, event, enqueue }) => {
      assertEvent(event, 'WRITE');
      const { [event.cookie]: group, ...response } = context.response;
      enqueue.assign({ response });
      const answer = { type: 'RESPOND', group: group!, code: event.code };
      tell(enqueue, context.core, answer);
    }),
  },
}).createMachine({
  id: 'faultFd',
  context: ({ input }) => ({ ...input, deliver: [], response: {} }),
  on: {
    QUEUE_WORK: { actions: 'append' },
    READ: { guard: 'isReadable', actions: 'deliverOldest' },
    WRITE: { actions: 'respond' },
  },
});
