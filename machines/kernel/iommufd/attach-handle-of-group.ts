/**
 * `struct iommufd_attach_handle` of an IOMMU group with several devices (iommufd/device.c iommufd_hwpt_attach_device(), 7.0): there is
 * one for the group, made by the first device that is attached, and `handle->idev` is that device for as long as the handle lives.
 *
 * A read follows `group->attach_handle->idev` to tell the user whose fault it is (iommufd/eventq.c iommufd_compose_fault_message()).
 */
import { setup } from 'xstate';
import { from, send } from '../../parts/call.ts';

export type GroupAttachHandleEvent =
  /** `to_iommufd_handle(group->attach_handle)->idev->obj.id`, for the fault of this device. */
  | { type: 'READ_DEV_ID'; device: string }
  /** `kfree()`, with the last device of the group. */
  | { type: 'FREE' };

export const attachHandleOfGroup = setup({
  types: {
    input: {} as { idev: string },
    context: {} as { readonly idev: string },
    events: {} as GroupAttachHandleEvent,
  },
  actions: {
    readId: send(
      'idev',
      from('READ_DEV_ID', ({ event }) => ({ type: 'READ_ID', device: event.device })),
    ),
  },
}).createMachine({
  id: 'attachHandleOfGroup',
  context: ({ input }) => input,
  initial: 'allocated',
  states: {
    allocated: { on: { READ_DEV_ID: { actions: 'readId' }, FREE: 'freed' } },
    freed: { on: { READ_DEV_ID: {}, FREE: {} } },
  },
});
