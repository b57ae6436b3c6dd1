/**
 * The threaded interrupt handler of the PRI queue, as SMMUv3 section 8.1 asks for it. Linux has only a stub
 * (arm-smmu-v3.c arm_smmu_priq_thread()); for the loop that was once proposed for it see `priq-drain.ts`.
 *
 * One pass, each line a step of its own, so that the hardware goes on in between:
 *
 *   read PROD: what is stored, and whether an overflow is active, at this moment (a snapshot)
 *   for each entry up to that PROD: read it and report it to the iopf core; Stop Markers are discarded
 *   overflow in the snapshot: discard the partial groups; their last requests were answered by the SMMU
 *   write CONS: moves the read index to that PROD and sets OVACKFLG to that OVFLG, with one write
 *
 * and again, until PROD says that there is nothing. Only then does the thread sleep: the interrupt is an edge (see
 * `../../hardware/smmu/pri-queue.ts`), and one that comes during a pass is remembered, as IRQTF_RUNTHREAD does, so no wake-up is lost.
 *
 * Why the order is right: an active overflow keeps everything out, so with an overflow in the snapshot the entries up to
 * PROD are all that there will be before the acknowledgement; every group that they leave incomplete is truncated. What
 * comes after the acknowledgement starts a new group.
 *
 * Simplifications: finding the device by its stream ID cannot fail; the device does not go away (B-11 is about that).
 */
import { assign, enqueueActions, setup } from 'xstate';
import type { PriQueueEntry } from '../../hardware/smmu/pri-queue.ts';
import { advance, isEmpty, isOverflowActive, type QueuePointer, START } from '../../hardware/smmu/queue-pointer.ts';
import { call, from, send, tell } from '../../parts/call.ts';

/** How the thread goes about its passes: right, or wrong in one way. */
export type Procedure =
  /** SMMUv3 8.1: handle all entries, discard partial groups, then one CONS write; look again. */
  | 'specified'
  /** Acknowledges an overflow, and leaves the partial groups where they are. */
  | 'never-discard'
  /** Discards as soon as it sees the overflow, before it handles the entries that were stored ahead of it. */
  | 'discard-first'
  /** Moves the read index with one CONS write, and with a second one sets OVACKFLG to what OVFLG is by then. */
  | 'split-write'
  /** Returns after one pass, without another look at PROD. */
  | 'one-pass';

export type PriqThreadEvent =
  /** The interrupt of the PRI queue. */
  | { type: 'IRQ' }
  /** The scheduler lets the thread run. */
  | { type: 'RUN' }
  | { type: 'PROD'; prod: QueuePointer }
  | { type: 'ENTRY'; entry: PriQueueEntry };

interface Wiring {
  name: string;
  queue: string;
  queueEntries: number;
  /** The iopf core of each device, by device. */
  cores: Readonly<Record<string, string>>;
  procedure: Procedure;
}

