/**
 * A worker thread of the iopf work queue that runs the SVA handler (iommu-sva.c iommu_sva_handle_iopf()): it handles the
 * requests of a group one by one, stops at the first that cannot be handled, answers the group and frees it.
 *
 * `../io-pgfault/v5.12-worker.ts` is the same thread where the pages do not matter; `worker-keeps-last-status.ts` does not
 * stop.
 *
 * Simplifications: what handle_mm_fault() does for one page is one step of the page (`./page.ts`); the mmap lock and
 * the life of the mm are not here.
 */
import { assign, setup } from 'xstate';
import type { ResponseCode } from '../../hardware/pcie/page-request.ts';
import { call, from, send } from '../../parts/call.ts';
import type { IopfGroup } from '../io-pgfault/group.ts';

export type IopfWorkerEvent =
  /** The scheduler lets the thread run. */
  { type: 'RUN' } | { type: 'WORK'; group: IopfGroup } | { type: 'FAULT_HANDLED'; ok: boolean };

export interface IopfWorkerInput {
  readonly name: string;
  readonly workQueue: string;
  /** The device's iopf core, by device. */
  readonly cores: Readonly<Record<string, string>>;
}

/** What versions are made of. */
export const iopfWorkerParts = setup({
  types: {
    input: {} as IopfWorkerInput,
    context: {} as IopfWorkerInput & {
      readonly group: IopfGroup | null;
      /** How many requests of the group have been handled. */
      readonly handled: number;
      readonly code: ResponseCode;
    },
    events: {} as IopfWorkerEvent,
  },
  guards: {
    isRefused: ({ event }) => event.type === 'FAULT_HANDLED' && !event.ok,
    isLastRequest: ({ context }) => context.handled + 1 === context.group!.requests.length,
  },
  actions: {
    takeWork: call('workQueue', 'TAKE'),
    beginGroup: assign(from('WORK', ({ event }) => ({ group: event.group }))),
    handleFault: send(
      ({ context }) => context.group!.requests[context.handled]!.page,
      ({ context: { name, group, handled } }) => {
        const { write } = group!.requests[handled]!;
        return { type: 'HANDLE_FAULT', by: name, ...(write === undefined ? {} : { write }) };
      },
    ),
    countHandled: assign({ handled: ({ context }) => context.handled + 1 }),
    setInvalid: assign({ code: 'invalid' }),
    respond: send(
      ({ context }) => context.cores[context.group!.device]!,
      ({ context }) => ({ type: 'RESPOND', group: context.group!, code: context.code }),
    ),
    finishWork: call('workQueue', 'DONE'),
    freeGroup: assign({ group: null, handled: 0, code: 'success' }),
  },
});

export const iopfWorkerConfig = {
  context: ({ input }: { input: IopfWorkerInput }) => ({ ...input, group: null, handled: 0, code: 'success' as const }),
  initial: 'idle',
} as const;

export const iopfWorkerStates = {
  idle: iopfWorkerParts.createStateConfig({
    on: { RUN: { target: 'taking', actions: 'takeWork' } },
  }),
  // Left within the step that entered it, as is `faulting`.
  taking: iopfWorkerParts.createStateConfig({
    on: { WORK: { target: 'handling', actions: 'beginGroup' } },
  }),
  handling: iopfWorkerParts.createStateConfig({
    on: { RUN: { target: 'faulting', actions: 'handleFault' } },
  }),
  faulting: iopfWorkerParts.createStateConfig({
    on: {
      FAULT_HANDLED: [
        // iommu_sva_handle_iopf(): after the first bad status the rest of the group is not handled.
        { guard: 'isRefused', target: 'responding', actions: 'setInvalid' },
        { guard: 'isLastRequest', target: 'responding' },
        { target: 'handling', actions: 'countHandled' },
      ],
    },
  }),
  responding: iopfWorkerParts.createStateConfig({
    on: {
      // iopf_group_response(), iopf_free_group(); then the work item is done.
      RUN: { target: 'idle', actions: ['respond', 'finishWork', 'freeGroup'] },
    },
  }),
};

export const iopfWorker = iopfWorkerParts.createMachine({
  id: 'iopfWorker',
  ...iopfWorkerConfig,
  states: iopfWorkerStates,
});
