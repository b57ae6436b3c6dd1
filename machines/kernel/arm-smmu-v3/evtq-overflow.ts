/**
 * The loop of arm-smmu-v3.c arm_smmu_evtq_thread() with the registers of the event queue, since 67ea0b7ce418 (v6.4). What it does with a
 * record is print it; `evtq.ts` is the same thread where records are stalls.
 *
 *   until the queue is empty by the last PROD that was read:
 *     take an entry and write CONS (queue_remove_raw())
 *     when there is none: read PROD (queue_sync_prod_in()); if its OVFLG is another than at the last look: "events lost"
 *   if OVACKFLG is another than that OVFLG: write CONS with it (queue_sync_cons_ovf())
 *
 * What is lost between the last look and that write belongs to the overflow that was reported; it shows no more than the first loss of it.
 *
 * Simplification: the message is no step of its own, so nobody is told; whoever asks compares OVFLG with the copy, as the thread does.
 */
import { assign, setup } from 'xstate';
import { type QueuePointer, START } from '../../hardware/smmu/queue-pointer.ts';
import { call, from, send } from '../../parts/call.ts';
import { advance, isEmpty } from '../../parts/ring.ts';
import { interruptIn } from '../irq/threaded.ts';

export type EvtqOverflowEvent =
  /** The interrupt of the event queue. */
  | { type: 'IRQ' }
  /** The scheduler lets the thread run. */
  | { type: 'RUN' }
  | { type: 'PROD'; prod: QueuePointer };

export interface EvtqOverflowInput {
  readonly name: string;
  /** A `../../hardware/smmu/event-queue-registers.ts`. */
  readonly queue: string;
  readonly queueEntries: number;
}

const interrupt = interruptIn('interrupted');

/** What versions of this thread are made of. */
export const evtqOverflow = setup({
  types: {
    input: {} as EvtqOverflowInput,
    context: {} as EvtqOverflowInput & {
      /** `llq->prod` and `llq->cons`, the driver's copies. */
      readonly prod: QueuePointer;
      readonly cons: QueuePointer;
      /** An interrupt came while the thread was running. */
      readonly interrupted: boolean;
    },
    events: {} as EvtqOverflowEvent,
  },
  guards: {
    wasInterrupted: interrupt.came,
    hasEntries: ({ context: { prod, cons } }) => !isEmpty(prod, cons),
    isAcknowledged: ({ context: { prod, cons } }) => prod.flag === cons.flag,
  },
  actions: {
    readProd: call('queue', 'READ_PROD'),
    setProd: assign({ prod: from('PROD', ({ event }) => event.prod) }),
    advanceCons: assign({ cons: ({ context }) => advance(context.cons, context.queueEntries) }),
    setOvackflg: assign(({ context: { prod, cons } }) => ({ cons: { ...cons, flag: prod.flag } })),
    writeCons: send('queue', ({ context }) => ({ type: 'WRITE_CONS', cons: context.cons })),
    noteInterrupt: interrupt.note(),
    takeInterrupt: interrupt.take(),
  },
});

/** Another version replaces a state. */
export const evtqOverflowStates = {
  asleep: evtqOverflow.createStateConfig({ on: { IRQ: 'woken' } }),
  // By the copies the queue is empty, so it looks at PROD first.
  woken: evtqOverflow.createStateConfig({ on: { RUN: { target: 'readingProd', actions: 'readProd' } } }),
  syncingProd: evtqOverflow.createStateConfig({ on: { RUN: { target: 'readingProd', actions: 'readProd' } } }),
  // Left within the step that entered it, as are `deciding` and `returning`.
  readingProd: evtqOverflow.createStateConfig({
    on: { PROD: { target: 'deciding', actions: 'setProd' } },
  }),
  deciding: evtqOverflow.createStateConfig({
    always: [
      { guard: 'hasEntries', target: 'removing' },
      { guard: 'isAcknowledged', target: 'returning' },
      { target: 'acknowledging' },
    ],
  }),
  removing: evtqOverflow.createStateConfig({
    on: { RUN: { target: 'removed', actions: ['advanceCons', 'writeCons'] } },
  }),
  removed: evtqOverflow.createStateConfig({
    always: [{ guard: 'hasEntries', target: 'removing' }, { target: 'syncingProd' }],
  }),
  acknowledging: evtqOverflow.createStateConfig({
    on: { RUN: { target: 'returning', actions: ['setOvackflg', 'writeCons'] } },
  }),
  // irq_wait_for_interrupt(), no step of its own.
  returning: evtqOverflow.createStateConfig({
    always: [{ guard: 'wasInterrupted', target: 'woken', actions: 'takeInterrupt' }, { target: 'asleep' }],
  }),
};

export const evtqOverflowConfig = {
  context: ({ input }: { input: EvtqOverflowInput }) => ({ ...input, prod: START, cons: START, interrupted: false }),
  initial: 'asleep',
  on: { IRQ: { actions: 'noteInterrupt' } },
} as const;

export const evtqOverflowThread = evtqOverflow.createMachine({
  id: 'evtqOverflowThread',
  ...evtqOverflowConfig,
  states: evtqOverflowStates,
});
