/**
 * `struct iommufd_fault` (iommufd/eventq.c, to v6.13 fault.c): the queue between the fault core and user space. Groups
 * wait in `deliver` until user space reads them; from then on they wait in `response`, under the cookie that it was
 * given.
 *
 * `fault->mutex` is an actor, because a reader holds it while it copies to user memory and that may sleep; the threads
 * take it (`../../user/reader.ts`, `detach.ts`). The spinlock that protects `deliver` since 3d49020a327c is never
 * held over a sleep, so it is expressed by each function being one step.
 *
 * Three versions differ in the handler:
 *
 *   `fault-v6.11.ts`    takes the mutex, and leaves the group on the pending list of its device
 *   `eventq-v6.14.ts`   takes the spinlock
 *   here, since 738e6f32e61d: also takes the group off the pending list first, and so is its one owner
 *
 * Simplifications: poll is left out, a read with nothing to deliver waits; one group for each read and each write; cookies
 * never run out; the handler dequeues and appends in one step (`../io-pgfault/report-to-iommufd.ts` has two), and the automatic response looks
 * at both lists in one. List 'FETCH' and 'ACQUIRE' as `blocking`.
 */
import { assertEvent, assign, enqueueActions, setup } from 'xstate';
import type { ResponseCode } from '../../hardware/pcie/page-request.ts';
import { from, reply, send, tell } from '../../parts/call.ts';

/** A group as this queue sees it: a pointer, and `group->attach_handle`. */
export interface QueuedGroup {
  readonly group: string;
  readonly handle: string;
}

export type FaultQueueEvent =
  /** `iommufd_fault_iopf_handler()`, called by the interrupt thread. */
  | ({ type: 'IOPF_HANDLER'; by: string } & QueuedGroup)
  /** The second half of the handler, for a caller that has done the first: `list_add_tail()`. */
  | ({ type: 'APPEND' } & QueuedGroup)
  /** `iommufd_fault_fops_read()`, up to the copy: the reply is FETCHED. The caller holds the mutex. */
  | { type: 'FETCH'; by: string }
  /** The next round of its loop: as FETCH, but does not wait; the reply is FETCHED, or NO_GROUP. */
  | { type: 'FETCH_NEXT'; by: string }
  /** `iommufd_fault_fops_read()`, after the copy. The caller holds the mutex. For `eventq-fetch-steps.ts` it says what it has in hand, as it does in RESTORE. */
  | ({ type: 'COPIED_OUT'; cookie: number } & Partial<QueuedGroup>)
  /** `iommufd_fault_fops_read()`, after a failed copy: xa_erase(), iommufd_fault_deliver_restore(). */
  | ({ type: 'RESTORE'; cookie: number } & Partial<QueuedGroup>)
  /** The same to v6.13: xa_erase(), list_del(). */
  | { type: 'ERASE'; cookie: number }
  /** `iommufd_fault_fops_write()`, after the copy: the reply is WRITTEN, or EINVAL. The caller holds the mutex. */
  | { type: 'WRITE'; cookie: number; code: ResponseCode; by: string }
  /** `iommufd_auto_response_faults()`. The caller holds the mutex. */
  | { type: 'AUTO_RESPONSE'; handle: string }
  /** The first half of FETCH, `iommufd_fault_deliver_fetch()`: the reply is TAKEN. Only with `eventq-fetch-steps.ts`, as the next two. */
  | { type: 'TAKE'; by: string }
  /** The second half, `xa_alloc()`: the reply is FETCHED. */
  | ({ type: 'ALLOC_COOKIE'; by: string } & QueuedGroup)
  /** `iommufd_fault_deliver_restore()` of a group that has no cookie. */
  | ({ type: 'PUT_BACK' } & QueuedGroup)
  /** `iommufd_fault_destroy()`, when nobody refers to the object any more. Only with `eventq-v6.14.ts` and `fault-v6.11.ts`. */
  | { type: 'DESTROY' };

/** Where groups wait. */
export interface FaultQueueLists {
  readonly deliver: readonly QueuedGroup[];
  /** `fault->response`, an xarray: by cookie. */
  readonly response: Readonly<Record<number, QueuedGroup>>;
}

