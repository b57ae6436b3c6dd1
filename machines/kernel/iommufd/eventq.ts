/**
 * `struct iommufd_fault` (iommufd/eventq.c, to v6.14 fault.c): the queue between the fault core and user space. Groups
 * wait in `deliver` until user space reads them; from then on they wait in `response`, under the cookie that it was
 * given.
 *
 * `fault->mutex` is an actor, because a reader holds it while it copies to user memory and that may sleep; the threads
 * take it (`../../user/reader.ts`, `detach.ts`). The spinlock that protects `deliver` since 3d49020a327c is never
 * held over a sleep, so it is expressed by each function being one step. Before that commit the handler took the
 * mutex.
 *
 * Simplifications: poll is left out, a read with nothing to deliver waits; one group for each read and each write; cookies
 * never run out. List 'FETCH' and 'ACQUIRE' as `blocking`.
 */
import { assertEvent, assign, enqueueActions, setup } from 'xstate';
import type { ResponseCode } from '../../hardware/pcie/page-request.ts';
import { from, reply, send, tell } from '../../parts/call.ts';

/** A group as this queue sees it: a pointer, and `group->attach_handle`. */
interface QueuedGroup {
  readonly group: string;
  readonly handle: string;
}

export type FaultQueueEvent =
  /** `iommufd_fault_iopf_handler()`, called by the interrupt thread. */
  | ({ type: 'IOPF_HANDLER'; by: string } & QueuedGroup)
  /** `iommufd_fault_fops_read()`, up to the copy: the reply is FETCHED. The caller holds the mutex. */
  | { type: 'FETCH'; by: string }
  /** `iommufd_fault_fops_read()`, after the copy. The caller holds the mutex. */
  | { type: 'COPIED_OUT'; cookie: number }
  /** `iommufd_fault_fops_read()`, after a failed copy: xa_erase(), iommufd_fault_deliver_restore(). */
  | { type: 'RESTORE'; cookie: number }
  /** The same to v6.13: xa_erase(), list_del(). */
  | { type: 'ERASE'; cookie: number }
  /** `iommufd_fault_fops_write()`, after the copy: the reply is WRITTEN, or EINVAL. The caller holds the mutex. */
  | { type: 'WRITE'; cookie: number; code: ResponseCode; by: string }
  /** `iommufd_auto_response_faults()`. The caller holds the mutex. */
  | { type: 'AUTO_RESPONSE'; handle: string };

