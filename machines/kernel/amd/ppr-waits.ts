/**
 * The interrupt thread of an AMD IOMMU's page request log, slot by slot (amd/ppr.c amd_iommu_poll_ppr_log()): it reads the slot at the head
 * until the type of the request is not 0, copies it, writes zeros to the slot, moves the head, and then handles the copy.
 *
 * This version waits as long as it takes. The kernel's gives up after a while: `ppr-waits-v7.0.ts`.
 *
 *   asleep -IRQ-> woken -RUN-> polling -RUN-> copied -RUN-> taken -RUN-> reported [-RUN-> calling] -RUN-> polling ... -RUN-> woken
 *
 * Simplifications: those of `ppr-v7.0.ts`. Reading the slot again and again is one wait, which the scheduler lets go on when there is
 * something to be read.
 */
import { assign, setup } from 'xstate';
import type { PasidRequest } from '../../hardware/pcie/pasid-function.ts';
import { call, from, send } from '../../parts/call.ts';
import type { PasidGroup } from '../io-pgfault/v7.0.ts';
import type { PprThreadInput } from './ppr-v7.0.ts';

export type PprWaitsEvent =
  /** The interrupt. */
  | { type: 'IRQ' }
  /** The scheduler lets the thread run. */
  | { type: 'RUN' }
  /** LOOP_TIMEOUT turns of udelay(1) are over. */
  | { type: 'TIME_OUT' }
  /** The log's replies. */
  | { type: 'STATUS'; pprInt: boolean }
  | { type: 'POINTERS'; requests: number }
  | { type: 'SLOT'; request: PasidRequest | null }
  /** The core's reply to REPORT, if the group is complete. */
  | { type: 'CALL_HANDLER'; group: PasidGroup; handle: string };

/** What versions are made of. */
export const pprWaitsParts = setup({
  types: {
    input: {} as PprThreadInput,
    context: {} as PprThreadInput & {
      /** Entries of this pass that are still to be taken. */
      readonly left: number;
      /** The copy of the entry; null is an entry of zeros. */
      readonly request: PasidRequest | null;
      readonly due: { readonly group: PasidGroup; readonly handle: string } | null;
    },
    events: {} as PprWaitsEvent,
  },
  guards: {
    hasInterrupt: from('STATUS', ({ event }) => event.pprInt),
    hasTakenAll: ({ context }) => context.left === 0,
    hasEntryLeft: ({ context }) => context.left > 0,
    isWritten: from('SLOT', ({ event }) => event.request !== null),
    isUnknown: ({ context }) => context.request === null,
  },
  actions: {
    readStatus: call('log', 'READ_STATUS'),
    readPointers: call('log', 'READ_POINTERS'),
    beginPass: assign({ left: from('POINTERS', ({ event }) => event.requests) }),
    readSlot: call('log', 'READ_SLOT'),
    copy: assign({ request: from('SLOT', ({ event }) => event.request) }),
    zeroSlot: send('log', 'ZERO_SLOT'),
    moveHead: send('log', 'WRITE_HEAD'),
    countEntry: assign({ left: ({ context }) => context.left - 1 }),
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

export const pprWaitsConfig = {
  context: ({ input }: { input: PprThreadInput }) => ({ ...input, left: 0, request: null, due: null }),
  initial: 'asleep',
  // Awake, it looks at the status again before it sleeps.
  on: { IRQ: {} },
} as const;

export const pprWaitsStates = {
  asleep: pprWaitsParts.createStateConfig({ on: { IRQ: 'woken' } }),
  woken: pprWaitsParts.createStateConfig({
    on: {
      RUN: { actions: 'readStatus' },
      STATUS: [{ guard: 'hasInterrupt', actions: 'readPointers' }, { target: 'asleep' }],
      POINTERS: { target: 'polling', actions: 'beginPass' },
    },
  }),
  polling: pprWaitsParts.createStateConfig({
    on: {
      RUN: [{ guard: 'hasTakenAll', target: 'woken' }, { actions: 'readSlot' }],
      SLOT: [{ guard: 'isWritten', target: 'copied', actions: 'copy' }, {}],
    },
  }),
  // Others may use the slot only when the head has moved, so the two writes are one step.
  copied: pprWaitsParts.createStateConfig({
    on: { RUN: { target: 'taken', actions: ['zeroSlot', 'moveHead', 'countEntry'] } },
  }),
  taken: pprWaitsParts.createStateConfig({ on: { RUN: { target: 'reported', actions: ['report', 'dropEntry'] } } }),
  reported: pprWaitsParts.createStateConfig({
    on: { CALL_HANDLER: { target: 'calling', actions: 'noteHandler' }, RUN: 'polling' },
  }),
  calling: pprWaitsParts.createStateConfig({
    on: { RUN: { target: 'polling', actions: ['callHandler', 'forgetHandler'] } },
  }),
};

/** The lines of a thread that may have copied zeros: "Unknown PPR request received". */
export const meetsZeros = {
  taken: pprWaitsParts.createStateConfig({
    on: {
      RUN: [
        { guard: 'isUnknown', target: 'polling' },
        { target: 'reported', actions: ['report', 'dropEntry'] },
      ],
    },
  }),
};

export const pprThreadWaits = pprWaitsParts.createMachine({
  id: 'pprThreadWaits',
  ...pprWaitsConfig,
  states: pprWaitsStates,
});
