/**
 * An interrupt thread that reports page requests in 0095bf83554f, and since a74c077b9021 as far as references go, with the steps of
 * iommu_report_device_fault() one by one. The handler is called with no lock held, and may fail:
 *
 *   idle -RUN-> holding -RUN-> linked -RUN-> reported -RUN-> idle
 *                              linked -HANDLER_FAILS-> failing -RUN-> refused -RUN-> reported
 *
 * What a report that failed is followed by is the driver's answer (intel/svm.c prq_event_thread(), arm_smmu_handle_evt()).
 *
 * `report-199112327135.ts` and `report-3dfa64aecbaf.ts` are what came next; they differ in what they do when the handler has failed.
 *
 * List 'PEEK' as `blocking`.
 *
 * Simplifications: one device; no PASID; groups of one request; a handler that fails has not kept the group. None of those days ever
 * failed: iommu_sva_iopf_handler() does where its work is queued already, and that work is new.
 */
import { assign, setup } from 'xstate';
import { type PageRequest, responseTo } from '../../hardware/pcie/page-request.ts';
import { call, from, send } from '../../parts/call.ts';

export type FailingReportEvent =
  /** The scheduler lets the thread run. */
  | { type: 'RUN' }
  /** The handler returns an error. */
  | { type: 'HANDLER_FAILS' }
  /** The queue's reply to PEEK. */
  | { type: 'ENTRY'; request: PageRequest }
  | { type: 'PARAM' }
  | { type: 'NO_PARAM' }
  | { type: 'LINKED'; group: string };

export interface FailingReportInput {
  readonly name: string;
  readonly queue: string;
  /** The device's `struct iommu_fault_param`. */
  readonly param: string;
  /** The `iopf_handler` of its domain. */
  readonly handler: string;
  /** Of 0095bf83554f: the memory for the copy of the last request, by index. */
  readonly copies?: Readonly<Record<string, string>>;
}

/** What versions are made of. */
export const failingReportParts = setup({
  types: {
    input: {} as FailingReportInput,
    context: {} as FailingReportInput & { readonly request: PageRequest | null; readonly group: string },
    events: {} as FailingReportEvent,
  },
  actions: {
    readEntry: call('queue', 'PEEK'),
    noteRequest: assign({ request: from('ENTRY', ({ event }) => event.request) }),
    getParam: call('param', 'GET_PARAM'),
    allocateGroup: call('param', ({ context }) => ({ type: 'LINK', request: context.request! })),
    noteGroup: assign({ group: from('LINKED', ({ event }) => event.group) }),
    callHandler: call('handler', ({ context }) => ({ type: 'IOPF_HANDLER', group: context.group, handle: '' })),
    unlinkGroup: send('group', 'DEQUEUE'),
    freeGroup: send('group', 'FREE'),
    respondFailure: send('group', { type: 'GROUP_RESPONSE', code: 'failure' }),
    takeOffList: send('param', ({ context }) => ({ type: 'UNLINK', group: context.group })),
    deleteCopy: send(({ context }) => context.copies![context.request!.index]!, 'LIST_DEL'),
    freeCopy: send(({ context }) => context.copies![context.request!.index]!, 'FREE'),
    putParam: send('param', 'PUT'),
    answerInvalid: call(
      ({ context }) => context.request!.device,
      ({ context }) => responseTo(context.request!, 'invalid'),
    ),
    freeEntry: send('queue', 'ADVANCE'),
    forget: assign({ request: null, group: '' }),
  },
});

export const failingReportConfig = {
  context: ({ input }: { input: FailingReportInput }) => ({ ...input, request: null, group: '' }),
  initial: 'idle',
} as const;

export const failingReportStates = {
  idle: failingReportParts.createStateConfig({
    on: { RUN: { target: 'reading', actions: 'readEntry' } },
  }),
  // Left within the step that entered it, as are the other states without RUN.
  reading: failingReportParts.createStateConfig({
    on: { ENTRY: { target: 'getting', actions: ['noteRequest', 'getParam'] } },
  }),
  // iopf_get_dev_fault_param()
  getting: failingReportParts.createStateConfig({
    on: { PARAM: 'holding', NO_PARAM: 'refused' },
  }),
  holding: failingReportParts.createStateConfig({
    on: { RUN: { target: 'linking', actions: 'allocateGroup' } },
  }),
  linking: failingReportParts.createStateConfig({
    on: { LINKED: { target: 'linked', actions: 'noteGroup' } },
  }),
  // domain->iopf_handler(group): the group has the reference.
  linked: failingReportParts.createStateConfig({
    on: { RUN: { target: 'reported', actions: 'callHandler' }, HANDLER_FAILS: 'failing' },
  }),
  // The lock again; iopf_free_group(), which drops the group's reference; then err_free, and err_unlock, which drops it once more.
  failing: failingReportParts.createStateConfig({
    on: {
      RUN: { target: 'refused', actions: ['takeOffList', 'freeGroup', 'deleteCopy', 'freeCopy', 'putParam'] },
    },
  }),
  // It is the caller that answers.
  refused: failingReportParts.createStateConfig({
    on: { RUN: { target: 'reported', actions: 'answerInvalid' } },
  }),
  reported: failingReportParts.createStateConfig({
    on: { RUN: { target: 'idle', actions: ['freeEntry', 'forget'] } },
  }),
};

export const failingReport0095bf83554f = failingReportParts.createMachine({
  id: 'failingReport0095bf83554f',
  ...failingReportConfig,
  states: failingReportStates,
});
