/**
 * The page request queue of VT-d as `page-request-registers.ts` has it, with what happens when it is full: PRO is set, and while it is set no
 * request is written to the queue, though there may be room again. The hardware answers the last request of a group by itself, with
 * Success, and drops the others (VT-d 7.4.1 and 11.4.11.2; the text was not at hand, the rule is that of SMMUv3 8.1).
 *
 * Software clears PRO by writing 1 to it. List 'DRAIN' as `blocking`.
 *
 * Simplifications: those of `page-request-registers.ts` but for the overflow. An overflow raises no interrupt of its own: the queue is full, so
 * PPR has been set for something that is in it.
 */
import { assign, enqueueActions, setup } from 'xstate';
import { from, reply, send, tell } from '../../parts/call.ts';
import { entriesIn } from '../../parts/ring.ts';
import type { PasidRequest } from '../pcie/pasid-function.ts';

export type PageRequestRegistersOverflowEvent =
  | ({ type: 'PAGE_REQUEST' } & PasidRequest)
  /** PPR is written with 1, which clears it. */
  | { type: 'CLEAR_PPR' }
  /** PQT and PQH are read; the reply is POINTERS, with the number of requests between them. */
  | { type: 'READ_POINTERS'; by: string }
  /** The request that many places after the head; the reply is ENTRY. */
  | { type: 'READ_ENTRY'; at: number; by: string }
  /** PQH is moved over that many requests. */
  | { type: 'WRITE_HEAD'; requests: number }
  /** PRS is read for PRO; the reply is STATUS. */
  | { type: 'READ_STATUS'; by: string }
  /** PRO is written with 1, which clears it. */
  | { type: 'CLEAR_PRO' }
  /** The first half of intel/prq.c `intel_iommu_drain_pasid_prq()`: waits until no request of this PASID is between head and tail. */
  | { type: 'DRAIN'; pasid: string };

const ring = entriesIn('requests');

export const pageRequestRegistersOverflow = setup({
  types: {
    input: {} as { name: string; entries: number; thread: string },
    context: {} as {
      readonly name: string;
      readonly capacity: number;
      /** The interrupt thread. */
      readonly thread: string;
      readonly requests: readonly PasidRequest[];
      readonly ppr: boolean;
    },
    events: {} as PageRequestRegistersOverflowEvent,
  },
  guards: {
    hasRoom: ring.hasRoom,
    isLast: from('PAGE_REQUEST', ({ event }) => event.last),
    hasNoneOf: from('DRAIN', ({ context, event }) => context.requests.every(({ pasid }) => pasid !== event.pasid)),
  },
  actions: {
    add: ring.add(from('PAGE_REQUEST', ({ event: { type: _, ...request } }) => request)),
    generateEvent: enqueueActions(({ context, enqueue }) => {
      if (!context.ppr) tell(enqueue, context.thread, { type: 'IRQ' });
    }),
    setPpr: assign({ ppr: true }),
    clearPpr: assign({ ppr: false }),
    answer: send(
      from('PAGE_REQUEST', ({ event }) => event.device),
      from('PAGE_REQUEST', ({ context, event: { index, pasid, generation } }) => ({
        type: 'PRG_RESPONSE',
        index,
        pasid,
        code: 'success',
        by: context.name,
        generation,
      })),
    ),
    replyPointers: reply(({ context }) => ({ type: 'POINTERS', requests: context.requests.length })),
    replyEntry: reply(
      from('READ_ENTRY', ({ context, event }) => ({ type: 'ENTRY', request: context.requests[event.at]! })),
    ),
    moveHead: ring.drop(from('WRITE_HEAD', ({ event }) => event.requests)),
    replyClear: reply({ type: 'STATUS', pro: false }),
    replySet: reply({ type: 'STATUS', pro: true }),
  },
}).createMachine({
  id: 'pageRequestRegistersOverflow',
  context: ({ input: { entries, ...input } }) => ({ ...input, capacity: entries, requests: [], ppr: false }),
  initial: 'normal',
  on: {
    CLEAR_PPR: { actions: 'clearPpr' },
    READ_POINTERS: { actions: 'replyPointers' },
    READ_ENTRY: { actions: 'replyEntry' },
    WRITE_HEAD: { actions: 'moveHead' },
    // That it is not refused is what the caller waited for.
    DRAIN: { guard: 'hasNoneOf' },
  },
  states: {
    normal: {
      on: {
        PAGE_REQUEST: [
          { guard: 'hasRoom', actions: ['add', 'generateEvent', 'setPpr'] },
          { guard: 'isLast', target: 'overflow', actions: 'answer' },
          { target: 'overflow' },
        ],
        READ_STATUS: { actions: 'replyClear' },
      },
    },
    // PRO is 1.
    overflow: {
      on: {
        PAGE_REQUEST: [{ guard: 'isLast', actions: 'answer' }, {}],
        READ_STATUS: { actions: 'replySet' },
        CLEAR_PRO: 'normal',
      },
    },
  },
});
