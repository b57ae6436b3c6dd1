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
import { assign } from 'xstate';
import { from, send } from '../../parts/call.ts';
import { pprConfig, pprParts, pprReportStates } from './ppr-v7.0.ts';

/** What versions are made of. */
export const pprRestartsParts = pprParts.extend({
  guards: {
    hasAny: from('STATUS', ({ event }) => event.pprInt || event.overflow === true),
    hasTakenAllAfterOverflow: ({ context }) => context.left === 0 && context.status?.overflow === true,
  },
  actions: {
    keepStatus: assign({ status: from('STATUS', ({ event: { type: _, ...status } }) => status) }),
    clearBoth: send('log', { type: 'CLEAR_STATUS', pprInt: true, overflow: true }),
    clearPprInt: send('log', { type: 'CLEAR_STATUS', pprInt: true, overflow: false }),
    /** No kernel does this. */
    clearWhatWasRead: send('log', ({ context }) => ({ type: 'CLEAR_STATUS', ...context.status! })),
    /** `iopf_queue_discard_partial()`. On AMD no kernel calls it. */
    discardPartial: send('core', 'DISCARD_PARTIAL'),
    restartLog: send('log', 'RESTART_LOG'),
    forgetStatus: assign({ status: null }),
  },
});

export const pprRestartsStates = {
  ...pprReportStates,
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
  ...pprConfig,
  states: pprRestartsStates,
});
