/**
 * `struct iommufd_fault` of `eventq.ts` with a fetch of two steps, as it is in iommufd_fault_fops_read(): a group is taken off the list,
 * under the spinlock, and has its cookie only after xa_alloc(), which may sleep, and may fail. In between it is in neither place, only
 * in the hand of the reader.
 */
import { assertEvent, assign, enqueueActions } from 'xstate';
import { from, tell } from '../../parts/call.ts';
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
    putBackTaken: assign({
      deliver: from('PUT_BACK', ({ context, event: { group, handle } }) => [{ group, handle }, ...context.deliver]),
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
  },
});
