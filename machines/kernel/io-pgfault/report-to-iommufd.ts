/**
 * An interrupt thread that reports page requests, with the steps of iommu_report_device_fault() (io-pgfault.c, since b58b133e680b) and
 * of iommufd's handler (iommufd/eventq.c, since 738e6f32e61d) one by one, for what may come between them:
 *
 *   idle -RUN-> found -RUN-> holding -RUN-> linked -RUN-> dequeued -RUN-> reported -RUN-> idle
 *
 * The handle is found without a reference, the parameter with one, and neither look-up takes a lock that detaching takes. What the
 * driver holds around all that (VT-d `iommu->iopf_lock`, SMMUv3 `smmu->streams_mutex`) is taken by the release of a device and
 * not by its detach. `../intel/prq.ts` is the same thread where only the call of the handler matters.
 *
 * List 'PEEK' as `blocking`.
 *
 * Simplifications: one device, so one RID; no PASID; groups of one request; that nobody takes the request, and the
 * answer to it, are one step.
 */
import { assign, setup } from 'xstate';
import { type PageRequest, responseTo } from '../../hardware/pcie/page-request.ts';
import { call, from, send } from '../../parts/call.ts';

export type ReportingThreadEvent =
  /** The scheduler lets the thread run. */
  | { type: 'RUN' }
  /** The queue's reply to PEEK. */
  | { type: 'ENTRY'; request: PageRequest }
  | { type: 'HANDLE'; handle: string }
  | { type: 'NO_HANDLE' }
  | { type: 'PARAM' }
  | { type: 'NO_PARAM' }
  | { type: 'LINKED'; group: string };

export interface ReportingThreadInput {
  readonly name: string;
  readonly queue: string;
  /** `struct iommu_fault_param` of each device, by device. */
  readonly cores: Readonly<Record<string, string>>;
  /** Where attach handles are found, that of a device itself by its RID (`../iommu/pasid-array.ts`). */
  readonly array: string;
  /** The fault queue of the attached domains. */
  readonly faultQueue: string;
}

/** What versions are made of. */
export const reportingParts = setup({
  types: {
    input: {} as ReportingThreadInput,
    context: {} as ReportingThreadInput & {
      readonly request: PageRequest | null;
      /** `group->attach_handle` */
      readonly handle: string;
      readonly group: string;
    },
    events: {} as ReportingThreadEvent,
  },
  actions: {
    readEntry: call('queue', 'PEEK'),
    noteRequest: assign({ request: from('ENTRY', ({ event }) => event.request) }),
    findHandler: call('array', { type: 'LOOK_UP', pasid: 'rid' }),
    noteHandle: assign({ handle: from('HANDLE', ({ event }) => event.handle) }),
    getParam: call(({ context }) => context.cores[context.request!.device]!, 'GET_PARAM'),
    allocateGroup: call(
      ({ context }) => context.cores[context.request!.device]!,
      ({ context }) => ({ type: 'LINK', request: context.request! }),
    ),
    noteGroup: assign({ group: from('LINKED', ({ event }) => event.group) }),
    followHandle: send('handle', 'FOLLOW'),
    dequeueGroup: send('group', 'DEQUEUE'),
    appendToDeliver: send('faultQueue', ({ context }) => {
      return { type: 'APPEND', group: context.group, handle: context.handle };
    }),
    answerInvalid: call(
      ({ context }) => context.request!.device,
      ({ context }) => responseTo(context.request!, 'invalid'),
    ),
    freeEntry: send('queue', 'ADVANCE'),
    forget: assign({ request: null, handle: '', group: '' }),
  },
});

export const reportingConfig = {
  context: ({ input }: { input: ReportingThreadInput }) => ({ ...input, request: null, handle: '', group: '' }),
  initial: 'idle',
} as const;

export const reportingStates = {
  idle: reportingParts.createStateConfig({
    on: { RUN: { target: 'reading', actions: 'readEntry' } },
  }),
  // Left within the step that entered it, as are the other states without RUN.
  reading: reportingParts.createStateConfig({
    on: { ENTRY: { target: 'finding', actions: ['noteRequest', 'findHandler'] } },
  }),
  // find_fault_handler() follows attach_handle->domain->iopf_handler.
  finding: reportingParts.createStateConfig({
    on: {
      HANDLE: { target: 'found', actions: ['noteHandle', 'followHandle'] },
      NO_HANDLE: { target: 'reported', actions: 'answerInvalid' },
    },
  }),
  found: reportingParts.createStateConfig({
    on: { RUN: { target: 'getting', actions: 'getParam' } },
  }),
  // iopf_get_dev_fault_param()
  getting: reportingParts.createStateConfig({
    on: {
      PARAM: 'holding',
      // WARN_ON(!iopf_param)
      NO_PARAM: { target: 'warned', actions: 'answerInvalid' },
    },
  }),
  // iopf_group_alloc()
  holding: reportingParts.createStateConfig({
    on: { RUN: { target: 'linking', actions: 'allocateGroup' } },
  }),
  linking: reportingParts.createStateConfig({
    on: { LINKED: { target: 'linked', actions: 'noteGroup' } },
  }),
  // iommufd_fault_iopf_handler() -> iopf_group_dequeue()
  linked: reportingParts.createStateConfig({
    on: { RUN: { target: 'dequeued', actions: ['followHandle', 'dequeueGroup'] } },
  }),
  // Its domain's hwpt->fault, and list_add_tail()
  dequeued: reportingParts.createStateConfig({
    on: { RUN: { target: 'reported', actions: ['followHandle', 'appendToDeliver'] } },
  }),
  warned: reportingParts.createStateConfig({
    on: { RUN: { target: 'idle', actions: ['freeEntry', 'forget'] } },
  }),
  reported: reportingParts.createStateConfig({
    on: { RUN: { target: 'idle', actions: ['freeEntry', 'forget'] } },
  }),
};

export const reportingThread = reportingParts.createMachine({
  id: 'reportingThread',
  ...reportingConfig,
  states: reportingStates,
});
