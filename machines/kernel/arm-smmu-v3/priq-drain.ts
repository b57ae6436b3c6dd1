/**
 * The loop of arm-smmu-v3.c arm_smmu_priq_thread(), with what the unmerged PRI series of 2018 to 2020 added to it: the
 * overflow is remembered, and partial groups are discarded at the end.
 *
 *   until the queue is empty by the last PROD that was read:
 *     take an entry: read the slot and give it back with a CONS write of its own (queue_remove_raw()); report it
 *     when there is none: read PROD again (queue_sync_prod_in()), and remember if an overflow is active
 *   write CONS with OVACKFLG set to the OVFLG that was last read
 *   if there was an overflow: discard the partial groups
 *
 * It differs from `priq.ts` in every step and yet is right, and nearly wrong: partial groups outlive the
 * acknowledgement, but nothing that came after it is handled before they are discarded.
 *
 * Simplifications: as `priq.ts`; giving the slot back and reporting the entry is one step, because only this
 * thread would see the difference.
 */
import { assign, enqueueActions, setup } from 'xstate';
import { advance, isEmpty, isOverflowActive, type QueuePointer, START } from '../../hardware/smmu/queue-pointer.ts';
import { call, from, send, tell } from '../../parts/call.ts';
import type { PriqThreadEvent } from './priq.ts';

interface Wiring {
  name: string;
  queue: string;
  queueEntries: number;
  /** The iopf core of each device, by device. */
  cores: Readonly<Record<string, string>>;
}

/** What threads with this loop are made of. */
export const priqDrain = setup({
  types: {
    input: {} as Wiring,
    context: {} as Wiring & {
      /** The driver's copies of the registers, `llq->cons` and `llq->prod`. */
      cons: QueuePointer;
      prod: QueuePointer;
      /** An overflow was seen in this run of the handler. */
      overflow: boolean;
      /** An interrupt came while the thread was running. */
      interrupted: boolean;
    },
    events: {} as PriqThreadEvent,
  },
  guards: {
    wasInterrupted: ({ context }) => context.interrupted,
    hasEntries: ({ context: { prod, cons } }) => !isEmpty(prod, cons),
    sawOverflow: ({ context: { prod, cons } }) => isOverflowActive(prod, cons),
    hadOverflow: ({ context }) => context.overflow,
    isStopMarker: ({ event }) => event.type === 'ENTRY' && 'stopMarker' in event.entry,
  },
  actions: {
    readProd: call('queue', 'READ_PROD'),
    setProd: assign(
      from('PROD', ({ context, event }) => ({
        prod: event.prod,
        overflow: context.overflow || isOverflowActive(event.prod, context.cons),
      })),
    ),
    readEntry: call('queue', ({ context }) => ({ type: 'READ_ENTRY', index: context.cons.index })),
    report: send(
      from('ENTRY', ({ context, event }) => context.cores[event.entry.device]!),
      from('ENTRY', ({ event }) => ({ type: 'REPORT', request: event.entry })),
    ),
    advanceCons: assign({ cons: ({ context }) => advance(context.cons, context.queueEntries) }),
    acknowledge: assign(({ context: { prod, cons } }) => ({ cons: { ...cons, flag: prod.flag } })),
    writeCons: send('queue', ({ context }) => ({ type: 'WRITE_CONS', cons: context.cons })),
    discardPartials: enqueueActions(({ context, enqueue }) => {
      const discard = { type: 'DISCARD_PARTIAL' };
      for (const core of Object.values(context.cores)) tell(enqueue, core, discard);
    }),
    forgetOverflow: assign({ overflow: false }),
    noteInterrupt: assign({ interrupted: true }),
    takeInterrupt: assign({ interrupted: false }),
  },
});

/** A thread that does one thing otherwise replaces a state. */
export const priqDrainStates = {
  asleep: priqDrain.createStateConfig({
    on: { IRQ: 'syncingProd' },
  }),
  // queue_sync_prod_in()
  syncingProd: priqDrain.createStateConfig({
    on: { RUN: { target: 'readingProd', actions: 'readProd' } },
  }),
  // Left within the step that entered it, as are `deciding`, `readingEntry` and `entryDone`.
  readingProd: priqDrain.createStateConfig({
    on: { PROD: { target: 'deciding', actions: 'setProd' } },
  }),
  deciding: priqDrain.createStateConfig({
    always: [
      { guard: 'hasEntries', target: 'handling' },
      { guard: 'sawOverflow', target: 'acknowledging' },
      { target: 'returning' },
    ],
  }),
  handling: priqDrain.createStateConfig({
    on: { RUN: { target: 'readingEntry', actions: 'readEntry' } },
  }),
  readingEntry: priqDrain.createStateConfig({
    on: {
      ENTRY: [
        { guard: 'isStopMarker', target: 'entryDone', actions: ['advanceCons', 'writeCons'] },
        { target: 'entryDone', actions: ['advanceCons', 'writeCons', 'report'] },
      ],
    },
  }),
  entryDone: priqDrain.createStateConfig({
    always: [{ guard: 'hasEntries', target: 'handling' }, { target: 'syncingProd' }],
  }),
  acknowledging: priqDrain.createStateConfig({
    on: { RUN: { target: 'discarding', actions: ['acknowledge', 'writeCons'] } },
  }),
  discarding: priqDrain.createStateConfig({
    on: { RUN: { target: 'returning', actions: ['discardPartials', 'forgetOverflow'] } },
  }),
  // kernel/irq/manage.c irq_wait_for_interrupt(): looks whether the thread was woken meanwhile. No step of its own.
  returning: priqDrain.createStateConfig({
    always: [{ guard: 'wasInterrupted', target: 'syncingProd', actions: 'takeInterrupt' }, { target: 'asleep' }],
  }),
};

/** kernel/irq/handle.c __irq_wake_thread(): the thread runs once more after it returns. */
const noteInterrupt = { actions: 'noteInterrupt' } as const;

/** @param states of `priqDrainStates`, or what stands in their place */
export function priqDrainThreadOf<States extends Record<string, ReturnType<typeof priqDrain.createStateConfig>>>(
  id: string,
  states: States,
) {
  return priqDrain.createMachine({
    id,
    context: ({ input }) => ({ ...input, cons: START, prod: START, overflow: false, interrupted: false }),
    initial: 'asleep',
    on: { IRQ: noteInterrupt },
    states,
  });
}

export const priqDrainThread = priqDrainThreadOf('priqDrainThread', priqDrainStates);
