/**
 * drivers/iommu/iommu.c from v5.3 to v6.8, for one device whose fault handler hands each page request over to user space
 * (iommu_register_device_fault_handler()): iommu_report_device_fault(), and iommu_page_response(), which the VMM calls by an ioctl. The core
 * knows of the last request of a group only: that one is pending until it is answered. What it hands over before that it forgets.
 *
 * `v5.12.ts` is the same for a handler that answers before it returns, `../io-pgfault/v5.12.ts` for one that queues work.
 *
 * Where the handler returns an error, the driver answers for the last request of a group (intel/svm.c handle_bad_prq_event(), Invalid).
 *
 * iopf_queue_discard_partial() comes to devices of an iopf queue. This one is in none, so it hears nothing of a truncated group.
 *
 * Simplifications: nobody answers what is not pending (-ENOENT); the device's lock, which is held over the handler, and the lock of the pending list: each function is one step.
 */
import { assertEvent, assign, enqueueActions, setup } from 'xstate';
import { type PageRequest, type ResponseCode, responseTo } from '../../hardware/pcie/page-request.ts';
import { call, from, send, tell } from '../../parts/call.ts';

export type ForwardsRequestsEvent =
  /** `iommu_report_device_fault()` */
  | { type: 'REPORT'; request: PageRequest }
  /** The handler returns. */
  | { type: 'APPENDED' }
  | { type: 'ENOSPC' }
  /** `iommu_page_response()` */
  | { type: 'RESPOND'; index: string; code: ResponseCode; generation: number }
  /** `iopf_queue_discard_partial()` */
  | { type: 'DISCARD_PARTIAL' };

export interface ForwardsRequestsInput {
  readonly name: string;
  readonly device: string;
  /** The handler's ring, `../vfio-pci/dma-fault-region.ts`. */
  readonly region: string;
}

/** What versions are made of. */
export const forwardsRequestsParts = setup({
  types: {
    input: {} as ForwardsRequestsInput,
    context: {} as ForwardsRequestsInput & {
      /** `fault_param->faults` */
      readonly pending: readonly PageRequest[];
      /** What the handler is called with. */
      readonly request: PageRequest | null;
    },
    events: {} as ForwardsRequestsEvent,
  },
  guards: {
    isLast: ({ context }) => context.request!.last,
    isPending: from('RESPOND', ({ context, event }) => context.pending.some(({ index }) => index === event.index)),
  },
  actions: {
    noteRequest: assign({ request: from('REPORT', ({ event }) => event.request) }),
    callHandler: call(
      'region',
      from('REPORT', ({ event }) => ({ type: 'APPEND', request: event.request })),
    ),
    linkFault: assign({ pending: ({ context }) => [...context.pending, context.request!] }),
    /** By the driver: handle_bad_prq_event(). */
    answer: enqueueActions(({ context, enqueue }, { code }: { code: ResponseCode }) => {
      const response = { ...responseTo(context.request!, code), by: 'driver' };
      tell(enqueue, context.device, response);
    }),
    forgetRequest: assign({ request: null }),
    answerAndUnlink: enqueueActions(({ context, event, enqueue }) => {
      assertEvent(event, 'RESPOND');
      const { type: _, ...answer } = event;
      const response = { type: 'PRG_RESPONSE', ...answer, by: context.name };
      enqueue.assign({ pending: context.pending.filter(({ index }) => index !== event.index) });
      tell(enqueue, context.device, response);
    }),
    recall: send('region', 'RECALL'),
  },
});

export const forwardsRequestsConfig = {
  context: ({ input }: { input: ForwardsRequestsInput }) => ({ ...input, pending: [], request: null }),
  initial: 'registered',
} as const;

/** A version replaces what an event does. */
export const forwardsRequestsStates = {
  registered: forwardsRequestsParts.createStateConfig({
    on: {
      REPORT: { target: 'inHandler', actions: ['noteRequest', 'callHandler'] },
      RESPOND: { guard: 'isPending', actions: 'answerAndUnlink' },
      DISCARD_PARTIAL: {},
    },
  }),
  // Left within the step that entered it.
  inHandler: forwardsRequestsParts.createStateConfig({
    on: {
      APPENDED: [
        { guard: 'isLast', target: 'registered', actions: ['linkFault', 'forgetRequest'] },
        { target: 'registered', actions: 'forgetRequest' },
      ],
      ENOSPC: [
        {
          guard: 'isLast',
          target: 'registered',
          actions: [{ type: 'answer', params: { code: 'invalid' } }, 'forgetRequest'],
        },
        { target: 'registered', actions: 'forgetRequest' },
      ],
    },
  }),
};

export const forwardsRequests = forwardsRequestsParts.createMachine({
  id: 'forwardsRequests',
  ...forwardsRequestsConfig,
  states: forwardsRequestsStates,
});
