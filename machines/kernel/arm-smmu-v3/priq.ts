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
 * Simplifications: finding the device by its stream ID cannot fail (where it does, the PRI series of 2018 to 2020 warns and answers nothing);
 * the device does not go away (B-11 is about that).
 */
import { assign, setup } from 'xstate';
import type { PriQueueEntry } from '../../hardware/smmu/pri-queue.ts';
import { isOverflowActive, type QueuePointer, START } from '../../hardware/smmu/queue-pointer.ts';
import { call, from, send, sendEach } from '../../parts/call.ts';
import { advance, isEmpty } from '../../parts/ring.ts';
import { interruptIn } from '../irq/threaded.ts';

export type PriqThreadEvent =
  /** The interrupt of the PRI queue. */
  | { type: 'IRQ' }
  /** The scheduler lets the thread run. */
  | { type: 'RUN' }
  | { type: 'PROD'; prod: QueuePointer }
  | { type: 'ENTRY'; entry: PriQueueEntry };

export interface PriqInput {
  name: string;
  queue: string;
  queueEntries: number;
  /** The iopf core of each device, by device. */
  cores: Readonly<Record<string, string>>;
}

const interrupt = interruptIn('interrupted');

/** What threads that read this queue by themselves are made of. */
export const priq = setup({
  types: {
    input: {} as PriqInput,
    context: {} as PriqInput & {
      /** The driver's copies of the registers (`llq->cons`, `llq->prod`); outside a pass they are equal. */
      cons: QueuePointer;
      prod: QueuePointer;
      /** An interrupt came while the thread was running. */
      interrupted: boolean;
    },
    events: {} as PriqThreadEvent,
  },
  guards: {
    wasInterrupted: interrupt.came,
    hasEntries: ({ context: { prod, cons } }) => !isEmpty(prod, cons),
    hasNothing: ({ context: { prod, cons } }) => isEmpty(prod, cons) && !isOverflowActive(prod, cons),
    sawOverflow: ({ context: { prod, cons } }) => isOverflowActive(prod, cons),
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
    discardPartials: sendEach(({ context }) => Object.values(context.cores), 'DISCARD_PARTIAL'),
    acknowledge: assign(({ context: { prod, cons } }) => ({ cons: { ...cons, flag: prod.flag } })),
    writeCons: send('queue', ({ context }) => ({ type: 'WRITE_CONS', cons: context.cons })),
    // The pass ends here, its snapshot is used up.
    forgetProd: assign({ prod: ({ context }) => context.cons }),
    noteInterrupt: interrupt.note(),
    takeInterrupt: interrupt.take(),
  },
});

/** The states of one pass after the other. A thread that does one thing otherwise replaces a state. */
export const priqStates = {
  asleep: priq.createStateConfig({
    on: { IRQ: 'awake' },
  }),
  // Between two passes: the next step reads PROD.
  awake: priq.createStateConfig({
    on: { RUN: { target: 'readingProd', actions: 'readProd' } },
  }),
  // As `awake`, after a CONS write that acknowledged an overflow.
  recovered: priq.createStateConfig({
    on: { RUN: { target: 'readingProd', actions: 'readProd' } },
  }),
  // Left within the step that entered it, as are `deciding`, `readingEntry` and `entryDone`.
  readingProd: priq.createStateConfig({
    on: { PROD: { target: 'deciding', actions: 'setProd' } },
  }),
  deciding: priq.createStateConfig({
    always: [
      { guard: 'hasNothing', target: 'returning' },
      { guard: 'hasEntries', target: 'handling' },
      // An overflow, all entries before which were handled in the pass before.
      { target: 'discarding' },
    ],
  }),
  handling: priq.createStateConfig({
    on: { RUN: { target: 'readingEntry', actions: 'readEntry' } },
  }),
  readingEntry: priq.createStateConfig({
    on: {
      ENTRY: [
        // io-pgfault.c: drivers must discard Stop Markers, they expect no answer.
        { guard: 'isStopMarker', target: 'entryDone', actions: 'advanceCons' },
        { target: 'entryDone', actions: ['report', 'advanceCons'] },
      ],
    },
  }),
  entryDone: priq.createStateConfig({
    always: [
      { guard: 'hasEntries', target: 'handling' },
      { guard: 'sawOverflow', target: 'discarding' },
      { target: 'releasing' },
    ],
  }),
  // SMMUv3 8.1: groups without their Last are truncated; iopf_queue_discard_partial().
  discarding: priq.createStateConfig({
    on: { RUN: { target: 'releasing', actions: 'discardPartials' } },
  }),
  // SMMUv3 8.1: one CONS write moves the read index and acknowledges the overflow that was in the snapshot.
  releasing: priq.createStateConfig({
    on: {
      RUN: [
        { guard: 'sawOverflow', target: 'recovered', actions: ['acknowledge', 'writeCons', 'forgetProd'] },
        { target: 'awake', actions: ['writeCons', 'forgetProd'] },
      ],
    },
  }),
  // irq_wait_for_interrupt(), no step of its own.
  returning: priq.createStateConfig({
    always: [{ guard: 'wasInterrupted', target: 'awake', actions: 'takeInterrupt' }, { target: 'asleep' }],
  }),
};

export const priqConfig = {
  context: ({ input }: { input: PriqInput }) => ({ ...input, cons: START, prod: START, interrupted: false }),
  initial: 'asleep',
  on: { IRQ: { actions: 'noteInterrupt' } },
} as const;

export const priqThread = priq.createMachine({ id: 'priqThread', ...priqConfig, states: priqStates });
