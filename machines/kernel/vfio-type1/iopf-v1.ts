/**
 * The fault handler of VFIO's IOPF series in its first version (v1, January 2021): vfio_iommu_type1_dynamic_dma_map(), which vfio.c
 * vfio_iommu_dev_fault_handler() calls for the container of the device. It pins the page, charges it to the user, and keeps it pinned. As in later versions it runs in the queue thread of the IOMMU driver, one fault after
 * the other (`../iommu/v5.12.ts`); each RUN is that thread going on. `iopf-v3.ts` is the later version, which pins nothing;
 * `dynamic-dma-map.ts` is this function with the bitmap of a range that is unmapped, and the error path.
 *
 *   lock, charge, pin and map, unlock; answer
 *
 * Simplifications: pinning and mapping under the lock is one step, since nobody else takes the lock here. In the source the page is pinned
 * first and charged then (vfio_pin_page_external()), and put again where that fails; here it is not even pinned, which nobody can tell,
 * as it is all in one section of the lock, and GUP never fails or reclaims. No two devices fault on one page, so the page is never
 * mapped already.
 */
import { assign, setup } from 'xstate';
import { call, from, send } from '../../parts/call.ts';
import { type DeviceFaultCall, type DeviceFaultWork, respond } from '../iommu/v5.12.ts';

export type PinningHandlerEvent =
  | DeviceFaultCall
  /** The scheduler lets the thread run. */
  | { type: 'RUN' }
  | { type: 'CHARGED' }
  | { type: 'OVER_LIMIT' };

export interface PinningHandlerInput {
  name: string;
  account: string;
}

export const pinningHandler = setup({
  types: {
    input: {} as PinningHandlerInput,
    context: {} as PinningHandlerInput & DeviceFaultWork,
    events: {} as PinningHandlerEvent,
  },
  actions: {
    beginWork: assign(from('DEVICE_FAULT', ({ event }) => ({ request: event.request, caller: event.by }))),
    charge: call('account', ({ context }) => ({ type: 'CHARGE', page: context.request!.page })),
    map: send(({ context }) => context.request!.page, 'MAP'),
    respond: respond(),
    returnToCaller: send('caller', 'HANDLED'),
    endWork: assign({ request: null, caller: null }),
  },
}).createMachine({
  id: 'pinningHandler',
  context: ({ input }) => ({ ...input, request: null, caller: null }),
  initial: 'idle',
  states: {
    idle: {
      on: { DEVICE_FAULT: { target: 'locking', actions: 'beginWork' } },
    },
    // mutex_lock(&iommu->lock)
    locking: {
      on: { RUN: { target: 'charging', actions: 'charge' } },
    },
    // Left within the step that entered it.
    charging: {
      on: {
        // vfio_pin_pages_remote(), vfio_iommu_map()
        CHARGED: { target: 'mapped', actions: 'map' },
        OVER_LIMIT: 'overLimit',
      },
    },
    mapped: {
      on: {
        RUN: {
          target: 'idle',
          actions: [{ type: 'respond', params: { code: 'success' } }, 'returnToCaller', 'endWork'],
        },
      },
    },
    overLimit: {
      on: {
        RUN: {
          target: 'idle',
          actions: [{ type: 'respond', params: { code: 'invalid' } }, 'returnToCaller', 'endWork'],
        },
      },
    },
  },
});
