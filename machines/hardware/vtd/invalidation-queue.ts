/**
 * The invalidation queue of a VT-d IOMMU as far as device-TLB invalidations go (VT-d 6.5.2): the hardware sends the function an
 * Invalidate Request and waits for its completion. If none comes, an Invalidation Time-out Error (ITE, VT-d 11.4.9.1) ends the wait,
 * and software has to say what next.
 *
 * Simplifications: one descriptor at a time, with its wait descriptor; a completion that comes after the time-out is lost.
 */
import { assign, setup } from 'xstate';
import { call, from, send } from '../../parts/call.ts';

export type InvalidationQueueEvent =
  /** A dev_tlb_inv_dsc and a wait descriptor; the reply is INVALIDATED or TIMED_OUT. */
  | { type: 'INVALIDATE_DEV_TLB'; device: string; by: string }
  /** From the function. */
  | { type: 'INVALIDATE_COMPLETION' };

export const invalidationQueue = setup({
  types: {
    input: {} as { name: string },
    context: {} as { readonly name: string; readonly caller: string | null },
    events: {} as InvalidationQueueEvent,
  },
  // PCIe 10.3.1: a function has a minute and a half at most; chipsets wait less.
  delays: { invalidationTimeout: 60_000 },
  actions: {
    keepCaller: assign({ caller: from('INVALIDATE_DEV_TLB', ({ event }) => event.by) }),
    sendRequest: call(
      from('INVALIDATE_DEV_TLB', ({ event }) => event.device),
      'INVALIDATE_REQUEST',
    ),
    replyInvalidated: send('caller', 'INVALIDATED'),
    replyTimedOut: send('caller', 'TIMED_OUT'),
    forgetCaller: assign({ caller: null }),
  },
}).createMachine({
  id: 'invalidationQueue',
  context: ({ input }) => ({ name: input.name, caller: null }),
  initial: 'idle',
  states: {
    idle: {
      on: { INVALIDATE_DEV_TLB: { target: 'waiting', actions: ['keepCaller', 'sendRequest'] } },
    },
    waiting: {
      on: { INVALIDATE_COMPLETION: { target: 'idle', actions: ['replyInvalidated', 'forgetCaller'] } },
      after: { invalidationTimeout: { target: 'idle', actions: ['replyTimedOut', 'forgetCaller'] } },
    },
  },
});