export const faultQueue = setup({
  types: {
    input: {} as {
      mutex: string;
      /** What the handler takes to append to `deliver`. */
      handlerTakes: 'spinlock' | 'mutex';
      /** Whether the handler takes the group off the device's pending list, so as to be its only owner. */
      handlerDequeues: boolean;
    },
    context: {} as {
      readonly mutex: string;
      readonly handlerTakes: 'spinlock' | 'mutex';
      readonly handlerDequeues: boolean;
      readonly deliver: readonly QueuedGroup[];
      /** `fault->response`, an xarray: by cookie. */
      readonly response: Readonly<Record<number, QueuedGroup>>;
    },
    events: {} as FaultQueueEvent,
  },
  guards: {
    isReadable: ({ context }) => context.deliver.length > 0,
    isKnownCookie: ({ context, event }) => event.type === 'WRITE' && event.cookie in context.response,
  },
  actions: {
    lockForHandler: enqueueActions(({ context, event, enqueue }) => {
      assertEvent(event, 'IOPF_HANDLER');
      const acquire = { type: 'ACQUIRE', by: event.by };
      if (context.handlerTakes === 'mutex') tell(enqueue, context.mutex, acquire);
    }),
    unlockAfterHandler: enqueueActions(({ context, event, enqueue }) => {
      assertEvent(event, 'IOPF_HANDLER');
      const release = { type: 'RELEASE', by: event.by };
      if (context.handlerTakes === 'mutex') tell(enqueue, context.mutex, release);
    }),
    dequeueFromDevice: enqueueActions(({ context, event, enqueue }) => {
      assertEvent(event, 'IOPF_HANDLER');
      if (context.handlerDequeues) tell(enqueue, event.group, { type: 'DEQUEUE' });
    }),
    appendToDeliver: assign({
      deliver: from('IOPF_HANDLER', ({ context, event }) => {
        const { group, handle } = event;
        return [...context.deliver, { group, handle }];
      }),
    }),
    fetchOldest: enqueueActions(({ context, event, enqueue }) => {
      assertEvent(event, 'FETCH');
      const [oldest, ...others] = context.deliver;
      const cookie = lowestFree(context.response);
      enqueue.assign({ deliver: others, response: { ...context.response, [cookie]: oldest! } });
      // It follows group->attach_handle and group->faults.
      tell(enqueue, oldest!.group, { type: 'READ' });
      const fetched = { type: 'FETCHED', cookie };
      tell(enqueue, event.by, fetched);
    }),
    walkOn: send(
      from('COPIED_OUT', ({ context, event }) => context.response[event.cookie]!.group),
      'READ',
    ),
    restoreToHead: assign(
      from('RESTORE', ({ context, event }) => {
        const { [event.cookie]: group, ...response } = context.response;
        return { deliver: [group!, ...context.deliver], response };
      }),
    ),
    eraseCookie: assign(
      from('ERASE', ({ context, event }) => {
        const { [event.cookie]: _, ...response } = context.response;
        return { response };
      }),
    ),
    eraseAndRespond: enqueueActions(({ context, event, enqueue }) => {
      assertEvent(event, 'WRITE');
      const { [event.cookie]: found, ...others } = context.response;
      const response = { type: 'GROUP_RESPONSE', code: event.code };
      enqueue.assign({ response: others });
      tell(enqueue, found!.group, response);
      tell(enqueue, found!.group, { type: 'FREE' });
      tell(enqueue, event.by, { type: 'WRITTEN' });
    }),
    refuse: reply('EINVAL'),
    respondToAllOfHandle: enqueueActions(({ context, event, enqueue }) => {
      assertEvent(event, 'AUTO_RESPONSE');
      const isOther = ({ handle }: QueuedGroup) => handle !== event.handle;
      const response = { type: 'GROUP_RESPONSE', code: 'invalid' };
      for (const queued of [...context.deliver, ...Object.values(context.response)]) {
        // It follows the pointer of every group, to compare group->attach_handle.
        tell(enqueue, queued.group, { type: 'READ' });
        if (isOther(queued)) continue;
        tell(enqueue, queued.group, response);
        tell(enqueue, queued.group, { type: 'FREE' });
      }
      const others = Object.entries(context.response).filter(([, queued]) => isOther(queued));
      enqueue.assign({ deliver: context.deliver.filter(isOther), response: Object.fromEntries(others) });
    }),
  },
}).createMachine({
  id: 'faultQueue',
  context: ({ input }) => ({ ...input, deliver: [], response: {} }),
  on: {
    // iommufd_fault_iopf_handler()
    IOPF_HANDLER: { actions: ['lockForHandler', 'dequeueFromDevice', 'appendToDeliver', 'unlockAfterHandler'] },
    // iommufd_fault_deliver_fetch(), then xa_alloc(), then the messages are composed.
    FETCH: { guard: 'isReadable', actions: 'fetchOldest' },
    // The loop over group->faults looks for the next one after each copy.
    COPIED_OUT: { actions: 'walkOn' },
    RESTORE: { actions: 'restoreToHead' },
    // Nobody has the group any more: it is never answered.
    ERASE: { actions: 'eraseCookie' },
    WRITE: [
      // xa_erase(), iopf_group_response(), iopf_free_group()
      { guard: 'isKnownCookie', actions: 'eraseAndRespond' },
      // No such cookie: answered already, by somebody else.
      { actions: 'refuse' },
    ],
    // iommufd_auto_response_faults(): Invalid for all groups of this attach handle, wherever they are.
    AUTO_RESPONSE: { actions: 'respondToAllOfHandle' },
  },
});

/** `xa_alloc()` with XA_FLAGS_ALLOC1: the lowest index from 1 that is not in use. */
function lowestFree(response: Readonly<Record<number, unknown>>): number {
  let cookie = 1;
  while (cookie in response) cookie++;
  return cookie;
}
