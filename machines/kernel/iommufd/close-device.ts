/**
 * The thread that closes a VFIO device (vfio/iommufd.c vfio_iommufd_physical_unbind()): its DMA stops, it leaves the page table, and its
 * `struct iommufd_device` is destroyed.
 *
 *   open -CLOSE-> stopped -RUN-> quiet -RUN-> detached -RUN-> closed
 *
 * List 'DRAIN' as `blocking`.
 *
 * Simplification: what the device has posted is handled before it is detached, which 7.0 does not see to (B-75): that is not the matter
 * here.
 */
import { setup } from 'xstate';
import { send } from '../../parts/call.ts';
import { straightLine } from '../../parts/straight-line.ts';

export type CloseDeviceEvent = { type: 'CLOSE' } | { type: 'RUN' };

export interface CloseDeviceInput {
  readonly device: string;
  readonly idev: string;
  readonly igroup: string;
  /** The page request queue of the IOMMU. */
  readonly queue: string;
}

export const closeDeviceParts = setup({
  types: { input: {} as CloseDeviceInput, context: {} as CloseDeviceInput, events: {} as CloseDeviceEvent },
  actions: {
    stopDevice: send('device', 'STOP'),
    awaitHardwareQueue: send('queue', ({ context }) => ({ type: 'DRAIN', device: context.device })),
    detachDevice: send('igroup', ({ context }) => ({ type: 'DETACH_DEVICE', device: context.device })),
    freeDevice: send('idev', 'FREE'),
  },
});

export const closeDevice = closeDeviceParts.createMachine({
  id: 'closeDevice',
  context: ({ input }) => input,
  initial: 'open',
  states: {
    open: { on: { CLOSE: { target: 'stopped', actions: 'stopDevice' } } },
    ...straightLine({ stopped: 'awaitHardwareQueue', quiet: 'detachDevice', detached: 'freeDevice' }, 'closed'),
    closed: {},
  },
});
