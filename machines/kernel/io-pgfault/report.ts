/**
 * The beginning of iommu_report_device_fault() since b58b133e680b (v6.11): is there anybody to handle the fault? It needs an attach
 * handle, found in `group->pasid_array` (find_fault_handler()), and the device's fault parameter, which is there while the device is
 * in an iopf queue. With both, the fault goes on to the core (`v6.9.ts`); otherwise it is answered Invalid.
 *
 *   `report-v6.9.ts`    without a parameter nobody answers; without a handle, Failure
 *   `report-v5.12.ts`   the driver, which gets an error back, answers Failure
 *
 * Simplifications: one PASID; the look-ups and what comes after them are one step, so that neither goes away in between
 * (`report-to-iommufd.ts` goes through them one by one, in a thread).
 */
import { assign, setup } from 'xstate';
import { type PageRequest, responseTo } from '../../hardware/pcie/page-request.ts';
import { call, from, reply, send } from '../../parts/call.ts';

export type FaultReportEvent =
  /** `iommu_report_device_fault()`: the reply is REPORTED, when it returns. */
  | { type: 'REPORT'; request: PageRequest; by: string }
  /** `xa_store(&group->pasid_array)`, `xa_erase(&group->pasid_array)` */
  | { type: 'ATTACH'; mm: string }
  | { type: 'DETACH' }
  /** `iopf_queue_remove_device()` */
  | { type: 'REMOVE_DEVICE' };

export interface FaultReportInput {
  readonly name: string;
  /** The device's iopf core. */
  readonly core: string;
  /** `ops->page_response` */
  readonly driver: string;
  /** What each address is in each address space. */
  readonly pages: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** What versions are made of. */
export const faultReportParts = setup({
  types: {
    input: {} as FaultReportInput,
    context: {} as FaultReportInput & {
      /** The handle's domain is that of this mm. */
      readonly handle: string | null;
      readonly hasParam: boolean;
    },
    events: {} as FaultReportEvent,
  },
  guards: {
    hasHandler: ({ context }) => context.handle !== null && context.hasParam,
    hasNoParam: ({ context }) => !context.hasParam,
  },
  actions: {
    passOn: send(
      'core',
      from('REPORT', ({ context, event: { request } }) => {
        const page = context.pages[context.handle!]![request.page]!;
        return { type: 'REPORT', request: { ...request, page } };
      }),
    ),
    answerInvalid: call(
      'driver',
      from('REPORT', ({ event }) => responseTo(event.request, 'invalid')),
    ),
    answerFailure: call(
      'driver',
      from('REPORT', ({ event }) => responseTo(event.request, 'failure')),
    ),
    returnToCaller: reply('REPORTED'),
    storeHandle: assign({ handle: from('ATTACH', ({ event }) => event.mm) }),
    eraseHandle: assign({ handle: null }),
    clearParam: assign({ hasParam: false }),
    removeDevice: send('core', 'REMOVE_DEVICE'),
  },
});

/** Another version replaces REPORT. */
export const faultReportEvents = {
  // find_fault_handler(), iopf_get_dev_fault_param(); otherwise iopf_error_response()
  REPORT: [
    { guard: 'hasHandler', actions: ['passOn', 'returnToCaller'] },
    { actions: ['answerInvalid', 'returnToCaller'] },
  ],
  ATTACH: { actions: 'storeHandle' },
  DETACH: { actions: 'eraseHandle' },
  REMOVE_DEVICE: { actions: ['clearParam', 'removeDevice'] },
} as const;

export const faultReportConfig = {
  context: ({ input }: { input: FaultReportInput }) => ({ ...input, handle: null, hasParam: true }),
} as const;

export const faultReport = faultReportParts.createMachine({
  id: 'faultReport',
  ...faultReportConfig,
  on: faultReportEvents,
});
