/**
 * The interrupt thread of the PRI queue as "iommu/arm-smmu-v3: Add support for PRI" has it, v4 to v8 (2020, not merged):
 * arm-smmu-v3.c arm_smmu_priq_thread().
 *
 *   lock
 *   until the queue is empty by the last PROD that was read:
 *     take an entry and give its slot back (queue_remove_raw()); unlock; report it; lock
 *       as many entries as the queue has, in this run of the handler, are a batch: count it, wake who flushes
 *     when there is none: read PROD again (queue_sync_prod_in()), and note if it says that there was an overflow
 *   write CONS with OVACKFLG set to the OVFLG that was last read; wake who flushes; unlock
 *   if an overflow was noted: discard the partial groups
 *
 * The lock, the driver's copies of the registers and the count are `queue.ts`; who flushes is `flush-priq-v8.ts`. The flush reads PROD
 * as well, and an overflow that it has seen is none for the thread, which acknowledges it all the same.
 *
 * Simplifications: as `priq.ts`; what the thread does between two accesses to the queue's registers is one step; reporting an entry and
 * locking again is one step, since who flushes may look before it as well.
 */
import { assign, setup } from 'xstate';
import type { PageRequest } from '../../hardware/pcie/page-request.ts';
import type { PriQueueEntry } from '../../hardware/smmu/pri-queue.ts';
import { call, from, send, sendEach } from '../../parts/call.ts';
import { interruptIn } from '../irq/threaded.ts';
import type { Synced } from './queue.ts';

export type PriqV8Event =
  /** The interrupt of the PRI queue. */
  | { type: 'IRQ' }
  /** The scheduler lets the thread run. */
  | { type: 'RUN' }
  | Synced
  | { type: 'REMOVED'; entry: PriQueueEntry }
  | { type: 'EAGAIN' };

export interface PriqV8Input {
  name: string;
  /** A `queue.ts`. */
  queue: string;
  queueEntries: number;
  /** The iopf core of each device, by device. */
  cores: Readonly<Record<string, string>>;
  /** Who may be in the wait queue `q->wq`. */
  waiters: readonly string[];
}

const interrupt = interruptIn('interrupted');

/** What versions of this thread are made of. */
export const priqV8 = setup({
  types: {
    input: {} as PriqV8Input,
    context: {} as PriqV8Input & {
      inHand: PageRequest | null;
      /** `num_handled`: since the last batch, in this run of the handler. */
      handled: number;
      /** An overflow was seen in this run of the handler. */
      overflow: boolean;
      /** An interrupt came while the thread was running. */
      interrupted: boolean;
    },
    events: {} as PriqV8Event,
  },
  guards: {
    wasInterrupted: interrupt.came,
    isStopMarker: ({ event }) => event.type === 'REMOVED' && 'stopMarker' in event.entry,
    isEmpty: ({ event }) => event.type === 'SYNCED' && event.empty,
    completesBatch: ({ context }) => context.handled + 1 === context.queueEntries,
    hadOverflow: ({ context }) => context.overflow,
  },
  actions: {
    lock: send('queue', 'LOCK'),
    unlock: send('queue', 'UNLOCK'),
    readEntry: call('queue', 'READ'),
    giveBack: send('queue', 'INC_CONS'),
    keepEntry: assign({ inHand: from('REMOVED', ({ event }) => event.entry as PageRequest) }),
    report: send(
      ({ context }) => context.cores[context.inHand!.device]!,
      ({ context }) => ({ type: 'REPORT', request: context.inHand! }),
    ),
    forgetEntry: assign({ inHand: null }),
    countHandled: assign({ handled: ({ context }) => context.handled + 1 }),
    restartCount: assign({ handled: 0 }),
    countBatch: send('queue', 'COUNT_BATCH'),
    wake: sendEach(({ context }) => context.waiters, 'WAKE'),
    syncProdIn: call('queue', 'SYNC_PROD_IN'),
    noteOverflow: assign({ overflow: from('SYNCED', ({ context, event }) => context.overflow || event.overflow) }),
    /** For a version that asks whether one is active. */
    noteActiveOverflow: assign({ overflow: from('SYNCED', ({ event }) => event.active) }),
    forgetOverflow: assign({ overflow: false }),
    acknowledge: send('queue', 'SYNC_OVERFLOW'),
    discardPartials: sendEach(({ context }) => Object.values(context.cores), 'DISCARD_PARTIAL'),
    noteInterrupt: interrupt.note(),
    takeInterrupt: interrupt.take(),
  },
});

/** A version that does one thing otherwise replaces a state. */
export const priqV8States = {
  asleep: priqV8.createStateConfig({
    on: { IRQ: 'starting' },
  }),
  starting: priqV8.createStateConfig({
    on: { RUN: { target: 'reading', actions: ['lock', 'readEntry'] } },
  }),
  // With the lock, as are the next two.
  removing: priqV8.createStateConfig({
    on: { RUN: { target: 'reading', actions: 'readEntry' } },
  }),
  // queue_remove_raw(); left within the step that entered it, as is `syncing`.
  reading: priqV8.createStateConfig({
    on: {
      REMOVED: [
        // arm_smmu_handle_ppr() returns at once.
        { guard: 'isStopMarker', target: 'removing', actions: 'giveBack' },
        { target: 'handling', actions: ['keepEntry', 'giveBack', 'unlock'] },
      ],
      EAGAIN: { target: 'syncing', actions: 'syncProdIn' },
    },
  }),
  syncing: priqV8.createStateConfig({
    on: {
      SYNCED: [
        { guard: 'isEmpty', target: 'ending', actions: 'noteOverflow' },
        { target: 'removing', actions: 'noteOverflow' },
      ],
    },
  }),
  // Without the lock: arm_smmu_handle_ppr().
  handling: priqV8.createStateConfig({
    on: {
      RUN: [
        {
          guard: 'completesBatch',
          target: 'removing',
          actions: ['report', 'forgetEntry', 'lock', 'restartCount', 'countBatch', 'wake'],
        },
        { target: 'removing', actions: ['report', 'forgetEntry', 'lock', 'countHandled'] },
      ],
    },
  }),
  ending: priqV8.createStateConfig({
    on: {
      RUN: [
        { guard: 'hadOverflow', target: 'discarding', actions: ['acknowledge', 'wake', 'unlock', 'restartCount'] },
        { target: 'returning', actions: ['acknowledge', 'wake', 'unlock', 'restartCount'] },
      ],
    },
  }),
  // iopf_queue_discard_partial()
  discarding: priqV8.createStateConfig({
    on: { RUN: { target: 'returning', actions: ['discardPartials', 'forgetOverflow'] } },
  }),
  // irq_wait_for_interrupt(), no step of its own.
  returning: priqV8.createStateConfig({
    always: [{ guard: 'wasInterrupted', target: 'starting', actions: 'takeInterrupt' }, { target: 'asleep' }],
  }),
};

export const priqV8Config = {
  context: ({ input }: { input: PriqV8Input }) => ({
    ...input,
    inHand: null,
    handled: 0,
    overflow: false,
    interrupted: false,
  }),
  initial: 'asleep',
  on: { IRQ: { actions: 'noteInterrupt' } },
} as const;

export const priqV8Thread = priqV8.createMachine({ id: 'priqV8Thread', ...priqV8Config, states: priqV8States });
