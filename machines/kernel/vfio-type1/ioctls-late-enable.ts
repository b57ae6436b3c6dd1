/**
 * The thread of `ioctls-v3.ts` that enables I/O page faults when it has mapped a range already: MAP_DMA has pinned and mapped it, and no bit says
 * so. vfio_iommu_type1_enable_iopf() of v3 takes no notice; vfio_unmap_unpin() then returns at once, for faults are enabled, and what follows goes by the
 * bits. So nobody ever unmaps the range, nor unpins it.
 *
 * Simplifications: v3 has no bitmap for such a dma at all, and would crash where it looks for one; here it is empty. Before faults are enabled nobody looks
 * for the dma, so it is linked here when they are.
 */
import { assign } from 'xstate';
import { call, from, send } from '../../parts/call.ts';
import { vfioIoctlsConfig, vfioIoctlsParts, vfioIoctlsStates } from './ioctls-v3.ts';

export const lateEnableParts = vfioIoctlsParts.extend({
  actions: {
    pin: call('page', 'GUP'),
    keepFrame: assign({ frame: from('GOT', ({ event }) => event.frame) }),
    map: send('entry', ({ context }) => ({ type: 'MAP', frame: context.frame!, writable: true })),
    setMappedBit: send('dma', 'SET_MAPPED'),
    unpin: send(({ context }) => context.frame!, 'PUT'),
    forgetFrame: assign({ frame: null }),
  },
});

export const lateEnableStates = {
  ...vfioIoctlsStates,
  off: lateEnableParts.createStateConfig({ on: { MAP_DMA: { target: 'pinning', actions: ['lock', 'pin'] } } }),
  // Left within the step that entered it: vfio_pin_map_dma()
  pinning: lateEnableParts.createStateConfig({
    on: { GOT: { target: 'pinned', actions: ['keepFrame', 'map', 'unlock'] } },
  }),
  pinned: lateEnableParts.createStateConfig({
    on: { ENABLE_IOPF: { target: 'mapped', actions: ['lock', 'link', 'forgetFrame', 'unlock'] } },
  }),
};

export const vfioIoctlsLateEnable = lateEnableParts.createMachine({
  id: 'vfioIoctlsLateEnable',
  ...vfioIoctlsConfig,
  initial: 'off',
  states: lateEnableStates,
});
