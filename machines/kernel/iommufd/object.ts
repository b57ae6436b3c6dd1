/**
 * The memory of one `struct iommufd_object` whose file is open (iommufd/main.c; here a `struct iommufd_fault`), with its count `users`:
 * one for being in the context's xarray, one for the file.
 *
 * Who takes the count from one to zero owns the memory and frees it (refcount_dec_if_one()); everybody else may follow their pointer
 * only while the count still has their one. Freed memory takes everything in silence.
 *
 * Simplification: `wait_cnt`, which ioctls hold for a short time, is left out.
 */
import { assign, setup } from 'xstate';
import { reply } from '../../parts/call.ts';

export type IommufdObjectEvent =
  /** `refcount_dec(&obj->users)` */
  | { type: 'DEC_USERS' }
  /** `refcount_dec_if_one(&obj->users)`: the reply is ZERO, or BUSY. */
  | { type: 'DEC_IF_ONE'; by: string }
  /** A load from the object: `eventq->ictx`. */
  | { type: 'READ_CONTEXT' }
  /** `destroy()` and `kfree()` */
  | { type: 'FREE' };

export const iommufdObject = setup({
  types: { context: {} as { readonly users: number }, events: {} as IommufdObjectEvent },
  guards: { isOne: ({ context }) => context.users === 1 },
  actions: {
    discount: assign({ users: ({ context }) => context.users - 1 }),
    replyZero: reply('ZERO'),
    replyBusy: reply('BUSY'),
  },
}).createMachine({
  id: 'iommufdObject',
  context: { users: 2 },
  initial: 'allocated',
  states: {
    allocated: {
      on: {
        DEC_USERS: { actions: 'discount' },
        DEC_IF_ONE: [{ guard: 'isOne', actions: ['discount', 'replyZero'] }, { actions: 'replyBusy' }],
        READ_CONTEXT: {},
        FREE: 'freed',
      },
    },
    freed: { on: { DEC_USERS: {}, DEC_IF_ONE: { actions: 'replyBusy' }, READ_CONTEXT: {}, FREE: {} } },
  },
});
