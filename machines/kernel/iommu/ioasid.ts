/**
 * The allocator of PASIDs with the private data of each (ioasid.c, v5.5 to v6.3), reduced to one number, which is the worst case for its
 * being given out again at once: `ioasid_find()` takes RCU for the look-up alone, and what it finds is the caller's affair.
 *
 * `../iommu-sva/pasid-allocator.ts` is one without private data. List 'ALLOC_PASID' as `blocking`: whoever would get another number has no
 * interest here.
 */
import { assign, setup } from 'xstate';
import { from, reply } from '../../parts/call.ts';

export type IoasidEvent =
  /** `ioasid_alloc()` */
  | { type: 'ALLOC_PASID'; data: string }
  /** `ioasid_find()`; the reply is DATA or NO_DATA. */
  | { type: 'FIND'; by: string }
  /** `ioasid_free()` */
  | { type: 'FREE_PASID' };

export const ioasid = setup({
  types: {
    context: {} as { readonly data: string | null },
    events: {} as IoasidEvent,
  },
  actions: {
    setData: assign({ data: from('ALLOC_PASID', ({ event }) => event.data) }),
    clearData: assign({ data: null }),
    replyData: reply(({ context }) => ({ type: 'DATA', data: context.data })),
    replyNoData: reply('NO_DATA'),
  },
}).createMachine({
  id: 'ioasid',
  context: { data: null },
  initial: 'free',
  states: {
    free: {
      on: {
        ALLOC_PASID: { target: 'allocated', actions: 'setData' },
        FIND: { actions: 'replyNoData' },
      },
    },
    allocated: {
      on: {
        FIND: { actions: 'replyData' },
        FREE_PASID: { target: 'free', actions: 'clearData' },
      },
    },
  },
});
