/**
 * The thread in which a process ends that has a device with faults in user space, on VT-d in v6.11 and v6.12, for what is attached to
 * the device itself (IOMMU_NO_PASID). First the device is detached (iommufd/fault.c iommufd_fault_domain_detach_dev()):
 *
 *   attached -KILL-> blocked -RUN-> erased -RUN-> answered -RUN-> removed -RUN-> detached
 *
 * Nobody waits for the interrupt thread: intel_pasid_tear_down_entry() drains the page request queue for a RID since c43e1ccdebf2
 * (v6.13) only. The user is answered for before the device leaves its iopf queue (iommufd_fault_iopf_disable()).
 *
 *   detached -RUN-> exited -RUN-> released -RUN-> destroyed
 *
 * Then the page table goes, the last user of the fault file is out of it (iommufd_fault_fops_release()), and the fault object, to which
 * nobody refers any more, is destroyed.
 *
 * List 'ACQUIRE', 'EXIT' and 'DRAIN' as `blocking`.
 *
 * Simplification: before it destroys the object, it waits until the interrupt thread has reported what it has in hand. The kernel does
 * not; what a report does to an object that is gone is another question (B-75).
 */
import { setup } from 'xstate';
import { call, send, sendEach } from '../../parts/call.ts';
import { straightLine } from '../../parts/straight-line.ts';
import type { DetachInput } from './detach.ts';

export const tearDownV612 = setup({
  types: {
    input: {} as DetachInput & { readonly readers: readonly string[] },
    context: {} as DetachInput & { readonly readers: readonly string[] },
    events: {} as
      /** The process ends. */
        | { type: 'KILL' }
        /** The scheduler lets the thread run. */
        | { type: 'RUN' },
  },
  actions: {
    blockDevice: send('device', 'STOP'),
    eraseHandle: send(({ context }) => context.array!, { type: 'ERASE', pasid: 'rid' }),
    lock: call('mutex', 'ACQUIRE'),
    autoRespond: send('faultQueue', ({ context }) => ({ type: 'AUTO_RESPONSE', handle: context.handle })),
    unlock: call('mutex', 'RELEASE'),
    removeDevice: send('param', 'REMOVE_DEVICE'),
    freeHandle: send('handle', 'FREE'),
    endReaders: sendEach(({ context }) => context.readers, 'EXIT'),
    awaitReport: send('queue', ({ context }) => ({ type: 'DRAIN', device: context.device })),
    destroyFault: send('faultQueue', 'DESTROY'),
  },
}).createMachine({
  id: 'tearDownV612',
  context: ({ input }) => input,
  initial: 'attached',
  states: {
    attached: { on: { KILL: { target: 'blocked', actions: 'blockDevice' } } },
    ...straightLine(
      {
        // iommu.c iommu_detach_group_handle(), after the driver
        blocked: 'eraseHandle',
        // iommufd_auto_response_faults()
        erased: ['lock', 'autoRespond', 'unlock'],
        answered: 'removeDevice',
        removed: 'freeHandle',
        detached: 'endReaders',
        exited: 'awaitReport',
        released: 'destroyFault',
      },
      'destroyed',
    ),
    destroyed: {},
  },
});
