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
import { assign } from 'xstate';
import { call, from, send } from '../../parts/call.ts';
import { pprConfig, pprParts, pprReportStates } from './ppr-v7.0.ts';

/** What versions are made of. */
export const pprWaitsParts = pprParts.extend({
  guards: {
    hasEntryLeft: ({ context }) => context.left > 0,
    isWritten: from('SLOT', ({ event }) => event.request !== null),
    isUnknown: ({ context }) => context.request === null,
  },
  actions: {
    readSlot: call('log', 'READ_SLOT'),
    copy: assign({ request: from('SLOT', ({ event }) => event.request) }),
    zeroSlot: send('log', 'ZERO_SLOT'),
    moveHead: send('log', 'WRITE_HEAD'),
    countEntry: assign({ left: ({ context }) => context.left - 1 }),
  },
});

export const pprWaitsStates = {
  ...pprReportStates,
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
  ...pprConfig,
  states: pprWaitsStates,
});
