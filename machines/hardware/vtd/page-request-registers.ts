/**
 * The page request queue of VT-d with its head and tail (PQH, PQT) and the Pending Page Request bit (VT-d 5.1, 7.4.1, 7.5,
 * 11.4.11): the hardware adds at the tail, and software moves the head when it is done. An interrupt goes out only where
 * adding a request sets PPR: while PPR is set, there is none.
 *
 * `page-request-queue.ts` is the same queue as a list that is emptied one by one, without PPR. List 'PAGE_REQUEST', 'DRAIN' and
 * 'DRAIN_PASIDS' as `blocking`.
 *
 * Simplifications: it never overflows, because a function without a credit waits; the interrupt is not masked, and is
 * there within the step; drain is one wait instead of a loop of scan and wait.
 */
import { assign, enqueueActions, setup } from 'xstate';
import { from, reply, tell } from '../../parts/call.ts';
import { entriesIn } from '../../parts/ring.ts';
import type { PasidRequest } from '../pcie/pasid-function.ts';

export type PageRequestRegistersEvent =
  | ({ type: 'PAGE_REQUEST' } & PasidRequest)
  /** PPR is written with 1, which clears it. */
  | { type: 'CLEAR_PPR' }
  /** PQT and PQH are read; the reply is POINTERS, with the number of requests between them. */
  | { type: 'READ_POINTERS'; by: string }
  /** The request that many places after the head; the reply is ENTRY. */
  | { type: 'READ_ENTRY'; at: number; by: string }
  /** PQH is moved over that many requests. */
  | { type: 'WRITE_HEAD'; requests: number }
  /** intel/prq.c `intel_iommu_drain_pasid_prq()`: waits until no request of this PASID is between head and tail. */
  | { type: 'DRAIN'; pasid: string }
  /** The same to v6.13, where requests without PASID, those of `rid`, are passed over: a drain of `rid` itself waits for nothing. */
  | { type: 'DRAIN_PASIDS'; pasid: string }
  /** PQH and PQT are written with 0, and PQA with the address of the queue, whose interrupt goes to this thread. */
  | { type: 'WRITE_QUEUE_ADDRESS'; thread: string };

const ring = entriesIn('requests');

export const pageRequestRegisters = setup({
  types: {
    input: {} as { entries: number; thread: string; isForeign?: boolean },
    context: {} as {
      readonly capacity: number;
      /** The interrupt thread. */
      readonly thread: string;
      readonly requests: readonly PasidRequest[];
      readonly ppr: boolean;
      /** Somebody else has the queue: what comes sets PPR, and that is all that is left of it. */
      readonly isForeign: boolean;
    },
    events: {} as PageRequestRegistersEvent,
  },
  guards: {
    isForeign: ({ context }) => context.isForeign,
    hasRoom: ring.hasRoom,
    hasNoneOf: from('DRAIN', ({ context, event }) => context.requests.every(({ pasid }) => pasid !== event.pasid)),
    hasNoneWith: from('DRAIN_PASIDS', ({ context, event }) => {
      return context.requests.every(({ pasid }) => pasid === 'rid' || pasid !== event.pasid);
    }),
  },
  actions: {
    add: ring.add(from('PAGE_REQUEST', ({ event: { type: _, ...request } }) => request)),
    generateEvent: enqueueActions(({ context, enqueue }) => {
      if (!context.ppr) tell(enqueue, context.thread, { type: 'IRQ' });
    }),
    setPpr: assign({ ppr: true }),
    clearPpr: assign({ ppr: false }),
    replyPointers: reply(({ context }) => ({ type: 'POINTERS', requests: context.requests.length })),
    replyEntry: reply(
      from('READ_ENTRY', ({ context, event }) => ({ type: 'ENTRY', request: context.requests[event.at]! })),
    ),
    moveHead: ring.drop(from('WRITE_HEAD', ({ event }) => event.requests)),
    takeOver: assign({ isForeign: false, thread: from('WRITE_QUEUE_ADDRESS', ({ event }) => event.thread) }),
  },
}).createMachine({
  id: 'pageRequestRegisters',
  context: ({ input }) => ({
    capacity: input.entries,
    thread: input.thread,
    requests: [],
    ppr: false,
    isForeign: input.isForeign ?? false,
  }),
  on: {
    // VT-d 7.5: "pending" is set with each request; an event is generated if it was clear.
    PAGE_REQUEST: [
      { guard: 'isForeign', actions: 'setPpr' },
      { guard: 'hasRoom', actions: ['add', 'generateEvent', 'setPpr'] },
    ],
    CLEAR_PPR: { actions: 'clearPpr' },
    READ_POINTERS: { actions: 'replyPointers' },
    READ_ENTRY: { actions: 'replyEntry' },
    WRITE_HEAD: { actions: 'moveHead' },
    // That it is not refused is what the caller waited for.
    DRAIN: { guard: 'hasNoneOf' },
    DRAIN_PASIDS: { guard: 'hasNoneWith' },
    WRITE_QUEUE_ADDRESS: { actions: 'takeOver' },
  },
});
