/**
 * An ioctl thread that detaches a device from its page table and later attaches it again (iommufd/device.c
 * iommufd_hwpt_detach_device()).
 *
 *   attached -DETACH-> blocked -RUN-> removed (or answered) -RUN-> detached -RUN-> attached
 *
 * First the device's faults are blocked and what is in the hardware queue is handled. Since v6.16, where drivers
 * disable IOPF themselves with the last domain that needs it (arm-smmu-v3.c arm_smmu_disable_iopf()), the device then
 * leaves the iopf queue, and iommufd answers the groups that user space still has. To v6.15 iommufd answered first and
 * disabled IOPF after that (iommufd/fault.c iommufd_fault_domain_detach_dev()).
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

interface DetachInput {
  readonly name: string;
  readonly device: string;
  readonly param: string;
  readonly handle: string;
  /** The page request queue of the IOMMU. */
  readonly queue: string;
  readonly faultQueue: string;
  readonly mutex: string;
  /** The order of automatic response and removal. */
  readonly answersFirst: boolean;
}

export const detachThread = setup({
  types: {
    input: {} as DetachInput,
    context: {} as DetachInput,
    events: {} as DetachThreadEvent,
  },
  guards: {
    answersFirst: ({ context }) => context.answersFirst,
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
}).createMachine({
  id: 'detachThread',
  context: ({ input }) => input,
  initial: 'attached',
  states: {
    attached: {
      on: { DETACH: { target: 'blocked', actions: 'stopDevice' } },
    },
    blocked: {
      on: {
        RUN: [
          {
            guard: 'answersFirst',
            target: 'answered',
            actions: ['awaitHardwareQueue', 'lock', 'autoRespond', 'unlock'],
          },
          // iopf_queue_remove_device() asks its caller to flush the hardware queue first.
          { target: 'removed', actions: ['awaitHardwareQueue', 'removeDevice'] },
        ],
      },
    },
    answered: {
      on: { RUN: { target: 'detached', actions: 'removeDevice' } },
    },
    removed: {
      // iommufd_auto_response_faults()
      on: { RUN: { target: 'detached', actions: ['lock', 'autoRespond', 'unlock'] } },
    },
    detached: {
      on: { RUN: { target: 'attached', actions: ['addDevice', 'startDevice'] } },
    },
  },
});
