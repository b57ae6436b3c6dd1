/**
 * The flush of `flush-priq-v8.ts` with its iopf_queue_discard_partial() as the walk that it is, from v5.12 to v6.8: it holds the lock of the
 * iopf queue, and goes over the partial requests of the device one by one.
 *
 * Simplifications: one device. List 'ACQUIRE' as `blocking`.
 */
import { assign } from 'xstate';
import { call, from, send } from '../../parts/call.ts';
import { PARTIAL } from '../io-pgfault/fault-lists.ts';
import { flushPriq, flushPriqConfig, flushPriqStates } from './flush-priq-v8.ts';

export const flushPriqWalksParts = flushPriq.extend({
  actions: {
    lockQueue: call(({ context }) => context.partials!.queueLock, 'ACQUIRE'),
    unlockQueue: call(({ context }) => context.partials!.queueLock, 'RELEASE'),
    lockParam: call(({ context }) => context.partials!.paramLock, 'ACQUIRE'),
    unlockParam: call(({ context }) => context.partials!.paramLock, 'RELEASE'),
    first: call(({ context }) => context.partials!.lists, { type: 'FIRST', head: PARTIAL }),
    next: call(
      ({ context }) => context.partials!.lists,
      ({ context }) => ({ type: 'NEXT', head: PARTIAL, entry: context.at!.next }),
    ),
    note: assign({ at: from('AT', ({ event: { entry, next } }) => ({ entry, next })) }),
    deleteFault: send(
      ({ context }) => context.partials!.lists,
      ({ context }) => ({ type: 'LIST_DEL', entry: context.at!.entry }),
    ),
    freeFault: send(
      ({ context }) => context.partials!.lists,
      ({ context }) => ({ type: 'KFREE', entry: context.at!.entry }),
    ),
    forget: assign({ at: null }),
  },
});

export const flushPriqWalksStates = {
  ...flushPriqStates,
  discarding: flushPriqWalksParts.createStateConfig({
    on: { RUN: { target: 'advancing', actions: ['lockQueue', 'first'] } },
  }),
  // Left within the step that entered it.
  advancing: flushPriqWalksParts.createStateConfig({
    on: {
      AT: { target: 'walking', actions: 'note' },
      END: { target: 'flushed', actions: ['unlockQueue', 'forget', 'forgetOverflow'] },
    },
  }),
  walking: flushPriqWalksParts.createStateConfig({
    on: { RUN: { target: 'advancing', actions: ['deleteFault', 'freeFault', 'next'] } },
  }),
};

export const flushPriqWalks = flushPriqWalksParts.createMachine({
  id: 'flushPriqWalks',
  ...flushPriqConfig,
  states: flushPriqWalksStates,
});
