/**
 * The interrupt thread of an AMD IOMMU's page request log that restarts it when it has overflowed, from 274c2218b8b2 to 7.0 (v6.6;
 * amd/iommu.c amd_iommu_handle_irq(), amd/ppr.c amd_iommu_poll_ppr_log() and amd_iommu_restart_ppr_log(), amd/init.c
 * amd_iommu_restart_log()). It reads the status; clears the interrupt bit and the overflow bit, whichever of them it saw; takes what is
 * between head and tail; restarts the log if the overflow bit was in the status that it read; and begins again.
 *
 *   asleep -IRQ-> woken -RUN-> clearing -RUN-> cleared -RUN-> polling -> ... -> polled [-RUN-> ... ] -> woken -> asleep
 *
 * Other versions are made of the same parts. A pass over the log is as in `ppr-v7.0.ts`: the head moves first, and no lock is held over a
 * report.
 *
 * Simplifications: the steps of amd_iommu_restart_log() are one, since what comes between them is discarded like what came before;
 * otherwise those of `ppr-v7.0.ts`, but for the overflow.
 */
import { assign, setup } from 'xstate';
import type { PasidRequest } from '../../hardware/pcie/pasid-function.ts';
import { call, from, send } from '../../parts/call.ts';
import type { PasidGroup } from '../io-pgfault/v7.0.ts';
import type { PprThreadInput } from './ppr-v7.0.ts';

export type PprRestartsEvent =
  /** The interrupt. */
  | { type: 'IRQ' }
  /** The scheduler lets the thread run. */
  | { type: 'RUN' }
  /** The log's replies. */
  | { type: 'STATUS'; pprInt: boolean; overflow: boolean }
  | { type: 'POINTERS'; requests: number }
  | { type: 'ENTRY'; request: PasidRequest }
  /** The core's reply to REPORT, if the group is complete. */
  | { type: 'CALL_HANDLER'; group: PasidGroup; handle: string };

/** What versions are made of. */
export const pprRestartsParts = setup({
  types: {
    input: {} as PprThreadInput,
    context: {} as PprThreadInput & {
      /** The status as it was read. */
      readonly pprInt: boolean;
      readonly overflow: boolean;
      /** Entries of this pass that are still to be taken. */
      readonly left: number;
      /** The entry in hand. */
      readonly request: PasidRequest | null;
      readonly due: { readonly group: PasidGroup; readonly handle: string } | null;
    },
    events: {} as PprRestartsEvent,
  },
  guards: {
    hasAny: from('STATUS', ({ event }) => event.pprInt || event.overflow),
    hasPprInt: from('STATUS', ({ event }) => event.pprInt),
    hasTakenAll: ({ context }) => context.left === 0,
    hasTakenAllAfterOverflow: ({ context }) => context.left === 0 && context.overflow,
  },
  actions: {
    readStatus: call('log', 'READ_STATUS'),
    keepStatus: assign(from('STATUS', ({ event: { pprInt, overflow } }) => ({ pprInt, overflow }))),
    clearBoth: send('log', { type: 'CLEAR_STATUS', pprInt: true, overflow: true }),
    clearPprInt: send('log', { type: 'CLEAR_STATUS', pprInt: true, overflow: false }),
    /** No kernel does this. */
    clearWhatWasRead: send('log', ({ context: { pprInt, overflow } }) => ({ type: 'CLEAR_STATUS', pprInt, overflow })),
    readPointers: call('log', 'READ_POINTERS'),
    beginPass: assign({ left: from('POINTERS', ({ event }) => event.requests) }),
    takeEntry: call('log', 'TAKE_ENTRY'),
    keepEntry: assign({
      left: ({ context }) => context.left - 1,
      request: from('ENTRY', ({ event }) => event.request),
    }),
    report: call('core', ({ context }) => ({ type: 'REPORT', request: context.request! })),
    dropEntry: assign({ request: null }),
    noteHandler: assign({ due: from('CALL_HANDLER', ({ event: { group, handle } }) => ({ group, handle })) }),
    callHandler: send(
      ({ context }) => context.due!.handle,
      ({ context }) => ({ type: 'IOPF_HANDLER', ...context.due! }),
    ),
    forgetHandler: assign({ due: null }),
    /** `iopf_queue_discard_partial()`. On AMD no kernel calls it. */
    discardPartial: send('core', 'DISCARD_PARTIAL'),
    restartLog: send('log', 'RESTART_LOG'),
    forgetStatus: assign({ pprInt: false, overflow: false }),
  },
});

export const pprRestartsConfig = {
  context: ({ input }: { input: PprThreadInput }) => ({
    ...input,
    pprInt: false,
    overflow: false,
    left: 0,
    request: null,
    due: null,
  }),
  initial: 'asleep',
  // Awake, it looks at the status again before it sleeps.
  on: { IRQ: {} },
} as const;

export const pprRestartsStates = {
  asleep: pprRestartsParts.createStateConfig({ on: { IRQ: 'woken' } }),
  woken: pprRestartsParts.createStateConfig({
    on: {
      RUN: { actions: 'readStatus' },
      STATUS: [{ guard: 'hasAny', target: 'clearing', actions: 'keepStatus' }, { target: 'asleep' }],
    },
  }),
  clearing: pprRestartsParts.createStateConfig({ on: { RUN: { target: 'cleared', actions: 'clearBoth' } } }),
  cleared: pprRestartsParts.createStateConfig({
    on: { RUN: { actions: 'readPointers' }, POINTERS: { target: 'polling', actions: 'beginPass' } },
  }),
  polling: pprRestartsParts.createStateConfig({
    on: {
      RUN: [
        { guard: 'hasTakenAllAfterOverflow', target: 'polled' },
        { guard: 'hasTakenAll', target: 'woken', actions: 'forgetStatus' },
        { target: 'taken', actions: 'takeEntry' },
      ],
    },
  }),
  taken: pprRestartsParts.createStateConfig({
    on: {
      ENTRY: { actions: 'keepEntry' },
      RUN: { target: 'reported', actions: ['report', 'dropEntry'] },
    },
  }),
  reported: pprRestartsParts.createStateConfig({
    on: {
      CALL_HANDLER: { target: 'calling', actions: 'noteHandler' },
      RUN: 'polling',
    },
  }),
  calling: pprRestartsParts.createStateConfig({
    on: { RUN: { target: 'polling', actions: ['callHandler', 'forgetHandler'] } },
  }),
  polled: pprRestartsParts.createStateConfig({
    on: { RUN: { target: 'woken', actions: ['restartLog', 'forgetStatus'] } },
  }),
};

/** The lines of `polled` that discard partial requests first, as on VT-d (intel/prq.c prq_event_thread()). */
export const discardsPartial = {
  polled: pprRestartsParts.createStateConfig({ on: { RUN: { target: 'discarded', actions: 'discardPartial' } } }),
  discarded: pprRestartsParts.createStateConfig({
    on: { RUN: { target: 'woken', actions: ['restartLog', 'forgetStatus'] } },
  }),
};

/** The line of `clearing` that writes back what it has read. */
export const clearsWhatItRead = {
  clearing: pprRestartsParts.createStateConfig({ on: { RUN: { target: 'cleared', actions: 'clearWhatWasRead' } } }),
};

export const pprThreadRestarts = pprRestartsParts.createMachine({
  id: 'pprThreadRestarts',
  ...pprRestartsConfig,
  states: pprRestartsStates,
});
