/**
 * A PCIe function as far as Invalidate Requests go (PCIe 10.3): it completes them when it likes, or never, if it is pulled out before. A read of
 * its configuration tells whether it is there (pci.c pci_device_is_present()).
 *
 *   up -UNPLUG-> down
 *
 * Its Invalidate Queue Depth is 1: the next request is not sent before it has completed one. List 'INVALIDATE_REQUEST' as `blocking`.
 *
 * Simplifications: a function that is there completes before the IOMMU's time-out, so the time-out is a step of a function that is not;
 * what its ATC holds is left out; it never comes back.
 */
import { assign, setup } from 'xstate';
import { reply, send } from '../../parts/call.ts';

export type AtsCompleterEvent =
  /** ATS Invalidate Request */
  | { type: 'INVALIDATE_REQUEST' }
  /** The function completes the request; or, when it is gone, the time of the request is over. */
  | { type: 'RUN' }
  /** Somebody pulls the function out. */
  | { type: 'UNPLUG' }
  /** A read of the vendor ID; the reply is PRESENT or ABSENT. */
  | { type: 'READ_ID'; by: string };

export const atsCompleter = setup({
  types: {
    input: {} as { name: string; queue: string },
    context: {} as {
      readonly name: string;
      /** A `../vtd/invalidation-queue-aborts.ts`. */
      readonly queue: string;
      /** There is a request that it has not completed. */
      readonly owes: boolean;
    },
    events: {} as AtsCompleterEvent,
  },
  guards: { owes: ({ context }) => context.owes, owesNone: ({ context }) => !context.owes },
  actions: {
    noteRequest: assign({ owes: true }),
    forgetRequest: assign({ owes: false }),
    complete: send('queue', ({ context }) => ({ type: 'INVALIDATE_COMPLETION', device: context.name })),
    timeOut: send('queue', ({ context }) => ({ type: 'TIME_OUT', device: context.name })),
    replyPresent: reply('PRESENT'),
    replyAbsent: reply('ABSENT'),
  },
}).createMachine({
  id: 'atsCompleter',
  context: ({ input }) => ({ ...input, owes: false }),
  initial: 'up',
  on: { INVALIDATE_REQUEST: { guard: 'owesNone', actions: 'noteRequest' } },
  states: {
    up: {
      on: {
        RUN: { guard: 'owes', actions: ['complete', 'forgetRequest'] },
        READ_ID: { actions: 'replyPresent' },
        UNPLUG: 'down',
      },
    },
    down: {
      on: {
        RUN: { guard: 'owes', actions: ['timeOut', 'forgetRequest'] },
        READ_ID: { actions: 'replyAbsent' },
      },
    },
  },
});
