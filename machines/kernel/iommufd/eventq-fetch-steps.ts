/**
 * `struct iommufd_fault` of `eventq.ts` with a fetch of two steps, as it is in iommufd_fault_fops_read(): a group is taken off the list,
 * under the spinlock, and has its cookie only after xa_alloc(), which may sleep, and may fail. In between it is in neither place, only
 * in the hand of the reader.
 *
 * To the end of the read the reader goes by the pointer in its hand, so it says which group that is: without the mutex the cookie may be gone by then, and
 * the group freed.
 */
import { assertEvent, assign, enqueueActions } from 'xstate';
import { from, send, tell } from '../../parts/call.ts';
import { faultQueueConfig, faultQueueParts, lowestFree } from './eventq.ts';

const parts = faultQueueParts.extend({
  actions: {
    take: enqueueActions(({ context, event, enqueue }) => {
      assertEvent(event, 'TAKE');
      const [oldest, ...others] = context.deliver;
      const taken = { type: 'TAKEN', ...oldest! };
      enqueue.assign({ deliver: others });
      tell(enqueue, event.by, taken);
    }),
    allocCookie: enqueueActions(({ context, event, enqueue }) => {
      assertEvent(event, 'ALLOC_COOKIE');
      const { group, handle, by } = event;
      const cookie = lowestFree(context.response);
      const fetched = { type: 'FETCHED', cookie };
      enqueue.assign({ response: { ...context.response, [cookie]: { group, handle } } });
      tell(enqueue, group, { type: 'READ' });
      tell(enqueue, by, fetched);
    }),
    walkOnInHand: send(
      from('COPIED_OUT', ({ event }) => event.group!),
      'READ',
    ),
    putBackTaken: assign({
      deliver: from(['PUT_BACK', 'RESTORE'], ({ context, event }) => [
        { group: event.group!, handle: event.handle! },
        ...context.deliver,
      ]),
    }),
  },
});

export const faultQueueFetchSteps = parts.createMachine({
  id: 'faultQueueFetchSteps',
  ...faultQueueConfig,
  on: {
    ...faultQueueConfig.on,
    TAKE: { guard: 'isReadable', actions: 'take' },
    ALLOC_COOKIE: { actions: 'allocCookie' },
    PUT_BACK: { actions: 'putBackTaken' },
    COPIED_OUT: { actions: 'walkOnInHand' },
    // xa_erase(), of whatever has the cookie now, and iommufd_fault_deliver_restore()
    RESTORE: { actions: ['eraseCookie', 'putBackTaken'] },
  },
});
