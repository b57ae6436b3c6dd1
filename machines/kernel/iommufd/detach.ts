/**
 * An ioctl thread that detaches a device from its page table and later attaches it again (iommufd/device.c
 * iommufd_hwpt_detach_device()).
 *
 *   attached -DETACH-> blocked -RUN-> removed -RUN-> detached -RUN-> attached
 *
 * First the device's faults are blocked and what is in the hardware queue is handled. Since v6.16, where drivers
 * disable IOPF themselves with the last domain that needs it (arm-smmu-v3.c arm_smmu_disable_iopf()), the device then
 * leaves the iopf queue, and iommufd answers the groups that user space still has. `detach-v6.11.ts` is the order before that.
 *
 * List 'ACQUIRE' and 'DRAIN' as `blocking`.
 *
 * Simplification: the attach handle is not freed, it is only no longer used.
 */
import { setup } from 'xstate';
import { call, send } from '../../parts/call.ts';

export type DetachThreadEvent =
  /** User space calls the ioctl. */
  | { type: 'DETACH' }
  /** The scheduler lets the thread run. */
  | { type: 'RUN' };

export interface DetachInput {
  readonly name: string;
  readonly device: string;
  readonly param: string;
  readonly handle: string;
  /** The page request queue of the IOMMU. */
  readonly queue: string;
  readonly faultQueue: string;
  readonly mutex: string;
}

/** What versions of the thread are made of. */
export const detachParts = setup({
  types: {
    input: {} as DetachInput,
    context: {} as DetachInput,
    events: {} as DetachThreadEvent,
  },
  actions: {
    stopDevice: send('device', 'STOP'),
    awaitHardwareQueue: send('queue', ({ context }) => ({ type: 'DRAIN', device: context.device })),
    removeDevice: send('param', 'REMOVE_DEVICE'),
    lock: call('mutex', 'ACQUIRE'),
    autoRespond: send('faultQueue', ({ context }) => ({ type: 'AUTO_RESPONSE', handle: context.handle })),
    unlock: call('mutex', 'RELEASE'),
    addDevice: send('param', 'ADD_DEVICE'),
    startDevice: send('device', 'START'),
  },
});

export const detachStates = {
  attached: detachParts.createStateConfig({
    on: { DETACH: { target: 'blocked', actions: 'stopDevice' } },
  }),
  blocked: detachParts.createStateConfig({
    // iopf_queue_remove_device() asks its caller to flush the hardware queue first.
    on: { RUN: { target: 'removed', actions: ['awaitHardwareQueue', 'removeDevice'] } },
  }),
  removed: detachParts.createStateConfig({
    // iommufd_auto_response_faults()
    on: { RUN: { target: 'detached', actions: ['lock', 'autoRespond', 'unlock'] } },
  }),
  detached: detachParts.createStateConfig({
    on: { RUN: { target: 'attached', actions: ['addDevice', 'startDevice'] } },
  }),
};

/** @param states of `detachStates`, or what stands in their place */
export function detachThreadOf<States extends Record<string, ReturnType<typeof detachParts.createStateConfig>>>(
  id: string,
  states: States,
) {
  return detachParts.createMachine({ id, context: ({ input }) => input, initial: 'attached', states });
}

export const detachThread = detachThreadOf('detachThread', detachStates);
