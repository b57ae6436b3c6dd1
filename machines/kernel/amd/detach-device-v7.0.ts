/**
 * The thread that resets a device of an AMD IOMMU while its PASIDs stay bound (iommu.c pci_dev_reset_iommu_prepare() of 7.0, amd/iommu.c
 * blocked_domain_attach_device(), detach_device()): before the reset the device itself is attached to the blocking domain, and that flushes the work
 * queue, takes the device out of its iopf queue, and only then turns PRI off. The PASIDs, whose attach handles stay where reports find them, come
 * after that.
 *
 *   bound -RESET-> detaching -RUN-> flushing -RUN-> flushed -RUN-> removed -RUN-> blocked -RUN-> bound
 *
 * List 'DRAIN' and 'FLUSHED' as `blocking`.
 *
 * Simplifications: the log with its thread is one queue; PRI that is turned off is a device that asks for nothing more.
 */
import { setup } from 'xstate';
import { send } from '../../parts/call.ts';
import { straightLine } from '../../parts/straight-line.ts';

export type DetachDeviceEvent =
  /** User space writes to the device's file `reset`, or VFIO resets it. */
  | { type: 'RESET' }
  /** The scheduler lets the thread run. */
  | { type: 'RUN' };

export interface DetachDeviceInput {
  readonly device: string;
  /** The fault parameter. */
  readonly core: string;
  readonly queue: string;
  readonly workQueue: string;
}

/** What versions are made of. */
export const detachDeviceParts = setup({
  types: { input: {} as DetachDeviceInput, context: {} as DetachDeviceInput, events: {} as DetachDeviceEvent },
  actions: {
    startFlush: send('workQueue', 'FLUSH'),
    awaitFlush: send('workQueue', 'FLUSHED'),
    removeDevice: send('core', 'REMOVE_DEVICE'),
    disablePri: send('device', 'STOP'),
    awaitQueue: send('queue', ({ context: { device } }) => ({ type: 'DRAIN', device })),
    addDevice: send('core', 'ADD_DEVICE'),
    enablePri: send('device', 'START'),
  },
});

export const detachDeviceConfig = {
  context: ({ input }: { input: DetachDeviceInput }) => input,
  initial: 'bound',
} as const;

export const detachDeviceStates = {
  bound: detachDeviceParts.createStateConfig({ on: { RESET: 'detaching' } }),
  ...straightLine(
    {
      detaching: 'startFlush',
      flushing: 'awaitFlush',
      flushed: 'removeDevice',
      removed: 'disablePri',
      // pci_dev_reset_iommu_done()
      blocked: ['addDevice', 'enablePri'],
    },
    'bound',
  ),
};

export const amdDetachDevice = detachDeviceParts.createMachine({
  id: 'amdDetachDevice',
  ...detachDeviceConfig,
  states: detachDeviceStates,
});
