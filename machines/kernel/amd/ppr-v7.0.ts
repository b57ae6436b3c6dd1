/**
 * The interrupt thread of an AMD IOMMU's page request log in 7.0 (amd/iommu.c amd_iommu_handle_irq(), amd/ppr.c
 * amd_iommu_poll_ppr_log()). It reads head and tail once a pass, and for each entry moves the head first and handles it
 * then: an empty log does not mean that nothing is in hand. No lock is held over a report.
 *
 *   asleep -IRQ-> woken -RUN-> polling -RUN-> taken -RUN-> calling -RUN-> polling ... -RUN-> woken -RUN-> asleep
 *
 * SYNCHRONIZE is refused in all states but `asleep` (list it as `blocking`).
 *
 * Simplifications: the device is found always; no overflow, no malformed requests, and none without PASID.
 */
import { assign, setup } from 'xstate';
import type { PasidRequest } from '../../hardware/pcie/pasid-function.ts';
import { call, from, send } from '../../parts/call.ts';
import type { PasidGroup } from '../io-pgfault/v7.0.ts';

export type PprThreadEvent =
  /** The interrupt. */
  | { type: 'IRQ' }
  /** The scheduler lets the thread run. */
  | { type: 'RUN' }
  /** The log's replies; one that never overflows says nothing of it. */
  | { type: 'STATUS'; pprInt: boolean; overflow?: boolean }
  | { type: 'POINTERS'; requests: number }
  | { type: 'ENTRY'; request: PasidRequest }
  /** The reply to versions that read slot by slot; null is an entry of zeros. */
  | { type: 'SLOT'; request: PasidRequest | null }
  /** Of these: LOOP_TIMEOUT turns of udelay(1) are over. */
  | { type: 'TIME_OUT' }
  /** The core's reply to REPORT, if the group is complete. */
  | { type: 'CALL_HANDLER'; group: PasidGroup; handle: string }
  /** `synchronize_irq()`. No kernel calls it here. */
  | { type: 'SYNCHRONIZE' };

export interface PprThreadInput {
  readonly name: string;
  readonly log: string;
  readonly core: string;
}

/** What versions are made of. */
export const pprParts = setup({
  types: {
    input: {} as PprThreadInput,
    context: {} as PprThreadInput & {
      /** Entries of this pass that are still to be taken. */
      readonly left: number;
      /** The entry in hand. */
      readonly request: PasidRequest | null;
      readonly due: { readonly group: PasidGroup; readonly handle: string } | null;
      /** Of versions that restart the log: the status as it was read, if there was anything. */
      readonly status: { readonly pprInt: boolean; readonly overflow?: boolean } | null;
    },
    events: {} as PprThreadEvent,
  },
  guards: {
    hasInterrupt: from('STATUS', ({ event }) => event.pprInt),
    hasTakenAll: ({ context }) => context.left === 0,
  },
  actions: {
    readStatus: call('log', 'READ_STATUS'),
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
  },
});

export const pprConfig = {
  context: ({ input }: { input: PprThreadInput }) => ({ ...input, left: 0, request: null, due: null, status: null }),
  initial: 'asleep',
  // Awake, it looks at the status again before it sleeps.
  on: { IRQ: {} },
} as const;

/** The entry in hand is reported, and its group handed over. */
export const pprReportStates = {
  taken: pprParts.createStateConfig({
    on: {
      ENTRY: { actions: 'keepEntry' },
      RUN: { target: 'reported', actions: ['report', 'dropEntry'] },
    },
  }),
  reported: pprParts.createStateConfig({
    on: {
      CALL_HANDLER: { target: 'calling', actions: 'noteHandler' },
      RUN: 'polling',
    },
  }),
  calling: pprParts.createStateConfig({
    on: { RUN: { target: 'polling', actions: ['callHandler', 'forgetHandler'] } },
  }),
};

export const pprThreadV70 = pprParts.createMachine({
  id: 'pprThreadV70',
  ...pprConfig,
  states: {
    ...pprReportStates,
    asleep: { on: { IRQ: 'woken', SYNCHRONIZE: {} } },
    woken: { on: { RUN: { target: 'reading', actions: 'readStatus' } } },
    // Left within the step that entered it.
    reading: {
      on: {
        STATUS: [{ guard: 'hasInterrupt', actions: 'readPointers' }, { target: 'asleep' }],
        POINTERS: { target: 'polling', actions: 'beginPass' },
      },
    },
    polling: {
      on: {
        RUN: [
          { guard: 'hasTakenAll', target: 'woken' },
          { target: 'taken', actions: 'takeEntry' },
        ],
      },
    },
  },
});
