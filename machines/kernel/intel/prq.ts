/**
 * The threaded interrupt handler of a page request queue (intel/prq.c prq_event_thread()): takes requests one by one
 * and reports each to the fault core of its device. One thread serves all devices of the IOMMU, so wherever it sleeps
 * they all wait.
 *
 * A core that calls the domain's handler under its own lock (to v6.8) does everything within REPORT. A core that calls
 * it with no lock of its own held (since v6.9) replies CALL_HANDLER, and other threads may run before the handler does.
 *
 * Simplifications: the requester ID finds its device always (B-11 is about the other case); no overflow. Since v6.9 the thread holds
 * `iommu->iopf_lock` over the look-up, the report and the handler (SMMUv3: `smmu->streams_mutex`), so a handler that sleeps also
 * keeps the release of a device waiting (intel_iommu_release_device()). Detaching does not take it, and nothing is released here.
 */
import { assign, setup } from 'xstate';
import type { PageRequest } from '../../hardware/pcie/page-request.ts';
import { call, from, send } from '../../parts/call.ts';

/** `group->attach_handle->domain->iopf_handler(group)`: whom to call, and with what. */
export interface HandlerCall {
  readonly handler: string;
  readonly group: string;
  readonly handle: string;
}

export type PrqThreadEvent =
  /** The scheduler lets the thread run. */
  | { type: 'RUN' }
  /** The queue's reply to PEEK. */
  | { type: 'ENTRY'; request: PageRequest }
  /** The core's reply to REPORT, if it leaves the call to the thread. */
  | { type: 'CALL_HANDLER'; call: HandlerCall };

export const prqThread = setup({
  types: {
    input: {} as {
      name: string;
      queue: string;
      /** The fault core of each device, by device. */
      cores: Readonly<Record<string, string>>;
    },
    context: {} as {
      readonly name: string;
      readonly queue: string;
      readonly cores: Readonly<Record<string, string>>;
      readonly due: HandlerCall | null;
    },
    events: {} as PrqThreadEvent,
  },
  actions: {
    readEntry: call('queue', 'PEEK'),
    report: call(
      from('ENTRY', ({ context, event }) => context.cores[event.request.device]!),
      from('ENTRY', ({ event }) => ({ type: 'REPORT', request: event.request })),
    ),
    noteHandler: assign({
      due: from('CALL_HANDLER', ({ event }) => event.call),
    }),
    callHandler: send(
      ({ context }) => context.due!.handler,
      ({ context: { name, due } }) => ({ type: 'IOPF_HANDLER', group: due!.group, handle: due!.handle, by: name }),
    ),
    forgetHandler: assign({ due: null }),
    freeEntry: send('queue', 'ADVANCE'),
  },
}).createMachine({
  id: 'prqThread',
  context: ({ input }) => ({ ...input, due: null }),
  initial: 'idle',
  states: {
    idle: {
      on: { RUN: { target: 'reading', actions: 'readEntry' } },
    },
    // Left within the step that entered it.
    reading: {
      on: { ENTRY: { target: 'reported', actions: 'report' } },
    },
    reported: {
      on: {
        CALL_HANDLER: { target: 'handling', actions: 'noteHandler' },
        RUN: { target: 'idle', actions: 'freeEntry' },
      },
    },
    handling: {
      on: { RUN: { target: 'reported', actions: ['callHandler', 'forgetHandler'] } },
    },
  },
});
