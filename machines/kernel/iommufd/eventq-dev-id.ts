/**
 * `struct iommufd_fault` as far as it tells the user which device has faulted (iommufd/eventq.c iommufd_fault_fops_read() ->
 * to_iommufd_handle(), v6.11 to 7.0): by the attach handle that the group was reported through. The cookies and the answers of
 * `eventq.ts` are left out; a group that was read is answered at once.
 *
 * List 'READ' as `blocking`: a read with nothing to deliver waits (in poll()).
 */
import { assertEvent, assign, enqueueActions, setup } from 'xstate';
import { from, send, tell } from '../../parts/call.ts';

/** A group: `group->fault_param->dev`, and the index that its answer is for. */
export interface DeviceGroup {
  readonly device: string;
  readonly index: string;
}

export type DevIdQueueEvent =
  /** `iommu_report_device_fault()` and `iommufd_fault_iopf_handler()`. */
  | { type: 'REPORT'; request: DeviceGroup }
  /** `iommufd_fault_fops_read()` of one group, and the write of its response. */
  | { type: 'READ' }
  /** `iommufd_auto_response_faults()`, for the group's one handle. */
  | { type: 'AUTO_RESPONSE' };

export interface DevIdQueueInput {
  /** `group->attach_handle`, of all groups: an `attach-handle-of-group.ts`. */
  readonly handle: string;
  /** By device, its `struct iommufd_device`, for a version that asks `group->fault_param->dev`. */
  readonly idevs: Readonly<Record<string, string>>;
}

/** What versions are made of. */
export const devIdQueueParts = setup({
  types: {
    input: {} as DevIdQueueInput,
    context: {} as DevIdQueueInput & { readonly deliver: readonly DeviceGroup[] },
    events: {} as DevIdQueueEvent,
  },
  guards: { isReadable: ({ context }) => context.deliver.length > 0 },
  actions: {
    append: assign({
      deliver: from('REPORT', ({ context, event: { request } }) => [
        ...context.deliver,
        { device: request.device, index: request.index },
      ]),
    }),
    followHandle: send('handle', ({ context }) => ({ type: 'READ_DEV_ID', device: context.deliver[0]!.device })),
    followDevice: send(
      ({ context }) => context.idevs[context.deliver[0]!.device]!,
      ({ context }) => ({ type: 'READ_ID', device: context.deliver[0]!.device }),
    ),
    answerFirst: enqueueActions(({ context, event, enqueue }) => {
      assertEvent(event, 'READ');
      const [{ device, index }, ...others] = context.deliver as [DeviceGroup, ...DeviceGroup[]];
      const response = { type: 'PRG_RESPONSE', index, code: 'success', generation: 0 };
      enqueue.assign({ deliver: others });
      tell(enqueue, device, response);
    }),
    answerAll: enqueueActions(({ context, enqueue }) => {
      for (const { device, index } of context.deliver) {
        const response = { type: 'PRG_RESPONSE', index, code: 'invalid', generation: 0 };
        tell(enqueue, device, response);
      }
      enqueue.assign({ deliver: [] });
    }),
  },
});

export const devIdQueueConfig = {
  context: ({ input }: { input: DevIdQueueInput }) => ({ ...input, deliver: [] }),
} as const;

export const devIdQueueFunctions = {
  REPORT: { actions: 'append' },
  AUTO_RESPONSE: { actions: 'answerAll' },
} as const;

export const devIdQueueV70 = devIdQueueParts.createMachine({
  id: 'devIdQueueV70',
  ...devIdQueueConfig,
  on: { ...devIdQueueFunctions, READ: { guard: 'isReadable', actions: ['followHandle', 'answerFirst'] } },
});
