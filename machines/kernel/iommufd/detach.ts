/**
 * An ioctl thread that detaches a PASID of a device from its page table and later attaches it again (iommufd/device.c
 * iommufd_hwpt_detach_device()), on VT-d since f0b9d31c6edd (v6.16.1):
 *
 *   attached -DETACH-> blocked -RUN-> removed -RUN-> detached -RUN-> attached
 *
 * First the PASID's faults are blocked and what is in the hardware queue is handled (intel_pasid_tear_down_entry(), which calls
 * intel_iommu_drain_pasid_prq()), then the device leaves the iopf queue (iopf_for_domain_remove()), and then iommufd answers the
 * groups that user space still has. `detach-v6.11.ts` is the order before drivers disabled IOPF themselves.
 *
 * What is attached to the RID is detached otherwise: nobody waits for the hardware queue, neither on VT-d (`detach-vtd-rid.ts`) nor on
 * SMMUv3 (`detach-smmu-v3.ts`).
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
  /** Of versions that free the handle: where it is found (`../iommu/pasid-array.ts`). */
  readonly array?: string;
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
    eraseHandle: send(({ context }) => context.array!, { type: 'ERASE', pasid: 'rid' }),
    freeHandle: send('handle', 'FREE'),
    addDevice: send('param', 'ADD_DEVICE'),
    startDevice: send('device', 'START'),
  },
});

export const detachConfig = { context: ({ input }: { input: DetachInput }) => input, initial: 'attached' } as const;

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

export const detachThread = detachParts.createMachine({ id: 'detachThread', ...detachConfig, states: detachStates });
