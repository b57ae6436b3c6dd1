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
 * acknowledgement, but nothing that came after it is handled before they are discarded. With `acknowledges: 'on-sight'`
 * OVACKFLG is written as soon as the overflow is seen, and the same drain then handles entries of both sides of it. With
 * 'in-shadow' it is set in the driver's copy of CONS only, as before 0d535967ac65 (v4.19), and would go out with the CONS
 * write of the next entry; but an active overflow lets no entry in.
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
  acknowledges: 'when-empty' | 'on-sight' | 'in-shadow';
}

export const priqDrainThread = setup({
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
    acknowledgesNow: ({ context: { acknowledges, prod, cons } }) =>
      acknowledges === 'on-sight' && isOverflowActive(prod, cons),
    acknowledgesInShadow: ({ context }) => context.acknowledges === 'in-shadow',
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
}).createMachine({
  id: 'priqDrainThread',
  context: ({ input }) => ({ ...input, cons: START, prod: START, overflow: false, interrupted: false }),
  initial: 'asleep',
  on: {
    // kernel/irq/handle.c __irq_wake_thread(): the thread runs once more after it returns.
    IRQ: { actions: 'noteInterrupt' },
  },
  states: {
    asleep: {
      on: { IRQ: 'syncingProd' },
    },
    // queue_sync_prod_in()
    syncingProd: {
      on: { RUN: { target: 'readingProd', actions: 'readProd' } },
    },
    // Left within the step that entered it, as are `deciding`, `readingEntry` and `entryDone`.
    readingProd: {
      on: { PROD: { target: 'deciding', actions: 'setProd' } },
    },
    deciding: {
      always: [
        { guard: 'acknowledgesNow', target: 'acknowledgingNow' },
        { guard: 'hasEntries', target: 'handling' },
        { guard: 'sawOverflow', target: 'acknowledging' },
        { guard: 'hadOverflow', target: 'discarding' },
        { target: 'returning' },
      ],
    },
    handling: {
      on: { RUN: { target: 'readingEntry', actions: 'readEntry' } },
    },
    readingEntry: {
      on: {
        ENTRY: [
          { guard: 'isStopMarker', target: 'entryDone', actions: ['advanceCons', 'writeCons'] },
          { target: 'entryDone', actions: ['advanceCons', 'writeCons', 'report'] },
        ],
      },
    },
    entryDone: {
      always: [{ guard: 'hasEntries', target: 'handling' }, { target: 'syncingProd' }],
    },
    acknowledging: {
      on: {
        RUN: [
          // Before 0d535967ac65: the copy of CONS is changed, the register is not.
          { guard: 'acknowledgesInShadow', target: 'discarding', actions: 'acknowledge' },
          { target: 'discarding', actions: ['acknowledge', 'writeCons'] },
        ],
      },
    },
    discarding: {
      on: { RUN: { target: 'returning', actions: ['discardPartials', 'forgetOverflow'] } },
    },
    // kernel/irq/manage.c irq_wait_for_interrupt(): looks whether the thread was woken meanwhile. No step of its own.
    returning: {
      always: [{ guard: 'wasInterrupted', target: 'syncingProd', actions: 'takeInterrupt' }, { target: 'asleep' }],
    },

    // Only with 'on-sight'.
    acknowledgingNow: {
      on: {
        RUN: [
          { guard: 'hasEntries', target: 'handling', actions: ['acknowledge', 'writeCons'] },
          { target: 'syncingProd', actions: ['acknowledge', 'writeCons'] },
        ],
      },
    },
  },
});
