/**
 * The attach handle of a device, as the fault path finds it: the slot of `group->pasid_array` (drivers/iommu/iommu.c
 * iommu_attach_handle_get(), iommu_replace_group_handle()), and from there the domain and its `iopf_handler`.
 *
 * It stands between the thread that reports and the handler: what it is called with goes on to the handler of the domain that is
 * attached now, under the handle that is stored now.
 *
 * It is one step of what `pasid-array.ts` and `attach-handle.ts` are two actors for, for a thread that does not find the handle before it calls
 * (`../intel/prq.ts`).
 *
 * Simplifications: the handle is looked up where the handler is called; in the kernel it is earlier, when the group is made, and
 * a replace may come between (B-84). Somebody is always attached.
 */
import { assign, setup } from 'xstate';
import { from, send } from '../../parts/call.ts';

export interface AttachHandleSlotInput {
  readonly handle: string;
  /** Who takes IOPF_HANDLER for its domain. */
  readonly handler: string;
}

export type AttachHandleSlotEvent =
  /** `xa_store()` */
  | ({ type: 'STORE' } & AttachHandleSlotInput)
  /** `group->attach_handle->domain->iopf_handler(group)`, by the thread that reported it. */
  | { type: 'IOPF_HANDLER'; group: string; by: string };

export const attachHandleSlot = setup({
  types: {
    input: {} as AttachHandleSlotInput,
    context: {} as AttachHandleSlotInput,
    events: {} as AttachHandleSlotEvent,
  },
  actions: {
    store: assign(from('STORE', ({ event }) => ({ handle: event.handle, handler: event.handler }))),
    callHandler: send(
      'handler',
      from('IOPF_HANDLER', ({ context, event }) => ({
        type: 'IOPF_HANDLER',
        group: event.group,
        handle: context.handle,
        by: event.by,
      })),
    ),
  },
}).createMachine({
  id: 'attachHandleSlot',
  context: ({ input }) => input,
  on: {
    STORE: { actions: 'store' },
    IOPF_HANDLER: { actions: 'callHandler' },
  },
});
