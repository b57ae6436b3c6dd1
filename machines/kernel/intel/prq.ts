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
  | { type: 'CALL_HANDLER'; call: HandlerCall }
  /** There is no memory for the group; only with `prq-without-memory.ts`. */
  | { type: 'NO_MEMORY' };

export interface PrqThreadInput {
  readonly name: string;
  readonly queue: string;
  /** The fault core of each device, by device. */
  readonly cores: Readonly<Record<string, string>>;
}

/** What versions are made of. */
export const prqParts = setup({
  types: {
    input: {} as PrqThreadInput,
    context: {} as PrqThreadInput & { readonly due: HandlerCall | null },
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
});

export const prqConfig = {
  context: ({ input }: { input: PrqThreadInput }) => ({ ...input, due: null }),
  initial: 'idle',
} as const;

export const prqStates = {
  idle: prqParts.createStateConfig({
    on: { RUN: { target: 'reading', actions: 'readEntry' } },
  }),
  // Left within the step that entered it.
  reading: prqParts.createStateConfig({
    on: { ENTRY: { target: 'reported', actions: 'report' } },
  }),
  reported: prqParts.createStateConfig({
    on: {
      CALL_HANDLER: { target: 'handling', actions: 'noteHandler' },
      RUN: { target: 'idle', actions: 'freeEntry' },
    },
  }),
  handling: prqParts.createStateConfig({
    on: { RUN: { target: 'reported', actions: ['callHandler', 'forgetHandler'] } },
  }),
};

export const prqThread = prqParts.createMachine({ id: 'prqThread', ...prqConfig, states: prqStates });
