/**
 * intel/prq.c prq_event_thread() since v5.12 as far as its recovery from an overflow goes, in a host or in a guest:
 *
 *   clear PPR; read tail and head
 *   report each request between them
 *   write head = tail: the hardware has the room of all of them again
 *   PRO set: read head and tail again, and only if the queue is empty discard the partial groups, then clear PRO
 *
 * An overflow that comes with requests behind the old tail is left to the next pass. There is one: what set PPR since it was cleared came
 * with an interrupt, and an interrupt that comes while the thread runs makes it run again (`../irq/threaded.ts`).
 *
 * `prq-event-thread.ts` and `prq-v7.0.ts` are this thread where the queue does not overflow.
 *
 * Simplifications: the requester ID finds its device always; no malformed requests, no Stop Markers; the report is one step, with the
 * handler; PRO and the pointers are read in one step, because while PRO is set nothing is stored.
 */
import { assign, setup } from 'xstate';
import type { PageRequest } from '../../hardware/pcie/page-request.ts';
import { call, from, send, sendEach } from '../../parts/call.ts';
import { interruptIn } from '../irq/threaded.ts';

export type PrqRecoveringThreadEvent =
  | { type: 'IRQ' }
  /** The scheduler lets the thread run. */
  | { type: 'RUN' }
  /** The registers' replies. */
  | { type: 'POINTERS'; requests: number }
  | { type: 'ENTRY'; request: PageRequest }
  | { type: 'STATUS'; pro: boolean; isEmpty: boolean };

export interface PrqRecoveringThreadInput {
  readonly name: string;
  /** A `../../hardware/vtd/overflowing-queue.ts`. */
  readonly queue: string;
  /** The iopf core of each device, by device. */
  readonly cores: Readonly<Record<string, string>>;
}

const interrupt = interruptIn('interrupted');

/** What versions are made of. */
export const prqRecoveringParts = setup({
  types: {
    input: {} as PrqRecoveringThreadInput,
    context: {} as PrqRecoveringThreadInput & {
      /** Requests that were between head and tail, and how many of them have been handled. */
      readonly requests: number;
      readonly handled: number;
      readonly interrupted: boolean;
    },
    events: {} as PrqRecoveringThreadEvent,
  },
  guards: {
    wasInterrupted: interrupt.came,
    hasHandledAll: ({ context }) => context.handled === context.requests,
    mayRecover: ({ event }) => event.type === 'STATUS' && event.pro && event.isEmpty,
  },
  actions: {
    clearPpr: send('queue', 'CLEAR_PPR'),
    readPointers: call('queue', 'READ_POINTERS'),
    beginPass: assign({ requests: from('POINTERS', ({ event }) => event.requests) }),
    readEntry: call('queue', ({ context }) => ({ type: 'READ_ENTRY', at: context.handled })),
    report: send(
      from('ENTRY', ({ context, event }) => context.cores[event.request.device]!),
      from('ENTRY', ({ event }) => ({ type: 'REPORT', request: event.request })),
    ),
    countHandled: assign({ handled: ({ context }) => context.handled + 1 }),
    writeHead: send('queue', ({ context }) => ({ type: 'WRITE_HEAD', requests: context.requests })),
    endPass: assign({ requests: 0, handled: 0 }),
    readStatus: call('queue', 'READ_STATUS'),
    discardPartials: sendEach(({ context }) => Object.values(context.cores), 'DISCARD_PARTIAL'),
    clearPro: send('queue', 'CLEAR_PRO'),
    noteInterrupt: interrupt.note(),
    takeInterrupt: interrupt.take(),
  },
});

/** A thread that does one thing otherwise replaces a state. */
export const prqRecoveringStates = {
  asleep: prqRecoveringParts.createStateConfig({ on: { IRQ: 'awake' } }),
  awake: prqRecoveringParts.createStateConfig({ on: { RUN: { target: 'pprCleared', actions: 'clearPpr' } } }),
  pprCleared: prqRecoveringParts.createStateConfig({
    on: { RUN: { target: 'readingPointers', actions: 'readPointers' } },
  }),
  // Left within the step that entered it, as are `deciding`, `readingEntry`, `readingStatus` and `returning`.
  readingPointers: prqRecoveringParts.createStateConfig({
    on: { POINTERS: { target: 'deciding', actions: 'beginPass' } },
  }),
  deciding: prqRecoveringParts.createStateConfig({
    always: [{ guard: 'hasHandledAll', target: 'passOver' }, { target: 'handling' }],
  }),
  handling: prqRecoveringParts.createStateConfig({ on: { RUN: { target: 'readingEntry', actions: 'readEntry' } } }),
  readingEntry: prqRecoveringParts.createStateConfig({
    on: { ENTRY: { target: 'deciding', actions: ['report', 'countHandled'] } },
  }),
  passOver: prqRecoveringParts.createStateConfig({
    on: { RUN: { target: 'headWritten', actions: ['writeHead', 'endPass'] } },
  }),
  headWritten: prqRecoveringParts.createStateConfig({
    on: { RUN: { target: 'readingStatus', actions: 'readStatus' } },
  }),
  readingStatus: prqRecoveringParts.createStateConfig({
    on: { STATUS: [{ guard: 'mayRecover', target: 'discarding' }, { target: 'returning' }] },
  }),
  // iopf_queue_discard_partial()
  discarding: prqRecoveringParts.createStateConfig({ on: { RUN: { target: 'clearing', actions: 'discardPartials' } } }),
  clearing: prqRecoveringParts.createStateConfig({ on: { RUN: { target: 'returning', actions: 'clearPro' } } }),
  returning: prqRecoveringParts.createStateConfig({
    always: [{ guard: 'wasInterrupted', target: 'awake', actions: 'takeInterrupt' }, { target: 'asleep' }],
  }),
};

export const prqRecoveringConfig = {
  context: ({ input }: { input: PrqRecoveringThreadInput }) => ({
    ...input,
    requests: 0,
    handled: 0,
    interrupted: false,
  }),
  initial: 'asleep',
  on: { IRQ: { actions: 'noteInterrupt' } },
} as const;

export const prqRecoveringThread = prqRecoveringParts.createMachine({
  id: 'prqRecoveringThread',
  ...prqRecoveringConfig,
  states: prqRecoveringStates,
});
