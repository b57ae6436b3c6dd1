/**
 * `struct iommu_fault_param` in 0095bf83554f, and as far as its references go in a74c077b9021: `faults` has copies of last requests
 * (`last-fault.ts`), not groups. An answer and a removal take the copy off the list, and free it.
 *
 * Who drops the last reference frees the parameter, be the device in its iopf queue or not: `freedInQueue` is where the queue's list and
 * `dev->iommu->fault_param` still lead to it.
 *
 * Simplifications: as `fault-param.ts`; the device is not added again; the grace period of kfree_rcu() is over at once, as it keeps nobody
 * from the memory who comes later.
 */
import { assertEvent, enqueueActions } from 'xstate';
import { from, send, sendEach, tell } from '../../parts/call.ts';
import { faultParamConfig, faultParamParts } from './fault-param.ts';

const parts = faultParamParts.extend({
  actions: {
    allocateCopy: send(
      from('LINK', ({ context, event }) => context.copies![event.request.index]!),
      'ALLOC',
    ),
    freeCopy: enqueueActions(({ context, event, enqueue }) => {
      assertEvent(event, 'RESPOND');
      const copy = context.copies![event.index]!;
      tell(enqueue, copy, { type: 'LIST_DEL' });
      tell(enqueue, copy, { type: 'FREE' });
    }),
    freeCopies: sendEach(({ context }) => context.faults.map(({ index }) => context.copies![index]!), 'FREE'),
  },
});

export const faultParam0095bf83554f = parts.createMachine({
  id: 'faultParam0095bf83554f',
  ...faultParamConfig,
  states: {
    added: {
      always: { guard: 'isUnused', target: 'freedInQueue' },
      on: {
        GET_PARAM: { actions: ['getReference', 'replyParam'] },
        // iommu_report_device_fault(), then iommu_handle_iopf() up to the handler.
        LINK: { actions: ['linkGroup', 'allocateCopy', 'replyLinked'] },
        UNLINK: { actions: 'unlink' },
        // iommu_page_response(): until the device is removed, what a worker answers is pending.
        RESPOND: { actions: ['answerDevice', 'unlink', 'freeCopy'] },
        PUT: { actions: 'putReference' },
        // iopf_queue_remove_device(): the groups are left to who has them.
        REMOVE_DEVICE: { target: 'removed', actions: ['freeCopies', 'answerAllInvalid', 'putReference'] },
      },
    },
    freedInQueue: {
      on: {
        GET_PARAM: { target: 'usedAfterFree', actions: 'replyNoParam' },
        REMOVE_DEVICE: 'usedAfterFree',
      },
    },
    removed: {
      always: { guard: 'isUnused', target: 'freed' },
      on: {
        GET_PARAM: { actions: 'replyNoParam' },
        LINK: { actions: ['linkGroup', 'allocateCopy', 'replyLinked'] },
        UNLINK: { actions: 'unlink' },
        // "no pending PRQ, drop response"
        RESPOND: {},
        PUT: { actions: 'putReference' },
      },
    },
    freed: { on: { GET_PARAM: { actions: 'replyNoParam' }, PUT: 'usedAfterFree' } },
    // Memory does not object.
    usedAfterFree: {
      on: { GET_PARAM: { actions: 'replyNoParam' }, LINK: {}, UNLINK: {}, RESPOND: {}, PUT: {}, REMOVE_DEVICE: {} },
    },
  },
});