export const priqThread = setup({
  types: {
    input: {} as Wiring,
    context: {} as Wiring & {
      /** The driver's copies of the registers (`llq->cons`, `llq->prod`); outside a pass they are equal. */
      cons: QueuePointer;
      prod: QueuePointer;
      /** An interrupt came while the thread was running. */
      interrupted: boolean;
    },
    events: {} as PriqThreadEvent,
  },
  guards: {
    wasInterrupted: ({ context }) => context.interrupted,
    hasEntries: ({ context: { prod, cons } }) => !isEmpty(prod, cons),
    hasNothing: ({ context: { prod, cons } }) => isEmpty(prod, cons) && !isOverflowActive(prod, cons),
    sawOverflow: ({ context: { prod, cons } }) => isOverflowActive(prod, cons),
    discardsFirst: ({ context: { procedure, prod, cons } }) =>
      procedure === 'discard-first' && isOverflowActive(prod, cons),
    discardsAfterEntries: ({ context: { procedure, prod, cons } }) =>
      procedure !== 'discard-first' && procedure !== 'never-discard' && isOverflowActive(prod, cons),
    acknowledgesSeparately: ({ context }) => context.procedure === 'split-write',
    returnsAfterOnePass: ({ context }) => context.procedure === 'one-pass',
    isStopMarker: ({ event }) => event.type === 'ENTRY' && 'stopMarker' in event.entry,
  },
  actions: {
    readProd: call('queue', 'READ_PROD'),
    setProd: assign(from('PROD', ({ event }) => ({ prod: event.prod }))),
    readEntry: call('queue', ({ context }) => ({ type: 'READ_ENTRY', index: context.cons.index })),
    report: send(
      from('ENTRY', ({ context, event }) => context.cores[event.entry.device]!),
      from('ENTRY', ({ event }) => ({ type: 'REPORT', request: event.entry })),
    ),
    advanceCons: assign({ cons: ({ context }) => advance(context.cons, context.queueEntries) }),
    discardPartials: enqueueActions(({ context, enqueue }) => {
      const discard = { type: 'DISCARD_PARTIAL' };
      for (const core of Object.values(context.cores)) tell(enqueue, core, discard);
    }),
    acknowledge: assign(({ context: { prod, cons } }) => ({ cons: { ...cons, flag: prod.flag } })),
    writeCons: send('queue', ({ context }) => ({ type: 'WRITE_CONS', cons: context.cons })),
    // The pass ends here, its snapshot is used up.
    forgetProd: assign({ prod: ({ context }) => context.cons }),
    noteInterrupt: assign({ interrupted: true }),
    takeInterrupt: assign({ interrupted: false }),
  },
}).createMachine({
  id: 'priqThread',
  context: ({ input }) => ({ ...input, cons: START, prod: START, interrupted: false }),
  initial: 'asleep',
  on: {
    // kernel/irq/handle.c __irq_wake_thread(): the thread runs once more after it returns.
    IRQ: { actions: 'noteInterrupt' },
  },
  states: {
    asleep: {
      on: { IRQ: 'awake' },
    },
    // Between two passes: the next step reads PROD.
    awake: {
      on: { RUN: { target: 'readingProd', actions: 'readProd' } },
    },
    // As `awake`, after a CONS write that acknowledged an overflow.
    recovered: {
      on: { RUN: { target: 'readingProd', actions: 'readProd' } },
    },
    // Left within the step that entered it, as are `deciding`, `readingEntry` and `entryDone`.
    readingProd: {
      on: { PROD: { target: 'deciding', actions: 'setProd' } },
    },
    deciding: {
      always: [
        { guard: 'hasNothing', target: 'returning' },
        { guard: 'discardsFirst', target: 'discardingFirst' },
        { guard: 'hasEntries', target: 'handling' },
        { guard: 'discardsAfterEntries', target: 'discarding' },
        { target: 'releasing' },
      ],
    },
    handling: {
      on: { RUN: { target: 'readingEntry', actions: 'readEntry' } },
    },
    readingEntry: {
      on: {
        ENTRY: [
          // io-pgfault.c: drivers must discard Stop Markers, they expect no answer.
          { guard: 'isStopMarker', target: 'entryDone', actions: 'advanceCons' },
          { target: 'entryDone', actions: ['report', 'advanceCons'] },
        ],
      },
    },
    entryDone: {
      always: [
        { guard: 'hasEntries', target: 'handling' },
        { guard: 'discardsAfterEntries', target: 'discarding' },
        { target: 'releasing' },
      ],
    },
    // SMMUv3 8.1: groups without their Last are truncated; iopf_queue_discard_partial().
    discarding: {
      on: { RUN: { target: 'releasing', actions: 'discardPartials' } },
    },
    // SMMUv3 8.1: one CONS write moves the read index and acknowledges the overflow that was in the snapshot.
    releasing: {
      on: {
        RUN: [
          { guard: 'acknowledgesSeparately', target: 'acknowledging', actions: ['writeCons', 'forgetProd'] },
          { guard: 'returnsAfterOnePass', target: 'returning', actions: ['acknowledge', 'writeCons', 'forgetProd'] },
          { guard: 'sawOverflow', target: 'recovered', actions: ['acknowledge', 'writeCons', 'forgetProd'] },
          { target: 'awake', actions: ['writeCons', 'forgetProd'] },
        ],
      },
    },
    // kernel/irq/manage.c irq_wait_for_interrupt(): looks whether the thread was woken meanwhile. No step of its own.
    returning: {
      always: [{ guard: 'wasInterrupted', target: 'awake', actions: 'takeInterrupt' }, { target: 'asleep' }],
    },

    // Only with 'discard-first'.
    discardingFirst: {
      on: {
        RUN: [
          { guard: 'hasEntries', target: 'handling', actions: 'discardPartials' },
          { target: 'releasing', actions: 'discardPartials' },
        ],
      },
    },
    // Only with 'split-write': the second write takes whatever OVFLG is now for what was recovered from.
    acknowledging: {
      on: { RUN: { target: 'readingProdAgain', actions: 'readProd' } },
    },
    readingProdAgain: {
      on: { PROD: { target: 'awake', actions: ['setProd', 'acknowledge', 'writeCons', 'forgetProd'] } },
    },
  },
});
