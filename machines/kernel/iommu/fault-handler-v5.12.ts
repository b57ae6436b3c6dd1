/**
 * The fault handler of one device from v5.12 to v6.8, for handlers that do their work at once (drivers/iommu/iommu.c
 * iommu_register_device_fault_handler(), iommu_report_device_fault(), iommu_page_response()), and what the SMMU's driver makes of a
 * fault that nobody handles (arm-smmu-v3.c arm_smmu_handle_evt()).
 *
 *   unregistered -REGISTER-> registered -REPORT-> handling -HANDLED or ENODEV-> registered
 *
 * The handler runs in the thread that reports, which waits for it: list 'REPORT' and 'FAULT' as `blocking`. At rest in
 * `unregistered` and `registered`.
 *
 * Simplifications: `param->lock`, held over the handler, is that state; no unregister.
 */
import { assign, setup } from 'xstate';
import type { PageRequest, ResponseCode } from '../../hardware/pcie/page-request.ts';
import { call, from } from '../../parts/call.ts';

export type FaultHandlerV512Event =
  /** `iommu_register_device_fault_handler()` */
  | { type: 'REGISTER' }
  /** `iommu_report_device_fault()` */
  | { type: 'REPORT'; request: PageRequest }
  /** `iommu_page_response()` */
  | { type: 'RESPOND'; code: ResponseCode }
  /** The handler returns 0. */
  | { type: 'HANDLED' }
  /** The handler returns an error. */
  | { type: 'ENODEV' };

interface FaultHandlerV512Input {
  readonly name: string;
  /** Who answers the device (`../arm-smmu-v3/page-response.ts`). */
  readonly driver: string;
  /** The function that is registered. */
  readonly handler: string;
}

export const faultHandlerV512 = setup({
  types: {
    input: {} as FaultHandlerV512Input,
    context: {} as FaultHandlerV512Input & { readonly request: PageRequest | null },
    events: {} as FaultHandlerV512Event,
  },
  actions: {
    keepRequest: assign(from('REPORT', ({ event }) => ({ request: event.request }))),
    forgetRequest: assign({ request: null }),
    callHandler: call(
      'handler',
      from('REPORT', ({ event }) => ({ type: 'FAULT', device: event.request.device, page: event.request.page })),
    ),
    answer: call(
      'driver',
      from('RESPOND', ({ context, event }) => answerOf(context.request!, event.code)),
    ),
    refuse: call(
      'driver',
      from(['REPORT', 'ENODEV'], ({ context, event }) =>
        answerOf(event.type === 'REPORT' ? event.request : context.request!, 'failure'),
      ),
    ),
  },
}).createMachine({
  id: 'faultHandlerV512',
  context: ({ input }) => ({ ...input, request: null }),
  initial: 'unregistered',
  states: {
    unregistered: {
      on: {
        REGISTER: 'registered',
        // arm_smmu_handle_evt(): nobody cared, the access is aborted.
        REPORT: { actions: 'refuse' },
      },
    },
    registered: {
      on: { REPORT: { target: 'handling', actions: ['keepRequest', 'callHandler'] } },
    },
    handling: {
      on: {
        RESPOND: { actions: 'answer' },
        HANDLED: { target: 'registered', actions: 'forgetRequest' },
        ENODEV: { target: 'registered', actions: ['refuse', 'forgetRequest'] },
      },
    },
  },
});

function answerOf({ index, generation }: PageRequest, code: ResponseCode) {
  return { type: 'PRG_RESPONSE', index, code, generation };
}
