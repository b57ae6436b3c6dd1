/**
 * A device leaves a container with I/O page faults: vfio_iommu_type1_detach_group() of the series (v3). Under the container's lock it
 * unregisters the device's fault handler, which takes the device's lock (iommu_unregister_device_fault_handler()).
 *
 *   lock the container; lock the device, unregister, unlock; unlock the container
 *
 * A fault takes these locks the other way round (`../iommu/v5.12.ts`, `iopf-v3.ts`). vfio_iommu_type1_attach_group() and the ioctl that enables
 * I/O page faults register under the container's lock, too. `detach-unlocked.ts` unregisters first.
 *
 * Simplifications: what happens to the domain and to what it maps is not modelled; the device does not come back.
 */
import { setup } from 'xstate';
import { call, send } from '../../parts/call.ts';

export type DetachGroupEvent =
  /** The user closes the group. */
  | { type: 'DETACH_GROUP' }
  /** The scheduler lets the thread run. */
  | { type: 'RUN' };

export interface DetachGroupInput {
  readonly name: string;
  /** The container's lock (`iommu->lock`). */
  readonly lock: string;
  /** The device's lock, and its fault data (`dev->iommu`). */
  readonly deviceLock: string;
  readonly deviceFault: string;
  /** Of versions that free it: `iopf_group_list`, and the memory of the group in it (`iopf-group.ts`). */
  readonly list?: string;
  readonly group?: string;
  /** Of these versions: the other devices of the group. */
  readonly others?: readonly Pick<DetachGroupInput, 'deviceLock' | 'deviceFault'>[];
}

/** What versions of it are made of. */
export const detachGroupParts = setup({
  types: {
    input: {} as DetachGroupInput,
    context: {} as DetachGroupInput,
    events: {} as DetachGroupEvent,
  },
  actions: {
    lock: call('lock', 'ACQUIRE'),
    unlock: call('lock', 'RELEASE'),
    lockDevice: call('deviceLock', 'ACQUIRE'),
    unlockDevice: call('deviceLock', 'RELEASE'),
    unregister: send('deviceFault', 'UNREGISTER'),
  },
});

export const detachGroupConfig = {
  context: ({ input }: { input: DetachGroupInput }) => input,
  initial: 'attached',
} as const;

export const detachGroup = detachGroupParts.createMachine({
  id: 'detachGroup',
  ...detachGroupConfig,
  states: {
    attached: { on: { DETACH_GROUP: 'locking' } },
    // mutex_lock(&iommu->lock)
    locking: { on: { RUN: { target: 'unregistering', actions: 'lock' } } },
    // vfio_dev_domain_detach() -> iommu_unregister_device_fault_handler()
    unregistering: {
      on: { RUN: { target: 'detached', actions: ['lockDevice', 'unregister', 'unlockDevice', 'unlock'] } },
    },
    detached: { on: { DETACH_GROUP: {}, RUN: {} } },
  },
});
