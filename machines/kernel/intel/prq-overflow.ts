/**
 * The interrupt thread of VT-d's page request queue as in `prq-v7.0.ts`, with what it does about an overflow (intel/prq.c prq_event_thread(),
 * since d5b9e4bfe0d8, v5.14): when it has moved the head over all that it has handled, it reads PRO. If that is set, it reads tail and
 * head again, and only if the queue is empty it discards the partial requests of all devices, and then clears PRO. Else it leaves
 * PRO for its next run, for which the interrupt of the requests that are left has been raised.
 *
 *   asleep -IRQ-> woken -RUN-> handling ... -RUN-> moved -RUN-> [overflowed -RUN-> [discarding -RUN-> clearing -RUN->]] asleep
 *
 * Other versions are made of the same parts. Simplifications: those of `prq-v7.0.ts`, but for the overflow.
 */
import { assign, setup } from 'xstate';
import type { PasidRequest } from '../../hardware/pcie/pasid-function.ts';
import { call, from, send } from '../../parts/call.ts';
import type { PasidGroup } from '../io-pgfault/v7.0.ts';
import type { PrqThreadV70Input } from './prq-v7.0.ts';

export type PrqOverflowThreadEvent =
  /** The interrupt. */
  | { type: 'IRQ' }
  /** The scheduler lets the thread run. */
  | { type: 'RUN' }
  /** The registers' replies. */
  | { type: 'POINTERS'; requests: number }
  | { type: 'ENTRY'; request: PasidRequest }
  | { type: 'STATUS'; pro: boolean }
  /** The core's reply to REPORT, if the group is complete. */
  | { type: 'CALL_HANDLER'; group: PasidGroup; handle: string };

/** What versions are made of. */
export const prqOverflowParts = setup({
  types: {
    input: {} as PrqThreadV70Input,
    context: {} as PrqThreadV70Input & {
      /** An interrupt came while the thread was awake (IRQTF_RUNTHREAD). */
      readonly isPending: boolean;
      /** Requests that were between head and tail, and how many of them have been handled. */
      readonly requests: number;
      readonly handled: number;
      readonly due: { readonly group: PasidGroup; readonly handle: string } | null;
    },
    events: {} as PrqOverflowThreadEvent,
  },
  guards: {
    isPending: ({ context }) => context.isPending,
    hasHandledAll: ({ context }) => context.handled === context.requests,
    isOverflow: from('STATUS', ({ event }) => event.pro),
    isEmpty: from('POINTERS', ({ event }) => event.requests === 0),
  },
  actions: {
    notePending: assign({ isPending: true }),
    forgetPending: assign({ isPending: false }),
    clearPpr: send('registers', 'CLEAR_PPR'),
    readPointers: call('registers', 'READ_POINTERS'),
    beginPass: assign({ requests: from('POINTERS', ({ event }) => event.requests), handled: 0 }),
    readEntry: call('registers', ({ context }) => ({ type: 'READ_ENTRY', at: context.handled })),
    report: call(
      'core',
      from('ENTRY', ({ event }) => ({ type: 'REPORT', request: event.request })),
    ),
    countHandled: assign({ handled: ({ context }) => context.handled + 1 }),
    noteHandler: assign({ due: from('CALL_HANDLER', ({ event: { group, handle } }) => ({ group, handle })) }),
    callHandler: send(
      ({ context }) => context.due!.handle,
      ({ context }) => ({ type: 'IOPF_HANDLER', ...context.due! }),
    ),
    forgetHandler: assign({ due: null }),
    writeHead: send('registers', ({ context }) => ({ type: 'WRITE_HEAD', requests: context.requests })),
    endPass: assign({ requests: 0, handled: 0 }),
    readStatus: call('registers', 'READ_STATUS'),
    /** `iopf_queue_discard_partial()` */
    discardPartial: send('core', 'DISCARD_PARTIAL'),
    clearPro: send('registers', 'CLEAR_PRO'),
  },
});

export const prqOverflowConfig = {
  context: ({ input }: { input: PrqThreadV70Input }) => ({
    ...input,
    isPending: false,
    requests: 0,
    handled: 0,
    due: null,
  }),
  initial: 'asleep',
  on: { IRQ: { actions: 'notePending' } },
} as const;

export const prqOverflowStates = {
  asleep: prqOverflowParts.createStateConfig({
    always: { guard: 'isPending', target: 'woken', actions: 'forgetPending' },
  }),
  woken: prqOverflowParts.createStateConfig({
    on: { RUN: { target: 'reading', actions: ['clearPpr', 'readPointers'] } },
  }),
  // Left within the step that entered it.
  reading: prqOverflowParts.createStateConfig({ on: { POINTERS: { target: 'handling', actions: 'beginPass' } } }),
  handling: prqOverflowParts.createStateConfig({
    on: {
      RUN: [{ guard: 'hasHandledAll', target: 'moved', actions: ['writeHead', 'endPass'] }, { actions: 'readEntry' }],
      ENTRY: { actions: ['countHandled', 'report'] },
      CALL_HANDLER: { target: 'calling', actions: 'noteHandler' },
    },
  }),
  calling: prqOverflowParts.createStateConfig({
    on: { RUN: { target: 'handling', actions: ['callHandler', 'forgetHandler'] } },
  }),
  moved: prqOverflowParts.createStateConfig({
    on: {
      RUN: { actions: 'readStatus' },
      STATUS: [{ guard: 'isOverflow', target: 'overflowed' }, { target: 'asleep' }],
    },
  }),
  overflowed: prqOverflowParts.createStateConfig({
    on: {
      RUN: { actions: 'readPointers' },
      POINTERS: [{ guard: 'isEmpty', target: 'discarding' }, { target: 'asleep' }],
    },
  }),
  discarding: prqOverflowParts.createStateConfig({ on: { RUN: { target: 'clearing', actions: 'discardPartial' } } }),
  clearing: prqOverflowParts.createStateConfig({ on: { RUN: { target: 'asleep', actions: 'clearPro' } } }),
};

export const prqOverflowThread = prqOverflowParts.createMachine({
  id: 'prqOverflowThread',
  ...prqOverflowConfig,
  states: prqOverflowStates,
});
