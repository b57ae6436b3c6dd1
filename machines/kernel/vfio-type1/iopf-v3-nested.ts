/**
 * The one fault handler of a device in RFC v3 of VFIO's I/O page faults, vfio_iommu_type1_dma_map_iopf() with patch 8 ("vfio: Add nested IOPF
 * support", April 2021): with a nested domain, a fault of stage 1 is handed to the device's driver in VFIO (`ops->transfer`), and its answer is the guest's
 * business; a fault of stage 2 is mapped and answered as in `iopf-v3.ts`. It runs under the device's lock, in the thread that reports.
 *
 * Simplifications: of a fault of stage 2, look-up, GUP and map are one step under the container's lock, since memory is neither
 * short nor taken back here (`iopf-v3.ts` goes through them one by one); the dma is always found and allows the access.
 */
import { assign, setup } from 'xstate';
import type { PageRequest } from '../../hardware/pcie/page-request.ts';
import { call, from, send } from '../../parts/call.ts';
import type { DeviceFaultCall } from '../iommu/v5.12.ts';

export type VfioNestedHandlerEvent =
  | DeviceFaultCall
  /** The scheduler lets the thread run. */
  | { type: 'RUN' }
  /** The region's replies. */
  | { type: 'APPENDED' }
  | { type: 'ENOSPC' };

export interface VfioNestedHandlerInput {
  readonly name: string;
  /** The container's lock (`iommu->lock`). */
  readonly lock: string;
  /** `device->ops->transfer` */
  readonly region: string;
}

export const vfioNestedHandler = setup({
  types: {
    input: {} as VfioNestedHandlerInput,
    context: {} as VfioNestedHandlerInput & { readonly request: PageRequest | null; readonly caller: string | null },
    events: {} as VfioNestedHandlerEvent,
  },
  guards: { isStage2: from('DEVICE_FAULT', ({ event }) => event.request.stage2 === true) },
  actions: {
    beginWork: assign(from('DEVICE_FAULT', ({ event }) => ({ request: event.request, caller: event.by }))),
    transfer: call(
      'region',
      from('DEVICE_FAULT', ({ event }) => ({ type: 'APPEND', request: event.request })),
    ),
    lock: call('lock', 'ACQUIRE'),
    map: send(({ context }) => context.request!.page, 'MAP_STAGE2'),
    unlock: call('lock', 'RELEASE'),
    // For each request of stage 2, the last of its group or not: of the others iommu_page_response() finds nothing pending.
    respond: send('caller', ({ context }) => ({
      type: 'RESPOND',
      index: context.request!.index,
      code: 'success',
      stage: 2,
    })),
    returnToCaller: send('caller', 'HANDLED'),
    returnError: send('caller', 'REFUSED'),
    endWork: assign({ request: null, caller: null }),
  },
}).createMachine({
  id: 'vfioNestedHandler',
  context: ({ input }) => ({ ...input, request: null, caller: null }),
  initial: 'idle',
  states: {
    idle: {
      on: {
        DEVICE_FAULT: [
          { guard: 'isStage2', target: 'locking', actions: 'beginWork' },
          // vfio_transfer_iommu_fault()
          { target: 'transferring', actions: ['beginWork', 'transfer'] },
        ],
      },
    },
    // Left within the step that entered it.
    transferring: {
      on: {
        APPENDED: { target: 'idle', actions: ['returnToCaller', 'endWork'] },
        ENOSPC: { target: 'idle', actions: ['returnError', 'endWork'] },
      },
    },
    locking: { on: { RUN: { target: 'mapping', actions: 'lock' } } },
    mapping: { on: { RUN: { target: 'responding', actions: ['map', 'unlock'] } } },
    responding: { on: { RUN: { target: 'idle', actions: ['respond', 'returnToCaller', 'endWork'] } } },
  },
});
