/**
 * The part of drivers/iommu/io-pgfault.c of 7.0 (July 2026) that reports faults of one device with PASIDs:
 * `find_fault_handler()`, the partial list, and both ends of iommu_report_device_fault(). What becomes of a group after that
 * is as since 738e6f32e61d, which the tree that we read does not have yet: the handler owns it, so no pending list is here
 * (`fault-param.ts` has it).
 *
 * A report that succeeds replies CALL_HANDLER, and its caller calls with no lock of the core held: other threads run in
 * between.
 *
 * Simplifications: memory is never short; `fault_param->lock` is expressed by each function being one step; the look-up of
 * the handle and the linking of the group are one step, since nothing that is freed is touched between them; a second
 * device would be a second actor. The fault parameter's references are in `fault-param.ts`.
 */
import { assertEvent, assign, enqueueActions, setup } from 'xstate';
import type { ResponseCode } from '../../hardware/pcie/page-request.ts';
import type { PasidRequest } from '../../hardware/pcie/pasid-function.ts';
import { call, from, send, tell } from '../../parts/call.ts';

/** `struct iopf_group` */
export interface PasidGroup {
  readonly device: string;
  readonly index: string;
  /** The last one completed the group; it says to whom the answer goes. */
  readonly requests: readonly PasidRequest[];
}

export type IopfCoreV70Event =
  /** `iommu_report_device_fault()`, called by the IOMMU driver's interrupt thread. */
  | { type: 'REPORT'; request: PasidRequest; by: string }
  /** The array's replies to LOOK_UP. */
  | { type: 'HANDLE'; handle: string }
  | { type: 'NO_HANDLE' }
  /** `iopf_group_response()`, called by the group's owner. */
  | { type: 'RESPOND'; group: PasidGroup; code: ResponseCode }
  /** `iopf_queue_add_device()` */
  | { type: 'ADD_DEVICE' }
  /** `iopf_queue_remove_device()` */
  | { type: 'REMOVE_DEVICE' }
  /** `iopf_queue_discard_partial()`, of which this device is all. */
  | { type: 'DISCARD_PARTIAL' }
  /** No kernel has this: the partial requests of one PASID are freed. */
  | { type: 'DISCARD_PARTIAL_OF'; pasid: string };

export interface IopfCoreV70Input {
  readonly name: string;
  readonly device: string;
  /** `group->pasid_array` */
  readonly array: string;
  /** Whether the device is in its iopf queue at first. */
  readonly isAdded: boolean;
}

/** What versions of it are made of. */
export const iopfCoreV70Parts = setup({
  types: {
    input: {} as IopfCoreV70Input,
    context: {} as IopfCoreV70Input & {
      /** `fault_param->partial`, in the order of arrival. */
      readonly partial: readonly PasidRequest[];
      /** The report at hand, and who waits for it. */
      readonly report: { readonly request: PasidRequest; readonly by: string } | null;
    },
    events: {} as IopfCoreV70Event,
  },
  guards: {
    isAddedAndLast: ({ context }) => context.isAdded && context.report!.request.last,
    isAdded: ({ context }) => context.isAdded,
    isLast: ({ context }) => context.report!.request.last,
  },
  actions: {
    beginReport: assign({ report: from('REPORT', ({ event: { request, by } }) => ({ request, by })) }),
    lookUpHandle: call(
      'array',
      from('REPORT', ({ event }) => ({ type: 'LOOK_UP', pasid: event.request.pasid })),
    ),
    endReport: assign({ report: null }),
    storePartial: assign({ partial: ({ context }) => [...context.partial, context.report!.request] }),
    // iopf_group_alloc(): the index alone is compared.
    gatherByIndex: enqueueActions(({ context, event, enqueue }) => {
      assertEvent(event, 'HANDLE');
      const { by, request: last } = context.report!;
      const belongs = ({ index }: PasidRequest) => index === last.index;
      enqueue.assign({ partial: context.partial.filter((request) => !belongs(request)) });
      const call = callHandler([...context.partial.filter(belongs), last], event.handle);
      tell(enqueue, by, call);
    }),
    /** No kernel does this. */
    gatherByPasidAndIndex: enqueueActions(({ context, event, enqueue }) => {
      assertEvent(event, 'HANDLE');
      const { by, request: last } = context.report!;
      const belongs = ({ index, pasid }: PasidRequest) => index === last.index && pasid === last.pasid;
      enqueue.assign({ partial: context.partial.filter((request) => !belongs(request)) });
      const call = callHandler([...context.partial.filter(belongs), last], event.handle);
      tell(enqueue, by, call);
    }),
    answerInvalid: send('device', ({ context: { name, report } }) => answer(report!.request, 'invalid', name)),
    discardIndex: assign({
      partial: ({ context: { partial, report } }) => partial.filter(({ index }) => index !== report!.request.index),
    }),
    answerGroup: send(
      'device',
      from('RESPOND', ({ context, event }) => answer(event.group.requests.at(-1)!, event.code, context.name)),
    ),
    add: assign({ isAdded: true }),
    remove: assign({ isAdded: false, partial: [] }),
    discardPartial: assign({ partial: [] }),
    discardPartialOf: assign({
      partial: from('DISCARD_PARTIAL_OF', ({ context, event }) =>
        context.partial.filter(({ pasid }) => pasid !== event.pasid),
      ),
    }),
  },
});

export const iopfCoreV70Config = {
  context: ({ input }: { input: IopfCoreV70Input }) => ({ ...input, partial: [], report: null }),
  initial: 'ready',
} as const;

export const iopfCoreV70States = {
  ready: iopfCoreV70Parts.createStateConfig({
    on: {
      REPORT: { target: 'finding', actions: ['beginReport', 'lookUpHandle'] },
      RESPOND: { actions: 'answerGroup' },
      ADD_DEVICE: { actions: 'add' },
      REMOVE_DEVICE: { actions: 'remove' },
      DISCARD_PARTIAL: { actions: 'discardPartial' },
      DISCARD_PARTIAL_OF: { actions: 'discardPartialOf' },
    },
  }),
  // find_fault_handler(). Left within the step that entered it.
  finding: iopfCoreV70Parts.createStateConfig({
    on: {
      HANDLE: [
        // iopf_group_alloc()
        { guard: 'isAddedAndLast', target: 'ready', actions: ['gatherByIndex', 'endReport'] },
        // report_partial_fault()
        { guard: 'isAdded', target: 'ready', actions: ['storePartial', 'endReport'] },
        // The device is not in its iopf queue: WARN_ON(), err_bad_iopf.
        { target: 'ready', actions: ['answerInvalid', 'endReport'] },
      ],
      // err_bad_iopf, iopf_error_response(): whether the request is the last or not.
      NO_HANDLE: { target: 'ready', actions: ['answerInvalid', 'endReport'] },
    },
  }),
};

export const iopfCoreV70 = iopfCoreV70Parts.createMachine({
  id: 'iopfCoreV70',
  ...iopfCoreV70Config,
  states: iopfCoreV70States,
});

/** What the caller is asked to do. */
function callHandler(requests: readonly PasidRequest[], handle: string) {
  const { device, index } = requests.at(-1)!;
  const group: PasidGroup = { device, index, requests };
  return { type: 'CALL_HANDLER', group, handle };
}

/** The driver answers with the PASID that the request had (intel/prq.c intel_iommu_page_response()). */
function answer({ index, pasid, generation }: PasidRequest, code: ResponseCode, by: string) {
  return { type: 'PRG_RESPONSE', index, pasid, code, by, generation };
}
