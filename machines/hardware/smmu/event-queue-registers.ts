/**
 * The event queue of an SMMUv3 as far as records are concerned that may be lost, those of transactions that were aborted (SMMUv3 H.a 3.5, 7.2
 * and 7.4): the registers, and what the hardware does to them.
 *
 *   not full   a record is written, PROD moves; an interrupt when the queue was empty
 *   full       the record is lost. If no overflow is active, one begins (OVFLG toggles); if one is, nothing shows that there was another loss
 *
 * An active overflow does not keep records out: as soon as software makes room they are written again. Contrast `pri-queue.ts`.
 *
 * Simplifications: what a record says is left out, so the ring needs no memory, and software moves its read index without reading; writing a
 * record and moving PROD are one step; EVENTQEN is 1, there are no aborts; no stalls, which are never lost (`event-queue.ts` has these).
 */
import { assign, setup } from 'xstate';
import { from, reply, send } from '../../parts/call.ts';
import { advance, flip, isEmpty, isFull } from '../../parts/ring.ts';
import { type QueuePointer, START } from './queue-pointer.ts';

export type EventQueueRegistersEvent =
  /** The record of a transaction that was aborted. */
  | { type: 'RECORD_EVENT' }
  /** Software reads SMMU_EVENTQ_PROD; the reply is PROD. */
  | { type: 'READ_PROD'; by: string }
  /** Software writes SMMU_EVENTQ_CONS: the read index, its wrap bit and OVACKFLG at once. */
  | { type: 'WRITE_CONS'; cons: QueuePointer };

interface Input {
  readonly entries: number;
  /** Whom the interrupt wakes. */
  readonly irqThread: string;
}

export const eventQueueRegisters = setup({
  types: {
    input: {} as Input,
    context: {} as Input & {
      readonly prod: QueuePointer;
      readonly cons: QueuePointer;
      /** Ghost, which no register shows: something was lost since CONS was last written. */
      readonly lost: boolean;
    },
    events: {} as EventQueueRegistersEvent,
  },
  guards: {
    isEmpty: ({ context: { prod, cons } }) => isEmpty(prod, cons),
    isFull: ({ context: { prod, cons } }) => isFull(prod, cons),
  },
  actions: {
    advanceProd: assign({ prod: ({ context }) => advance(context.prod, context.entries) }),
    raiseInterrupt: send('irqThread', 'IRQ'),
    // A further overflow while one is active leaves no trace.
    noteOverflow: assign(({ context: { prod, cons } }) => ({ prod: { ...prod, flag: flip(cons.flag) }, lost: true })),
    replyProd: reply(({ context }) => ({ type: 'PROD', prod: context.prod })),
    setCons: assign(from('WRITE_CONS', ({ event }) => ({ cons: event.cons, lost: false }))),
  },
}).createMachine({
  id: 'eventQueueRegisters',
  context: ({ input }) => ({ ...input, prod: START, cons: START, lost: false }),
  on: {
    RECORD_EVENT: [
      { guard: 'isEmpty', actions: ['advanceProd', 'raiseInterrupt'] },
      // SMMUv3 7.4: lost.
      { guard: 'isFull', actions: 'noteOverflow' },
      { actions: 'advanceProd' },
    ],
    READ_PROD: { actions: 'replyProd' },
    WRITE_CONS: { actions: 'setCons' },
  },
});
