/**
 * The mediator of `pin-pages.ts` with vfio_pin_pages() of the VFIO type1 IOPF series (v3 patch 7, vfio_iommu_type1_pin_pages()): it pins the
 * page and adds the range, and maps nothing, since without I/O page faults all was mapped long before. The device's first use of
 * the ring is a fault. vfio_iommu_type1_unpin_pages() removes the range and puts the page.
 *
 * Simplification: the lock is not held over GUP, as in `pin-pages.ts`.
 */
import { leavesMapping, pinPagesConfig, pinPagesParts, pinPagesStates } from './pin-pages.ts';

export const pinPagesV3 = pinPagesParts.createMachine({
  id: 'pinPagesV3',
  ...pinPagesConfig,
  states: {
    unregistered: pinPagesStates.unregistered,
    pinning: pinPagesStates.pinning,
    pinned: pinPagesParts.createStateConfig({
      on: { RUN: { target: 'registered', actions: ['lock', 'addRange', 'unlock'] } },
    }),
    registered: pinPagesStates.registered,
    unpinning: leavesMapping,
  },
});
