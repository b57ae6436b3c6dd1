/**
 * arm-smmu-v3.c arm_smmu_flush_priq() of "iommu/arm-smmu-v3: Add support for PRI", v4 to v8 (2020, not merged), in a thread that
 * takes a PASID away from a device (arm_smmu_sva_unbind()).
 *
 *   lock, read PROD (queue_sync_prod_in()), and note if it says that there was an overflow; note the count of batches
 *   wait, unlocked, until the queue is empty by the driver's copies, or two batches more were counted
 *   if an overflow was noted: discard the partial groups
 *
 * Two batches: the first one may have been nearly done when the flush began. The wait is wait_event_interruptible_locked(): the
 * condition is looked at when the thread was woken and runs, with the lock, and a signal (SIGNAL) ends it; what it returns, nobody looks at.
 *
 * List 'LOCK' as `blocking`. The lock is a queued spin lock, so who waits for it gets it: declare RUN `strong`.
 *
 * Simplifications: one flush at a time; iopf_queue_flush_dev() comes after it and is left out.
 */
import { assign, setup } from 'xstate';
import { call, from, send, sendEach } from '../../parts/call.ts';
import type { At } from '../io-pgfault/fault-lists.ts';
import type { Synced } from './queue.ts';

export type FlushPriqEvent =
  /** Somebody unbinds a PASID. */
  | { type: 'UNBIND' }
  /** The scheduler lets the thread run. */
  | { type: 'RUN' }
  /** wake_up_all_locked(&q->wq) */
  | { type: 'WAKE' }
  | { type: 'SIGNAL' }
  | Synced
  | { type: 'LOOKED'; empty: boolean; batches: number }
  /** Of a version that walks over the partial requests: where it is. */
  | At
  | { type: 'END' };

export interface FlushPriqInput {
  name: string;
  /** A `queue.ts`. */
  queue: string;
  /** The iopf core of each device of the SMMU. */
  cores: readonly string[];
  /** Whose PASID it is, for versions that stop it. */
  device?: string;
  /** For versions that walk over the partial requests of one device: where these are, and the mutexes `iopf_queue->lock` and of its faults. */
  partials?: { readonly lists: string; readonly queueLock: string; readonly paramLock: string };
}

/** What versions of the flush are made of. */
export const flushPriq = setup({
  types: {
    input: {} as FlushPriqInput,
    context: {} as FlushPriqInput & { overflow: boolean; at?: Pick<At, 'entry' | 'next'> | null },
    events: {} as FlushPriqEvent,
  },
  guards: {
    isEmpty: ({ event }) => (event.type === 'SYNCED' || event.type === 'LOOKED') && event.empty,
    isEmptyOrTwoBatches: from('LOOKED', ({ event }) => event.empty || event.batches >= 2),
    hadOverflow: ({ context }) => context.overflow,
  },
  actions: {
    lock: send('queue', 'LOCK'),
    unlock: send('queue', 'UNLOCK'),
    syncProdIn: call('queue', 'SYNC_PROD_IN'),
    noteOverflow: assign({ overflow: from('SYNCED', ({ event }) => event.overflow) }),
    forgetOverflow: assign({ overflow: false }),
    noteBatch: send('queue', 'NOTE_BATCH'),
    forgetBatch: send('queue', 'FORGET_BATCH'),
    look: call('queue', 'LOOK'),
    discardPartials: sendEach(({ context }) => context.cores, 'DISCARD_PARTIAL'),
  },
});

/** A version that waits for something else replaces a state. */
export const flushPriqStates = {
  idle: flushPriq.createStateConfig({
    on: { UNBIND: 'starting' },
  }),
  starting: flushPriq.createStateConfig({
    on: { RUN: { target: 'syncing', actions: ['lock', 'syncProdIn'] } },
  }),
  // Left within the step that entered it, as are `checking` and `ending`.
  syncing: flushPriq.createStateConfig({
    on: {
      SYNCED: [
        { guard: 'isEmpty', target: 'ending', actions: ['noteOverflow', 'unlock'] },
        { target: 'waiting', actions: ['noteOverflow', 'noteBatch', 'unlock'] },
      ],
    },
  }),
  waiting: flushPriq.createStateConfig({
    on: {
      WAKE: 'woken',
      SIGNAL: 'interrupted',
    },
  }),
  woken: flushPriq.createStateConfig({
    on: {
      RUN: { target: 'checking', actions: ['lock', 'look'] },
      SIGNAL: 'interrupted',
    },
  }),
  checking: flushPriq.createStateConfig({
    on: {
      LOOKED: [
        { guard: 'isEmptyOrTwoBatches', target: 'ending', actions: ['forgetBatch', 'unlock'] },
        { target: 'waiting', actions: 'unlock' },
      ],
    },
  }),
  // -ERESTARTSYS
  interrupted: flushPriq.createStateConfig({
    on: { RUN: { target: 'ending', actions: ['lock', 'forgetBatch', 'unlock'] } },
  }),
  ending: flushPriq.createStateConfig({
    always: [{ guard: 'hadOverflow', target: 'discarding' }, { target: 'flushed' }],
  }),
  // iopf_queue_discard_partial()
  discarding: flushPriq.createStateConfig({
    on: { RUN: { target: 'flushed', actions: ['discardPartials', 'forgetOverflow'] } },
  }),
  flushed: flushPriq.createStateConfig({
    on: { RUN: 'idle' },
  }),
};

export const flushPriqConfig = {
  context: ({ input }: { input: FlushPriqInput }) => ({ ...input, overflow: false }),
  initial: 'idle',
  // Whoever is not in the wait queue is not woken.
  on: { WAKE: {} },
} as const;

export const flushPriqThread = flushPriq.createMachine({
  id: 'flushPriqThread',
  ...flushPriqConfig,
  states: flushPriqStates,
});