export interface FaultQueueInput {
  readonly mutex: string;
}

/** What versions are made of. */
export const faultQueueParts = setup({
  types: {
    input: {} as FaultQueueInput,
    context: {} as FaultQueueInput & FaultQueueLists,
    events: {} as FaultQueueEvent,
  },
  guards: {
    isReadable: ({ context }) => context.deliver.length > 0,
    isKnownCookie: ({ context, event }) => event.type === 'WRITE' && event.cookie in context.response,
  },
  actions: {
    lockForHandler: send(
      'mutex',
      from('IOPF_HANDLER', ({ event }) => ({ type: 'ACQUIRE', by: event.by })),
    ),
    unlockAfterHandler: send(
      'mutex',
      from('IOPF_HANDLER', ({ event }) => ({ type: 'RELEASE', by: event.by })),
    ),
    dequeueFromDevice: send(
      from('IOPF_HANDLER', ({ event }) => event.group),
      'DEQUEUE',
    ),
    appendToDeliver: assign({
      deliver: from(['IOPF_HANDLER', 'APPEND'], ({ context, event }) => {
        const { group, handle } = event;
        return [...context.deliver, { group, handle }];
      }),
    }),
    fetchOldest: enqueueActions(({ context, event, enqueue }) => {
      assertEvent(event, ['FETCH', 'FETCH_NEXT']);
      const [oldest, ...others] = context.deliver;
      const cookie = lowestFree(context.response);
      enqueue.assign({ deliver: others, response: { ...context.response, [cookie]: oldest! } });
      // It follows group->attach_handle and group->faults.
      tell(enqueue, oldest!.group, { type: 'READ' });
      const fetched = { type: 'FETCHED', cookie };
      tell(enqueue, event.by, fetched);
    }),
    replyNoGroup: reply('NO_GROUP'),
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
      from(['ERASE', 'RESTORE'], ({ context, event }) => {
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
    respondToDelivered: enqueueActions(({ context: { deliver }, enqueue }) => {
      for (const queued of deliver) respondInvalidAndFree(enqueue, queued);
      enqueue.assign({ deliver: [] });
    }),
    respondToRead: enqueueActions(({ context: { response }, enqueue }) => {
      for (const queued of Object.values(response)) respondInvalidAndFree(enqueue, queued);
      enqueue.assign({ response: {} });
    }),
  },
});

/** The functions: what they do is the same whatever there is in the queue. */
const functions = faultQueueParts.createStateConfig({
  on: {
    // iommufd_fault_iopf_handler(), with iopf_group_dequeue()
    IOPF_HANDLER: { actions: ['dequeueFromDevice', 'appendToDeliver'] },
    APPEND: { actions: 'appendToDeliver' },
    // iommufd_fault_deliver_fetch(), then xa_alloc(), then the messages are composed.
    FETCH: { guard: 'isReadable', actions: 'fetchOldest' },
    // The loop over group->faults looks for the next one after each copy.
    COPIED_OUT: { actions: 'walkOn' },
    RESTORE: { actions: 'restoreToHead' },
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

export const faultQueueConfig = {
  context: ({ input }: { input: FaultQueueInput }) => ({ ...input, deliver: [], response: {} }),
  ...functions,
};

export const faultQueue = faultQueueParts.createMachine({ id: 'faultQueue', ...faultQueueConfig });

/** What is left of the queue when it is destroyed. */
function respondInvalidAndFree(enqueue: Parameters<typeof tell>[0], { group }: QueuedGroup): void {
  const response = { type: 'GROUP_RESPONSE', code: 'invalid' };
  tell(enqueue, group, response);
  tell(enqueue, group, { type: 'FREE' });
}

/** `xa_alloc()` with XA_FLAGS_ALLOC1: the lowest index from 1 that is not in use. */
export function lowestFree(response: Readonly<Record<number, unknown>>): number {
  let cookie = 1;
  while (cookie in response) cookie++;
  return cookie;
}
