/**
 * Threads that attach an address space to a PASID of a device and take it away, as iommufd and VT-d do in 7.0
 * (iommufd/device.c iommufd_hwpt_attach_device() and iommufd_hwpt_detach_device(), iommu.c iommu_attach_device_pasid() and
 * iommu_detach_device_pasid(), intel/iommu.c blocking_domain_set_dev_pasid(), intel/pasid.c
 * intel_pasid_tear_down_entry()). The hardware comes first both ways: the handle is stored when the entry is already set,
 * and erased when it has been cleared.
 *
 *   detached -ATTACH-> switched -RUN-> attached -DETACH-> cleared -RUN-> drained -RUN-> erased -RUN-> detached
 *
 * `replace-v7.0.ts` changes one for another. A race makes its own thread of `iommufdAttachParts` where it tries another
 * order. List 'DRAIN' and 'SYNCHRONIZE' as `blocking`.
 *
 * Simplifications: `iopf_queue_flush_dev()` in the drain is left out, since iommufd's groups are not on the work queue;
 * the hardware's own drain commands are, too, because answers reach the device at once; another PASID keeps the device in
 * its iopf queue.
 */
import { assign, setup } from 'xstate';
import { send } from '../../parts/call.ts';
import { straightLine } from '../../parts/straight-line.ts';

export type IommufdAttachEvent =
  /** User space calls the ioctl. */
  | { type: 'ATTACH' }
  | { type: 'DETACH' }
  | { type: 'REPLACE' }
  /** The scheduler lets the thread run. */
  | { type: 'RUN' };

export interface IommufdAttachInput {
  readonly pasid: string;
  /** The PASID table, the page request registers, the device's fault core, `group->pasid_array`, iommufd's groups, the interrupt thread. */
  readonly table: string;
  readonly registers: string;
  readonly core: string;
  readonly array: string;
  readonly groups: string;
  readonly thread: string;
  /** The attach handle, and the one that a replacement stores instead. */
  readonly handle: string;
  readonly spare?: string;
}

/** What threads are made of. */
export const iommufdAttachParts = setup({
  types: {
    input: {} as IommufdAttachInput,
    context: {} as Required<IommufdAttachInput>,
    events: {} as IommufdAttachEvent,
  },
  actions: {
    allocateHandle: send('handle', 'ALLOC'),
    allocateSpare: send('spare', 'ALLOC'),
    setEntry: send('table', ({ context: { pasid } }) => ({ type: 'SET_ENTRY', pasid })),
    clearEntry: send('table', ({ context: { pasid } }) => ({ type: 'CLEAR_ENTRY', pasid })),
    awaitQueue: send('registers', ({ context: { pasid } }) => ({ type: 'DRAIN', pasid })),
    awaitQueueOfPasids: send('registers', ({ context: { pasid } }) => ({ type: 'DRAIN_PASIDS', pasid })),
    awaitReport: send('thread', 'SYNCHRONIZE'),
    discardPartial: send('core', ({ context: { pasid } }) => ({ type: 'DISCARD_PARTIAL_OF', pasid })),
    addDevice: send('core', 'ADD_DEVICE'),
    removeDevice: send('core', 'REMOVE_DEVICE'),
    storeHandle: send('array', ({ context: { pasid, handle } }) => ({ type: 'STORE', pasid, handle })),
    storeSpare: send('array', ({ context: { pasid, spare } }) => ({ type: 'STORE', pasid, handle: spare })),
    eraseHandle: send('array', ({ context: { pasid } }) => ({ type: 'ERASE', pasid })),
    autoRespond: send('groups', ({ context: { handle } }) => ({ type: 'AUTO_RESPONSE', handle })),
    freeHandle: send('handle', 'FREE'),
    swapHandles: assign(({ context: { handle, spare } }) => ({ handle: spare, spare: handle })),
  },
});

export const iommufdAttachConfig = {
  context: ({ input }: { input: IommufdAttachInput }) => ({ spare: '', ...input }),
  initial: 'attached',
} as const;

export const iommufdAttachStates = {
  detached: iommufdAttachParts.createStateConfig({
    // intel_svm_set_dev_pasid(), intel_iommu_set_dev_pasid(): from here on the IOMMU lets requests in.
    on: { ATTACH: { target: 'switched', actions: ['allocateHandle', 'setEntry'] } },
  }),
  ...straightLine({ switched: 'storeHandle' }, 'attached'),
  attached: iommufdAttachParts.createStateConfig({
    // intel_pasid_tear_down_entry()
    on: { DETACH: { target: 'cleared', actions: 'clearEntry' } },
  }),
  // intel_iommu_drain_pasid_prq(), then xa_erase(), iommufd_auto_response_faults() and kfree().
  ...straightLine({ cleared: 'awaitQueue', drained: 'eraseHandle', erased: ['autoRespond', 'freeHandle'] }, 'detached'),
};

export const attachThreadV70 = iommufdAttachParts.createMachine({
  id: 'attachThreadV70',
  ...iommufdAttachConfig,
  states: iommufdAttachStates,
});
