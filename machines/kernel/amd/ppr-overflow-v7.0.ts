/**
 * The interrupt thread of an AMD IOMMU's page request log in 7.0 where the log may overflow (amd/iommu.c amd_iommu_handle_irq(), amd/ppr.c
 * amd_iommu_poll_ppr_log(), amd/init.c amd_iommu_restart_log()). It reads the status and clears it, takes all entries out, restarts the log if there
 * was an overflow in the status that it read, and reads the status again. Of the requests that are waiting for the rest of their group nobody
 * speaks: amd/ has no call of iopf_queue_discard_partial().
 *
 *   asleep -IRQ-> woken -RUN-> polling -RUN-> polling ... -RUN-> (overflowed -RUN->) woken -RUN-> asleep
 *
 * `ppr-overflow-discards.ts` discards, and `ppr-v7.0.ts` is the thread with the steps of a report.
 *
 * Simplifications: an entry is taken, reported and handed to its handler in one step; the device is found always; no malformed requests.
 */
import { assign, setup } from 'xstate';
import type { PasidRequest } from '../../hardware/pcie/pasid-function.ts';
import { call, from, send } from '../../parts/call.ts';
import type { PasidGroup } from '../io-pgfault/v7.0.ts';
import type { PprThreadInput } from './ppr-v7.0.ts';

export type PprOverflowThreadEvent =
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
export const pprOverflowParts = setup({
  types: {
    input: {} as PprThreadInput,
    context: {} as PprThreadInput & {
      /** Entries of this pass that are still to be taken. */
      readonly left: number;
      /** The overflow bit of the status that began the pass. */
      readonly overflow: boolean;
    },
    events: {} as PprOverflowThreadEvent,
  },
  guards: {
    hasAny: from('STATUS', ({ event }) => event.pprInt || event.overflow),
    isOverflow: from('STATUS', ({ event }) => event.overflow),
    hasTakenAll: ({ context }) => context.left === 0,
    hasOverflowed: ({ context }) => context.left === 0 && context.overflow,
  },
  actions: {
    readStatus: call('log', 'READ_STATUS'),
    keepOverflow: assign({ overflow: from('STATUS', ({ event }) => event.overflow) }),
    readPointers: call('log', 'READ_POINTERS'),
    beginPass: assign({ left: from('POINTERS', ({ event }) => event.requests) }),
    takeEntry: call('log', 'TAKE_ENTRY'),
    countEntry: assign({ left: ({ context }) => context.left - 1 }),
    report: call(
      'core',
      from('ENTRY', ({ event: { request } }) => ({ type: 'REPORT', request })),
    ),
    callHandler: send(
      from('CALL_HANDLER', ({ event }) => event.handle),
      from('CALL_HANDLER', ({ event: { group, handle } }) => ({ type: 'IOPF_HANDLER', group, handle })),
    ),
    restart: send('log', 'RESTART'),
    endPass: assign({ overflow: false }),
    // iopf_queue_discard_partial(), of the one PASID that has faults here.
    discardPartial: send('core', { type: 'DISCARD_PARTIAL_OF', pasid: 'pasid1' }),
  },
});

export const pprOverflowConfig = {
  context: ({ input }: { input: PprThreadInput }) => ({ ...input, left: 0, overflow: false }),
  initial: 'asleep',
  // Awake, it looks at the status again before it sleeps.
  on: { IRQ: {} },
} as const;

export const pprOverflowStates = {
  asleep: pprOverflowParts.createStateConfig({ on: { IRQ: 'woken' } }),
  woken: pprOverflowParts.createStateConfig({ on: { RUN: { target: 'reading', actions: 'readStatus' } } }),
  // Left within the step that entered it.
  reading: pprOverflowParts.createStateConfig({
    on: {
      STATUS: [{ guard: 'hasAny', actions: ['keepOverflow', 'readPointers'] }, { target: 'asleep' }],
      POINTERS: { target: 'polling', actions: 'beginPass' },
    },
  }),
  polling: pprOverflowParts.createStateConfig({
    on: {
      RUN: [
        { guard: 'hasOverflowed', target: 'overflowed' },
        { guard: 'hasTakenAll', target: 'woken' },
        { actions: 'takeEntry' },
      ],
      ENTRY: { actions: ['countEntry', 'report'] },
      CALL_HANDLER: { actions: 'callHandler' },
    },
  }),
  overflowed: pprOverflowParts.createStateConfig({
    on: { RUN: { target: 'woken', actions: ['restart', 'endPass'] } },
  }),
};

export const pprOverflowThread = pprOverflowParts.createMachine({
  id: 'pprOverflowThread',
  ...pprOverflowConfig,
  states: pprOverflowStates,
});
