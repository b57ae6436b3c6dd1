/**
 * The threaded interrupt handler of a page request queue (intel/prq.c prq_event_thread()): takes requests one by one
 * and reports each to the fault core of its device. One thread serves all devices of the IOMMU, so wherever it sleeps
 * they all wait.
 *
 * A core that calls the domain's handler under its own lock (to v6.8) does everything within REPORT. A core that calls
 * it with no lock held (since v6.9) replies CALL_HANDLER, and other threads may run before the handler does.
 *
 * Simplifications: the requester ID finds its device always (B-11 is about the other case); no overflow.
 */
import { assertEvent, assign, sendTo, setup } from 'xstate';
import type { PageRequest } from '../device/page-request.ts';

/** `group->attach_handle->domain->iopf_handler(group)`: whom to call, and with what. */
interface HandlerCall {
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
    readEntry: sendTo(
      ({ system, context }) => system.get(context.queue),
      ({ context }) => ({ type: 'PEEK', by: context.name }),
    ),
    report: sendTo(
      ({ system, context, event }) => {
        assertEvent(event, 'ENTRY');
        return system.get(context.cores[event.request.device]!);
      },
      ({ context, event }) => {
        assertEvent(event, 'ENTRY');
        return { type: 'REPORT', request: event.request, by: context.name };
      },
    ),
    noteHandler: assign({
      due: ({ event }) => {
        assertEvent(event, 'CALL_HANDLER');
        return event.call;
      },
    }),
    callHandler: sendTo(
      ({ system, context }) => system.get(context.due!.handler),
      ({ context: { name, due } }) => ({ type: 'IOPF_HANDLER', group: due!.group, handle: due!.handle, by: name }),
    ),
    forgetHandler: assign({ due: null }),
    freeEntry: sendTo(({ system, context }) => system.get(context.queue), { type: 'ADVANCE' }),
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
