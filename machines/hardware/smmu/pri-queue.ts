/**
 * The PRI queue of an SMMUv3, the hardware side (SMMUv3 H.a, sections 3.5, 8.1 and 8.2).
 *
 *   not full, no overflow active   a request is stored, PROD moves; an interrupt when the queue was empty
 *   full                           an overflow begins (OVFLG toggles), this request included in what follows
 *   overflow active                Last=1: the SMMU answers Success itself; Last=0 and Stop Markers: dropped in silence;
 *                                  also when software has made room again, until OVACKFLG is written equal to OVFLG
 *
 * Contrast the event queue: there an active overflow does not keep new records out.
 *
 * These are the registers; the ring itself is one `pri-queue-slot.ts` per entry.
 *
 * Simplifications: writing the entry and moving PROD are one step (nobody can look between them); an automatic answer needs no PASID.
 *
 * An automatic answer is Success here, since the queue overflows only. The others are Failure, after which a function has to turn PRI off: with
 * PRIQEN = 0 (so with SMMUEN = 0), or while PRIQ_ABT_ERR is active, every request is answered so, whether it is the last of its group or not,
 * and nothing is stored (8.2); with a PASID and SMMU_IDR3.PPS = 0, where STE.PPAR cannot be read (8.1); for a Secure stream. An entry whose write was
 * aborted asynchronously is lost, and nobody answers it: its index and its credit are gone until PRI is reset. None of these is modelled:
 * PRIQEN is 1, there are no aborts, and the stream table is valid.
 * The interrupt is the edge that the specification has for a queue that becomes non-empty, with PRIQ_IRQ_CFG2.LO = 0.
 */
import { assertEvent, assign, enqueueActions, setup } from 'xstate';
import { from, reply, send, tell } from '../../parts/call.ts';
import { advance, between, flip, isEmpty, isFull } from '../../parts/ring.ts';
import type { PageRequest, StopMarker } from '../pcie/page-request.ts';
import { isOverflowActive, type QueuePointer, START } from './queue-pointer.ts';

export type PriQueueEntry = PageRequest | StopMarker;

export type PriQueueEvent =
  | ({ type: 'PAGE_REQUEST' } & PageRequest)
  | ({ type: 'STOP_MARKER' } & StopMarker)
  /** Software reads SMMU_PRIQ_PROD; the reply is PROD. */
  | { type: 'READ_PROD'; by: string }
  /** Software reads the slot at an index of the ring; that slot replies ENTRY. */
  | { type: 'READ_ENTRY'; index: number; by: string }
  /** Software writes SMMU_PRIQ_CONS: the read index, its wrap bit and OVACKFLG at once. */
  | { type: 'WRITE_CONS'; cons: QueuePointer };

export const priQueue = setup({
  types: {
    input: {} as {
      name: string;
      /** The ring: as many slots as the queue has entries. */
      slots: readonly string[];
      /** Whom the interrupt wakes. */
      irqThread: string;
    },
    context: {} as {
      name: string;
      slots: readonly string[];
      irqThread: string;
      prod: QueuePointer;
      cons: QueuePointer;
    },
    events: {} as PriQueueEvent,
  },
  guards: {
    // Every entry whose index software may read is between CONS and PROD.
    isStored: from('READ_ENTRY', ({ context: { prod, cons, slots }, event }) =>
      between(cons, prod, slots.length).includes(event.index),
    ),
    isWritable: ({ context: { prod, cons } }) => !isFull(prod, cons) && !isOverflowActive(prod, cons),
    isWritableAndEmpty: ({ context: { prod, cons } }) => isEmpty(prod, cons) && !isOverflowActive(prod, cons),
    isLast: ({ event }) => event.type === 'PAGE_REQUEST' && event.last,
  },
  actions: {
    writeSlot: send(
      ({ context }) => context.slots[context.prod.index]!,
      from(['PAGE_REQUEST', 'STOP_MARKER'], ({ event }) => {
        const { type: _, ...entry } = event;
        return { type: 'STORE', entry };
      }),
    ),
    advanceProd: assign({ prod: ({ context }) => advance(context.prod, context.slots.length) }),
    raiseInterrupt: send('irqThread', 'IRQ'),
    // A further overflow while one is active leaves no trace.
    noteOverflow: assign(({ context: { prod, cons } }) => ({ prod: { ...prod, flag: flip(cons.flag) } })),
    answerSuccess: send(
      from('PAGE_REQUEST', ({ event }) => event.device),
      from('PAGE_REQUEST', ({ context, event }) => {
        const { index, generation } = event;
        return { type: 'PRG_RESPONSE', index, code: 'success', by: context.name, generation };
      }),
    ),
    replyProd: reply(({ context }) => ({ type: 'PROD', prod: context.prod })),
    readSlot: send(
      from('READ_ENTRY', ({ context, event }) => context.slots[event.index]!),
      from('READ_ENTRY', ({ event }) => ({ type: 'READ_SLOT', by: event.by })),
    ),
    releaseSlots: enqueueActions(({ context, event, enqueue }) => {
      assertEvent(event, 'WRITE_CONS');
      const release = { type: 'RELEASE' };
      for (const index of between(context.cons, event.cons, context.slots.length)) {
        tell(enqueue, context.slots[index]!, release);
      }
    }),
    setCons: assign({
      cons: from('WRITE_CONS', ({ event }) => event.cons),
    }),
  },
}).createMachine({
  id: 'priQueue',
  context: ({ input }) => ({ ...input, prod: START, cons: START }),
  on: {
    PAGE_REQUEST: [
      { guard: 'isWritableAndEmpty', actions: ['writeSlot', 'advanceProd', 'raiseInterrupt'] },
      { guard: 'isWritable', actions: ['writeSlot', 'advanceProd'] },
      // SMMUv3 8.1: Last=1 at a full queue, or while an overflow is active, gets an automatic Success.
      { guard: 'isLast', actions: ['noteOverflow', 'answerSuccess'] },
      // SMMUv3 8.1: Last=0 is dropped; if its group has stored members, the group is truncated.
      { actions: 'noteOverflow' },
    ],
    STOP_MARKER: [
      { guard: 'isWritableAndEmpty', actions: ['writeSlot', 'advanceProd', 'raiseInterrupt'] },
      { guard: 'isWritable', actions: ['writeSlot', 'advanceProd'] },
      { actions: 'noteOverflow' },
    ],
    READ_PROD: { actions: 'replyProd' },
    READ_ENTRY: { guard: 'isStored', actions: 'readSlot' },
    WRITE_CONS: { actions: ['releaseSlots', 'setCons'] },
  },
});
