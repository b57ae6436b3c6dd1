/**
 * The mediator of `pin-pages.ts` that takes the device for one that bears faults anywhere, as the presence of IOMMU_DEV_FEAT_IOPF makes
 * one believe: nothing is locked down.
 */
import { pinPagesConfig, pinPagesParts, pinPagesStates } from './pin-pages.ts';

export const pinPagesNever = pinPagesParts.createMachine({
  id: 'pinPagesNever',
  ...pinPagesConfig,
  states: {
    unregistered: pinPagesParts.createStateConfig({ on: { REGISTER_RING: 'registering' } }),
    registering: pinPagesParts.createStateConfig({ on: { RUN: 'registered' } }),
    registered: pinPagesParts.createStateConfig({
      on: { DMA: pinPagesStates.registered.on.DMA, UNREGISTER_RING: 'unregistered' },
    }),
  },
});
