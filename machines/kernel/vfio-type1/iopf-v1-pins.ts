/**
 * The fault handler of VFIO's IOPF series in its first version, vfio_iommu_type1_dynamic_dma_map() (v1, January 2021), with the lock, the
 * bitmap and GUP that `iopf-v1.ts` leaves out. It is that of `iopf-v3.ts` but for one thing: the page stays pinned, and is charged.
 *
 *   lock; look up the dma and its bit; GUP, charge; map, set the bit; unlock; answer
 *
 * At the limit vfio_pin_page_external() puts the page again, and the answer is Invalid. Other versions wait until somebody has evicted a page:
 *
 *   `iopf-v1-waits.ts`              without the container's lock; then it begins again
 *   `iopf-v1-waits-with-lock.ts`    with the lock, which who evicts needs as well
 *
 * Simplifications: as in `iopf-v3.ts`; mapping never fails (the source then calls vfio_unpin_page_external(), which looks for the page in a list
 * in which a fault does not put it, so pin and charge are lost).
 */
import { call } from '../../parts/call.ts';
import { without } from '../../parts/states.ts';
import { vfioIopfConfig, vfioIopfParts, vfioIopfStates } from './iopf-v3.ts';

export const vfioIopfPinsParts = vfioIopfParts.extend({
  actions: {
    charge: call(
      ({ context }) => context.account!,
      ({ context }) => ({ type: 'CHARGE', page: context.page! }),
    ),
    awaitRoom: call(({ context }) => context.account!, 'AWAIT_ROOM'),
  },
});

export const vfioIopfPinsStates = {
  ...without(vfioIopfStates, 'gettingPage', 'mapping'),
  // vfio_pin_page_external() -> vaddr_get_pfn()
  gettingPage: vfioIopfPinsParts.createStateConfig({
    on: {
      GOT: { target: 'charging', actions: ['keepFrame', 'charge'] },
      NO_MEMORY: { target: 'failed', actions: 'unlock' },
    },
  }),
  // Left within the step that entered it: vfio_lock_acct()
  charging: vfioIopfPinsParts.createStateConfig({
    on: {
      CHARGED: 'mapping',
      OVER_LIMIT: { target: 'failed', actions: ['putPage', 'forgetFrame', 'unlock'] },
    },
  }),
  mapping: vfioIopfPinsParts.createStateConfig({
    on: { RUN: { target: 'responding', actions: ['map', 'setMappedBit', 'forgetFrame', 'unlock'] } },
  }),
};

export const vfioIopfPins = vfioIopfPinsParts.createMachine({
  id: 'vfioIopfPins',
  ...vfioIopfConfig,
  states: vfioIopfPinsStates,
});
