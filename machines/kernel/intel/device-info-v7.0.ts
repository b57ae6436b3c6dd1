/**
 * `struct device_domain_info` of VT-d in 7.0, as far as `iopf_refcount` goes (intel/iommu.c intel_iommu_enable_iopf() and
 * intel_iommu_disable_iopf(), called by intel/iommu.h iopf_for_domain_set() and iopf_for_domain_remove()): one count for
 * each attached domain that has a fault handler. With the first the device joins its iopf queue, and with the last it
 * leaves it. A drain that finds the count at 0 returns at once.
 *
 * Simplifications: memory is never short; domains without a handler are not counted, and are all one here, `plain`.
 */
import { assign, setup } from 'xstate';

/** A domain with an `iopf_handler`, by name, or `plain`. */
type Domain = string;

export type DeviceInfoEvent =
  /** `iopf_for_domain_set()` */
  | { type: 'IOPF_SET'; domain: Domain }
  /** `iopf_for_domain_remove()` */
  | { type: 'IOPF_REMOVE'; domain: Domain };

export const deviceInfoV70 = setup({
  types: {
    context: {} as { readonly iopfRefcount: number },
    events: {} as DeviceInfoEvent,
  },
  guards: {
    isPlain: ({ event }) => event.domain === 'plain',
    isLastOne: ({ context }) => context.iopfRefcount === 1,
  },
  actions: {
    count: assign({ iopfRefcount: ({ context }) => context.iopfRefcount + 1 }),
    discount: assign({ iopfRefcount: ({ context }) => context.iopfRefcount - 1 }),
  },
}).createMachine({
  id: 'deviceInfoV70',
  context: { iopfRefcount: 0 },
  initial: 'outside',
  states: {
    outside: {
      on: {
        IOPF_SET: [
          { guard: 'isPlain' },
          // iopf_queue_add_device()
          { target: 'inIopfQueue', actions: 'count' },
        ],
        // The domain at hand has no handler.
        IOPF_REMOVE: { guard: 'isPlain' },
      },
    },
    inIopfQueue: {
      on: {
        IOPF_SET: [{ guard: 'isPlain' }, { actions: 'count' }],
        IOPF_REMOVE: [
          { guard: 'isPlain' },
          // iopf_queue_remove_device(): pending groups are answered, partial ones freed.
          { guard: 'isLastOne', target: 'outside', actions: 'discount' },
          { actions: 'discount' },
        ],
      },
    },
  },
});
